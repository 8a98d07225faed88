"""When a delivery was tried, and when it will be: the whole of its schedule. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from forecourt.deliveries.schedule import WEBHOOK
from forecourt.webhooks.schema import AttemptInBrief

if TYPE_CHECKING:
    from collections.abc import Sequence

ATTEMPTS = len(WEBHOOK) + 1


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that was, or that is to come.

    Attributes:
        number: in this round, from 1.
        at: when; of one after the next about when, for pauses vary by a fifth.
        pause: since the one before; None for the first.
        attempt: how it went; None of one to come.
        is_next: whether it is the one that waits.
    """

    number: int
    at: datetime
    pause: timedelta | None
    attempt: AttemptInBrief | None = None
    is_next: bool = False


def timetable(
    attempts: Sequence[AttemptInBrief], *, attempts_before: int, state: str, due_at: datetime
) -> list[Step]:
    """The schedule of a delivery to a webhook.

    Args:
        attempts: all that there were, the first in front.
        attempts_before: how many there had been when it was last asked for again: the schedule began anew.
        state: the delivery's.
        due_at: of one that waits, when it is tried next.
    """
    steps = [
        Step(number=attempt.number - attempts_before, at=attempt.started_at, pause=None, attempt=attempt)
        for attempt in attempts
        if attempt.number > attempts_before
    ]
    steps = [msgspec.structs.replace(step, pause=_pause(step.number)) for step in steps]
    if state not in {"waiting", "sending"}:
        return steps
    done, at = len(steps), due_at
    for number in range(done + 1, ATTEMPTS + 1):
        pause = _pause(number)
        if number > done + 1 and pause is not None:
            at += pause
        steps.append(Step(number=number, at=at, pause=pause, is_next=number == done + 1))
    return steps


def _pause(number: int) -> timedelta | None:
    return WEBHOOK[number - 2] if 1 < number <= ATTEMPTS else None
