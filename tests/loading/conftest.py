from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from forecourt.infra.database import Database, Query
from forecourt.infra.embedded import hold
from forecourt.infra.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

# Deleted and not truncated: that takes a tenth of the time for tables of a few rows.
EMPTY = Query("""
delete from car;
delete from page;
delete from team_member;
delete from location;
delete from website;
delete from dealership_user;
delete from user_account;
delete from dealership_model_variant;
delete from model_variant;
delete from dealership_model;
delete from model;
delete from dealership_colour;
delete from colour;
delete from dealership;
delete from dealership_group;
select setval(pg_get_serial_sequence(name, 'id'), 1, false)
from unnest(array[
    'car', 'page', 'team_member', 'location', 'website', 'user_account', 'model_variant', 'model', 'colour',
    'dealership', 'dealership_group'
]) as name
""")


@pytest.fixture
async def empty(database: Database) -> Database:
    """The database without a single row, and with its ids from 1."""
    await clear(database)
    return database


async def clear(database: Database) -> None:
    """Empty *database*."""
    async with database.connection() as tx:
        await tx.run(EMPTY)


@pytest.fixture
def rows(database: Database) -> Callable[[Query], Awaitable[list[dict[str, Any]]]]:
    """What a statement finds."""

    async def found(query: Query) -> list[dict[str, Any]]:
        async with database.connection() as tx:
            return await tx.every(dict, query)

    return found


@pytest.fixture(scope="session")
async def database() -> AsyncGenerator[Database]:
    with tempfile.TemporaryDirectory() as folder, hold(Path(folder)) as held:
        await migrate(held.url)
        database = Database(connections=4)
        await database.open(held.url)
        yield database
        await database.close()
