"""The door: from an ASGI message to a call, and from an answer or a refusal back.

Thin on purpose: routing is Starlette's, all else is what every route needs and no route should repeat.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl

import msgspec
import structlog

from forecourt.infra.attended import while_client_waits
from forecourt.infra.bodies import ClientGone
from forecourt.infra.observed import tell
from forecourt.infra.problems import document_of, status_of
from forecourt.infra.refusals import Problem, Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.types import Receive, Scope, Send

    from forecourt.infra.bodies import Body
    from forecourt.infra.observed import Observer

log = structlog.get_logger()

_PIECE = 256 * 1024
_NOT_STORED = ((b"cache-control", b"no-store"),)

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")

# A header that would change what a request means, sent twice, is a question and not an answer.
_SINGLE = frozenset(
    {
        b"authorization",
        b"authentication",
        b"content-type",
        b"content-length",
        b"idempotency-key",
        b"x-request-id",
    }
)


class AmbiguousHeader(Refusal):
    """A header that may be sent once was sent twice."""

    code = "ambiguous-header"
    title = "A header was sent twice"


class BadQuery(Refusal):
    """The query string has a parameter that the route does not know, or a value that does not fit."""

    code = "bad-query"
    title = "The query string does not fit"


class NotFound(Refusal):
    """No route under this path."""

    code = "not-found"
    title = "There is nothing under this address"


class MethodNotAllowed(Refusal):
    """The path exists, but not for this method."""

    code = "method-not-allowed"
    title = "This address does not know the method"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(f"allowed here: {', '.join(allowed)}")
        self.allow = ", ".join(allowed)


class UnsupportedEncoding(Refusal):
    """The body is compressed; it is read as it stands only."""

    code = "unsupported-media-type"
    title = "The Content-Encoding is not supported"


class InternalError(Refusal):
    """The server failed; the log holds the reason under the request's id."""

    code = "internal"
    title = "The server failed to answer"


class Call:
    """One request.

    Attributes:
        headers: by lower-case name; the values of a repeatable header joined by ``, `` (RFC 9110, 5.3).
        path: the route's path parameters, still as text.
        request_id: the client's own ``X-Request-Id`` where it sent a usable one.
        token_hash: of the API key that it shows, once somebody has asked for it.
        body: once it was read.
    """

    __slots__ = ("body", "headers", "path", "receive", "request_id", "scope", "token_hash")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.path: Mapping[str, str] = scope["path_params"]
        if "\0" in scope["path"]:
            # Nothing is called so, and PostgreSQL could not even be asked.
            self.scope = {**scope, "path": scope["path"].replace("\0", "\ufffd")}
            self.path = {name: text.replace("\0", "\ufffd") for name, text in self.path.items()}
        self.request_id = f"req_{uuid.uuid4().hex}"
        self.headers: dict[str, str] = {}
        self.token_hash: bytes | None = None
        self.body: Body | None = None

    def read_headers(self) -> None:
        """Fill ``headers`` and ``request_id``.

        Raises:
            AmbiguousHeader: a header that may be sent once was sent twice.
            UnsupportedEncoding: the body is compressed.
        """
        headers = self.headers
        for raw_name, raw_value in self.scope["headers"]:
            name = raw_name.decode("latin-1")
            value = raw_value.decode("latin-1")
            if name not in headers:
                headers[name] = value
            elif raw_name in _SINGLE:
                raise AmbiguousHeader(f"{name} was sent twice; send it once")
            else:
                headers[name] = f"{headers[name]}, {value}"
        asked = headers.get("x-request-id")
        if asked is not None and _REQUEST_ID.fullmatch(asked):
            self.request_id = asked
        if headers.get("content-encoding", "identity") != "identity":
            raise UnsupportedEncoding("send the body without Content-Encoding")

    def query(self, known: Sequence[str], repeated: Sequence[str] = ()) -> dict[str, list[str]]:
        """The query string's parameters; each of *known* once at most, each of *repeated* any number of times.

        Raises:
            BadQuery: one is unknown, sent twice, or not UTF-8; the problems name them all.
        """
        if not self.scope["query_string"]:
            return {}
        found: dict[str, list[str]] = {}
        problems: list[Problem] = []
        try:
            pairs = parse_qsl(
                self.scope["query_string"].decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=100,
            )
        except ValueError as error:
            raise BadQuery("the query string is not UTF-8, or has more than 100 parameters") from error
        for name, value in pairs:
            if name not in known and name not in repeated:
                problems.append(Problem(name[:128], "unknown parameter", (*known, *repeated)))
            elif name in found and name not in repeated:
                problems.append(Problem(name, "sent twice; send it once"))
            elif "\0" in value:
                problems.append(Problem(name, "must not contain NUL"))
            else:
                found.setdefault(name, []).append(value)
        if problems:
            raise BadQuery(problems=tuple(problems))
        return found


