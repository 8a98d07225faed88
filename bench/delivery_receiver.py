"""A receiver of webhooks as a process: answers 200 at once, and tells when each request came."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import cast

import httptools
import uvloop


class _Arrivals:
    """When each message came, by the machine's monotonic clock: all processes share it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, float]] = []

    def told(self) -> bytes:
        seen, self.seen = self.seen, []
        return json.dumps(seen).encode()


class _Receiver(asyncio.Protocol):
    def __init__(self, arrivals: _Arrivals) -> None:
        self._arrivals = arrivals
        self._parser = httptools.HttpRequestParser(self)
        self._message = ""
        self._url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class that asyncio knows.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"webhook-id":
            self._message = value.decode()

    def on_message_complete(self) -> None:
        body = b"ok"
        if self._url == b"/arrivals":
            body = self._arrivals.told()
        elif self._url == b"/count":
            body = str(len(self._arrivals.seen)).encode()
        elif self._url != b"/livez":
            self._arrivals.seen.append((self._message, time.monotonic()))
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


async def _serve(port: int) -> None:
    arrivals = _Arrivals()
    server = await asyncio.get_running_loop().create_server(lambda: _Receiver(arrivals), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
