"""Removes what a crash left behind: files that the database never came to know."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from forecourt.files.store import FileStore

# A write that is under way has its files on disk before the database knows them; none takes an hour.
ORPHAN_AFTER = timedelta(hours=1)
_BATCH = 1_000


async def sweep(
    store: FileStore,
    known: Callable[[list[str]], Awaitable[set[str]]],
    older_than: timedelta = ORPHAN_AFTER,
) -> int:
    """Remove files that the database does not know, and spooled files that nobody came for.

    Any number of servers may sweep the same store at once.

    Args:
        store: where the files lie.
        known: which of the names it is given (1,000 at most) the database knows.
        older_than: how long ago they were last changed, at least.

    Returns:
        How many were removed.
    """
    before = time.time() - older_than.total_seconds()
    removed = 0
    async for names in _old_names(store, before):
        orphans = set(names) - await known(names)
        for name in orphans:
            await store.remove(name)
        removed += len(orphans)
    return removed + await asyncio.to_thread(store.sweep_spool, before)


async def _old_names(store: FileStore, before: float) -> AsyncIterator[list[str]]:
    """Batches of names; never all of them at once, for a store may hold millions."""
    batch: list[str] = []
    for folder in await asyncio.to_thread(store.folders):
        batch += await asyncio.to_thread(store.old_names, folder, before)
        while len(batch) >= _BATCH:
            yield batch[:_BATCH]
            del batch[:_BATCH]
    if batch:
        yield batch
