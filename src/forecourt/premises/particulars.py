"""What a dealership is called, by which clock it works, in which country."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import phonenumbers
from msgspec import UNSET

from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Line, Sent
from forecourt.premises.queries import CHANGE_PARTICULARS, FORGET_REGIONS_OF_LOCATIONS, LOCK, PARTICULARS
from forecourt.response.holidays import keep_holidays
from forecourt.response.waiting import renew_limits

if TYPE_CHECKING:
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection

READ = "read:dealership"
MANAGE = "manage:dealership"

_FIELDS = ("name", "timezone", "country")


class DealershipIn(msgspec.Struct, kw_only=True, frozen=True):
    """A dealership's particulars. What is left out stays.

    Attributes:
        timezone: by its IANA name, as ``Australia/Brisbane``.
        country: ISO 3166-1, two capital letters: where its customers' phone numbers are read.
    """

    name: Sent[Line] = UNSET
    timezone: Sent[Line] = UNSET
    country: Sent[Line] = UNSET


class DealershipOut(msgspec.Struct, frozen=True, kw_only=True):
    """A dealership.

    Attributes:
        slug: what integrations send; it stays for good.
        region: the state whose public holidays are kept.
        group: the slug of the group it belongs to.
    """

    id: int
    slug: str
    name: str
    timezone: str
    country: str
    region: str | None
    group: str | None
    created_at: datetime


async def particulars(connection: Connection, standing: Standing) -> DealershipOut:
    """The dealership's particulars."""
    return await connection.one(DealershipOut, PARTICULARS, dealership_id=standing.dealership.id)


async def _locked(change: Change) -> DealershipOut:
    await change.connection.run(LOCK, dealership_id=change.dealership_id)
    return await particulars(change.connection, change.standing)


async def _change(change: Change, before: DealershipOut, sent: DealershipIn) -> Outcome:
    values: dict[str, Any] = {}
    for name in _FIELDS:
        said = getattr(sent, name)
        values[name] = said.strip() if isinstance(said, str) else getattr(before, name)
    problems = _problems(values)
    if problems:
        raise Invalid(problems=tuple(problems))
    if all(getattr(before, name) == values[name] for name in _FIELDS):
        return Outcome(body=before)
    await change.connection.run(CHANGE_PARTICULARS, dealership_id=change.dealership_id, **values)
    if values["country"] != before.country:
        await change.connection.run(FORGET_REGIONS_OF_LOCATIONS, dealership_id=change.dealership_id)
    await keep_holidays(change.connection)
    after = await particulars(change.connection, change.standing)
    changes = {
        name: {"from": getattr(before, name), "to": getattr(after, name)}
        for name in (*_FIELDS, "region")
        if getattr(before, name) != getattr(after, name)
    }
    await record_event(change, "dealership.updated", None, changes)
    renewed = partial(renew_limits, change.connection, change.dealership_id)
    return Outcome(body=after, changes=changes, afterwards=renewed)


def _problems(values: dict[str, str]) -> list[Problem]:
    problems = []
    if not values["name"] or not values["name"].isprintable():
        problems.append(Problem("name", "must be one line that is not empty"))
    if values["timezone"] not in zoneinfo.available_timezones():
        problems.append(Problem("timezone", "must be the IANA name of a time zone, as Australia/Brisbane"))
    if values["country"] not in phonenumbers.SUPPORTED_REGIONS:
        problems.append(Problem("country", "must be two capital letters of ISO 3166-1, as AU"))
    return problems


CHANGE = Operation(MANAGE, _locked, DealershipIn, _change)
