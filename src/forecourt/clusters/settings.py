"""What a dealership settles about its clusters: by what nobody is recognised, and its own words under each state."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from forecourt.clusters.schema import State
from forecourt.clusters.settings_queries import (
    ADD_STATUS_OPTION,
    CHANGE_STATUS_OPTION,
    LOCKED_STATUS_OPTION,
    STATUS_OPTIONS,
    STOP,
    STOP_LIST,
    UNSTOP,
)
from forecourt.clusters.vocabulary import STATES
from forecourt.contacts.email import loose_email
from forecourt.contacts.phone import loose_phone
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem, Refusal
from forecourt.infra.sent import Line, Sent

if TYPE_CHECKING:
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection

READ = "read:dealership"
MANAGE = "manage:dealership"

_KINDS = ("email", "phone")
# noemail@* stands for any domain, *@example.com for anybody there.
_PATTERN = re.compile(r"(?:\*@[^@*\s]+|[^@*\s]+@\*)")


class StopListEntryNotFound(Refusal):
    """The dealership's stop list has no such entry."""

    code = "stop-list-entry-not-found"
    title = "There is no such entry on the stop list"


class StatusOptionNotFound(Refusal):
    """The dealership has no such status option."""

    code = "status-option-not-found"
    title = "There is no such status option"


class StopListEntryIn(msgspec.Struct, kw_only=True, frozen=True):
    """A value by which nobody is recognised: a phone number, an e-mail address, ``name@*`` or ``*@domain``."""

    kind: Sent[Annotated[str, Meta(extra_json_schema={"enum": list(_KINDS)})]] = UNSET
    value: Sent[Line] = UNSET
    note: Sent[Line] = UNSET


class StopListEntryBody(msgspec.Struct, kw_only=True, frozen=True):
    """The body that puts a value on the list."""

    stop_list_entry: StopListEntryIn


class StopListEntryOut(msgspec.Struct, frozen=True):
    """An entry, its value normalised."""

    kind: str
    value: str
    note: str | None
    created_at: datetime


class StopListOut(msgspec.Struct, frozen=True):
    """The whole list."""

    stop_list: list[StopListEntryOut]


class StatusOptionIn(msgspec.Struct, kw_only=True, frozen=True):
    """One of the dealership's own words under a state; those under ``lost`` are the reasons."""

    state: Sent[State] = UNSET
    name: Sent[
        Annotated[str, Meta(pattern=r"\S", max_length=255, title="a name", examples=["Bought elsewhere"])]
    ] = UNSET
    position: Sent[Annotated[int, Meta(ge=0, le=10_000)]] = UNSET
    enabled: Sent[bool] = UNSET


class StatusOptionBody(msgspec.Struct, kw_only=True, frozen=True):
    """The body that adds or changes a status option."""

    lead_status_option: StatusOptionIn


class LeadStatusOptionOut(msgspec.Struct, frozen=True):
    """A status option; where it is not enabled, no cluster can take it any more."""

    id: int
    state: str
    name: str
    position: int
    enabled: bool


class StatusOptionsOut(msgspec.Struct, frozen=True):
    """All of them, in their order under each state."""

    lead_status_options: list[LeadStatusOptionOut]


async def stop_list(connection: Connection, standing: Standing) -> StopListOut:
    """The dealership's stop list."""
    rows = await connection.every(StopListEntryOut, STOP_LIST, dealership_id=standing.dealership.id)
    return StopListOut(rows)


async def _stop(change: Change, _: None, sent: StopListEntryIn) -> Outcome:
    kind = sent.kind if isinstance(sent.kind, str) else ""
    value = sent.value.strip() if isinstance(sent.value, str) else ""
    problems = []
    if kind not in _KINDS:
        problems.append(Problem("stop_list_entry.kind", "must be email or phone", _KINDS))
    normalised = _normalised(kind, value, change.standing.dealership.country)
    if not value:
        problems.append(Problem("stop_list_entry.value", "is missing"))
    elif kind in _KINDS and normalised is None:
        problems.append(
            Problem("stop_list_entry.value", "must be a phone number, an e-mail address, name@* or *@domain")
        )
    if problems:
        raise Invalid(problems=tuple(problems))
    row = await change.connection.one(
        record,
        STOP,
        dealership_id=change.dealership_id,
        kind=kind,
        value=normalised,
        note=(sent.note.strip() or None) if isinstance(sent.note, str) else None,
    )
    changes = _entry_changes(None, row) if row.pop("is_new") else {}
    if changes:
        await record_event(change, "stop_list.added", None, changes)
    return Outcome(body=StopListEntryOut(**row), status=201, changes=changes)


