"""Sessions that end: whichever process ended one, the streams that were opened with it end too."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from forecourt.infra.database import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Generator

    from forecourt.infra.database import Database

# The schema tells on it (0009_staff.sql).
_CHANNEL = "forecourt_sessions"


class EndedSessions:
    """Hears of sessions that end."""

    def __init__(self, database: Database) -> None:
        """Nobody asks yet."""
        self._database = database
        self._watched: dict[str, set[asyncio.Event]] = {}

    async def run(self) -> None:
        """Hear of them until cancelled."""
        while True:
            with suppress(DatabaseUnavailable):
                async with self._database.line(_CHANNEL, self._hear) as line:
                    await line.broken()
            await asyncio.sleep(1.0)

    @contextmanager
    def watch(self, session_hash: bytes) -> Generator[asyncio.Event]:
        """An event that is set when the session ends."""
        ended = asyncio.Event()
        self._watched.setdefault(session_hash.hex(), set()).add(ended)
        try:
            yield ended
        finally:
            watching = self._watched[session_hash.hex()]
            watching.discard(ended)
            if not watching:
                del self._watched[session_hash.hex()]

    def _hear(self, hashed: str) -> None:
        for ended in self._watched.get(hashed, ()):
            ended.set()
