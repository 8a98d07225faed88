"""A week as a table: a line for each person or car, a column for each day. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from forecourt.screens.appointments.records import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

DAYS = 7


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day, and what begins on it.

    Attributes:
        name: ``Mon 23 Nov``.
    """

    day: date
    name: str
    entries: list[Entry]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's week, or a car's.

    Attributes:
        days: what begins on each, Monday in front.
    """

    name: str
    days: list[list[Entry]]


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def bounds(monday: date, timezone: str) -> tuple[datetime, datetime]:
    """When the week begins and ends by a clock, whatever that does in the night."""
    zone = ZoneInfo(timezone)
    begins = datetime(monday.year, monday.month, monday.day, tzinfo=zone)
    after = monday + timedelta(days=DAYS)
    ends = datetime(after.year, after.month, after.day, tzinfo=zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def by_day(entries: Iterable[Entry], monday: date) -> list[Day]:
    """The seven days; each entry stands on the one of its own dealership's clock."""
    days = [monday + timedelta(days=number) for number in range(DAYS)]
    held: dict[date, list[Entry]] = {day: [] for day in days}
    for entry in entries:
        day = day_of(entry)
        if day in held:
            held[day].append(entry)
    return [Day(day=day, name=f"{day:%a} {day.day} {day:%b}", entries=held[day]) for day in days]


def by_line(entries: Iterable[Entry], monday: date, of: str) -> list[Line]:
    """A line for each person or car that has something in the week, and one for what has nobody or no car.

    Args:
        entries: of the week.
        monday: with which it begins.
        of: ``person`` or ``car``.
    """
    lines: dict[str, list[list[Entry]]] = {}
    nobody = "Nobody yet" if of == "person" else "No car"
    for entry in entries:
        number = (day_of(entry) - monday).days
        if 0 <= number < DAYS:
            name = (entry.user if of == "person" else _car(entry)) or nobody
            lines.setdefault(name, [[] for _ in range(DAYS)])[number].append(entry)
    ordered = sorted(lines.items(), key=lambda line: (line[0] == nobody, line[0].lower()))
    return [Line(name=name, days=days) for name, days in ordered]


def day_of(entry: Entry) -> date:
    """The day on which it begins, by its dealership's clock."""
    return entry.starts_at.astimezone(ZoneInfo(entry.timezone)).date()


def _car(entry: Entry) -> str | None:
    if entry.car and entry.stocknum and entry.car != entry.stocknum:
        return f"{entry.car} ({entry.stocknum})"
    return entry.car
