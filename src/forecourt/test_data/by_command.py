"""Clearing test data at the server's own command line, where no key asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.dealerships.by_command import change_by_command
from forecourt.test_data.clear import ClearedOut, clear

if TYPE_CHECKING:
    from forecourt.infra.database import Database


async def clear_test_data(database: Database, dealership: str, *, dry_run: bool) -> ClearedOut:
    """Clear the test data of *dealership*, a slug or an id; what there is, and stays, with *dry_run*.

    Raises:
        DealershipNotFound: there is no such dealership.
    """
    async with database.connection() as connection, connection.transaction(undone=dry_run):
        change = await change_by_command(
            connection, dealership, "dealerships clear-test-data", dry_run=dry_run
        )
        return await clear(change)