class Answer(msgspec.Struct, frozen=True):
    """What a route answers with.

    Attributes:
        status: the HTTP status.
        body: the bytes to send.
        content_type: of the body.
        headers: any others, lower-case names.
        sent_from: a file whose content stands for the body; it is removed when it was sent.
        pieces: the body as it is made, of a length that nobody knows yet; closed at the end, or when the client
            leaves. What goes wrong in it breaks the connection off, so that nobody takes a part for the whole.
    """

    status: int
    body: bytes
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    sent_from: Path | None = None
    pieces: AsyncGenerator[bytes, None] | None = None


Handler: TypeAlias = "Callable[[Call], Awaitable[Answer]]"


def refusal_answer(
    refusal: Refusal, request_id: str, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Answer:
    """*refusal* as a problem document."""
    status = status_of(refusal)
    if status == 401:  # noqa: PLR2004
        headers = (*headers, (b"www-authenticate", b"Bearer"))
    body = msgspec.json.encode(document_of(refusal, request_id))
    return Answer(status, body, b"application/problem+json", headers + _headers_of(refusal))


def _headers_of(refusal: Refusal) -> tuple[tuple[bytes, bytes], ...]:
    """Headers that go with a refusal, which it carries as an attribute of the header's name."""
    found = (
        (name, getattr(refusal, name.replace("-", "_"), None)) for name in ("allow", "etag", "retry-after")
    )
    return tuple((name.encode(), str(value).encode()) for name, value in found if value is not None)


class Door:
    """One method of one route as an ASGI application."""

    def __init__(
        self, handler: Handler, route: str | None = None, observers: Sequence[Observer] = ()
    ) -> None:
        """A door.

        Args:
            handler: who answers.
            route: the path's template; None where no route has the path.
            observers: who is told of each answer, once it was sent.
        """
        self._handler = handler
        self._route = route
        self._observers = observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong inside becomes a problem document."""
        began = time.perf_counter()
        call = Call(scope, receive)
        try:
            call.read_headers()
            answer = await self._handler(call)
        except Refusal as refusal:
            answer = refusal_answer(refusal, call.request_id)
            if answer.status >= 500:  # noqa: PLR2004
                log.warning("request.refused", request_id=call.request_id, code=refusal.code)
        except ClientGone:
            return
        except Exception as error:  # noqa: BLE001 - the outermost frame: a client is owed an answer
            # The type and the place only: a message may hold what a customer wrote.
            log.error("request.failed", request_id=call.request_id, **place_of(error))  # noqa: TRY400
            answer = refusal_answer(InternalError(), call.request_id)
        head = scope["method"] == "HEAD"
        if answer.pieces is not None:
            await send_pieces(receive, send, answer, answer.pieces, call.request_id, head=head)
        else:
            await send_answer(send, answer, call.request_id, head=head)
        if self._observers:
            tell(self._observers, call, self._route, answer, began)


def place_of(error: BaseException) -> dict[str, str | int]:
    """Where *error* came from: its type and place, never its message, which may hold what a customer wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return {"error": type(error).__name__}
    code = trace.tb_frame.f_code
    return {"error": type(error).__name__, "function": code.co_qualname, "line": trace.tb_lineno}


async def send_answer(send: Send, answer: Answer, request_id: str, *, head: bool) -> None:
    """Send *answer*, with the headers that every answer has."""
    if answer.sent_from is not None:
        try:
            await _send_file(send, answer, answer.sent_from, request_id, head=head)
        finally:
            answer.sent_from.unlink(missing_ok=True)
        return
    await _send_head(send, answer, len(answer.body), request_id)
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


async def send_pieces(
    receive: Receive,
    send: Send,
    answer: Answer,
    pieces: AsyncGenerator[bytes, None],
    request_id: str,
    *,
    head: bool,
) -> None:
    """Send what *pieces* makes, as fast as the client takes it."""

    async def all_of_them() -> None:
        async with aclosing(pieces):
            while not head and (piece := await anext(pieces, None)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})

    await _send_head(send, answer, None, request_id)
    try:
        await while_client_waits(receive, all_of_them())
    except ClientGone:
        return
    except Exception as error:  # noqa: BLE001 - the status is sent: all that is left is not to say "the end"
        log.error("answer.broken_off", request_id=request_id, **place_of(error))  # noqa: TRY400
        return
    await send({"type": "http.response.body", "body": b""})


async def _send_file(send: Send, answer: Answer, path: Path, request_id: str, *, head: bool) -> None:
    with path.open("rb") as file:
        await _send_head(send, answer, file.seek(0, os.SEEK_END), request_id)
        file.seek(0)
        while not head and (piece := await asyncio.to_thread(file.read, _PIECE)):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_head(send: Send, answer: Answer, length: int | None, request_id: str) -> None:
    """The status and the headers; without a *length* the server sends the body in chunks."""
    lengths = () if length is None else ((b"content-length", str(length).encode()),)
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (b"content-type", answer.content_type),
                *lengths,
                (b"x-request-id", request_id.encode()),
                *(() if any(name == b"cache-control" for name, _ in answer.headers) else _NOT_STORED),
                (b"x-content-type-options", b"nosniff"),
                *answer.headers,
            ],
        }
    )
