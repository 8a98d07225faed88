"""The timeline: everything that happened with a customer, the latest in front. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from forecourt.screens.customer.records import Enquiry
from forecourt.screens.customer.sentences import details, sentence
from forecourt.screens.shown import day, phone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecourt.screens.customer.records import Happening, Sheet, Told
    from forecourt.screens.customer.sheet import Whole

# What can be shown alone -> its name.
KINDS = {
    "enquiries": "Enquiries",
    "calls": "Calls",
    "messages": "Messages",
    "notes": "Notes",
    "visits": "Visits",
    "changes": "Changes",
    "deliveries": "Deliveries",
}
_LOGGED = {
    "call": ("calls", "phone-call"),
    "sms": ("messages", "message-square-text"),
    "email": ("messages", "mail"),
    "walk_in": ("visits", "users"),
    "note": ("notes", "sticky-note"),
}
_ICONS = {
    "lead_cluster.assigned": "user-check",
    "lead_cluster.unassigned": "user-plus",
    "lead_cluster.snoozed": "alarm-clock",
    "lead_cluster.merged": "git-merge",
    "lead_cluster.unmerged": "split",
    "lead_cluster.split": "split",
    "lead_cluster.created": "split",
    "lead_cluster.not_a_duplicate": "users",
    "lead.updated": "pencil",
    "contact.erased": "trash-2",
}
_FIRST_ICONS = (
    ("lead_cluster.state", "flag"),
    ("lead_cluster.golden", "star"),
    ("lead_cluster.user_id", "user-check"),
    ("lead_cluster.tags", "tag"),
)
_CHANNELS = {
    "customer_email": ("messages", "mail", "Automatic e-mail"),
    "message": ("messages", "send", "message"),
    "notification": ("deliveries", "bell", "Notice"),
    "webhook": ("deliveries", "webhook", "Webhook"),
}

_MEDIA = {"sms": ("message-square-text", "sent a text message"), "email": ("mail", "sent an e-mail")}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened.

    Attributes:
        key: unlike that of any other entry.
        kind: one of ``KINDS``.
        who: who did it; None for what a customer sent.
        said: what they did, in words.
        body: what was written, by ``theirs`` or by us.
        state: of a delivery.
        enquiry: the enquiry that it is.
        unmerge: the cluster with which a merge can still be taken back.
        call_back: the message that has not gone yet.
        again: the message that did not arrive.
    """

    key: str
    at: datetime
    kind: str
    icon: str
    who: str | None
    said: str
    lines: list[str] = []
    body: str | None = None
    theirs: bool = False
    state: str | None = None
    undone_at: datetime | None = None
    undone_by: str | None = None
    enquiry: Enquiry | None = None
    unmerge: int | None = None
    call_back: int | None = None
    again: int | None = None


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of one day."""

    name: str
    entries: list[Entry]


def entries(whole: Whole) -> list[Entry]:
    """Everything, the latest in front."""
    # What staff wrote is told once, as the message: with its state, and not again as the activity that it became.
    messages = {one.activity_id for one in whole.told if one.activity_id is not None}
    happened = [event for event in whole.happened if _activity_of(event) not in messages]
    found = [_enquiry(one) for one in whole.enquiries]
    found += _happened(happened, whole.sheet)
    found += [_told(one, whole.sheet.country) for one in whole.told if one.channel in _CHANNELS]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def counted(found: list[Entry]) -> dict[str, int]:
    """How many there are of each kind."""
    return {kind: sum(entry.kind == kind for entry in found) for kind in KINDS}


def days(found: list[Entry], timezone: str, kind: str | None = None) -> list[Day]:
    """The entries by the day on which they happened, those of one *kind* where it is named."""
    by_day: dict[str, list[Entry]] = {}
    for entry in found:
        if kind is None or entry.kind == kind:
            by_day.setdefault(day(entry.at, timezone), []).append(entry)
    return [Day(name=name, entries=those) for name, those in by_day.items()]


def _activity_of(event: Happening) -> int | None:
    pair = event.changes.get("activity.id")
    return pair.get("to") if pair and event.undone_at is None else None


def _enquiry(one: Enquiry) -> Entry:
    lead = one.lead
    return Entry(
        key=f"lead-{one.id}",
        at=one.created_at,
        kind="enquiries",
        icon="inbox",
        who=None,
        said=f"{lead['category']} from {lead['source']}",
        body=lead["message"],
        theirs=True,
        enquiry=one,
    )


def _happened(happened: list[Happening], sheet: Sheet) -> Iterator[Entry]:
    undoable = {merge.merged_id for merge in sheet.merges if merge.undoable}
    merged: set[int] = set()
    for event in happened:
        # A merge, its undoing and a split are told by both clusters; the page shows one of the two.
        if event.other_lead_cluster_id == sheet.id:
            continue
        said = sentence(event, sheet)
        if said is None:
            continue
        kind, icon = _kind_of(event)
        other = event.other_lead_cluster_id if event.kind == "lead_cluster.merged" else None
        unmerge = other if other in undoable and other not in merged else None
        if other is not None:
            merged.add(other)
        yield Entry(
            key=f"event-{event.id}",
            at=event.occurred_at,
            kind=kind,
            icon=icon,
            who=event.user or event.key or "The server",
            said=said,
            lines=details(event),
            body=event.activity["body"] if event.activity else None,
            theirs=kind == "messages" and (event.activity or {}).get("direction") == "in",
            undone_at=event.undone_at,
            undone_by=event.undone_by,
            unmerge=unmerge,
        )


def _kind_of(event: Happening) -> tuple[str, str]:
    first = event.kind.partition(".")[0]
    if event.kind.endswith(".logged") and first in _LOGGED:
        return _LOGGED[first]
    if first == "appointment":
        return "visits", "calendar-days"
    if event.kind in _ICONS:
        return "changes", _ICONS[event.kind]
    return "changes", next((icon for field, icon in _FIRST_ICONS if field in event.changes), "pencil")


def _told(one: Told, country: str) -> Entry:
    kind, icon, called = _CHANNELS[one.channel]
    where = one.recipient or (one.endpoint or "").partition("://")[2].partition("/")[0]
    if one.channel == "message":
        icon, called = _MEDIA[one.medium or "email"]
    if where.startswith("+"):
        where = phone(where, country)
    said = f"{called} to {where}" if where else called
    if one.channel == "webhook":
        said = f"{said}: {one.topic}"
    lines = [line for line in (one.subject, one.reason) if line]
    if one.attempts > 1:
        lines.append(f"{one.attempts} attempts")
    return Entry(
        key=f"delivery-{one.id}",
        at=one.ended_at or one.due_at,
        kind=kind,
        icon=icon,
        who=one.writer,
        said=said,
        lines=lines,
        body=one.body,
        state=one.state,
        call_back=one.message_id if one.channel == "message" and one.state == "waiting" else None,
        again=one.message_id if one.channel == "message" and one.state in {"failed", "unknown"} else None,
    )
