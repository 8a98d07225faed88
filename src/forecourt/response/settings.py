"""What a dealership settles about answering: its hours, the days it is closed, how soon is soon enough."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta

from forecourt import vocabulary
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Id, Line, Sent
from forecourt.response.holidays import keep_holidays, public_holidays
from forecourt.response.queries import (
    ADD_CLOSED_DAYS,
    ADD_OPENING_HOURS,
    ADD_TARGETS,
    CHANGE_FIGURES,
    CHANGE_REGION_OF_LOCATION,
    FORGET_CLOSED_DAYS,
    FORGET_OPENING_HOURS,
    FORGET_TARGETS,
    LOCATIONS,
    SETTINGS,
)
from forecourt.response.waiting import renew_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection

READ = "read:dealership"
MANAGE = "manage:dealership"

# A week: who may take longer than that needs no clock.
_MOST_MINUTES = 10_080
_MOST_ROWS = 500
_AT = "response_settings"

Minutes: TypeAlias = Annotated[int, Meta(ge=1, le=_MOST_MINUTES)]
TimeOfDay: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$",
        title="a time of day, as 08:30",
        examples=["08:30"],
    ),
]


class OpeningHours(msgspec.Struct, kw_only=True, frozen=True):
    """A period in which customers can expect an answer.

    Attributes:
        location_id: null for the dealership's own, which hold for each location that has none of its own.
        weekday: 1 is Monday, 7 is Sunday.
        opens: by the dealership's clock, as ``08:30``.
        closes: likewise; ``24:00`` is midnight.
    """

    weekday: Annotated[int, Meta(ge=1, le=7)]
    opens: TimeOfDay
    closes: TimeOfDay
    location_id: Id | None = None


class ClosedDay(msgspec.Struct, kw_only=True, frozen=True):
    """A day, beside the public holidays, on which the dealership or one location is closed."""

    day: date
    name: Line
    location_id: Id | None = None


class ResponseTarget(msgspec.Struct, kw_only=True, frozen=True):
    """How soon to answer enquiries of a category, a source or both; the more specific one counts."""

    target_minutes: Minutes
    overdue_minutes: Minutes
    category: Line | None = None
    source: Line | None = None


class RegionOfLocation(msgspec.Struct, kw_only=True, frozen=True):
    """In which state a location is, where it is not the dealership's."""

    id: Id
    region: Line | None


class ResponseSettingsIn(msgspec.Struct, kw_only=True, frozen=True):
    """The settings. What is left out stays; each list is replaced as a whole."""

    target_minutes: Sent[Minutes] = UNSET
    overdue_minutes: Sent[Minutes] = UNSET
    region: Sent[Line] = UNSET
    response_targets: Sent[Annotated[list[ResponseTarget], Meta(max_length=_MOST_ROWS)]] = UNSET
    opening_hours: Sent[Annotated[list[OpeningHours], Meta(max_length=_MOST_ROWS)]] = UNSET
    closed_days: Sent[Annotated[list[ClosedDay], Meta(max_length=_MOST_ROWS)]] = UNSET
    locations: Sent[Annotated[list[RegionOfLocation], Meta(max_length=_MOST_ROWS)]] = UNSET


class ResponseSettingsBody(msgspec.Struct, kw_only=True, frozen=True):
    """The body that changes them."""

    response_settings: ResponseSettingsIn


class RegionOut(msgspec.Struct, frozen=True):
    """A location; without a region of its own it has the dealership's."""

    id: int
    name: str
    region: str | None


class HolidayOut(msgspec.Struct, frozen=True):
    """A public holiday in the dealership's region."""

    day: date
    name: str


class ResponseSettingsOut(msgspec.Struct, frozen=True):
    """The settings as they are.

    Attributes:
        region: the state whose public holidays are kept, as ``QLD``.
        public_holidays: of the next twelve months.
    """

    target_minutes: int
    overdue_minutes: int
    region: str | None
    timezone: str
    response_targets: list[ResponseTarget]
    opening_hours: list[OpeningHours]
    closed_days: list[ClosedDay]
    locations: list[RegionOut]
    public_holidays: list[HolidayOut]


