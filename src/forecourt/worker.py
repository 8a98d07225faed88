"""The worker, put together: what it plans, by which channels it delivers, and what it does every so often."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from forecourt.deliveries.plan import plan
from forecourt.deliveries.run import Deliverer
from forecourt.infra.database import DatabaseUnavailable
from forecourt.infra.outbound import Outbound
from forecourt.reactions import REACTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.deliveries.channel import Channel
    from forecourt.events.signal import LogSignal
    from forecourt.infra.database import Database
    from forecourt.settings import Settings

log = structlog.get_logger()

_POLL_SECONDS = 1.0


class Worker:
    """Plans and delivers; any number of them may, each as a process of its own or inside a server."""

    def __init__(self, database: Database, signal: LogSignal, settings: Settings) -> None:
        """Nothing done yet; *signal* wakes it."""
        self._database = database
        self._outbound = Outbound(private_too=settings.allow_private_webhooks)
        self._deliverer = Deliverer(database, _channels(database, self._outbound, settings))
        self._grown = asyncio.Event()
        signal.heard_by(self._grown.set)

    async def run(self) -> None:
        """Work until cancelled; what is under way is finished or handed back."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._plan_on())
                group.create_task(self._deliverer.run())
        finally:
            await self._outbound.close()

    async def _plan_on(self) -> None:
        while True:
            self._grown.clear()
            planned = 0
            try:
                planned = await plan(self._database, REACTIONS)
            except DatabaseUnavailable:
                log.warning("worker.waits_for_the_database")
                await asyncio.sleep(_POLL_SECONDS)
            self._deliverer.wake()
            if not planned:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._grown.wait(), _POLL_SECONDS)


def _channels(database: Database, outbound: Outbound, settings: Settings) -> Mapping[str, Channel]:  # noqa: ARG001
    """By which ways others are told."""
    return {}
