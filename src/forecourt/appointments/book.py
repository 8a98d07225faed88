"""Booking an appointment and changing it: reschedule, cancel, outcome."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from forecourt.appointments import clock
from forecourt.appointments.queries import (
    APPOINTMENT,
    BOOK,
    CHANGE,
    IN_HOURS,
    LOCK_CAR,
    LOCK_CLUSTER_OF,
    NAMED,
    NEXT_FREE,
)
from forecourt.appointments.schema import (
    PURPOSES,
    STATUSES,
    AppointmentIn,
    AppointmentNotFound,
    AppointmentOut,
    CarNotFree,
)
from forecourt.clusters import find
from forecourt.clusters.touch import touch
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.ids import LeadClusterId
from forecourt.infra.database import record
from forecourt.infra.refusals import Erased, Invalid, Problem

READ = "read:lead_cluster"
UPDATE = "update:lead_cluster"

_DEFAULT_MINUTES = 30
_TAKEN = {"appointment_car_is_free": Problem("appointment.starts_at", "the car is not free then")}


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment as it is stored, without what the database keeps by itself."""

    purpose: str
    starts_at: datetime | None
    length_in_minutes: int
    location_id: int | None
    user_id: int | None
    car_id: int | None
    status: str
    outcome: str | None
    note: str | None
    ai_generated: bool


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment that is to be changed; its cluster is locked."""

    id: int
    lead_cluster_id: LeadClusterId
    version: int
    booked: Booked


async def book(change: Change, lead_cluster_id: LeadClusterId, sent: AppointmentIn) -> Outcome:
    """Book an appointment for the customer of a cluster.

    Raises:
        Erased: the customer was erased.
        Invalid: what was sent does not fit; every problem is named.
        CarNotFree: another customer drives the car then.
    """
    blank = Booked(
        purpose="Appointment",
        starts_at=None,
        length_in_minutes=_DEFAULT_MINUTES,
        location_id=None,
        user_id=None,
        car_id=None,
        status="pending",
        outcome=None,
        note=None,
        ai_generated=False,
    )
    named = await _named(change, lead_cluster_id, sent)
    if named["erased"]:
        raise Erased
    after = _after(change, blank, sent, named)
    if sent.location_id is UNSET:
        after = msgspec.structs.replace(after, location_id=named["cluster_location_id"])
    await _let_the_car_be_free(change, after, None, test=named["test"])
    row = await change.connection.one(
        record, BOOK, **_columns(after), dealership_id=change.dealership_id, lead_cluster_id=lead_cluster_id,
        test=named["test"], now=change.now,
    )  # fmt: skip
    # Interest that the customer registered is no answer, and what a machine books is none of a human's.
    human = after.status != "interest_registered" and not after.ai_generated
    changes = {"appointment.id": {"from": None, "to": row["id"]}}
    await _tell(change, lead_cluster_id, "appointment.created", changes, sent, named, human=human)
    return await _told(change, row["id"], after, status=201, changes=changes)


async def kept(change: Change) -> Kept:
    """The appointment that the path names, its cluster locked.

    Raises:
        AppointmentNotFound: there is none.
    """
    ident = id_in(change.path, "appointment_id", AppointmentNotFound)
    own = {"dealership_id": change.dealership_id, "id": ident, "test": change.test}
    cluster = await change.connection.one_or_none(record, LOCK_CLUSTER_OF, **own)
    if cluster is None:
        raise AppointmentNotFound
    row = await change.connection.one(record, APPOINTMENT, **own)
    booked = {name: row[name] for name in Booked.__struct_fields__} | {"starts_at": row["starts_at_instant"]}
    return Kept(
        id=ident, lead_cluster_id=cluster["lead_cluster_id"], version=row["version"], booked=Booked(**booked)
    )


async def change_appointment(change: Change, before: Kept, sent: AppointmentIn) -> Outcome:
    """Change an appointment: another time, another car, what came of it; one that changes nothing writes nothing.

    Raises:
        Erased: it says something in words about a customer who was erased.
        Invalid: what was sent does not fit; every problem is named.
        CarNotFree: another customer drives the car then.
    """
    named = await _named(change, before.lead_cluster_id, sent)
    if named["erased"] and any(isinstance(words, str) for words in (sent.note, sent.outcome)):
        raise Erased
    after = _after(change, before.booked, sent, named)
    changes = _changes(before.booked, after, change.standing.dealership.timezone)
    if changes:
        await _let_the_car_be_free(change, after, before.id, test=named["test"])
        await change.connection.run(
            CHANGE, **_columns(after), dealership_id=change.dealership_id, id=before.id, now=change.now
        )
        changes["appointment.id"] = {"from": before.id, "to": before.id}
        kind, human = _what_happened(before.booked, after)
        await _tell(change, before.lead_cluster_id, kind, changes, sent, named, human=human)
    return await _told(change, before.id, after, status=200, changes=changes)


BOOK_OPERATION = Operation(
    UPDATE, find.locked_in_path, AppointmentIn, book, wrapper="appointment", constraints=_TAKEN
)
CHANGE_OPERATION = Operation(
    UPDATE, kept, AppointmentIn, change_appointment, wrapper="appointment", constraints=_TAKEN
)


def _what_happened(before: Booked, after: Booked) -> tuple[str, bool]:
    """The event's kind, and whether a human turned to the customer."""
    if after.status != before.status and after.status in {"cancelled", "completed", "no-show"}:
        return f"appointment.{after.status.replace('-', '_')}", after.status == "completed"
    if after.starts_at != before.starts_at:
        return "appointment.rescheduled", not after.ai_generated
    return "appointment.updated", False