class Current(msgspec.Struct, frozen=True):
    """What a change is held against."""

    settings: ResponseSettingsOut
    location_ids: frozenset[int]


async def settings(connection: Connection, standing: Standing) -> ResponseSettingsOut:
    """The dealership's settings."""
    row = await connection.one(record, SETTINGS, dealership_id=standing.dealership.id)
    lists = {
        name: msgspec.json.decode(row[name] or "[]")
        for name in ("response_targets", "opening_hours", "closed_days", "locations", "public_holidays")
    }
    return msgspec.convert(row | lists, ResponseSettingsOut)


async def _current(change: Change) -> Current:
    rows = await change.connection.every(record, LOCATIONS, dealership_id=change.dealership_id)
    return Current(await settings(change.connection, change.standing), frozenset(row["id"] for row in rows))


async def _change(change: Change, current: Current, sent: ResponseSettingsIn) -> Outcome:
    problems = _problems(current, sent) + await _of_regions(sent, change)
    if problems:
        raise Invalid(problems=tuple(problems))
    own: dict[str, Any] = {"dealership_id": change.dealership_id}
    connection = change.connection
    await connection.run(
        CHANGE_FIGURES,
        **own,
        target_minutes=_given(sent.target_minutes),
        overdue_minutes=_given(sent.overdue_minutes),
        region=_given(sent.region),
    )
    for location in _rows(sent.locations):
        await connection.run(CHANGE_REGION_OF_LOCATION, **own, id=location.id, region=location.region)
    if isinstance(sent.response_targets, list):
        await connection.run(FORGET_TARGETS, **own)
        await connection.run(ADD_TARGETS, **own, targets=_json(map(_canonical, sent.response_targets)))
    if isinstance(sent.opening_hours, list):
        await connection.run(FORGET_OPENING_HOURS, **own)
        await connection.run(ADD_OPENING_HOURS, **own, hours=_json(sent.opening_hours))
    if isinstance(sent.closed_days, list):
        await connection.run(FORGET_CLOSED_DAYS, **own)
        await connection.run(ADD_CLOSED_DAYS, **own, days=_json(sent.closed_days))
    await keep_holidays(connection)
    after = await settings(connection, change.standing)
    changes = _differences(current.settings, after)
    # The calendar follows from the region, and is nobody's doing.
    told = {name: pair for name, pair in changes.items() if name != "public_holidays"}
    if not told:
        return Outcome(body=after, changes=changes)
    await record_event(change, "response_settings.updated", None, told)
    renewed = partial(renew_limits, connection, change.dealership_id)
    return Outcome(body=after, changes=changes, afterwards=renewed)


OPERATION = Operation(MANAGE, _current, ResponseSettingsIn, _change, wrapper=_AT)


def _problems(current: Current, sent: ResponseSettingsIn) -> list[Problem]:
    problems: list[Problem] = []
    target = _given(sent.target_minutes) or current.settings.target_minutes
    if (_given(sent.overdue_minutes) or current.settings.overdue_minutes) < target:
        problems.append(Problem(f"{_AT}.overdue_minutes", "must not be less than target_minutes"))
    problems += [
        _not_ours(f"{_AT}.locations[{index}].id")
        for index, location in enumerate(_rows(sent.locations))
        if location.id not in current.location_ids
    ]
    problems += _of_targets(_rows(sent.response_targets))
    problems += _of_hours(_rows(sent.opening_hours), current.location_ids)
    if isinstance(sent.opening_hours, list) and not any(
        row.location_id is None for row in sent.opening_hours
    ):
        problems.append(
            Problem(f"{_AT}.opening_hours", "must have a period without location_id: the dealership's own")
        )
    problems += _of_days(_rows(sent.closed_days), current.location_ids)
    return problems


