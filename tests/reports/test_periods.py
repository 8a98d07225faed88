"""The days of a report, and those that it is held against."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.reports.period import MOST_DAYS, PERIODS, Days, period_of, read_period, today_of

DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def span(first: str, last: str) -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("word", "today", "shown", "before"),
    [
        ("today", "2026-11-25", span("2026-11-25", "2026-11-25"), span("2026-11-24", "2026-11-24")),
        ("7d", "2026-11-25", span("2026-11-19", "2026-11-25"), span("2026-11-12", "2026-11-18")),
        ("28d", "2026-11-25", span("2026-10-29", "2026-11-25"), span("2026-10-01", "2026-10-28")),
        ("this_month", "2026-11-25", span("2026-11-01", "2026-11-25"), span("2026-10-01", "2026-10-25")),
        # February has no 31st: all of it is held against all of March.
        ("this_month", "2026-03-31", span("2026-03-01", "2026-03-31"), span("2026-02-01", "2026-02-28")),
        ("last_month", "2026-11-25", span("2026-10-01", "2026-10-31"), span("2026-09-01", "2026-09-30")),
        ("last_month", "2026-01-01", span("2025-12-01", "2025-12-31"), span("2025-11-01", "2025-11-30")),
    ],
)
def test_a_period_is_held_against_the_one_before(word: str, today: str, shown: Days, before: Days) -> None:
    period = period_of(word, date.fromisoformat(today))

    assert (period.days, period.before) == (shown, before)


@given(word=st.sampled_from([one for one in PERIODS if one != "custom"]), today=days)
def test_what_it_is_held_against_ends_before_it_begins(word: str, today: date) -> None:
    period = period_of(word, today)

    assert period.before.first <= period.before.last < period.days.first <= period.days.last <= today
    if word in {"today", "7d", "28d"}:
        assert period.before.last == period.days.first - DAY
        assert period.before.count == period.days.count
    assert period.days.each()[0] == period.days.first
    assert period.days.each()[-1] == period.days.last


@given(first=days, length=st.integers(0, MOST_DAYS - 1), today=days)
def test_any_days_can_be_asked_for(first: date, length: int, today: date) -> None:
    last = first + length * DAY

    period, problems = read_period({"from": str(first), "to": str(last)}, today)

    assert problems == []
    assert (period.word, period.days) == ("custom", Days(first, last))
    assert period.before == Days(first - (length + 1) * DAY, first - DAY)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "yesterday"}, "period"),
        ({"period": "7d", "from": "2026-11-01"}, "from"),
        ({"period": "custom", "to": "2026-11-01"}, "from"),
        ({"from": "2026-11-31", "to": "2026-12-01"}, "from"),
        ({"from": "20261101", "to": "2026-12-01"}, "from"),
        ({"from": "2026-12-02", "to": "2026-12-01"}, "to"),
        ({"from": "2020-01-01", "to": "2026-12-01"}, "to"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "from"),
    ],
)
def test_what_does_not_fit_is_named(query: dict[str, str], field: str) -> None:
    _, problems = read_period(query, date(2026, 11, 25))

    assert problems[0].field == field


def test_of_several_dealerships_it_is_today_as_soon_as_it_is_somewhere() -> None:
    evening = datetime(2026, 11, 25, 13, 30, tzinfo=UTC)

    assert today_of(evening, ["Australia/Perth"]) == date(2026, 11, 25)
    assert today_of(evening, ["Australia/Perth", "Australia/Melbourne"]) == date(2026, 11, 26)
