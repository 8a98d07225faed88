"""A gateway for text messages, that answers as it is told to."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@dataclass
class Gateway:
    """What it does and has got.

    Attributes:
        answers: number -> the statuses of its answers, the first in front; 0 hangs up without one. 202 after the last.
        got: every request: its body, and its Authorization.
    """

    port: int = 0
    answers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    got: list[tuple[dict[str, Any], str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The setting that sends text messages here."""
        return f"http://127.0.0.1:{self.port}/messages"

    def to(self, number: str) -> list[dict[str, Any]]:
        """What was to be sent to *number*."""
        return [body for body, _ in self.got if body["to"] == number]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
        lowered = {name.lower(): value for name, value in headers.items()}
        body = json.loads(await reader.readexactly(int(lowered["content-length"])))
        self.got.append((body, lowered["authorization"]))
        waiting = self.answers[body["to"]]
        status = waiting.pop(0) if waiting else 202
        if status:
            told = json.dumps({"id": f"gw-{len(self.got)}"}).encode()
            writer.write(
                b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                % (status, len(told), told)
            )
        writer.close()


@asynccontextmanager
async def a_gateway() -> AsyncGenerator[Gateway]:
    """A gateway, until the end."""
    gateway = Gateway()
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    gateway.port = server.sockets[0].getsockname()[1]
    yield gateway
    server.close()
