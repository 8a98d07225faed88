"""Whatever order transactions commit in, a reader gets every event once, and waits for none of them."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.events.reader import Gap, Place, passed, read, settled
from forecourt.infra.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

THEN = datetime(2026, 11, 25, tzinfo=UTC)

ADD = """
insert into event (dealership_id, kind, occurred_at, request_id, changes)
values (1, 'test.happened', now(), 'test', '{}') returning id
"""


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    opened = Database(connections=2)
    await opened.open(database_url)
    yield opened
    await opened.close()


@given(
    st.integers(0, 1_000),
    st.lists(st.sets(st.integers(1, 60), max_size=20), max_size=12),
)
def test_each_id_is_read_or_in_a_gap_or_not_reached_yet(start: int, batches: list[set[int]]) -> None:
    place = Place(start)
    seen: set[int] = set()
    for number, batch in enumerate(batches):
        # A reader finds what lies after its place, and what has come into its gaps.
        found = {
            start + ident
            for ident in batch
            if start + ident > place.read_up_to
            or any(gap.first <= start + ident <= gap.last for gap in place.gaps)
        }
        place = passed(place, found, THEN + timedelta(seconds=number))
        seen |= found
        in_gaps = {ident for gap in place.gaps for ident in range(gap.first, gap.last + 1)}

        assert seen | in_gaps == set(range(start + 1, place.read_up_to + 1))
        assert not seen & in_gaps
        assert all(gap.first <= gap.last for gap in place.gaps)


def test_a_gap_stays_while_a_transaction_runs_that_began_before_it_was_noticed() -> None:
    place = Place(9, (Gap(3, 4, THEN), Gap(8, 8, THEN + timedelta(seconds=5))))

    assert settled(place, THEN - timedelta(hours=9)) == place
    assert settled(place, THEN + timedelta(seconds=1)) == Place(9, place.gaps[1:])
    assert settled(place, THEN + timedelta(seconds=9)) == Place(9)
    assert settled(place, None) == Place(9)


async def _writer(url: str, chance: random.Random, rounds: int) -> set[int]:
    """Write events in transactions that last, overlap and are sometimes undone; the ids that count."""
    connection = await asyncpg.connect(url)
    written: set[int] = set()
    for _ in range(rounds):
        transaction = connection.transaction()
        await transaction.start()
        ids = {await connection.fetchval(ADD) for _ in range(chance.randint(1, 3))}
        await asyncio.sleep(chance.uniform(0, 0.02))
        if chance.random() < 0.3:
            await transaction.rollback()
        else:
            await transaction.commit()
            written |= ids
    await connection.close()
    return written


async def test_every_event_of_writers_that_overtake_each_other_is_read_once(
    world: World, database_url: str, database: Database
) -> None:
    assert world
    chance = random.Random(11)
    writers = [
        asyncio.create_task(_writer(database_url, random.Random(chance.random()), 40)) for _ in range(8)
    ]
    got: list[int] = []
    place = Place(0)
    async with database.connection() as connection:
        while not all(writer.done() for writer in writers):
            events, place = await read(connection, place, 50)
            got += [event.id for event in events]
        for _ in range(20):
            events, place = await read(connection, place, 50)
            got += [event.id for event in events]
    written = set().union(*[writer.result() for writer in writers])

    assert len(got) == len(set(got))
    assert set(got) == written


@asynccontextmanager
async def _open_transaction(url: str) -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def test_nobody_waits_for_a_transaction_that_stays_open(
    world: World, database_url: str, database: Database
) -> None:
    async with _open_transaction(database_url) as idle, database.connection() as connection:
        _, place = await read(connection, Place(0), 10_000)
        transaction = idle.transaction()
        await transaction.start()
        late = await idle.fetchval(ADD)
        await world.run(ADD)
        events, place = await read(connection, place, 10)

        assert [event.id for event in events] == [late + 1]
        again, place = await read(connection, place, 10)
        assert again == []
        await transaction.commit()
        events, place = await read(connection, place, 10)
        assert [event.id for event in events] == [late]
        assert place.read_up_to == late + 1
        assert all(late not in range(gap.first, gap.last + 1) for gap in place.gaps)
