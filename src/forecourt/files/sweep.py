"""Removes what a crash left behind: files that the database never came to know."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from forecourt.files.store import FileStore

# A write that is under way has its files on disk before the database knows them; none takes an hour.
ORPHAN_AFTER = timedelta(hours=1)
_BATCH = 1_000


async def sweep(
    store: FileStore,
    known: Callable[[list[str]], Awaitable[set[str]]],
    older_than: timedelta = ORPHAN_AFTER,
) -> int:
    """Remove files and spooled files older than *older_than* that *known* does not name; how many."""
    before = time.time() - older_than.total_seconds()
    old = [name for name, changed in await asyncio.to_thread(store.names) if changed < before]
    removed = 0
    for start in range(0, len(old), _BATCH):
        batch = old[start : start + _BATCH]
        orphans = set(batch) - await known(batch)
        for name in orphans:
            await store.remove(name)
        removed += len(orphans)
    return removed + await asyncio.to_thread(_sweep_spool, store, before)


def _sweep_spool(store: FileStore, before: float) -> int:
    removed = 0
    for path in store.spool.iterdir():
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
