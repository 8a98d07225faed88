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

EMPTY = Query(
    "truncate dealership_group, dealership, user_account, model, model_variant, colour restart identity cascade"
)


@pytest.fixture
async def empty(database: Database) -> Database:
    """The database without a single row, and with its ids from 1."""
    async with database.connection() as tx:
        await tx.run(EMPTY)
    return database


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
