"""One HTTP/1.1 connection to a stranger: a request goes out, and of the answer no more is read than is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast

import httptools
import msgspec

MOST_READ = 64 * 1024
# All that may come before an answer's end: headers, the framing of chunks, interim answers.
_MOST_RECEIVED = MOST_READ + 128 * 1024
_INTERIM = range(100, 200)
_SWITCHING = 101
_BODILESS = frozenset({204, 304})


class BrokenOff(Exception):
    """The other side ended the connection before its answer was whole."""


class NotHttp(Exception):
    """What came is no answer of HTTP/1.1, or has no end."""


class Reply(msgspec.Struct, frozen=True):
    """An answer.

    Attributes:
        headers: by lower-case names.
        body: its first 64 KiB.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Exchange(asyncio.Protocol):
    """A connection. It has one request under way at most.

    Attributes:
        reusable: whether another request may go out on it.
        idle_since: by the loop's clock, when the last answer was whole.
    """

    def __init__(self) -> None:
        self.reusable = False
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[Reply] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._begin_answer()

    def _begin_answer(self) -> None:
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    async def request(self, sent: bytes) -> Reply:
        """Send a whole request and wait for the answer.

        Raises:
            BrokenOff, NotHttp: there is none.
        """
        assert self._transport is not None  # noqa: S101 - the loop has connected it
        self._begin_answer()
        self._received = 0
        self._parser = httptools.HttpResponseParser(self)
        self._answered = asyncio.get_running_loop().create_future()
        self.reusable = False
        self._transport.write(sent)
        try:
            return await self._answered
        finally:
            self._answered = None
            if not self.reusable:
                self.close()

    def close(self) -> None:
        """End the connection, whatever is under way."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop: an answer without a length ends with its connection."""
        self.reusable = False
        if self._ends_with_the_connection() and exc is None:
            self._end()
        else:
            self._fail(BrokenOff())

    def eof_received(self) -> bool:
        """Called by the loop."""
        return False

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._answered is None or self._answered.done():
            # Nobody asked for it: it might be taken for the answer to the next request.
            self.close()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._end()
        except httptools.HttpParserError:
            self._fail(NotHttp())
            return
        if self._received > _MOST_RECEIVED:
            self._fail(NotHttp())

    def on_message_begin(self) -> None:
        """Called by the parser: what follows a whole answer was not asked for."""
        if self._answered is None or self._answered.done():
            self.reusable = False
            self._begin_answer()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        told = name.decode("latin-1").lower()
        said = value.decode("latin-1")
        self._headers[told] = f"{self._headers[told]}, {said}" if told in self._headers else said

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._body += body
        if len(self._body) >= MOST_READ:
            self._end()

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self._status in _INTERIM and self._status != _SWITCHING:
            self._begin_answer()
            return
        self.reusable = self._parser.should_keep_alive() and len(self._body) < MOST_READ
        self._end()

    def _ends_with_the_connection(self) -> bool:
        framed = {"content-length", "transfer-encoding"}
        return self._status not in {0, *_BODILESS} and framed.isdisjoint(self._headers)

    def _end(self) -> None:
        if self._answered is not None and not self._answered.done():
            self.idle_since = asyncio.get_running_loop().time()
            self._answered.set_result(Reply(self._status, self._headers, bytes(self._body[:MOST_READ])))

    def _fail(self, error: Exception) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error)
