"""A dealership's places: listed, added, changed. None is removed, for leads go on naming it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt.contacts.email import loose_email
from forecourt.contacts.phone import loose_phone
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Line, Sent
from forecourt.premises.queries import (
    ADD_LOCATION,
    CHANGE_LOCATION,
    LOCATION,
    LOCATIONS,
    LOCKED_LOCATION,
)
from forecourt.premises.refusals import LocationNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection

READ = "read:dealership"
MANAGE = "manage:dealership"

_FIELDS = ("name", "location_type", "address", "phone", "email")
_USUAL_TYPE = "sales"


class LocationIn(msgspec.Struct, kw_only=True, frozen=True):
    """A place: a showroom, a workshop. In a change, what is left out stays; null clears.

    Attributes:
        location_type: ``sales``, ``service``, ``parts``, or another word; ``sales`` where it is left out.
        address: in one line, as mail tells it.
        phone: its own; no customer is recognised by it, nor by ``email``.
    """

    name: Sent[Line] = UNSET
    location_type: Sent[Line] = UNSET
    address: Sent[Line] = UNSET
    phone: Sent[Line] = UNSET
    email: Sent[Line] = UNSET


class LocationOut(msgspec.Struct, frozen=True, kw_only=True):
    """A place, its phone and e-mail normalised.

    Attributes:
        region: in which state it is, where that is not the dealership's.
    """

    id: int
    name: str
    location_type: str
    address: str | None
    phone: str | None
    email: str | None
    region: str | None


class LocationList(msgspec.Struct, frozen=True):
    """A dealership's places, in the order of their ids."""

    locations: list[LocationOut]


async def locations(connection: Connection, dealership_id: DealershipId) -> LocationList:
    """Every place of a dealership."""
    return LocationList(await connection.every(LocationOut, LOCATIONS, dealership_id=dealership_id))


async def the_location(
    connection: Connection, dealership_id: DealershipId, path: Mapping[str, str]
) -> LocationOut:
    """The place that *path* names.

    Raises:
        LocationNotFound: the dealership has none such.
    """
    location_id = id_in(path, "location_id", LocationNotFound)
    found = await connection.one_or_none(
        LocationOut, LOCATION, dealership_id=dealership_id, location_id=location_id
    )
    if found is None:
        raise LocationNotFound
    return found


async def _locked(change: Change) -> LocationOut:
    location_id = id_in(change.path, "location_id", LocationNotFound)
    found = await change.connection.one_or_none(
        LocationOut, LOCKED_LOCATION, dealership_id=change.dealership_id, location_id=location_id
    )
    if found is None:
        raise LocationNotFound
    return found


async def _add(change: Change, _: None, sent: LocationIn) -> Outcome:
    values = _read(change, sent, None)
    added = await change.connection.one(
        LocationOut, ADD_LOCATION, dealership_id=change.dealership_id, **values
    )
    changes = _differences(None, added)
    await record_event(change, "location.added", None, {"location_id": added.id} | changes)
    return Outcome(body=added, status=201, changes=changes)


async def _change(change: Change, before: LocationOut, sent: LocationIn) -> Outcome:
    values = _read(change, sent, before)
    after = await change.connection.one(
        LocationOut,
        CHANGE_LOCATION,
        dealership_id=change.dealership_id,
        location_id=before.id,
        **values,
    )
    changes = _differences(before, after)
    if changes:
        await record_event(change, "location.updated", None, {"location_id": after.id} | changes)
    return Outcome(body=after, changes=changes)


def _read(change: Change, sent: LocationIn, before: LocationOut | None) -> dict[str, Any]:
    """What the place will be.

    Raises:
        Invalid: it does not fit; every problem is named.
    """
    values: dict[str, Any] = {}
    problems = []
    for name in _FIELDS:
        said = getattr(sent, name)
        values[name] = getattr(before, name, None) if said is UNSET else (said or "").strip() or None
        if values[name] is not None and not values[name].isprintable():
            problems.append(Problem(name, "must be one line without control characters"))
    values["location_type"] = values["location_type"] or _USUAL_TYPE
    if values["name"] is None:
        problems.append(Problem("name", "is missing"))
    if isinstance(sent.phone, str) and values["phone"]:
        values["phone"] = loose_phone(values["phone"], change.standing.dealership.country)
        if values["phone"] is None:
            problems.append(Problem("phone", "is not a phone number"))
    if isinstance(sent.email, str) and values["email"]:
        values["email"] = loose_email(values["email"])
        if values["email"] is None:
            problems.append(Problem("email", "is not an e-mail address"))
    if problems:
        raise Invalid(problems=tuple(problems))
    return values


def _differences(before: LocationOut | None, after: LocationOut) -> dict[str, Any]:
    return {
        name: {"from": getattr(before, name, None), "to": getattr(after, name)}
        for name in _FIELDS
        if getattr(before, name, None) != getattr(after, name)
    }


ADD = Operation(MANAGE, nothing_to_find, LocationIn, _add)
CHANGE = Operation(MANAGE, _locked, LocationIn, _change)
