"""The days that a report is about, and those before them that it is held against. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DAY = timedelta(days=1)
# A year, whole months around it included.
MOST_DAYS = 400
# Years between these are years of somebody's enquiries; calendars go no further.
_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)

# Word in the address -> how people call it.
PERIODS = {
    "today": "Today",
    "7d": "7 days",
    "28d": "28 days",
    "this_month": "This month",
    "last_month": "Last month",
    "custom": "Custom",
}
DEFAULT = "28d"


class Days(msgspec.Struct, frozen=True):
    """Days, both ends included, each by the clock of the dealership that it is told of."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1

    def each(self) -> list[date]:
        """Every one of them."""
        return [self.first + number * _DAY for number in range(self.count)]


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """The days of a report.

    Attributes:
        word: of ``PERIODS``.
        before: what they are held against.
    """

    word: str
    days: Days
    before: Days


def today_of(now: datetime, timezones: Iterable[str]) -> date:
    """The day it is; of several dealerships, where the day began first."""
    return max(now.astimezone(ZoneInfo(zone)).date() for zone in timezones)


def period_of(word: str, today: date, custom: Days | None = None) -> Period:
    """The period that *word* means *today*.

    As many days before it are what it is held against. Of a month they are those of the month before, as far as this one
    has come: the first ten days against the first ten.
    """
    first_of_month = today.replace(day=1)
    if word == "this_month":
        before = _month_before(first_of_month)
        last = min(before.last, before.first + (today - first_of_month))
        return Period(word=word, days=Days(first_of_month, today), before=Days(before.first, last))
    if word == "last_month":
        days = _month_before(first_of_month)
        return Period(word=word, days=days, before=_month_before(days.first))
    if word == "custom" and custom is not None:
        days = custom
    else:
        days = Days(today - {"today": 0, "7d": 6}.get(word, 27) * _DAY, today)
        word = word if word in {"today", "7d"} else DEFAULT
    return Period(word=word, days=days, before=Days(days.first - days.count * _DAY, days.first - _DAY))


def _month_before(first_of_month: date) -> Days:
    last = first_of_month - _DAY
    return Days(last.replace(day=1), last)


def read_period(query: Mapping[str, str], today: date) -> tuple[Period, list[Problem]]:
    """The period that ``period``, ``from`` and ``to`` ask for, and what does not fit about them."""
    problems: list[Problem] = []
    word = query.get("period", "custom" if "from" in query or "to" in query else DEFAULT)
    if word not in PERIODS:
        problems.append(Problem("period", "is not a period", tuple(PERIODS)))
    if word != "custom":
        problems += [
            Problem(name, "goes with period=custom only") for name in ("from", "to") if query.get(name)
        ]
        return period_of(word, today), problems
    ends = [_day(query.get(name, ""), name, problems) for name in ("from", "to")]
    first, last = ends[0] or today, ends[1] or today
    if first > last:
        problems.append(Problem("to", "must not be before from"))
    elif (last - first).days >= MOST_DAYS:
        problems.append(Problem("to", f"must be at most {MOST_DAYS} days from from"))
    if problems:
        return period_of(DEFAULT, today), problems
    return period_of("custom", today, Days(first, last)), []


def _day(text: str, name: str, problems: list[Problem]) -> date | None:
    day = day_in(text)
    if day is None:
        problems.append(Problem(name, "must be a day, as 2026-11-23"))
    return day


def day_in(text: str) -> date | None:
    """The day that *text* is; None where it is none."""
    if len(text) != len("2026-11-23"):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST <= day <= _LAST else None
