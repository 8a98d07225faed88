"""Every figure of every report, and the list behind it, against a model that counts one customer after the other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecourt.infra.database import Connection, Database, record
from forecourt.reports.figures import MEANINGS, Figures
from forecourt.reports.period import Days, Period
from forecourt.reports.read import HOURS, NAMES, read_days, read_report
from forecourt.screens.inbox.queries import count_query, page_query, rows_query
from forecourt.screens.inbox.views import SORTS, read_filters
from forecourt.screens.reports.links import Links
from tests.reports.histories import (
    COUNTED,
    DEALERSHIPS,
    OF_LEADS,
    SETTING,
    History,
    Seen,
    by_key,
    histories,
    quantile,
    seen_in,
    write,
)

if TYPE_CHECKING:
    from tests.world import World

often = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Of both sides of the night in which clocks go back.
periods = st.builds(
    lambda first, length: (date(2026, 3, 28) + timedelta(days=first), length),
    st.integers(0, 12),
    st.integers(1, 6),
)


@pytest.fixture(scope="module")
async def connection(world: World) -> Connection:
    await world.run(SETTING)
    return Connection(Database(connections=1), world.connection)


def period_of(drawn: tuple[date, int]) -> Period:
    first, length = drawn
    day = timedelta(days=1)
    return Period(
        word="custom",
        days=Days(first, first + (length - 1) * day),
        before=Days(first - length * day, first - day),
    )


@often
@given(history=histories(), drawn=periods, by=st.sampled_from(["summary", *NAMES]))
async def test_every_figure(
    world: World, connection: Connection, history: History, drawn: tuple[date, int], by: str
) -> None:
    period = period_of(drawn)
    transaction = world.connection.transaction()
    await transaction.start()
    try:
        await write(world.connection, history)
        report = await read_report(connection, DEALERSHIPS, by, period)
        days = await read_days(connection, DEALERSHIPS, period)
    finally:
        await transaction.rollback()

    for name, span in (("now", period.days), ("before", period.before)):
        seen = seen_in(history, span.first, span.last)
        holds(getattr(report.total, name), seen, sum(len(one.enquiries) for one in seen))
        parts = by_key(seen, by) if by in NAMES else {}
        assert {part.key for part in report.parts} >= set(parts)
        for part in report.parts:
            of_part = parts.get(part.key, [])
            holds(getattr(part, name), of_part, enquiries_of(history, seen, of_part, by, part.key))
        for day in getattr(days, name):
            on_day = seen_in(history, day.day, day.day)
            assert day.customers == len(on_day)
            assert day.enquiries == sum(len(one.enquiries) for one in on_day)
    if by == "hour":
        assert tuple(part.key for part in report.parts) == HOURS


def holds(figures: Figures, seen: list[Seen], enquiries: int) -> None:
    assert figures.enquiries == enquiries
    assert {name: getattr(figures, name) for name in COUNTED} == {
        name: sum(map(counts, seen)) for name, counts in COUNTED.items()
    }
    judged = figures.in_target + figures.out_of_target
    assert figures.in_target_share == (round(figures.in_target / judged, 4) if judged else None)
    for kind in ("business_seconds", "seconds"):
        values = [value for one in seen if (value := getattr(one, kind)) is not None]
        for name, part in ((f"median_{kind}", 0.5), (f"p90_{kind}", 0.9)):
            expected = quantile(values, part)
            said = getattr(figures, name)
            assert (said is None) == (expected is None)
            assert expected is None or abs(said - expected) <= 0.5


def enquiries_of(history: History, seen: list[Seen], of_part: list[Seen], by: str, key: str | None) -> int:
    if by not in OF_LEADS:
        return sum(len(one.enquiries) for one in of_part)
    return sum(
        OF_LEADS[by](lead, ZoneInfo(history.zones[one.customer.dealership_id])) == key
        for one in seen
        for lead in one.enquiries
    )


@often
@given(
    history=histories(),
    drawn=periods,
    by=st.sampled_from(["summary", *NAMES]),
    figures=st.lists(st.sampled_from(list(MEANINGS)), min_size=4, max_size=4, unique=True),
    sort=st.sampled_from(list(SORTS)),
)
async def test_every_figure_leads_to_the_customers_that_it_counts(
    world: World,
    connection: Connection,
    history: History,
    drawn: tuple[date, int],
    by: str,
    figures: list[str],
    sort: str,
) -> None:
    days = period_of(drawn).days
    seen = seen_in(history, days.first, days.last)
    parts = by_key(seen, by) if by in NAMES else {None: seen}
    links = Links(days=days, dealership=None)
    transaction = world.connection.transaction()
    await transaction.start()
    try:
        await write(world.connection, history)
        for key, of_part in parts.items():
            for figure in figures:
                address = links.of(figure, by, key)
                if address is not None:
                    listed = await listed_at(connection, address, sort)
                    assert listed == expected_in(seen, of_part, by, figure, key, sort), (figure, by, key)
        on_day = seen_in(history, days.last, days.last)
        listed = await listed_at(connection, links.of_day(days.last), "newest")
        assert listed == {one.customer.id for one in on_day}
    finally:
        await transaction.rollback()


def expected_in(
    seen: list[Seen], of_part: list[Seen], by: str, figure: str, key: str | None, sort: str
) -> set[int]:
    if figure == "enquiries" and by in {"source", "category"}:
        of_part = [one for one in seen if any(getattr(lead, by) == key for lead in one.enquiries)]
    counted = {"in_target_share": "in_target", "enquiries": "customers"}.get(figure, figure)
    if counted.endswith("seconds"):
        counted = "answered"
    # Orders by how long somebody waits show only those who wait.
    return {
        one.customer.id
        for one in of_part
        if COUNTED[counted](one) and (one.customer.waits or sort not in {"longest", "urgency"})
    }


async def listed_at(connection: Connection, address: str, sort: str) -> set[int]:
    """The customers whom the inbox lists at an address, by every statement that it has for them."""
    filtered = read_filters(parse_qs(urlsplit(address).query)["q"][0])
    assert (filtered.problems, filtered.text) == ((), "")
    conditions = frozenset(filtered.conditions)
    asked: dict[str, Any] = {"dealership_ids": list(DEALERSHIPS), "me": 501} | filtered.values
    page = await connection.every(record, page_query(conditions, sort, after=False), size=1_000, **asked)
    listed = {row["id"] for row in page}
    if sort in {"newest", "oldest"}:
        ids = [1000 + place for place in range(20)]
        rows = await connection.every(record, rows_query(conditions), ids=ids, **asked)
        count = await connection.one(record, count_query(conditions), **asked)
        assert listed == {row["id"] for row in rows}
        assert count["held"] == len(listed)
    return listed


TO_THE_MICROSECOND = """
update lead set created_at = created_at + interval '1 microsecond' * (id * 999983 % 1000000) where id >= 5000;
update event set occurred_at = occurred_at + interval '1 microsecond' * (id * 500000 % 1000003) where lead_cluster_id >= 1000;
update lead_cluster as cluster
set first_lead_created_at = leads.at, waiting_since = case when cluster.waiting_since is not null then leads.at end
from (select lead_cluster_id, min(created_at) as at from lead group by lead_cluster_id) as leads
where leads.lead_cluster_id = cluster.id and cluster.id >= 1000;
"""


@often
@given(history=histories())
async def test_all_at_once_says_what_the_response_clock_says_of_each(world: World, history: History) -> None:
    """Over all days, the first enquiry is that of the cluster's own clock."""
    transaction = world.connection.transaction()
    await transaction.start()
    try:
        await write(world.connection, history)
        await world.run(TO_THE_MICROSECOND)
        differing = await world.rows("""
            select cluster.id
            from answers_of_period(array[1, 2], '2026-01-01', '2026-12-31') as told
            full join (
                select cluster.*, clock.*
                from lead_cluster as cluster
                cross join lateral (
                    select answered_at, first_response_seconds, first_response_business_seconds, target_minutes
                    from response_clock(cluster)
                ) as clock
                where cluster.id >= 1000 and cluster.merged_into_id is null
            ) as cluster
                on cluster.dealership_id = told.dealership_id and cluster.id = told.lead_cluster_id
            where (
                told.enquired_at, told.answered_at, told.seconds, told.business_seconds, told.target_minutes,
                told.waiting
            ) is distinct from (
                cluster.first_lead_created_at, cluster.answered_at, cluster.first_response_seconds,
                cluster.first_response_business_seconds, cluster.target_minutes, cluster.waiting_since is not null
            )
        """)
    finally:
        await transaction.rollback()

    assert differing == []
