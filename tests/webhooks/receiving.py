"""A receiver of webhooks on loopback: it keeps what it gets, and answers as a test says, well or in any bad way."""

from __future__ import annotations

import asyncio
import contextlib
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable

HANG = "hang"
RESET = "reset"
TRICKLE = "trickle"
GIGABYTE = "gigabyte"
NONSENSE = "nonsense"


@dataclass
class Got:
    """A request as it came.

    Attributes:
        headers: as they were spelt, in their order.
    """

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]


# A status, a status with headers, or one of the bad ways above.
Said: TypeAlias = int | tuple[int, dict[str, str]] | str


@dataclass
class Receiver:
    """What came, and what is answered to it.

    Attributes:
        says: how a request is answered.
        connections: how many there were, with or without a request.
        waits_for: before it answers.
    """

    url: str = ""
    says: Callable[[Got], Said] = lambda _: 200
    requests: list[Got] = field(default_factory=list)
    connections: int = 0
    sent: int = 0
    body: bytes = b"thank you"
    waits_for: asyncio.Event | None = None

    def of(self, path: str) -> list[Got]:
        """The requests to one address."""
        return [request for request in self.requests if request.path == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    got = await _read(reader)
                    self.requests.append(got)
                    if self.waits_for is not None:
                        await self.waits_for.wait()
                    if not await self._answer(self.says(got), writer):
                        break
        finally:
            writer.close()

    async def _answer(self, said: Said, writer: asyncio.StreamWriter) -> bool:
        """Answer; whether another request may come on the connection."""
        if said == HANG:
            await asyncio.sleep(3_600)
        if said == RESET:
            writer.transport.abort()
            return False
        if said == NONSENSE:
            writer.write(b"220 mail.example.com ESMTP\r\n")
            return False
        if said == TRICKLE:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.02)
        if said == GIGABYTE:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
            for _ in range(16_384):
                writer.write(b"x" * 65_536)
                await writer.drain()
                self.sent += 65_536
            return False
        status, headers = said if isinstance(said, tuple) else (said, {})
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + self.body)
        await writer.drain()
        return True


async def _read(reader: asyncio.StreamReader) -> Got:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    lengths = [int(value) for name, value in headers.items() if name.lower() == "content-length"]
    body = await reader.readexactly(lengths[0])
    return Got(first.split(" ")[1], headers, body)


@asynccontextmanager
async def receiver(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Receiver]:
    """A receiver that answers 200 until it is told otherwise."""
    running = Receiver()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(running.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    running.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield running
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # The transports close in the loop's next turns.
        await asyncio.sleep(0.01)


async def until(holds: Callable[[], bool], what: str = "what was waited for") -> None:
    """Wait until something holds; a test fails that waits in vain."""
    for _ in range(2_000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{what} did not come")
