"""A dealership's places, when somebody is there, and the days on which nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.refusals import Invalid, Problem
from forecourt.premises import locations
from forecourt.response import settings as response
from forecourt.response.holidays import public_holidays
from forecourt.screens.screen import Screen
from forecourt.screens.settings.fields import line, number, rows
from forecourt.screens.settings.page import MANAGE, READ, TOLD, place_of, reading, saved, shown
from forecourt.screens.welcome.hours import DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.premises.locations import LocationOut
    from forecourt.response.settings import OpeningHours
    from forecourt.screens.visit import Visit

_AT = "/settings/locations"
_FIELDS = ("name", "location_type", "address", "phone", "email")
_EMPTY_DAYS = 2
_HOURS = "response_settings.opening_hours["
_MIDNIGHT = ("23:59", "00:00")
_REGIONS: dict[str, tuple[str, ...]] = {}


async def get_locations(visit: Visit) -> Answer:
    """Every place, the dealership's own hours, and the days on which it is closed."""
    return await _all(visit, place_of(visit, visit.parameters.get("dealership")))


async def post_location(visit: Visit) -> Answer:
    """Add a place."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    given = {name: line(form, name) for name in _FIELDS}
    try:
        done = await visit.act(place.slug, locations.ADD, given)
    except TOLD as refusal:
        return await _all(visit, place, given=given, refusal=refusal)
    return saved(visit, place, done, _AT, "location_added")


async def get_location(visit: Visit) -> Answer:
    """One place."""
    place = place_of(visit, visit.parameters.get("dealership"))
    return await _one(visit, place, visit.call.path["location_id"])


async def post_particulars(visit: Visit) -> Answer:
    """Keep a place's name and how it is reached."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    location_id = visit.call.path["location_id"]
    given = {name: line(form, name) for name in _FIELDS}
    try:
        done = await visit.act(place.slug, locations.CHANGE, given, location_id=location_id)
    except TOLD as refusal:
        return await _one(visit, place, location_id, given=given, refusal=refusal)
    return saved(visit, place, done, f"{_AT}/{location_id}")


async def post_hours(visit: Visit) -> Answer:
    """Keep the hours and the state of a place, or the dealership's own; everybody else's stay."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    location_id = number(form, "location_id")
    async with reading(visit, place) as (connection, standing):
        before = await response.settings(connection, standing)
    sent = [
        {
            "location_id": location_id,
            "weekday": number(row, "weekday"),
            "opens": _time(row, "opens"),
            "closes": _time(row, "closes"),
        }
        for row in rows(form, "hours")
        if line(row, "opens") or line(row, "closes")
    ]
    others = [msgspec.to_builtins(one) for one in before.opening_hours if one.location_id != location_id]
    tree: dict[str, Any] = {"opening_hours": sent + others}
    if location_id is None:
        tree["region"] = line(form, "region") or before.region
    else:
        tree["locations"] = [{"id": location_id, "region": line(form, "region")}]
    try:
        done = await visit.act(place.slug, response.OPERATION, {"response_settings": tree})
    except TOLD as refusal:
        told = _by_day(refusal, sent)
        if location_id is None:
            return await _all(visit, place, hours=sent, refusal=told)
        return await _one(visit, place, str(location_id), hours=sent, refusal=told)
    return saved(visit, place, done, _AT if location_id is None else f"{_AT}/{location_id}")


async def post_closed_days(visit: Visit) -> Answer:
    """Keep the days on which the dealership or a place is closed; a row without a day is gone."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    days = [
        {
            "day": line(row, "day"),
            "name": line(row, "name") or "Closed",
            "location_id": number(row, "location_id"),
        }
        for row in rows(form, "days")
        if line(row, "day")
    ]
    try:
        done = await visit.act(place.slug, response.OPERATION, {"response_settings": {"closed_days": days}})
    except TOLD as refusal:
        return await _all(visit, place, days=days, refusal=refusal)
    return saved(visit, place, done, _AT)


