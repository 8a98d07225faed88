"""The diary's screens: a week by day or as a grid, what became of an appointment, one as a calendar file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from forecourt.access.sessions import Membership
from forecourt.appointments.book import CHANGE_OPERATION
from forecourt.appointments.schema import AppointmentNotFound
from forecourt.dealerships.desk import id_in
from forecourt.infra.http import Answer
from forecourt.infra.refusals import Invalid, Problem
from forecourt.screens.appointments.calendar_file import calendar_of
from forecourt.screens.appointments.queries import CHOICES, DIARY, ONE
from forecourt.screens.appointments.records import Booked, Choice, Choices, Entry
from forecourt.screens.appointments.week import DAYS, bounds, by_day, by_line, monday_of
from forecourt.screens.said import marks_of
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from forecourt.messages.sender import Sender
    from forecourt.screens.visit import Visit

READ = "read:lead_cluster"
WRITE = "update:lead_cluster"
_SHOWN = ("list", "person", "car")
_FILTERS = ("user", "location", "car")
_OUTCOMES = ("completed", "no-show", "cancelled")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the address asks for.

    Attributes:
        shown: ``list``, or a grid by ``person`` or by ``car``.
        ids: filter -> id.
        cancelled: whether what was called off is shown too.
    """

    monday: date
    today: date
    shown: str
    places: list[Membership]
    dealership: str | None
    ids: dict[str, int | None]
    cancelled: bool

    def address(self, **changed: str | None) -> str:
        """The diary with something *changed*."""
        parts: dict[str, str | None] = {
            "week": self.monday.isoformat() if self.monday != monday_of(self.today) else None,
            "show": self.shown if self.shown != "list" else None,
            "dealership": self.dealership,
            "cancelled": "yes" if self.cancelled else None,
            **{name: str(ident) if ident else None for name, ident in self.ids.items()},
        } | changed
        said = urlencode({name: value for name, value in parts.items() if value})
        return f"/appointments?{said}" if said else "/appointments"


def wanted(visit: Visit) -> Wanted:
    """Read the address; what does not fit is as if it were not there."""
    query = visit.parameters
    places = visit.places(READ)
    chosen = [place for place in places if place.slug == query.get("dealership")]
    zone = ZoneInfo((chosen or places)[0].timezone)
    today = visit.who.now.astimezone(zone).date()
    return Wanted(
        monday=monday_of(_day(query.get("week", ""), today)),
        today=today,
        shown=query["show"] if query.get("show") in _SHOWN else "list",
        places=chosen or places,
        dealership=chosen[0].slug if chosen else None,
        ids={name: _id(query.get(name, "")) for name in _FILTERS},
        cancelled=query.get("cancelled") == "yes",
    )


async def get_diary(visit: Visit) -> Answer:
    """A week of the diary."""
    want = wanted(visit)
    # A day more on either side: dealerships may keep different clocks.
    since, until = bounds(want.monday, want.places[0].timezone)
    own: dict[str, Any] = {
        "dealership_ids": [place.dealership_id for place in want.places],
        "since": since - timedelta(days=1),
        "until": until + timedelta(days=1),
    }
    ids = {f"{name}_id": ident for name, ident in want.ids.items()}
    async with visit.database.connection() as connection:
        entries = await connection.every(Entry, DIARY, **own, **ids, cancelled=want.cancelled)
        choices = await connection.one(_choices, CHOICES, **own)
    days = by_day(entries, want.monday)
    return visit.page(
        "appointments/diary.html",
        want=want,
        days=days,
        lines=by_line(entries, want.monday, want.shown) if want.shown != "list" else [],
        choices=choices,
        earlier=want.address(week=(want.monday - timedelta(days=DAYS)).isoformat()),
        later=want.address(week=(want.monday + timedelta(days=DAYS)).isoformat()),
        this_week=want.address(week=None),
        title=_title(want.monday),
        count=sum(len(day.entries) for day in days),
        may_write={place.dealership_id for place in want.places if place.may(WRITE)},
        now=visit.who.now,
        section="Appointments",
    )


async def post_outcome(visit: Visit) -> Answer:
    """What became of an appointment."""
    place = visit.place(visit.call.path["dealership"], WRITE)
    ident = id_in(visit.call.path, "appointment_id", AppointmentNotFound)
    status = str((await visit.form()).get("status", ""))
    if status not in _OUTCOMES:
        raise Invalid(problems=(Problem("status", "is not an outcome", _OUTCOMES),))
    tree = {"appointment": {"status": status}}
    done = await visit.act(place.slug, CHANGE_OPERATION, tree, appointment_id=str(ident))
    return visit.done("rebooked", marks_of(place.slug, done.event_ids), to=visit.came_from)


async def get_calendar_file(visit: Visit) -> Answer:
    """An appointment for a calendar of one's own."""
    place = visit.place(visit.call.path["dealership"], READ)
    ident = id_in(visit.call.path, "appointment_id", AppointmentNotFound)
    async with visit.database.connection() as connection:
        booked = await connection.one_or_none(Booked, ONE, dealership_id=place.dealership_id, id=ident)
    if booked is None or booked.starts_at is None:
        raise AppointmentNotFound
    sender: Sender = visit.building.sender
    headers = ((b"content-disposition", f'attachment; filename="appointment-{ident}.ics"'.encode()),)
    body = calendar_of(booked, booked.starts_at, sender.public_url)
    return Answer(200, body, b"text/calendar; charset=utf-8; method=PUBLISH", headers)


def _choices(**row: Any) -> Choices:  # noqa: ANN401 - a row is what its statement says
    return Choices(
        **{name: msgspec.json.decode(told or "[]", type=list[Choice]) for name, told in row.items()}
    )


def _title(monday: date) -> str:
    sunday = monday + timedelta(days=DAYS - 1)
    first = f"{monday.day} {monday:%b}" if monday.month != sunday.month else str(monday.day)
    return f"{first} to {sunday.day} {sunday:%b %Y}"


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    # A week and a day must fit on either side of it.
    return day if date.min + timedelta(days=40) < day < date.max - timedelta(days=40) else today


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004


SCREENS = (
    Screen("GET", "/appointments", get_diary, READ),
    Screen("GET", "/dealerships/{dealership}/appointments/{appointment_id}.ics", get_calendar_file, READ),
    Screen("POST", "/dealerships/{dealership}/appointments/{appointment_id}/outcome", post_outcome, WRITE),
)