async def _named(change: Change, lead_cluster_id: LeadClusterId, sent: AppointmentIn) -> dict[str, Any]:
    return await change.connection.one(
        record,
        NAMED,
        dealership_id=change.dealership_id,
        lead_cluster_id=lead_cluster_id,
        user_id=_id(sent.user_id),
        by_user_id=_id(sent.by_user_id),
        location_id=_id(sent.location_id),
    )


def _id(sent: object) -> int | None:
    return sent if isinstance(sent, int) else None


def _after(change: Change, before: Booked, sent: AppointmentIn, named: dict[str, Any]) -> Booked:
    """*before* with what was sent.

    Raises:
        Invalid: it does not fit; every problem is named.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {
        name: getattr(sent, name)
        for name in Booked.__struct_fields__
        if getattr(sent, name) is not UNSET and (getattr(sent, name) is not None or name in _CLEARABLE)
    }
    for name, allowed in (("purpose", PURPOSES), ("status", STATUSES)):
        if values.get(name, allowed[0]) not in allowed:
            problems.append(Problem(f"appointment.{name}", "is not an allowed value", allowed))
    for name, whose in (("user_id", "user"), ("by_user_id", "user"), ("location_id", "location")):
        if _id(getattr(sent, name)) != named[name]:
            problems.append(Problem(f"appointment.{name}", f"is not a {whose} of this dealership"))
    if isinstance(values.get("starts_at"), str):
        moment = clock.moment_of(
            values["starts_at"], change.standing.dealership.timezone, "appointment.starts_at"
        )
        if isinstance(moment, Problem):
            problems.append(moment)
        else:
            values["starts_at"] = moment
    if problems:
        raise Invalid(problems=tuple(problems))
    after = msgspec.structs.replace(before, **values)
    if after.starts_at is None and after.status not in {"interest_registered", "cancelled"}:
        raise Invalid(problems=(Problem("appointment.starts_at", "is missing: when it is to be"),))
    return after


_CLEARABLE = frozenset({"location_id", "user_id", "car_id", "outcome", "note", "starts_at"})


async def _let_the_car_be_free(change: Change, after: Booked, ident: int | None, *, test: bool) -> None:
    """Raises CarNotFree with the next time that would do, and Invalid where there is no such car."""
    if after.car_id is None:
        return
    own: dict[str, Any] = {"dealership_id": change.dealership_id, "car_id": after.car_id}
    if await change.connection.one_or_none(record, LOCK_CAR, **own) is None:
        raise Invalid(problems=(Problem("appointment.car_id", "is not a car of this dealership"),))
    if after.starts_at is None or after.status != "pending":
        return
    free = await change.connection.one_or_none(
        record,
        NEXT_FREE,
        **own,
        test=test,
        id=ident,
        location_id=after.location_id,
        starts_at=after.starts_at,
        length_in_minutes=after.length_in_minutes,
    )
    if free is not None and free["starts_at"] == after.starts_at:
        return
    said = "the car is driven by another customer then"
    allowed = None
    if free is not None:
        next_time = clock.shown(free["starts_at"], change.standing.dealership.timezone)
        said, allowed = f"{said}; it is free next at {next_time}", (next_time,)
    raise CarNotFree(said, problems=(Problem("appointment.starts_at", said, allowed),))


def _columns(booked: Booked) -> dict[str, Any]:
    return msgspec.structs.asdict(booked)


def _changes(before: Booked, after: Booked, timezone: str) -> dict[str, Any]:
    """Field -> {"from": old, "to": new}; a note is told to have changed, not told."""
    told: dict[str, Any] = {}
    for name in Booked.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if name in {"note", "outcome"}:
            old, new = old is not None, new is not None
        elif name == "starts_at":
            old, new = (None if one is None else clock.shown(one, timezone) for one in (old, new))
        told[f"appointment.{name}"] = {"from": old, "to": new}
    return told


async def _tell(
    change: Change,
    lead_cluster_id: LeadClusterId,
    kind: str,
    changes: dict[str, Any],
    sent: AppointmentIn,
    named: dict[str, Any],
    *,
    human: bool,
) -> None:
    """Log it, with what it does to the cluster: whoever has an appointment is no longer new."""
    state = None
    target = "appointment" if named["uses_appointment_state"] else "contacted"
    if human and named["state"] in {"new", "contacted"} - {target}:
        state = (named["state"], target)
    await touch(
        change, lead_cluster_id, kind, changes, state=state, human=human, user_id=_id(sent.by_user_id)
    )


async def _told(
    change: Change, ident: int, after: Booked, *, status: int, changes: dict[str, Any]
) -> Outcome:
    told = await change.connection.one(
        AppointmentOut,
        APPOINTMENT,
        dealership_id=change.dealership_id,
        id=ident,
        test=change.test,
    )
    if changes and after.starts_at is not None and after.status == "pending":
        row = await change.connection.one(
            record,
            IN_HOURS,
            dealership_id=change.dealership_id,
            location_id=after.location_id,
            starts_at=after.starts_at,
            length_in_minutes=after.length_in_minutes,
        )
        if not row["in_hours"]:
            told.warnings = ["appointment.starts_at: the location is closed then"]
        elif after.starts_at < change.now:
            told.warnings = ["appointment.starts_at: is past already"]
    return Outcome(
        body=told,
        status=status,
        version=told.version,
        changes=changes,
        lead_cluster_id=LeadClusterId(told.lead_cluster_id),
    )