async def _all(
    visit: Visit,
    place: Membership,
    *,
    given: Mapping[str, Any] | None = None,
    hours: Sequence[Mapping[str, Any]] | None = None,
    days: Sequence[Mapping[str, Any]] | None = None,
    refusal: Refusal | None = None,
) -> Answer:
    async with reading(visit, place) as (connection, standing):
        told = await response.settings(connection, standing)
        places = await locations.locations(connection, standing.dealership.id)
    closed: list[Any] = list(days if days is not None else told.closed_days)
    empty = {"day": None, "name": None, "location_id": None}
    return shown(
        visit,
        "locations",
        place,
        _AT,
        refusal=refusal,
        told=told,
        locations=places.locations,
        with_hours={one.location_id for one in told.opening_hours},
        given=given or dict.fromkeys(_FIELDS),
        week=_week(told.opening_hours if hours is None else hours, None),
        days=closed + [empty] * _EMPTY_DAYS,
        regions=await _regions(place.country, visit.who.now.year),
    )


async def _one(
    visit: Visit,
    place: Membership,
    location_id: str,
    *,
    given: Mapping[str, Any] | None = None,
    hours: Sequence[Mapping[str, Any]] | None = None,
    refusal: Refusal | None = None,
) -> Answer:
    path = {"location_id": location_id}
    async with reading(visit, place) as (connection, standing):
        location = await locations.the_location(connection, standing.dealership.id, path)
        told = await response.settings(connection, standing)
    return shown(
        visit,
        "location",
        place,
        _AT,
        refusal=refusal,
        location=location,
        told=told,
        given=_fields(location) if given is None else given,
        week=_week(told.opening_hours if hours is None else hours, location.id),
        has_hours=any(one.location_id == location.id for one in told.opening_hours),
        regions=await _regions(place.country, visit.who.now.year),
    )


def _fields(location: LocationOut) -> dict[str, Any]:
    return {name: getattr(location, name) for name in _FIELDS}


def _week(
    hours: Sequence[OpeningHours] | Sequence[Mapping[str, Any]], location_id: int | None
) -> list[tuple[int, str, list[tuple[str, str]]]]:
    """Each weekday with its spans of a place, and one that is empty, two at least."""
    read: list[dict[str, Any]] = [msgspec.to_builtins(one) for one in hours]
    week = []
    for weekday, name in DAYS.items():
        spans = [
            (one["opens"] or "", one["closes"] or "")
            for one in read
            if one["weekday"] == weekday and one["location_id"] == location_id
        ]
        week.append((weekday, name, sorted(spans) + [("", "")] * max(1, 2 - len(spans))))
    return week


def _by_day(refusal: Refusal, sent: Sequence[Mapping[str, Any]]) -> Refusal:
    """*refusal* with the day's name where it would count rows."""
    return (
        Invalid(problems=tuple(_of_day(one, sent) for one in refusal.problems))
        if refusal.problems
        else refusal
    )


def _of_day(problem: Problem, sent: Sequence[Mapping[str, Any]]) -> Problem:
    index = problem.field.removeprefix(_HOURS).partition("]")[0]
    if not problem.field.startswith(_HOURS) or not index.isdigit() or int(index) >= len(sent):
        return problem
    day = DAYS.get(sent[int(index)]["weekday"], "A day")
    end = problem.field.rpartition("]")[2].lstrip(".")
    return Problem(f"{day}, {end}" if end else day, problem.message)


def _time(row: Mapping[str, Any], name: str) -> str | None:
    """A time field's value, which some browsers send with seconds, and none as 24:00: they say the minute before."""
    value = line(row, name)
    if value is not None and value[5:6] == ":":
        value = value[:5]
    return "24:00" if name == "closes" and value in _MIDNIGHT else value


async def _regions(country: str, year: int) -> tuple[str, ...]:
    """The regions of a country: a library of the whole world is asked once."""
    if country not in _REGIONS:
        _REGIONS[country] = (await public_holidays(country, "", year, year)).regions
    return _REGIONS[country]


SCREENS = (
    Screen("GET", _AT, get_locations, READ),
    Screen("POST", _AT, post_location, MANAGE),
    Screen("POST", "/settings/hours", post_hours, MANAGE),
    Screen("POST", "/settings/closed-days", post_closed_days, MANAGE),
    Screen("GET", f"{_AT}/{{location_id}}", get_location, READ),
    Screen("POST", f"{_AT}/{{location_id}}", post_particulars, MANAGE),
)
