"""The SQL definition of business time, held against a calendar of Python's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World

# Lord Howe's clock goes forward by half an hour.
ZONES = (
    "Australia/Melbourne",
    "Australia/Brisbane",
    "Australia/Lord_Howe",
    "America/New_York",
    "Pacific/Auckland",
)
OURS, YARD = 1, 101
FIRST = datetime(2026, 3, 1, tzinfo=UTC)

# Never between one and four, when clocks change: what an hour is called then, nobody agrees on.
times = st.sampled_from(
    [time(0), time(0, 30), time(4, 15), time(8, 30), time(9), time(12), time(17, 30), time(23)]
)
periods = st.lists(
    st.tuples(st.integers(1, 7), times, times).filter(lambda row: row[1] < row[2]), min_size=1, max_size=10
)
moments = st.integers(0, 300 * 24 * 3600).map(lambda seconds: FIRST + timedelta(seconds=seconds))
days = st.sets(st.integers(0, 300).map(lambda day: FIRST.date() + timedelta(days=day)), max_size=20)


def without_overlap(hours: list[tuple[int, time, time]]) -> list[tuple[int, time, time]]:
    kept: list[tuple[int, time, time]] = []
    for row in sorted(set(hours)):
        if not kept or kept[-1][0] != row[0] or kept[-1][2] <= row[1]:
            kept.append(row)
    return kept


class Calendar:
    """The model: open periods one by one."""

    def __init__(self, zone: str, hours: list[tuple[int, time, time]], closed: set[date]) -> None:
        self.zone, self.hours, self.closed = ZoneInfo(zone), hours, closed

    def periods(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = since.astimezone(self.zone).date()
        while day <= until.astimezone(self.zone).date():
            for weekday, opens, closes in self.hours:
                if weekday == day.isoweekday() and day not in self.closed:
                    yield (
                        datetime.combine(day, opens, self.zone).astimezone(UTC),
                        datetime.combine(day, closes, self.zone).astimezone(UTC),
                    )
            day += timedelta(days=1)

    def seconds(self, since: datetime, until: datetime) -> int:
        return sum(
            int((min(until, closes) - max(since, opens)).total_seconds())
            for opens, closes in self.periods(since, until)
            if closes > since and opens < until
        )


calendars = st.builds(Calendar, st.sampled_from(ZONES), periods.map(without_overlap), days)


async def said(world: World, calendar: Calendar, query: str, *given: Any, own: bool) -> Any:
    """What the database says under the calendar's hours, the location's own or the dealership's; nothing stays."""
    connection = world.connection
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("update dealership set timezone = $1, country = 'XX'", calendar.zone.key)
        await connection.execute("delete from opening_hours")
        await connection.executemany(
            "insert into opening_hours values ($1, $2, $3, $4, $5)",
            [(OURS, YARD if own else None, *row) for row in calendar.hours],
        )
        if own:
            await connection.execute("insert into opening_hours values ($1, null, 7, '00:00', '24:00')", OURS)
        await connection.executemany(
            "insert into closed_day values ($1, null, $2, 'closed')", [(OURS, day) for day in calendar.closed]
        )
        return await connection.fetchval(query, OURS, YARD, *given)
    finally:
        await transaction.rollback()


often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@often
@given(calendar=calendars, since=moments, length=st.integers(0, 40 * 24 * 3600), own=st.booleans())
async def test_business_seconds(
    world: World, calendar: Calendar, since: datetime, length: int, *, own: bool
) -> None:
    until = since + timedelta(seconds=length)

    told = await said(world, calendar, "select business_seconds($1, $2, $3, $4)", since, until, own=own)

    assert told == calendar.seconds(since, until)


@often
@given(calendar=calendars, since=moments, minutes=st.integers(1, 10_080), own=st.booleans())
async def test_a_deadline_is_the_first_moment_by_which_so_many_minutes_have_passed(
    world: World, calendar: Calendar, since: datetime, minutes: int, *, own: bool
) -> None:
    due = await said(world, calendar, "select business_deadline($1, $2, $3, $4)", since, minutes, own=own)

    looked_through = timedelta(days=14 + minutes // 60)
    if calendar.seconds(since, due) < minutes * 60:
        assert due == since + looked_through
        last = due.astimezone(calendar.zone).date()
        assert calendar.seconds(since, datetime.combine(last, time(0), calendar.zone)) < minutes * 60
    else:
        assert calendar.seconds(since, due) == minutes * 60
        assert calendar.seconds(since, due - timedelta(seconds=1)) < minutes * 60
