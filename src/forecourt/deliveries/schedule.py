"""When a delivery that failed is tried again. Pure."""

from __future__ import annotations

from datetime import timedelta

# The example schedule of Standard Webhooks 1.0.0: ten attempts in 75 hours.
WEBHOOK = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
# Greylisting asks for some minutes, a full mailbox for some hours.
MAIL = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1_440))
# So far from its time a retry may be, either way: those that failed together do not come back together.
JITTER = 0.2
_LONGEST = timedelta(hours=24)


def next_pause(
    schedule: tuple[timedelta, ...],
    attempts: int,
    *,
    chance: float,
    asked: timedelta | None = None,
) -> timedelta | None:
    """Until the attempt after this one; None where this one was the last.

    Args:
        schedule: the pauses in order.
        attempts: how many attempts there have been.
        chance: from 0 to 1, drawn anew for each.
        asked: the least that the other side asks for (Retry-After).
    """
    if attempts > len(schedule):
        return None
    pause = schedule[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)
    return pause if asked is None else max(pause, min(asked, _LONGEST))
