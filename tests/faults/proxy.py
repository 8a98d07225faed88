"""A network that fails, between the server and PostgreSQL: slow, silent, in slices, cut; and cut at the worst of moments.

It understands as much of PostgreSQL's protocol as it needs to see where a transaction takes effect: at a COMMIT, or at the
end of a statement that writes outside of one.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import struct
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

# What becomes of a commit, and of the connection with it.
BEFORE = "cut before it was sent"
AFTER = "cut when it had taken effect"
AT_ONCE = "sent, and cut in the same moment"
SILENCE = "sent, and never answered"

_WRITES = re.compile(rb"\b(insert into|update|delete from)\b")
_IDLE = b"I"


@dataclass
class Proxy:
    """The network as it is now; each of these may be changed at any time.

    Attributes:
        url: PostgreSQL's address through it.
        latency: seconds by which everything is late, half as much or half as much again.
        slices: everything comes in pieces of so many bytes; 0 for as it was sent.
        fate: asked at each commit what becomes of it; None where nothing does.
        passed: cleared, nothing comes through any more, and nobody is told.
        cuts: what became of commits.
    """

    upstream: str
    url: str = ""
    latency: float = 0.0
    slices: int = 0
    fate: Callable[[], str | None] = lambda: None
    passed: asyncio.Event = field(default_factory=asyncio.Event)
    cuts: list[str] = field(default_factory=list)
    links: set[Link] = field(default_factory=set)
    _chance: random.Random = field(default_factory=lambda: random.Random(1))

    def reset(self) -> None:
        """Cut every connection, without a word."""
        for link in list(self.links):
            link.cut()

    async def pass_on(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Let *data* through, as the network is now."""
        if self.latency:
            await asyncio.sleep(self.latency * self._chance.uniform(0.5, 1.5))
        size = self.slices or len(data) or 1
        for start in range(0, len(data), size):
            await self.passed.wait()
            writer.write(data[start : start + size])
            if self.slices:
                await writer.drain()
                await asyncio.sleep(0)
        await writer.drain()


class Link:
    """One connection through the proxy."""

    def __init__(
        self,
        proxy: Proxy,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._proxy = proxy
        self._from_client, self._to_client = client
        self._from_server, self._to_server = server
        self._statements: dict[bytes, bytes] = {}
        self._bound = b""
        # As the server last said: idle, inside a transaction, or inside one that failed.
        self._state = _IDLE
        self._fate: str | None = None

    async def run(self) -> None:
        pumps = [asyncio.ensure_future(self._forth()), asyncio.ensure_future(self._back())]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self.cut()

    def cut(self) -> None:
        """End it on both sides: with a reset, as a machine that is gone does."""
        for writer in (self._to_client, self._to_server):
            opened = writer.get_extra_info("socket")
            if opened is not None and opened.family != socket.AF_UNIX:
                with suppress(OSError):
                    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _forth(self) -> None:
        """From the client; a commit is looked at before it is passed on."""
        length = await self._from_client.readexactly(4)
        rest = await self._from_client.readexactly(struct.unpack("!i", length)[0] - 4)
        await self._proxy.pass_on(self._to_server, length + rest)
        waiting = b""
        while True:
            head = await self._from_client.readexactly(5)
            body = await self._from_client.readexactly(struct.unpack("!i", head[1:])[0] - 4)
            commits = self._commits(head[:1], body)
            waiting += head + body
            # Messages are passed on together as far as they belong together: those before a Sync mean nothing yet.
            if head[:1] in b"PBEDC" and not commits:
                continue
            if commits and (fate := self._proxy.fate()) is not None:
                self._proxy.cuts.append(fate)
                self._fate = fate
                if fate == BEFORE:
                    return
            await self._proxy.pass_on(self._to_server, waiting)
            waiting = b""
            if self._fate == AT_ONCE:
                return

    def _commits(self, kind: bytes, body: bytes) -> bool:
        """Whether a transaction takes effect with this message."""
        if kind == b"P":
            name, query, _ = body.split(b"\0", 2)
            self._statements[name] = query
        elif kind == b"B":
            self._bound = self._statements.get(body.split(b"\0", 2)[1], b"")
        elif kind == b"Q":
            return body.strip(b"\0; \n").lower() == b"commit"
        elif kind == b"S":
            bound, self._bound = self._bound, b""
            return self._state == _IDLE and _WRITES.search(bound) is not None
        return False

    async def _back(self) -> None:
        """From the server; what is not to be heard is kept."""
        while True:
            head = await self._from_server.readexactly(5)
            body = await self._from_server.readexactly(struct.unpack("!i", head[1:])[0] - 4)
            if head[:1] == b"Z":
                self._state = body
                if self._fate == AFTER:
                    return
            if self._fate is None:
                await self._proxy.pass_on(self._to_client, head + body)


@asynccontextmanager
async def a_proxy(database_url: str) -> AsyncGenerator[Proxy]:
    """A network in front of the embedded server of *database_url*; nothing is wrong with it at first."""
    parsed = urlsplit(database_url)
    proxy = Proxy(f"{parse_qs(parsed.query)['host'][0]}/.s.PGSQL.5432")
    proxy.passed.set()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            link = Link(proxy, (reader, writer), await asyncio.open_unix_connection(proxy.upstream))
            proxy.links.add(link)
            try:
                await link.run()
            finally:
                proxy.links.discard(link)

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy.url = f"postgresql://forecourt@127.0.0.1:{port}{parsed.path}?sslmode=disable"
    try:
        yield proxy
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # The transports close in the loop's next turns.
        await asyncio.sleep(0.01)
