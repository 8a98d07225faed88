"""When a location is open, and what is later today, as people say it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from forecourt.screens.shown import clock, day, exact_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.screens.customer.records import Opening, Sheet

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MORNING = 9
_HOUR = 60
_PRESETS = {"2h": "In 2 hours", "tomorrow": "Tomorrow", "monday": "Next Monday"}


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A moment that is one tap away.

    Attributes:
        until: as the form sends it.
    """

    name: str
    told: str
    until: str


def hours_in_words(hours: Sequence[Opening]) -> str:
    """``Mon to Fri 08:30 to 17:30, Sat 08:30 to 16:00``."""
    by_day: dict[int, list[str]] = {}
    for opening in hours:
        by_day.setdefault(opening.weekday, []).append(f"{opening.opens} to {opening.closes}")
    said = []
    for periods, group in groupby(sorted(by_day.items()), key=lambda entry: entry[1]):
        weekdays = [weekday for weekday, _ in group]
        first, last = _DAYS[weekdays[0] - 1], _DAYS[weekdays[-1] - 1]
        unbroken = len(weekdays) == weekdays[-1] - weekdays[0] + 1
        named = (
            f"{first} to {last}"
            if unbroken and first != last
            else ", ".join(_DAYS[one - 1] for one in weekdays)
        )
        said.append(f"{named} {' and '.join(periods)}")
    return ", ".join(said) or "never"


def clock_in_words(sheet: Sheet) -> str:
    """What the response clock's chip stands for: the limit, until when, and whose hours count."""
    told = sheet.cluster.response_clock
    where = sheet.location or sheet.dealership_name
    counted = f"counted in the hours of {where}: {hours_in_words(sheet.hours)}"
    limit = f"To be answered within {_minutes(told.target_minutes)}, overdue after {_minutes(told.overdue_minutes)}"
    if sheet.cluster.waiting_since is None:
        by = {"manual": "marked by hand", "walk_in": "a visit", None: None}.get(
            told.answered_by, told.answered_by
        )
        if told.answered_at is None:
            return f"Nobody waits. {limit}, {counted}."
        return f"First answered {exact_time(told.answered_at, sheet.timezone)}, {by}. {limit}, {counted}."
    since = f"Waiting since {exact_time(sheet.cluster.waiting_since, sheet.timezone)}"
    due = f"due {exact_time(sheet.due_at, sheet.timezone)}" if sheet.due_at else ""
    return f"{since}, {due}. {limit}, {counted}."


def presets(now: datetime, timezone: str) -> list[Preset]:
    """In two hours, tomorrow and next week in the morning, by the dealership's clock."""
    return [
        Preset(name=_PRESETS[until], told=_told(moment, now, timezone), until=until)
        for until, moment in _moments(now, timezone).items()
    ]


def moment_of_preset(until: str, now: datetime, timezone: str) -> datetime | None:
    """The moment that a preset names; None where it names none."""
    return _moments(now, timezone).get(until)


def _moments(now: datetime, timezone: str) -> dict[str, datetime]:
    local = now.astimezone(ZoneInfo(timezone))
    # Reckoned on the wall, where a day has its hours whatever the clocks do in the night.
    morning = local.replace(hour=_MORNING, minute=0, second=0, microsecond=0, fold=0)
    return {
        "2h": now + timedelta(hours=2),
        "tomorrow": morning + timedelta(days=1),
        "monday": morning + timedelta(days=7 - local.weekday()),
    }


def _told(moment: datetime, now: datetime, timezone: str) -> str:
    same = day(moment, timezone) == day(now, timezone)
    at = clock(moment, timezone)
    return at if same else f"{day(moment, timezone)}, {at}"


def _minutes(minutes: int) -> str:
    if minutes % 60 == 0:
        return "an hour" if minutes == _HOUR else f"{minutes // 60} hours"
    return f"{minutes} minutes"
