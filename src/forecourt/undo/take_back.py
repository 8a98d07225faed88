"""Take back an event: what it changed is as it was, as far as nobody has changed it again since."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt.appointments.book import change_appointment, kept
from forecourt.appointments.schema import AppointmentIn
from forecourt.clusters import find, merge, snooze, unassign, unmerge, update
from forecourt.clusters.halves import MergeIn
from forecourt.clusters.schema import ContactIn, LeadClusterIn
from forecourt.clusters.touch import touch
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome
from forecourt.ids import LeadClusterId
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem, Refusal
from forecourt.infra.sent import Id, Sent
from forecourt.response.waiting import keep_waiting
from forecourt.undo import settled
from forecourt.undo.queries import EVENT, FORGET_DECISION, MARK, MERGE_OF, SETTLED, STATE, UNDO_ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PERMISSION = "update:lead_cluster"

# What an update of a cluster logs -> under which name it is sent.
_SENT_AS = {
    "lead_cluster.state": "lead_state",
    "lead_cluster.lead_status_option_id": "lead_status_option_id",
    "lead_cluster.golden": "golden",
    "lead_cluster.user_id": "user_id",
    "lead_cluster.secondary_user_id": "secondary_user_id",
    "lead_cluster.location_id": "location_id",
    "lead_cluster.approved": "approved",
    "lead_cluster.tags": "tags",
    "lead_cluster.car_ids": "car_ids",
}

# Of these the log tells that they changed, and not what they said.
_UNTOLD = frozenset({"appointment.note", "appointment.outcome"})


class EventNotFound(Refusal):
    """There is no such event in the dealership."""

    code = "event-not-found"
    title = "Event NOT found"


class NotUndoable(Refusal):
    """What happened cannot be taken back, or was already."""

    code = "not-undoable"
    title = "This cannot be taken back"


class UndoIn(msgspec.Struct, kw_only=True, frozen=True):
    """An undo.

    Attributes:
        event_id: what is taken back.
    """

    event_id: Sent[Id] = UNSET


class UndoneOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken back.

    Attributes:
        kind: of the event that is undone.
        lead_cluster_id: null where it was about what a dealership settles.
        event_ids: what the undoing logged.
        kept: fields that somebody has changed again since, and that stay as they are.
    """

    event_id: int
    kind: str
    lead_cluster_id: int | None
    event_ids: list[int]
    kept: list[str]


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is to be undone."""

    id: int
    kind: str
    lead_cluster_id: LeadClusterId
    other_lead_cluster_id: LeadClusterId | None
    changes: str
    occurred_at: datetime
    undone: bool

    def pairs(self) -> dict[str, dict[str, Any]]:
        """Field -> ``{"from", "to"}``."""
        return msgspec.json.decode(self.changes, type=dict[str, dict[str, Any]])


async def nothing(_: Change) -> Nothing:
    """What is undone is named in the body."""
    return Nothing()


async def take_back(change: Change, _: Nothing, sent: UndoIn) -> Outcome:
    """Undo the event; the history keeps both.

    Raises:
        EventNotFound: there is none.
        NotUndoable: it was undone before, is no event that can be, or everything has been changed again since.
    """
    if not isinstance(sent.event_id, int):
        raise Invalid(problems=(Problem("event_id", "is missing"),))
    own: dict[str, Any] = {"dealership_id": change.dealership_id}
    event = await change.connection.one_or_none(Logged, EVENT, **own, event_id=sent.event_id)
    if event is None:
        return await _settled(change, sent.event_id)
    if event.undone:
        raise NotUndoable("it was taken back before")
    reverse = _reverse_of(event.kind)
    kept_fields = await reverse(change, event)
    await change.connection.run(MARK, **own, undoes=event.id, ids=change.event_ids)
    clusters = [one for one in (event.lead_cluster_id, event.other_lead_cluster_id) if one is not None]
    await keep_waiting(change.connection, change.dealership_id, clusters)
    told = UndoneOut(
        event_id=event.id,
        kind=event.kind,
        lead_cluster_id=event.lead_cluster_id,
        event_ids=list(change.event_ids),
        kept=kept_fields,
    )
    return Outcome(body=told)


OPERATION = Operation(PERMISSION, nothing, UndoIn, take_back)


async def _settled(change: Change, event_id: int) -> Outcome:
    """Undo what was settled: whoever may settle it may."""
    own: dict[str, Any] = {"dealership_id": change.dealership_id}
    event = await change.connection.one_or_none(record, SETTLED, **own, event_id=event_id)
    if event is None:
        raise EventNotFound
    reverse = settled.REVERSES.get(event["kind"])
    if reverse is None:
        raise NotUndoable(f"{event['kind']} cannot be taken back")
    change.standing.caller.require(settled.PERMISSION)
    if event["undone"]:
        raise NotUndoable("it was taken back before")
    back = await reverse(change, msgspec.json.decode(event["changes"]))
    if back is None:
        raise NotUndoable("somebody has changed it again since")
    await change.connection.run(MARK, **own, undoes=event_id, ids=change.event_ids)
    told = UndoneOut(
        event_id=event_id,
        kind=event["kind"],
        lead_cluster_id=None,
        event_ids=list(change.event_ids),
        kept=back.kept,
    )
    return Outcome(body=told, afterwards=back.outcome.afterwards)


def _at(change: Change, **path: int) -> Change:
    """*change*, as if its path named these."""
    return replace(change, path={name: str(value) for name, value in path.items()})


async def _update(change: Change, event: Logged) -> list[str]:
    """Each field back to what it was, but for those that somebody has changed again."""
    here = _at(change, id=event.lead_cluster_id)
    before = await update.to_update(here)
    pairs = event.pairs()
    current = update.told_now(before)
    stands = {field for field, pair in pairs.items() if field in current and current[field] == pair["to"]}
    if not stands:
        raise NotUndoable("somebody has changed it again since")
    values = {_SENT_AS[field]: pairs[field]["from"] for field in stands if field in _SENT_AS}
    contact = {
        field.removeprefix("contact."): pairs[field]["from"]
        for field in stands
        if field.startswith("contact.")
    }
    unassigns = "user_id" in values and values["user_id"] is None
    if unassigns:
        del values["user_id"]
    if values or contact:
        sent = LeadClusterIn(**values, contact=ContactIn(**contact) if contact else UNSET)
        await update.update(here, before, sent)
    if unassigns:
        await unassign.unassign(here, await find.locked_in_path(here), Nothing())
    return sorted(pairs.keys() - stands)


async def _assigned(change: Change, event: Logged) -> list[str]:
    here = _at(change, id=event.lead_cluster_id)
    before = await update.to_update(here)
    if before.user_id != event.pairs()["lead_cluster.user_id"]["to"]:
        raise NotUndoable("somebody else has it by now")
    await unassign.unassign(here, await find.locked_in_path(here), Nothing())
    return []


async def _unassigned(change: Change, event: Logged) -> list[str]:
    here = _at(change, id=event.lead_cluster_id)
    before = await update.to_update(here)
    if before.user_id is not None:
        raise NotUndoable("somebody else has it by now")
    await update.update(here, before, LeadClusterIn(user_id=event.pairs()["lead_cluster.user_id"]["from"]))
    return []


async def _snoozed(change: Change, event: Logged) -> list[str]:
    here = _at(change, id=event.lead_cluster_id)
    until = event.pairs()["lead_cluster.snoozed_until"]["from"]
    moment = None if until is None else datetime.fromisoformat(until)
    await snooze.set_snooze(here, await find.locked_in_path(here), moment)
    return []


async def _activity(change: Change, event: Logged) -> list[str]:
    """The activity counts no more; the state that it brought is taken back where it still stands."""
    pairs = event.pairs()
    own: dict[str, Any] = {"dealership_id": change.dealership_id}
    activity_id = pairs["activity.id"]["to"]
    await change.connection.run(UNDO_ACTIVITY, **own, activity_id=activity_id, now=change.now)
    row = await change.connection.one(record, STATE, **own, lead_cluster_id=event.lead_cluster_id)
    state = pairs.get("lead_cluster.state")
    stands = state is not None and row["state"] == state["to"]
    await touch(
        change,
        event.lead_cluster_id,
        "activity.undone",
        {"activity.id": {"from": activity_id, "to": None}},
        state=(row["state"], state["from"]) if state is not None and stands else None,
        human=False,
        user_id=change.user_id,
    )
    return ["lead_cluster.state"] if state is not None and not stands else []


async def _merged(change: Change, event: Logged) -> list[str]:
    row = await _merge_of(change, event)
    here = _at(change, id=row["survivor_id"])
    await unmerge.unmerge(here, await find.in_path(here), MergeIn(lead_cluster_id=row["merged_id"]))
    return []


async def _merge_of(change: Change, event: Logged) -> dict[str, Any]:
    row = await change.connection.one_or_none(
        record,
        MERGE_OF,
        dealership_id=change.dealership_id,
        one=event.lead_cluster_id,
        other=event.other_lead_cluster_id,
    )
    if row is None:
        raise NotUndoable("the two are apart already")
    return row


async def _split(change: Change, event: Logged) -> list[str]:
    here = _at(change, id=event.lead_cluster_id)
    await merge.merge(
        here, await find.in_path(here), MergeIn(lead_cluster_id=event.other_lead_cluster_id or UNSET)
    )
    return []


async def _not_a_duplicate(change: Change, event: Logged) -> list[str]:
    own: dict[str, Any] = {"dealership_id": change.dealership_id}
    await change.connection.run(
        FORGET_DECISION, **own, one=event.lead_cluster_id, other=event.other_lead_cluster_id
    )
    row = await change.connection.one(record, STATE, **own, lead_cluster_id=event.lead_cluster_id)
    assert row  # noqa: S101 - the event names a cluster that is there
    await touch(
        change,
        event.lead_cluster_id,
        "lead_cluster.possible_duplicate",
        {"possible_duplicate": {"from": "not_a_duplicate", "to": None}},
        state=None,
        human=False,
        user_id=change.user_id,
    )
    return []


async def _booked(change: Change, event: Logged) -> list[str]:
    here = _at(change, appointment_id=event.pairs()["appointment.id"]["to"])
    await change_appointment(here, await kept(here), AppointmentIn(status="cancelled"))
    return await _state_back(change, event)


async def _rebooked(change: Change, event: Logged) -> list[str]:
    """What was said of an appointment is in no log, and stays as it is."""
    pairs = event.pairs()
    fields = {
        name.removeprefix("appointment."): pair["from"]
        for name, pair in pairs.items()
        if name.startswith("appointment.") and name not in {"appointment.id", *_UNTOLD}
    }
    if not fields:
        raise NotUndoable("the log does not hold what was said before")
    here = _at(change, appointment_id=pairs["appointment.id"]["to"])
    await change_appointment(here, await kept(here), msgspec.convert(fields, AppointmentIn))
    return sorted(pairs.keys() & _UNTOLD) + await _state_back(change, event)


async def _state_back(change: Change, event: Logged) -> list[str]:
    """The state that an appointment brought is taken back where it still stands."""
    brought = event.pairs().get("lead_cluster.state")
    if brought is None:
        return []
    row = await change.connection.one(
        record, STATE, dealership_id=change.dealership_id, lead_cluster_id=event.lead_cluster_id
    )
    if row["state"] != brought["to"]:
        return ["lead_cluster.state"]
    await touch(
        change,
        event.lead_cluster_id,
        "lead_cluster.updated",
        {},
        state=(row["state"], brought["from"]),
        human=False,
        user_id=change.user_id,
    )
    return []


_REVERSES: dict[str, Callable[[Change, Logged], Awaitable[list[str]]]] = {
    "lead_cluster.updated": _update,
    "lead_cluster.assigned": _assigned,
    "lead_cluster.unassigned": _unassigned,
    "lead_cluster.snoozed": _snoozed,
    "lead_cluster.merged": _merged,
    "lead_cluster.split": _split,
    "lead_cluster.not_a_duplicate": _not_a_duplicate,
    "call.logged": _activity,
    "sms.logged": _activity,
    "email.logged": _activity,
    "walk_in.logged": _activity,
    "note.logged": _activity,
    "appointment.created": _booked,
    "appointment.rescheduled": _rebooked,
    "appointment.updated": _rebooked,
    "appointment.cancelled": _rebooked,
    "appointment.completed": _rebooked,
    "appointment.no_show": _rebooked,
}


def _reverse_of(kind: str) -> Callable[[Change, Logged], Awaitable[list[str]]]:
    if kind not in _REVERSES:
        raise NotUndoable(f"{kind} cannot be taken back")
    return _REVERSES[kind]
