"""Who said what about a field, integration or staff, and when. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.screens.customer.fields import FIELDS, SETTLED_BY

if TYPE_CHECKING:
    from forecourt.clusters.provenance import Conflict
    from forecourt.screens.customer.records import Enquiry, Happening
    from forecourt.screens.customer.sheet import Whole

# Field -> under which names the log and the enquiries have it.
_TOLD_AS = {
    "state": ("lead_cluster.state", "lead_state"),
    "golden": ("lead_cluster.golden", "golden"),
    "contact.name": ("contact.name", "name"),
    "contact.last_name": ("contact.last_name", "last_name"),
    "contact.business_name": ("contact.business_name", None),
    "contact.dob": ("contact.dob", "dob"),
    "contact.customer_address": ("contact.customer_address", "customer_address"),
    "contact.address_attributes": ("contact.address_attributes", "address_attributes"),
    "contact.sms_verified": ("contact.sms_verified", "sms_verified"),
}


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody said what a field is.

    Attributes:
        by_hand: whether it was somebody of the staff.
    """

    at: datetime
    who: str
    value: str
    by_hand: bool


class Disputed(msgspec.Struct, frozen=True, kw_only=True):
    """A field about which an integration has said something else than staff, later.

    Attributes:
        field: as provenance has it, as ``contact.name``.
        theirs: how the integration's value is sent, for whoever takes it.
    """

    field: str
    label: str
    kept: str
    pushed: str
    ours: Any
    theirs: Any
    at: datetime
    who: str


def sayings(whole: Whole, field: str) -> list[Saying]:
    """What was said of *field*, the latest in front."""
    of_cluster, of_lead = _TOLD_AS[field]
    found = [_by_event(event, of_cluster) for event in whole.happened if of_cluster in event.changes]
    if of_lead is not None:
        found += [
            _by_event(event, of_lead)
            for event in whole.happened
            if event.lead_id and of_lead in event.changes and event.kind == "lead.updated"
        ]
        found += [
            saying
            for one in whole.enquiries
            if (saying := _at_first(one, of_lead, whole.happened)) is not None
        ]
    return sorted(found, key=lambda saying: saying.at, reverse=True)


def disputes(whole: Whole) -> list[Disputed]:
    """The fields about which integrations and staff disagree."""
    return [_disputed(field, conflict, whole) for field, conflict in whole.sheet.cluster.conflicts.items()]


def plain(value: object) -> str:
    """A value as it is shown."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if part not in (None, ""))
    return str(value)


def _by_event(event: Happening, name: str) -> Saying:
    return Saying(
        at=event.occurred_at,
        who=event.user or event.key or "The server",
        value=plain(event.changes[name].get("to")),
        by_hand=event.lead_id is None,
    )


def _at_first(one: Enquiry, name: str, happened: list[Happening]) -> Saying | None:
    """What an enquiry said when it came: what its first update found, or what it says now."""
    updates = [event for event in happened if event.lead_id == one.id and name in event.changes]
    first = min(updates, key=lambda event: event.id, default=None)
    value = first.changes[name].get("from") if first is not None else _of_row(one, name)
    if value in (None, "", False):
        return None
    who = one.key or one.lead["provider"] or one.lead["source"]
    return Saying(at=one.created_at, who=who, value=plain(value), by_hand=False)


def _of_row(one: Enquiry, name: str) -> object:
    value: object = one.lead[name]
    if name == "address_attributes" and value is not None:
        return msgspec.json.decode(str(value))
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else value


def _disputed(field: str, conflict: Conflict, whole: Whole) -> Disputed:
    lead = next((one for one in whole.enquiries if one.id == conflict.lead_id), None)
    who = (lead.key or lead.lead["source"]) if lead else "An integration"
    return Disputed(
        field=field,
        label=FIELDS[SETTLED_BY[field]].label,
        kept=plain(conflict.kept),
        pushed=plain(conflict.pushed),
        ours=conflict.kept,
        theirs=conflict.pushed,
        at=conflict.at,
        who=who,
    )
