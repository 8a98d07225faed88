"""One request to a stranger: whatever it answers, the outcome says so, and nothing else comes of it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from forecourt.infra.exchange import MOST_READ
from forecourt.infra.outbound import Outbound

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

# What is answered, whether the connection is closed after it -> the outcome, the status, the body.
ANSWERS: dict[str, tuple[bytes, bool, tuple[str, int | None, bytes]]] = {
    "with a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", False, ("answered", 200, b"ok")),
    "in chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1\r\n!\r\n0\r\n\r\n",
        False,
        ("answered", 200, b"ok!"),
    ),
    "until the connection ends": (b"HTTP/1.1 200 OK\r\n\r\nok", True, ("answered", 200, b"ok")),
    "by an old server": (b"HTTP/1.0 404 Not Found\r\n\r\nno", True, ("answered", 404, b"no")),
    "after going on": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 202 OK\r\nContent-Length: 0\r\n\r\n",
        False,
        ("answered", 202, b""),
    ),
    "without a body": (b"HTTP/1.1 204 No Content\r\n\r\n", False, ("answered", 204, b"")),
    "another protocol": (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        False,
        ("answered", 101, b""),
    ),
    "more than was asked for": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n",
        False,
        ("answered", 200, b"ok"),
    ),
    "cut short": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", True, ("broken_off", None, b"")),
    "a chunk cut short": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok",
        True,
        ("broken_off", None, b""),
    ),
    "nothing": (b"", True, ("broken_off", None, b"")),
    "no HTTP": (b"220 mail.example.com ESMTP\r\n", False, ("not_http", None, b"")),
    "a NUL in a header": (
        b"HTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 0\r\n\r\n",
        False,
        ("not_http", None, b""),
    ),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        False,
        ("not_http", None, b""),
    ),
    "headers without end": (
        b"HTTP/1.1 200 OK\r\n" + b"A: " + b"x" * 400_000,
        False,
        ("not_http", None, b""),
    ),
    "going on without end": (b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, False, ("not_http", None, b"")),
    "at length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000,
        False,
        ("answered", 200, b"x" * MOST_READ),
    ),
}


class Stranger:
    """Answers each request with the same bytes."""

    def __init__(self, answer: bytes, *, closes: bool) -> None:
        self.answer = answer
        self.closes = closes
        self.connections = 0
        self.requests: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                writer.write(self.answer)
                await writer.drain()
                if self.closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def stranger(answer: bytes, *, closes: bool) -> AsyncGenerator[Stranger]:
    running = Stranger(answer, closes=closes)
    server = await asyncio.start_server(running.serve, "127.0.0.1", 0)
    running.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield running
    finally:
        server.close()
        await asyncio.sleep(0.01)


def in_a_loop_of_its_own(
    make: Callable[[], asyncio.AbstractEventLoop], work: Callable[[], Coroutine[Any, Any, Any]]
) -> Any:
    """Run *work* on a new loop, in a thread: the tests' own goes on."""
    told: list[Any] = []

    def run() -> None:
        with asyncio.Runner(loop_factory=make) as runner:
            told.append(runner.run(work()))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert told, "it went wrong"
    return told[0]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer(answer: str, loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    sent, closes, expected = ANSWERS[answer]

    async def work() -> Any:
        outbound = Outbound(private_too=True, deadline=5)
        async with stranger(sent, closes=closes) as there:
            answered = await outbound.post(there.url, b"{}", {"Content-Type": "application/json"})
            await outbound.close()
        return answered

    answered = in_a_loop_of_its_own(loop, work)
    assert (answered.outcome, answered.status, answered.body) == expected
    assert "retry-after" not in answered.headers


async def test_a_connection_is_used_again_while_it_is_good() -> None:
    outbound = Outbound(private_too=True)
    async with stranger(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", closes=False) as there:
        for _ in range(3):
            assert (await outbound.post(f"{there.url}?a=1", b"body", {"X-One": "Grüße"})).body == b"ok"
        assert there.connections == 1
        host = there.url.removeprefix("http://").removesuffix("/hook").encode()
        assert there.requests[0] == (
            b"POST /hook?a=1 HTTP/1.1\r\nHost: "
            + host
            + "\r\nX-One: Grüße\r\nContent-Length: 4\r\n\r\nbody".encode()
        )
    await outbound.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
async def test_a_connection_that_may_hold_something_else_is_not_used_again(answer: bytes) -> None:
    outbound = Outbound(private_too=True)
    async with stranger(answer, closes=False) as there:
        for _ in range(3):
            assert (await outbound.post(there.url, b"", {})).status == 200
        assert there.connections == 3
    await outbound.close()


async def test_a_connection_that_was_closed_meanwhile_costs_nothing() -> None:
    outbound = Outbound(private_too=True)
    async with stranger(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", closes=True) as there:
        for _ in range(3):
            assert (await outbound.post(there.url, b"", {})).outcome == "answered"
            await asyncio.sleep(0.02)
        assert there.connections == 3
    await outbound.close()


async def test_no_header_can_be_slipped_in() -> None:
    outbound = Outbound(private_too=True)
    async with stranger(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", closes=False) as there:
        for bad in ("a\r\nX-Evil: 1", "a\nb", "a\0"):
            assert (await outbound.post(there.url, b"", {"X-One": bad})).status is None
        assert there.requests == []
    await outbound.close()
