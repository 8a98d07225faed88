"""Whether the server lives, and whether it can work."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec

from forecourt.infra.database import DatabaseUnavailable, Query, record
from forecourt.infra.http import Answer
from forecourt.infra.routes import Route

if TYPE_CHECKING:
    from forecourt.infra.database import Database
    from forecourt.infra.http import Call

_PROBE = Query("select 1 as alive")
_PROBE_SECONDS = 1.0


class HealthOut(msgspec.Struct):
    """``ok``; anything else is a problem document."""

    status: str = "ok"


_OK = Answer(200, msgspec.json.encode(HealthOut()))


class Health:
    """The handlers of the probes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked_at = 0.0
        self._probing: asyncio.Task[bool] | None = None

    async def get_livez(self, _: Call) -> Answer:
        """Alive: the process answers. It asks nobody, so that no database can get it restarted."""
        return _OK

    async def get_readyz(self, _: Call) -> Answer:
        """Ready: the database answers too. It is asked once a second at most.

        Raises:
            DatabaseUnavailable: it does not.
        """
        if self._probing is None or time.monotonic() - self._asked_at > _PROBE_SECONDS:
            self._asked_at = time.monotonic()
            self._probing = asyncio.create_task(self._probe())
        if not await asyncio.shield(self._probing):
            raise DatabaseUnavailable
        return _OK

    async def _probe(self) -> bool:
        try:
            async with asyncio.timeout(_PROBE_SECONDS), self._database.connection() as connection:
                await connection.one(record, _PROBE)
        except (DatabaseUnavailable, TimeoutError):
            return False
        return True

    def routes(self) -> list[Route]:
        """This room's routes; no key is asked for."""
        told: dict[int, tuple[type, ...]] = {200: (HealthOut,)}
        return [
            Route("GET", "/livez", self.get_livez, "livez", "Alive", permission="", answers=told),
            Route("GET", "/readyz", self.get_readyz, "readyz", "Ready", permission="", answers=told),
        ]
