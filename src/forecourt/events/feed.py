"""The log as it grows, for those who look on: one reader a process, any number of listeners."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from forecourt.events.reader import LoggedEvent, Place, read
from forecourt.events.reader_queries import END_OF_LOG
from forecourt.events.signal import PAUSE_SECONDS
from forecourt.infra.database import DatabaseUnavailable, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecourt.events.signal import LogSignal
    from forecourt.infra.database import Database

log = structlog.get_logger()

_POLL_SECONDS = 1.0
_BATCH = 1_000
# What a listener that comes back may ask for again; whoever was away for longer starts afresh.
_REMEMBERED = 5_000
# A listener that hears nothing for so long has not left, but is very slow: it starts afresh too.
_MOST_UNHEARD = 2_000


class Listener:
    """Hears of every event of some dealerships from now on."""

    def __init__(self, dealership_ids: frozenset[int]) -> None:
        self.dealership_ids = dealership_ids
        self._heard: deque[LoggedEvent] = deque()
        self._more = asyncio.Event()
        self.lost_some = False

    def hear(self, event: LoggedEvent) -> None:
        """*event* happened."""
        if event.dealership_id not in self.dealership_ids:
            return
        if len(self._heard) >= _MOST_UNHEARD:
            self._heard.clear()
            self.lost_some = True
        self._heard.append(event)
        self._more.set()

    async def wait(self, seconds: float) -> list[LoggedEvent]:
        """What was heard since the last time; nothing where nothing is for *seconds*."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._more.wait()
        self._more.clear()
        heard = list(self._heard)
        self._heard.clear()
        return heard


class Feed:
    """Reads the log as it grows, and passes it on."""

    def __init__(self, database: Database, signal: LogSignal) -> None:
        """Nothing read yet; *signal* says when there may be something."""
        self._database = database
        self._listeners: set[Listener] = set()
        self._recent: deque[LoggedEvent] = deque(maxlen=_REMEMBERED)
        self._grown = asyncio.Event()
        self.began_at = 0
        signal.heard_by(self._grown.set)

    def listen(self, dealership_ids: frozenset[int]) -> Listener:
        """A listener for *dealership_ids*; whoever takes it gives it back with ``leave``."""
        listener = Listener(dealership_ids)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """*listener* hears nothing any more."""
        self._listeners.discard(listener)

    def since(self, event_id: int) -> Iterator[LoggedEvent] | None:
        """What happened after *event_id*, and what came late before it; None where that is not remembered any more."""
        if event_id < self.began_at or (self._recent and event_id < self._recent[0].id - 1):
            return None
        # Events that committed late have smaller ids than others that were told before them.
        return (event for event in self._recent if event.id > event_id - _LATE)

    async def run(self) -> None:
        """Read on until cancelled."""
        place: Place | None = None
        while True:
            self._grown.clear()
            try:
                async with self._database.connection() as connection:
                    if place is None:
                        end = (await connection.one(record, END_OF_LOG))["id"]
                        self.began_at, place = end, Place(end)
                    events, place = await read(connection, place, _BATCH)
            except DatabaseUnavailable:
                await asyncio.sleep(_POLL_SECONDS)
                continue
            for event in events:
                self._recent.append(event)
                for listener in self._listeners:
                    listener.hear(event)
            if events:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self._grown.wait()


_LATE = 200
