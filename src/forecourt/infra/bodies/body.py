"""Reading a request's body, whatever it is written in."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
from multipart import parse_options_header

from forecourt.infra.bodies import limits
from forecourt.infra.bodies.brackets import nested, urlencoded_pairs
from forecourt.infra.bodies.json_text import decode_json
from forecourt.infra.bodies.multipart_form import MultipartForm
from forecourt.infra.bodies.upload import Upload
from forecourt.infra.refusals import BadBody, BodyTooLarge, Refusal, UnsupportedBody

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
    from pathlib import Path

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

JSON = ("application/json", "text/json")
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# A body has half a minute, and a second more for each 100 kB that it announces.
_SECONDS = 30.0
_BYTES_A_SECOND = 100_000


class BodyTooSlow(Refusal):
    """The body did not arrive in time."""

    code = "body-too-slow"
    title = "The body took too long to arrive"


class ClientGone(Exception):
    """The client closed the connection before its body was whole."""


class Body(msgspec.Struct):
    """A body that was read.

    Attributes:
        tree: what it says.
        typed: True for JSON; False for a form, whose values are all text.
        raw: the bytes; for a multipart form its fields and the hashes of its files, in their order.
        uploads: the files, spooled.
    """

    tree: dict[str, Any]
    typed: bool
    raw: bytes
    uploads: list[Upload] = []

    def fingerprint(self) -> bytes:
        """SHA-256 of what was sent: the same for a faithful retry, whatever its multipart boundary."""
        return hashlib.sha256((b"json\n" if self.typed else b"form\n") + self.raw).digest()

    def discard(self) -> None:
        """Remove the spooled files that nobody kept."""
        for upload in self.uploads:
            upload.path.unlink(missing_ok=True)


async def read_body(
    *, content_type: str | None, content_length: str | None, receive: Receive, spool: Path
) -> Body:
    """Read a body.

    Args:
        content_type: the header's value.
        content_length: likewise.
        receive: ASGI's.
        spool: the folder in which files wait to be kept.

    Raises:
        BadBody, BodyTooLarge, UnsupportedBody, BodyTooSlow: with the reason and the limit.
        ClientGone: the client left.
    """
    announced = int(content_length) if content_length and content_length.isdecimal() else 0
    kind, options = parse_options_header(content_type) if content_type else ("", {})
    kind = kind.strip().lower()
    if options.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedBody("only the charset utf-8 is read")
    try:
        async with asyncio.timeout(_SECONDS + announced / _BYTES_A_SECOND):
            if kind == MULTIPART:
                return await _multipart(options.get("boundary", ""), announced, receive, spool)
            if kind in JSON or kind in {"", URLENCODED}:
                raw = await _whole(kind, announced, receive)
            else:
                raise UnsupportedBody(f"read are {', '.join((*JSON, URLENCODED, MULTIPART))}")
    except TimeoutError:
        raise BodyTooSlow(f"it has {_SECONDS:.0f} seconds, and a second more for each 100 kB") from None
    if kind == URLENCODED:
        return Body(nested(urlencoded_pairs(raw)), typed=False, raw=raw)
    if kind == "" and not raw.lstrip().startswith(b"{"):
        if not raw:
            raise BadBody("the body is empty; a JSON object is expected")
        raise UnsupportedBody("the Content-Type is missing; send application/json")
    return Body(decode_json(raw), typed=True, raw=raw)


async def _chunks(receive: Receive) -> AsyncGenerator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _whole(kind: str, announced: int, receive: Receive) -> bytes:
    """The body's bytes. Beyond one MiB it goes on only where a file may be under way in JSON."""
    most = limits.BODY_BYTES if kind == URLENCODED else limits.JSON_BYTES
    if announced > most:
        raise BodyTooLarge(f"at most {limits.BODY_BYTES // limits.MIB} MiB without files")
    parts: list[bytes] = []
    size = 0
    async for chunk in _chunks(receive):
        size += len(chunk)
        if size > limits.BODY_BYTES:
            had = size - len(chunk) <= limits.BODY_BYTES
            if size > most or (had and b'"data:' not in b"".join([*parts, chunk])):
                raise BodyTooLarge(f"at most {limits.BODY_BYTES // limits.MIB} MiB without files")
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _multipart(boundary: str, announced: int, receive: Receive, spool: Path) -> Body:
    most = limits.BODY_BYTES + limits.FILES * limits.FILE_BYTES + limits.PARTS * limits.PART_HEADERS * 4096
    if announced > most:
        raise BodyTooLarge(f"at most {limits.FILES} files of {limits.FILE_BYTES // limits.MIB} MiB")
    form = MultipartForm(boundary, spool)
    try:
        async for chunk in _chunks(receive):
            if chunk:
                form.feed(chunk)
        pairs = form.finish()
        return Body(nested(pairs), typed=False, raw=_told(pairs), uploads=form.uploads)
    except BaseException:
        form.discard()
        raise


def _told(pairs: list[tuple[str, str | Upload]]) -> bytes:
    """The pairs as bytes: names, texts and file hashes."""
    return msgspec.json.encode(
        [
            (name, [value.filename, value.sha256] if isinstance(value, Upload) else value)
            for name, value in pairs
        ]
    )
