"""The schedule on a delivery's page: what was, what is next, what is to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from forecourt.deliveries.schedule import WEBHOOK
from forecourt.screens.developers.timetable import ATTEMPTS, timetable
from forecourt.webhooks.schema import AttemptInBrief

_NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def attempts(count: int) -> list[AttemptInBrief]:
    """So many that failed, a minute apart."""
    return [
        AttemptInBrief(
            number=number,
            started_at=_NOW + timedelta(minutes=number),
            milliseconds=5,
            outcome="answered",
            status=500,
        )
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("before", [0, 4])
@pytest.mark.parametrize("count", range(ATTEMPTS))
def test_what_waits_shows_every_attempt_of_its_schedule_once(before: int, count: int) -> None:
    due = _NOW + timedelta(hours=1)
    steps = timetable(attempts(before + count), attempts_before=before, state="waiting", due_at=due)

    assert [step.number for step in steps] == list(range(1, ATTEMPTS + 1))
    assert [step.number for step in steps if step.is_next] == [count + 1]
    assert [step.at for step in steps if step.is_next] == [due]
    later = [step for step in steps if step.attempt is None][1:]
    assert [step.pause for step in later] == list(WEBHOOK[count:])[-len(later) :] or not later
    assert [step.at for step in steps] == sorted(step.at for step in steps) or before


@pytest.mark.parametrize("state", ["sent", "failed", "cancelled"])
def test_what_is_over_shows_what_was(state: str) -> None:
    steps = timetable(attempts(3), attempts_before=0, state=state, due_at=_NOW)

    assert [step.number for step in steps] == [1, 2, 3]
    assert all(step.attempt for step in steps)