def _entry_changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    return {
        name: {"from": before and before[name], "to": after and after[name]}
        for name in ("kind", "value", "note")
    }


def _normalised(kind: str, value: str, country: str) -> str | None:
    if kind == "phone":
        return loose_phone(value, country)
    if _PATTERN.fullmatch(value):
        return value.lower()
    return loose_email(value)


async def _unstop(change: Change, _: None, __: msgspec.Struct) -> Outcome:
    gone = await change.connection.one_or_none(
        record,
        UNSTOP,
        dealership_id=change.dealership_id,
        kind=change.path["kind"],
        value=change.path["value"],
    )
    if gone is None:
        raise StopListEntryNotFound
    changes = _entry_changes(gone, None)
    await record_event(change, "stop_list.removed", None, changes)
    return Outcome(body=await stop_list(change.connection, change.standing), changes=changes)


STOP_OPERATION = Operation(MANAGE, nothing_to_find, StopListEntryIn, _stop, wrapper="stop_list_entry")
UNSTOP_OPERATION = Operation(MANAGE, nothing_to_find, Nothing, _unstop)


async def status_options(connection: Connection, standing: Standing) -> StatusOptionsOut:
    """The dealership's status options."""
    rows = await connection.every(LeadStatusOptionOut, STATUS_OPTIONS, dealership_id=standing.dealership.id)
    return StatusOptionsOut(rows)


async def _add_status_option(change: Change, _: None, sent: StatusOptionIn) -> Outcome:
    problems = [
        Problem(f"lead_status_option.{name}", "is missing")
        for name in ("state", "name")
        if not isinstance(getattr(sent, name), str)
    ]
    if isinstance(sent.state, str) and sent.state not in STATES:
        problems.append(Problem("lead_status_option.state", "is not a state", STATES))
    if problems:
        raise Invalid(problems=tuple(problems))
    option = await change.connection.one(
        LeadStatusOptionOut,
        ADD_STATUS_OPTION,
        dealership_id=change.dealership_id,
        state=sent.state,
        name=sent.name,
        position=sent.position if isinstance(sent.position, int) else 0,
        enabled=sent.enabled is not False,
    )
    changes = _option_changes(None, option)
    await record_event(change, "lead_status_option.created", None, changes)
    return Outcome(body=option, status=201, changes=changes)


async def _status_option(change: Change) -> int:
    return id_in(change.path, "option_id", StatusOptionNotFound)


async def _change_status_option(change: Change, option_id: int, sent: StatusOptionIn) -> Outcome:
    if sent.state is not UNSET:
        raise Invalid(
            problems=(Problem("lead_status_option.state", "stays as it is: clusters stand under it"),)
        )
    values: dict[str, Any] = {
        name: None if getattr(sent, name) is UNSET else getattr(sent, name)
        for name in ("name", "position", "enabled")
    }
    own = {"dealership_id": change.dealership_id, "id": option_id}
    before = await change.connection.one_or_none(LeadStatusOptionOut, LOCKED_STATUS_OPTION, **own)
    if before is None:
        raise StatusOptionNotFound
    option = await change.connection.one(LeadStatusOptionOut, CHANGE_STATUS_OPTION, **own, **values)
    if option == before:
        return Outcome(body=option)
    changes = _option_changes(before, option)
    await record_event(change, "lead_status_option.updated", None, changes)
    return Outcome(body=option, changes=changes)


def _option_changes(before: LeadStatusOptionOut | None, after: LeadStatusOptionOut) -> dict[str, Any]:
    return {"id": {"from": before and before.id, "to": after.id}} | {
        name: {"from": getattr(before, name, None), "to": getattr(after, name)}
        for name in ("state", "name", "position", "enabled")
        if getattr(before, name, None) != getattr(after, name)
    }


_TAKEN = {
    "lead_status_option_name_key": Problem(
        "lead_status_option.name", "is taken: the state has an option of that name"
    )
}
ADD_STATUS_OPTION_OPERATION = Operation(
    MANAGE,
    nothing_to_find,
    StatusOptionIn,
    _add_status_option,
    wrapper="lead_status_option",
    constraints=_TAKEN,
)
CHANGE_STATUS_OPTION_OPERATION = Operation(
    MANAGE,
    _status_option,
    StatusOptionIn,
    _change_status_option,
    wrapper="lead_status_option",
    constraints=_TAKEN,
)
