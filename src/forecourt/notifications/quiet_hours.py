"""Hours in which nobody is told, by the clock on the wall. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAYS = 3


def is_quiet(moment: datetime, quiet_from: time, quiet_to: time, timezone: str) -> bool:
    """Whether the clock of *timezone* is between *quiet_from* and *quiet_to*, the end not included.

    Where it ends before it begins, it lasts from the evening to the morning.
    """
    shown = moment.astimezone(ZoneInfo(timezone)).time()
    if quiet_from < quiet_to:
        return quiet_from <= shown < quiet_to
    return shown >= quiet_from or shown < quiet_to


def end_of_quiet(moment: datetime, quiet_from: time | None, quiet_to: time | None, timezone: str) -> datetime:
    """The first moment from *moment* on that is not quiet: *moment* itself where it is not.

    A time that the clock skips in spring ends the quiet when it is skipped; one that comes twice in autumn ends it
    both times.
    """
    if quiet_from is None or quiet_to is None or not is_quiet(moment, quiet_from, quiet_to, timezone):
        return moment
    ends = sorted(end for end in _ends(moment, quiet_to, ZoneInfo(timezone)) if end > moment)
    return next(
        (end for end in ends if not is_quiet(end, quiet_from, quiet_to, timezone)),
        moment + timedelta(days=1),
    )


def _ends(moment: datetime, quiet_to: time, zone: ZoneInfo) -> Iterator[datetime]:
    """Every moment of the days from *moment* on at which the clock shows *quiet_to*, or passes it."""
    today = moment.astimezone(zone).date()
    for days in range(_DAYS):
        day = today + timedelta(days=days)
        for fold in (0, 1):
            wall = datetime.combine(day, quiet_to, zone).replace(fold=fold)
            end = wall.astimezone(UTC)
            yield end
            if end.astimezone(zone).time() != quiet_to:
                yield _jump_near(end, zone)


def _jump_near(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment, within half a day, at which the clock jumps."""
    early, late = moment - timedelta(hours=12), moment + timedelta(hours=12)
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
