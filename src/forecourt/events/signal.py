"""Saying that the log has grown: at once after a quiet time, and at most twenty times a second to everybody.

A notification inside the writing transaction would serialise all commits of the database. So the writer only raises a
flag once it has committed; a connection of its own tells all processes, this one too. Nothing depends on it: whoever waits
looks again after a second anyway. Whoever looks does so no more often than it is told: each look costs a server under load
as much as a write.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from forecourt.infra.database import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecourt.infra.database import Database, Line
    from forecourt.infra.observed import Answered

_CHANNEL = "forecourt_log"
PAUSE_SECONDS = 0.05
_AGAIN_SECONDS = 1.0
_REFUSED = 400
_READING = ("GET", "HEAD")


async def tell_all(database: Database) -> None:
    """Say once that something was committed: for a command, which waits for nobody.

    Raises:
        DatabaseUnavailable: it could not be said; whoever waits will see it within a second.
    """
    async with database.line(_CHANNEL, lambda _: None) as line:
        await line.tell()


class LogSignal:
    """The signal of one process, between those that write and those that wait."""

    def __init__(self, database: Database) -> None:
        """Nobody waits yet."""
        self._database = database
        self._grown = asyncio.Event()
        self._hearers: list[Callable[[], None]] = []

    def heard_by(self, hearer: Callable[[], None]) -> None:
        """Call *hearer* whenever the log may have grown, from whichever process."""
        self._hearers.append(hearer)

    def grown(self) -> None:
        """Something was committed here."""
        self._grown.set()

    def note(self, answered: Answered) -> None:
        """Observe an answer of the API: whatever has written, has been committed by then."""
        if answered.status < _REFUSED and answered.method not in _READING:
            self.grown()

    def _pass_on(self) -> None:
        for hearer in self._hearers:
            hearer()

    async def run(self) -> None:
        """Tell all processes, and hear them, until cancelled."""
        while True:
            with suppress(DatabaseUnavailable):
                async with self._database.line(_CHANNEL, lambda _: self._pass_on()) as line:
                    # What was told while nobody listened was not heard.
                    self._pass_on()
                    await self._tell_on(line)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _tell_on(self, line: Line) -> None:
        broken = asyncio.create_task(line.broken())
        try:
            while not broken.done():
                grown = asyncio.create_task(self._grown.wait())
                await asyncio.wait({grown, broken}, return_when=asyncio.FIRST_COMPLETED)
                grown.cancel()
                if self._grown.is_set():
                    self._grown.clear()
                    await line.tell()
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            broken.cancel()
