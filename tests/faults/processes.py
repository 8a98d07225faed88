"""Processes that may die: started, killed, stopped, missed and started again, as a supervisor would."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from forecourt.deliveries.pace import Pace


@dataclass
class Process:
    """One process, or the next in its place.

    Attributes:
        kind: what it does: ``server``, ``worker``, ``poisoned``.
        deaths: when it died.
        number: a server's port.
    """

    nursery: Nursery
    kind: str
    environment: dict[str, str]
    number: int
    pid: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    deaths: list[float] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.number}"

    def start(self) -> None:
        """Begin, in the place of whoever has died."""
        self.pid = self.nursery.bear(self)
        self.gone = gone = asyncio.Event()
        loop = asyncio.get_running_loop()
        try:
            watched = os.pidfd_open(self.pid)
        except ProcessLookupError:
            # It died before anybody could look.
            self.deaths.append(time.monotonic())
            gone.set()
            return

        def died() -> None:
            loop.remove_reader(watched)
            os.close(watched)
            self.deaths.append(time.monotonic())
            gone.set()

        loop.add_reader(watched, died)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nobody minds where it has gone already."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def kill(self) -> None:
        """End it as nothing should end."""
        self.send(signal.SIGKILL)
        await self.gone.wait()

    async def ready(self) -> None:
        """Wait until the server answers, as a new client would see it."""
        async with httpx.AsyncClient(timeout=10) as client, asyncio.timeout(60):
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"{self.address}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.02)

    async def kept_alive(self) -> None:
        """Start it again whenever it dies, until cancelled."""
        while True:
            await self.gone.wait()
            self.start()


@dataclass
class Nursery:
    """Where the processes of a test come from."""

    running: subprocess.Popen[str]
    folder: Path
    url: str
    pace: Pace
    settings: dict[str, str]

    def bear(self, wanted: Process) -> int:
        asked = {
            "kind": wanted.kind,
            "url": self.url,
            "pace": msgspec.to_builtins(self.pace),
            "number": wanted.number,
            "environment": wanted.environment,
            "log": str(self.folder / f"{wanted.kind}.log"),
        }
        assert self.running.stdin
        assert self.running.stdout
        self.running.stdin.write(json.dumps(asked) + "\n")
        self.running.stdin.flush()
        return int(self.running.stdout.readline())

    def process(self, kind: str, number: int = 0, **settings: Any) -> Process:
        """A new process, which runs already."""
        named = {f"FORECOURT_{name.upper()}": str(value) for name, value in settings.items()}
        born = Process(self, kind, self.settings | named, number)
        born.start()
        return born

    def log(self, kind: str) -> str:
        """What the processes of a kind had to say."""
        file = self.folder / f"{kind}.log"
        return file.read_text() if file.exists() else ""


@asynccontextmanager
async def a_nursery(folder: Path, url: str, pace: Pace, **settings: Any) -> AsyncGenerator[Nursery]:
    """Processes on the database at *url*, files and logs in *folder*; none of them is left at the end."""
    named = {f"FORECOURT_{name.upper()}": str(value) for name, value in settings.items()}
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    fixed = {"FORECOURT_DATA_DIR": str(folder), "FORECOURT_DATABASE_URL": url}
    try:
        yield Nursery(running, folder, url, pace, fixed | named)
    finally:
        running.communicate()
