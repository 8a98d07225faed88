"""A body's bytes on their way in."""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]


class ClientGone(Exception):
    """The client closed the connection before its body was whole."""


class Arriving:
    """A body's bytes, message by message of ASGI's *receive*.

    Attributes:
        more: False once the last bytes were handed out.
        received: how many there were so far.
    """

    def __init__(self, receive: Receive) -> None:
        self.more = True
        self.received = 0
        self._receive = receive
        self._message: Message | None = None
        self._waiting: Awaitable[Message] | None = None

    def is_whole(self) -> bool:
        """Whether the whole body is there, in one message, so that nobody will wait for it.

        Most bodies are, and a deadline costs more than reading one of them: so the first message is asked for without
        a deadline, and only where that would wait is the asking kept, to be continued under one.
        """
        begun = self._receive().__await__()
        try:
            waits_for = next(begun)
        except StopIteration as there:
            self._message = there.value
            return not there.value.get("more_body", False)
        self._waiting = _continued(begun, waits_for)
        return False

    async def chunk(self) -> bytes:
        """The next bytes.

        Raises:
            ClientGone: there are none, and never will be.
        """
        if self._message is not None:
            message, self._message = self._message, None
        elif self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            message = await waiting
        else:
            message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        self.more = message.get("more_body", False)
        body: bytes = message.get("body", b"")
        self.received += len(body)
        return body


@types.coroutine
def _continued(begun: Generator[Any, Any, Message], waits_for: object) -> Generator[Any, Any, Message]:
    """What *begun* will return; *waits_for* is what it yielded to the event loop and still has to."""
    while True:
        thrown: BaseException | None = None
        try:
            sent = yield waits_for
        except BaseException as error:  # noqa: BLE001 - a cancellation is for the one who waits
            thrown = error
        try:
            waits_for = begun.send(sent) if thrown is None else begun.throw(thrown)
        except StopIteration as done:
            message: Message = done.value
            return message
