"""A line to the server that fails as it is told to: a real one, on a socket."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

PASS = "pass"
# The request is lost on its way; the answer is lost on its way; it does not come until the client gives up.
CUT_BEFORE = "cut before"
CUT_AFTER = "cut after"
LATE = "late"


Fault: TypeAlias = "str | httpx.Response | Callable[[], Awaitable[None]]"


@dataclass
class Line:
    """What goes over the line.

    Attributes:
        script: what happens to the next requests: one of the words above; an answer that stands in for the server's;
            or what somebody else does between the server's answer and its arrival.
        requests: those that came, in order.
        replayed: whether the server's answer was that of an earlier request, for each that reached it.
    """

    server: str
    script: list[Fault]
    url: str = ""
    requests: list[httpx.Request] = field(default_factory=list)
    replayed: list[bool] = field(default_factory=list)

    def keys(self) -> list[str | None]:
        """The Idempotency-Key of each request."""
        return [request.headers.get("idempotency-key") for request in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; the connection ends with it."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await _request(reader, self.server)
            self.requests.append(request)
            fault = self.script.pop(0) if self.script else PASS
            if fault != CUT_BEFORE:
                answer = fault if isinstance(fault, httpx.Response) else await self._passed_on(request)
                if fault == LATE:
                    await reader.read()
                elif callable(fault):
                    await fault()
                if fault != CUT_AFTER:
                    writer.write(_bytes_of(answer))
                    await writer.drain()
        writer.close()

    async def _passed_on(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.send(request)
        self.replayed.append("idempotency-replay" in answer.headers)
        return answer


@asynccontextmanager
async def line(server: str, script: Iterable[Fault] = ()) -> AsyncGenerator[Line]:
    """A line to *server*, with *script*; without any, it works."""
    held = Line(server, list(script))
    listening = await asyncio.start_server(held.serve, "127.0.0.1", 0)
    held.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield held


async def _request(reader: asyncio.StreamReader, server: str) -> httpx.Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = dict(each.split(": ", 1) for each in head[1:] if each)
    headers = {name.lower(): value for name, value in headers.items()} | {"host": urlsplit(server).netloc}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return httpx.Request(method, server + path, headers=headers, content=body)


def _bytes_of(answer: httpx.Response) -> bytes:
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    headers |= {"content-length": str(len(answer.content)), "connection": "close"}
    head = [
        f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + answer.content
