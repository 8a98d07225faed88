"""Who is doing what with a customer right now: told to those who look on, kept nowhere."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.database import DatabaseUnavailable, Query, record
from forecourt.infra.http import Answer

if TYPE_CHECKING:
    from forecourt.infra.database import Database
    from forecourt.screens.visit import Visit

_CHANNEL = "forecourt_presence"
_MOST_UNHEARD = 50
DOING = ("replying", "calling", "writing a note", "looking")

TELL = Query("select pg_notify('forecourt_presence', :said) as told")


class Presence:
    """Passes on who is where, between all processes, over the database's notifications."""

    def __init__(self, database: Database) -> None:
        """Nobody listens yet."""
        self._database = database
        self._listeners: dict[asyncio.Queue[dict[str, Any]], frozenset[int]] = {}

    async def run(self) -> None:
        """Hear what other processes tell, until cancelled."""
        while True:
            with suppress(DatabaseUnavailable):
                async with self._database.line(_CHANNEL, self.hear) as line:
                    await line.broken()
            await asyncio.sleep(1.0)

    def listen(self, dealership_ids: frozenset[int]) -> asyncio.Queue[dict[str, Any]]:
        """A queue of what is told about customers of *dealership_ids*."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_MOST_UNHEARD)
        self._listeners[queue] = dealership_ids
        return queue

    def leave(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        """Nothing is put into *queue* any more."""
        self._listeners.pop(queue, None)

    def hear(self, said: str) -> None:
        """Some process told it."""
        told = msgspec.json.decode(said, type=dict[str, Any])
        dealership_id = told.pop("dealership")
        for queue, dealership_ids in self._listeners.items():
            if dealership_id in dealership_ids and not queue.full():
                queue.put_nowait(told)

    async def post_presence(self, visit: Visit) -> Answer:
        """The visitor does something with a customer, or has stopped."""
        form = await visit.form()
        place = visit.place(str(form.get("dealership", "")), "read:lead_cluster")
        cluster, doing = str(form.get("cluster", "")), str(form.get("doing", ""))
        if cluster.isascii() and cluster.isdigit() and len(cluster) < 19:  # noqa: PLR2004
            said = {
                "dealership": place.dealership_id,
                "cluster": int(cluster),
                "user": visit.who.user_id,
                "name": visit.who.name.split()[0] if visit.who.name.split() else visit.who.email,
                "doing": doing if doing in DOING else "",
            }
            async with self._database.connection() as connection:
                await connection.one(record, TELL, said=msgspec.json.encode(said).decode())
        return Answer(204, b"")
