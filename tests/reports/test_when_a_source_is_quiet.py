"""The rule by which a source is unusually quiet: never for little, never for chance, and for good reason always."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from forecourt.reports.silence import LEAST_ENQUIRIES, LEAST_WEEKS, WEEKS, Flow, judged

ZONE = "Australia/Melbourne"
# A Monday at nine; two weeks later clocks go forward.
MONDAY = datetime(2026, 9, 21, 9, tzinfo=ZoneInfo(ZONE))

hours = st.lists(
    st.tuples(st.integers(1, 7), st.integers(0, 23), st.integers(1, 40)),
    min_size=1,
    max_size=60,
    unique_by=lambda row: row[:2],
)
zones = st.sampled_from([ZONE, "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Chatham"])
moments = st.integers(0, 90 * 24 * 60).map(
    lambda minutes: MONDAY.astimezone(UTC) + timedelta(minutes=minutes)
)
spans = st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
weeks = st.integers(0, WEEKS)


def flow(
    counted: list[tuple[int, int, int]], last_at: datetime = MONDAY, weeks: int = WEEKS, zone: str = ZONE
) -> Flow:
    return Flow(source="Carsales", timezone=zone, hours=counted, weeks=weeks, last_at=last_at, today=0)


def every_hour(count: int) -> list[tuple[int, int, int]]:
    """So many came in each hour of the week, over all weeks."""
    return [(weekday, hour, count) for weekday in range(1, 8) for hour in range(24)]


def test_a_busy_source_is_quiet_after_some_hours_and_stopped_after_a_week() -> None:
    # One an hour, 1,344 in eight weeks: two silences of 6.5 hours are to be expected in as many.
    steady = flow(every_hour(WEEKS))
    states = {
        hours: judged(steady, MONDAY + timedelta(hours=hours), ()).state for hours in (1, 6, 7, 24, 167, 169)
    }

    assert states == {1: "flowing", 6: "flowing", 7: "quiet", 24: "quiet", 167: "quiet", 169: "stopped"}


def test_what_is_usual_is_told() -> None:
    # Forty on Monday mornings between nine and ten, in eight weeks.
    told = judged(flow([(1, 9, 40)]), MONDAY + timedelta(minutes=30), ())

    assert round(told.usual_today, 6) == 2.5
    assert round(told.expected, 6) == 2.5
    assert told.a_week == 5


@given(counted=hours, last_at=moments, silent=spans, weeks=weeks, zone=zones)
def test_who_has_sent_little_is_never_judged(
    counted: list[tuple[int, int, int]], last_at: datetime, silent: timedelta, weeks: int, zone: str
) -> None:
    told = judged(flow(counted, last_at, weeks, zone), last_at + silent, ())

    enough = sum(count for *_, count in counted) >= LEAST_ENQUIRIES and weeks >= LEAST_WEEKS
    assert (told.state == "rare") == (not enough)


@given(counted=hours, last_at=moments, silent=spans, more=spans, zone=zones)
def test_a_silence_that_goes_on_becomes_no_likelier(
    counted: list[tuple[int, int, int]], last_at: datetime, silent: timedelta, more: timedelta, zone: str
) -> None:
    steady = flow(counted, last_at, zone=zone)
    # Beyond two weeks nothing is added: the earlier days are not counted any more.
    silent, more = min(silent, timedelta(days=7)), min(more, timedelta(days=7))
    before, after = (judged(steady, last_at + span, ()) for span in (silent, silent + more))

    assert after.expected >= before.expected - 1e-9
    assert after.chance <= before.chance + 1e-9
    if before.state in {"quiet", "stopped"}:
        assert after.state in {"quiet", "stopped"}


@given(counted=hours, last_at=moments, silent=spans, zone=zones)
def test_a_busier_source_is_missed_sooner(
    counted: list[tuple[int, int, int]], last_at: datetime, silent: timedelta, zone: str
) -> None:
    twice = [(weekday, hour, 2 * count) for weekday, hour, count in counted]

    once, more = (judged(flow(one, last_at, zone=zone), last_at + silent, ()) for one in (counted, twice))

    assert abs(more.expected - 2 * once.expected) < 1e-6
    assert more.chance <= once.chance


@given(counted=hours, last_at=moments, zone=zones)
def test_over_whole_weeks_as_many_are_expected_as_come_in_them(
    counted: list[tuple[int, int, int]], last_at: datetime, zone: str
) -> None:
    steady = flow(counted, last_at, zone=zone)
    week = timedelta(weeks=1)
    # In weeks in which no clock is changed.
    moved = {
        (last_at + number * timedelta(hours=12)).astimezone(ZoneInfo(zone)).utcoffset()
        for number in range(29)
    }
    if len(moved) == 1:
        told = judged(steady, last_at + week, ())
        assert abs(told.expected - told.a_week) < 1e-6


@given(counted=hours, last_at=moments, silent=spans, zone=zones)
def test_closed_days_expect_nothing(
    counted: list[tuple[int, int, int]], last_at: datetime, silent: timedelta, zone: str
) -> None:
    wall = last_at.astimezone(ZoneInfo(zone)).date()
    closed = [wall + timedelta(days=number) for number in range(22)]

    told = judged(flow(counted, last_at, zone=zone), last_at + silent, closed)

    assert told.expected == 0
    assert told.state in {"flowing", "rare"}


def test_a_day_that_was_closed_taught_nothing() -> None:
    # Eight came on Mondays at nine, but only seven Mondays were open: the pace of those is higher.
    counted = [(1, 9, 28)]
    week_ago: date = MONDAY.date() - timedelta(days=7)

    plain, closed = (judged(flow(counted), MONDAY + timedelta(hours=1), days) for days in ((), (week_ago,)))

    assert round(plain.expected, 6) == 3.5
    assert round(closed.expected, 6) == 4


def test_an_hour_that_clocks_skip_expects_nothing_and_one_that_comes_twice_twice() -> None:
    # Clocks go forward on the 4th of October 2026 at two, and back on the 5th of April at three.
    zone = ZoneInfo(ZONE)
    for evening, times in (
        (datetime(2026, 10, 3, 22, tzinfo=zone), 0),
        (datetime(2026, 4, 4, 22, tzinfo=zone), 2),
    ):
        steady = flow([(7, 2, 80)], evening)
        morning = datetime(evening.year, evening.month, evening.day + 1, 6, tzinfo=zone)
        assert round(judged(steady, morning, ()).expected, 6) == 10 * times


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.15, 0.5, 2.0]))
def test_chance_alone_raises_few_alarms(seed: int, an_hour: float) -> None:
    """Whoever sends at random at a steady pace is taken for quiet in one in a hundred of their silences at most."""
    chance = random.Random(seed)
    steady = flow(every_hour(round(an_hour * WEEKS) or 1))
    pace = steady.enquiries / (WEEKS * 7 * 24)
    alarms = 0
    for _ in range(400):
        silent = timedelta(hours=chance.expovariate(pace))
        alarms += judged(steady, MONDAY + min(silent, timedelta(days=14)), ()).state in {"quiet", "stopped"}

    # Four are to be expected; fourteen are seen once in ten thousand times.
    assert alarms <= 14


@given(counted=hours, last_at=moments, silent=spans)
def test_what_is_judged_is_plain(
    counted: list[tuple[int, int, int]], last_at: datetime, silent: timedelta
) -> None:
    told = judged(flow(counted, last_at), last_at + silent, ())

    assert 0 <= told.chance <= 1
    assert told.expected >= 0
    assert msgspec.json.decode(msgspec.json.encode(told))["state"] == told.state
