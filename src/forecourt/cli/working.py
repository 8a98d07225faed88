"""Running a worker as a process."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from forecourt.cli.output import note
from forecourt.deliveries.pace import USUAL
from forecourt.events.signal import LogSignal
from forecourt.infra.database import Database
from forecourt.infra.logs import configure_logs
from forecourt.worker import Worker

if TYPE_CHECKING:
    from forecourt.deliveries.pace import Pace
    from forecourt.settings import Settings


async def run_worker(settings: Settings, url: str, pace: Pace = USUAL) -> None:
    """Work on the database at *url* until SIGTERM or SIGINT."""
    configure_logs(settings.log_level, settings.log_format)
    database = Database(connections=settings.database_connections)
    await database.open(url)
    signals = LogSignal(database)
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio.run made one
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    note("forecourt worker delivers")
    try:
        with suppress(asyncio.CancelledError):
            async with asyncio.TaskGroup() as group:
                group.create_task(signals.run())
                group.create_task(Worker(database, signals, settings, pace).run())
    finally:
        await database.close()
