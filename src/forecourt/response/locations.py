"""A dealership's places."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from forecourt.dealerships.operation import Change, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Line, Sent
from forecourt.response.queries import ADD_LOCATION


class LocationIn(msgspec.Struct, kw_only=True, frozen=True):
    """A place: a showroom, a workshop."""

    name: Sent[Line] = UNSET


class AddedLocation(msgspec.Struct, frozen=True):
    """The place that was added."""

    id: int
    name: str


async def _add(change: Change, _: None, sent: LocationIn) -> Outcome:
    name = sent.name.strip() if isinstance(sent.name, str) else ""
    if not name:
        raise Invalid(problems=(Problem("name", "is missing"),))
    row = await change.connection.one(record, ADD_LOCATION, dealership_id=change.dealership_id, name=name)
    await record_event(
        change, "location.added", None, {"location_id": row["id"], "name": {"from": None, "to": name}}
    )
    return Outcome(body=AddedLocation(row["id"], name), status=201)


ADD = Operation("manage:dealership", nothing_to_find, LocationIn, _add)