async def _of_regions(sent: ResponseSettingsIn, change: Change) -> list[Problem]:
    named = [(f"{_AT}.region", _given(sent.region))]
    named += [
        (f"{_AT}.locations[{index}].region", location.region)
        for index, location in enumerate(_rows(sent.locations))
    ]
    if not any(region for _, region in named):
        return []
    year = change.now.year
    known = await public_holidays(change.standing.dealership.country, "", year, year)
    return [
        Problem(field, "is not a region of the dealership's country", known.regions)
        for field, region in named
        if region is not None and region not in known.regions
    ]


def _of_targets(targets: Sequence[ResponseTarget]) -> list[Problem]:
    problems = []
    seen = set()
    for index, target in enumerate(targets):
        at = f"{_AT}.response_targets[{index}]"
        if target.category is None and target.source is None:
            problems.append(Problem(at, "must name a category, a source or both"))
        if target.overdue_minutes < target.target_minutes:
            problems.append(Problem(f"{at}.overdue_minutes", "must not be less than target_minutes"))
        for name, words in (("category", vocabulary.CATEGORY), ("source", vocabulary.SOURCE)):
            word = getattr(target, name)
            if word is not None and words.canonical(word) is None:
                problems.append(Problem(f"{at}.{name}", "is not an allowed value", words.values))
        known = _canonical(target)
        if (known.category, known.source) in seen:
            problems.append(Problem(at, "says again what an earlier one says"))
        seen.add((known.category, known.source))
    return problems


def _of_hours(hours: Sequence[OpeningHours], location_ids: frozenset[int]) -> list[Problem]:
    problems = []
    for index, row in enumerate(hours):
        at = f"{_AT}.opening_hours[{index}]"
        if row.location_id is not None and row.location_id not in location_ids:
            problems.append(_not_ours(f"{at}.location_id"))
        if row.closes <= row.opens:
            problems.append(Problem(f"{at}.closes", "must be after opens"))
        if any(_overlap(row, earlier) for earlier in hours[:index]):
            problems.append(Problem(at, "overlaps with an earlier one"))
    return problems


def _overlap(one: OpeningHours, other: OpeningHours) -> bool:
    same_day = (one.location_id, one.weekday) == (other.location_id, other.weekday)
    return same_day and one.opens < other.closes and other.opens < one.closes


def _of_days(days: Sequence[ClosedDay], location_ids: frozenset[int]) -> list[Problem]:
    problems = []
    seen = set()
    for index, row in enumerate(days):
        at = f"{_AT}.closed_days[{index}]"
        if row.location_id is not None and row.location_id not in location_ids:
            problems.append(_not_ours(f"{at}.location_id"))
        if (row.day, row.location_id) in seen:
            problems.append(Problem(at, "says again what an earlier one says"))
        seen.add((row.day, row.location_id))
    return problems


def _not_ours(field: str) -> Problem:
    return Problem(field, "is not a location of this dealership")


def _canonical(target: ResponseTarget) -> ResponseTarget:
    category = vocabulary.CATEGORY.canonical(target.category) if target.category else None
    source = vocabulary.SOURCE.canonical(target.source) if target.source else None
    return msgspec.structs.replace(target, category=category, source=source)


def _given(value: Any) -> Any:  # noqa: ANN401 - of any field
    return None if value is UNSET else value


def _rows(value: Any) -> list[Any]:  # noqa: ANN401 - of any list
    return value if isinstance(value, list) else []


def _json(rows: Any) -> str:  # noqa: ANN401 - structs
    return msgspec.json.encode(list(rows)).decode()


def _differences(before: ResponseSettingsOut, after: ResponseSettingsOut) -> dict[str, Any]:
    return {
        name: {"from": getattr(before, name), "to": getattr(after, name)}
        for name in ResponseSettingsOut.__struct_fields__
        if getattr(before, name) != getattr(after, name)
    }
