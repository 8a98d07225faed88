"""What a dealership settles for all its clusters: its own numbers and addresses, when a closed one is too old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from forecourt.clusters.settings_queries import CHANGE_OWN, CHANGE_OWN_OF_LOCATION, OWN
from forecourt.contacts.email import loose_email
from forecourt.contacts.phone import loose_phone
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Id, Line, Sent

if TYPE_CHECKING:
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection

READ = "read:dealership"
MANAGE = "manage:dealership"

_AT = "lead_cluster_settings"
_MOST_DAYS = 36_500


class PointsOfLocation(msgspec.Struct, kw_only=True, frozen=True):
    """How a location itself is reached: no customer is recognised by it."""

    id: Id
    phone: Sent[Line] = UNSET
    email: Sent[Line] = UNSET


class LeadClusterSettingsIn(msgspec.Struct, kw_only=True, frozen=True):
    """The settings. What is left out stays; null clears.

    Attributes:
        closed_cluster_days: a cluster that has been closed and without an enquiry for longer takes no new lead.
        uses_appointment_state: whether the state ``appointment`` is used.
        phone: the dealership's own; no customer is recognised by it, nor by ``email``.
    """

    closed_cluster_days: Sent[Annotated[int, Meta(ge=0, le=_MOST_DAYS)]] = UNSET
    uses_appointment_state: Sent[bool] = UNSET
    phone: Sent[Line] = UNSET
    email: Sent[Line] = UNSET
    locations: Sent[Annotated[list[PointsOfLocation], Meta(max_length=500)]] = UNSET


class LeadClusterSettingsBody(msgspec.Struct, kw_only=True, frozen=True):
    """The body that changes them."""

    lead_cluster_settings: LeadClusterSettingsIn


class LocationPointsOut(msgspec.Struct, frozen=True):
    """A location and how it is reached itself, normalised."""

    id: int
    name: str
    phone: str | None
    email: str | None


class LeadClusterSettingsOut(msgspec.Struct, frozen=True):
    """The settings as they are; ``phone`` and ``email`` normalised."""

    closed_cluster_days: int
    uses_appointment_state: bool
    phone: str | None
    email: str | None
    locations: list[LocationPointsOut]


async def settings(connection: Connection, standing: Standing) -> LeadClusterSettingsOut:
    """The dealership's settings."""
    row = await connection.one(record, OWN, dealership_id=standing.dealership.id)
    row["locations"] = msgspec.json.decode(row["locations"] or "[]")
    return msgspec.convert(row, LeadClusterSettingsOut)


async def _current(change: Change) -> LeadClusterSettingsOut:
    return await settings(change.connection, change.standing)


async def _change(change: Change, before: LeadClusterSettingsOut, sent: LeadClusterSettingsIn) -> Outcome:
    problems: list[Problem] = []
    country = change.standing.dealership.country
    values = _points(sent, before, _AT, country, problems)
    for name in ("closed_cluster_days", "uses_appointment_state"):
        said = getattr(sent, name)
        values[name] = getattr(before, name) if said is UNSET or said is None else said
    places = {place.id: place for place in before.locations}
    located = []
    for index, location in enumerate(sent.locations if isinstance(sent.locations, list) else []):
        at = f"{_AT}.locations[{index}]"
        if location.id not in places:
            problems.append(Problem(f"{at}.id", "is not a location of this dealership"))
        else:
            located.append(
                {"id": location.id} | _points(location, places[location.id], at, country, problems)
            )
    if problems:
        raise Invalid(problems=tuple(problems))
    await change.connection.run(CHANGE_OWN, dealership_id=change.dealership_id, **values)
    for location_values in located:
        await change.connection.run(
            CHANGE_OWN_OF_LOCATION, dealership_id=change.dealership_id, **location_values
        )
    after = await settings(change.connection, change.standing)
    told = {
        name: {"from": getattr(before, name), "to": getattr(after, name)}
        for name in LeadClusterSettingsOut.__struct_fields__
        if getattr(before, name) != getattr(after, name)
    }
    if told:
        await record_event(change, "lead_cluster_settings.updated", None, told)
    return Outcome(body=after, changes=told)


OPERATION = Operation(MANAGE, _current, LeadClusterSettingsIn, _change, wrapper=_AT)


def _points(
    sent: LeadClusterSettingsIn | PointsOfLocation,
    before: LeadClusterSettingsOut | LocationPointsOut,
    at: str,
    country: str,
    problems: list[Problem],
) -> dict[str, Any]:
    """Phone and e-mail as they will be, normalised: what a customer's are compared with."""
    values: dict[str, Any] = {"phone": before.phone, "email": before.email}
    if sent.phone is not UNSET:
        values["phone"] = loose_phone(sent.phone, country) if sent.phone else None
        if sent.phone and values["phone"] is None:
            problems.append(Problem(f"{at}.phone", "is not a phone number"))
    if sent.email is not UNSET:
        values["email"] = loose_email(sent.email) if sent.email else None
        if sent.email and values["email"] is None:
            problems.append(Problem(f"{at}.email", "is not an e-mail address"))
    return values
