"""When a source has been quiet for longer than chance explains. Pure.

What comes from a source in an hour of the week is learnt from eight weeks. If enquiries came by chance alone at that pace,
none would come in a time in which *n* are expected with the chance *e* to the power of minus *n* (Poisson). A source is
quiet where that chance is one in a hundred at most, and so small besides that such a silence falls into four weeks once at
most: every enquiry begins a silence, so a busy source has many that are a little long.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

WEEKS = 8
LEARNT = timedelta(weeks=WEEKS)
# Fewer say nothing about an hour of the week; nor does a source that came and went.
LEAST_ENQUIRIES = 24
LEAST_WEEKS = 5
_RARE = 0.01
# So many silences in the weeks that were learnt may be as long by chance.
_BY_CHANCE = 2
# After a week it is no alarm any more: a source that somebody has switched off is silent for good.
STOPPED_AFTER = timedelta(days=7)
# How far back it is counted what would have come: enough for the rarest of those that are watched.
_COUNTED = timedelta(days=14)
# The clocks of the world differ by quarters of an hour.
_STEP = timedelta(minutes=15)
_HOUR_SECONDS = 3_600


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What usually comes from a source.

    Attributes:
        timezone: of the dealership.
        hours: (ISO weekday, hour, how many came) over the eight weeks before the day of the last enquiry, days left out
            on which the dealership was closed beyond its usual hours.
        weeks: in how many of the eight something came.
        last_at: when the last enquiry came.
        today: how many came on the day it is.
    """

    source: str
    timezone: str
    hours: list[tuple[int, int, int]]
    weeks: int
    last_at: datetime
    today: int

    @property
    def enquiries(self) -> int:
        """How many it was learnt from."""
        return sum(count for _, _, count in self.hours)


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """How a source stands.

    Attributes:
        state: ``flowing``, ``quiet``, ``stopped`` for whoever has been quiet for a week, ``rare`` where too little comes to
            tell.
        expected: how many would have come since the last one, of two weeks at most.
        chance: that none came all the same.
        usual_today: how many usually come by this time of the day.
        a_week: how many usually come in a week.
    """

    state: str
    expected: float
    chance: float
    usual_today: float
    a_week: float


def judged(flow: Flow, now: datetime, closed: Collection[date]) -> Judged:
    """How the source stands *now*; on *closed* days nothing is expected."""
    pace = _Pace(flow, closed)
    expected = pace.between(max(flow.last_at, now - _COUNTED), now)
    chance = math.exp(-expected)
    midnight = now.astimezone(pace.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return Judged(
        state=_state(flow, now, chance),
        expected=expected,
        chance=chance,
        usual_today=pace.between(midnight, now),
        a_week=flow.enquiries / WEEKS,
    )


def _state(flow: Flow, now: datetime, chance: float) -> str:
    if flow.enquiries < LEAST_ENQUIRIES or flow.weeks < LEAST_WEEKS:
        return "rare"
    if chance > min(_RARE, _BY_CHANCE / flow.enquiries):
        return "flowing"
    return "stopped" if now - flow.last_at > STOPPED_AFTER else "quiet"


class _Pace:
    """How many come in an hour, by the hour of the week."""

    def __init__(self, flow: Flow, closed: Collection[date]) -> None:
        self.zone = ZoneInfo(flow.timezone)
        self._closed = frozenset(closed)
        last_day = flow.last_at.astimezone(self.zone).date()
        learnt = [last_day - timedelta(days=number) for number in range(1, LEARNT.days + 1)]
        days = dict.fromkeys(range(1, 8), 0)
        for day in learnt:
            days[day.isoweekday()] += day not in self._closed
        self._an_hour = {
            (weekday, hour): count / days[weekday] for weekday, hour, count in flow.hours if days[weekday]
        }

    def between(self, since: datetime, until: datetime) -> float:
        """How many come between two moments."""
        return sum(
            seconds / _HOUR_SECONDS * self._an_hour.get((wall.isoweekday(), wall.hour), 0.0)
            for wall, seconds in _steps(since, until, self.zone)
            if wall.date() not in self._closed
        )


def _steps(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, float]]:
    """Each quarter of an hour by the clock on the wall, with the seconds of it that lie between."""
    moment, step = since.timestamp(), _STEP.total_seconds()
    end = until.timestamp()
    while moment < end:
        after = min((moment // step + 1) * step, end)
        yield datetime.fromtimestamp(moment, zone), after - moment
        moment = after
