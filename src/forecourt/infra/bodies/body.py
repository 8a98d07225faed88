"""Reading a request's body, whatever it is written in."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.bodies import limits
from forecourt.infra.bodies.arriving import Arriving
from forecourt.infra.bodies.brackets import nested
from forecourt.infra.bodies.form_text import urlencoded_pairs
from forecourt.infra.bodies.json_text import decode_json
from forecourt.infra.bodies.json_with_files import BEGINS, JsonWithFiles
from forecourt.infra.bodies.media_type import MULTIPART, URLENCODED, body_type, refuse_untyped
from forecourt.infra.bodies.multipart_form import MultipartForm
from forecourt.infra.bodies.upload import Upload, sync
from forecourt.infra.refusals import BadBody, BodyTooLarge, Refusal, UnsupportedBody

if TYPE_CHECKING:
    from pathlib import Path

    from forecourt.infra.bodies.arriving import Receive

# How long any body may take, and how much more of it that announces its length each further second has to bring.
SECONDS = 30.0
_BYTES_A_SECOND = 100_000
_MOST = {URLENCODED: limits.BODY_BYTES, MULTIPART: limits.MULTIPART_BYTES}
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_OBJECT = re.compile(rb"[ \t\r\n]*+\{")
# No form is encoded so, but curl sends JSON as one where it is not told otherwise.
_LIKE_JSON = re.compile(rb'[ \t\r\n]*+\{[ \t\r\n]*+"')


class BodyTooSlow(Refusal):
    """The body did not arrive in time."""

    code = "body-too-slow"
    title = "The body took too long to arrive"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"a body has {seconds:g} seconds, and one more for each {_BYTES_A_SECOND // 1000} kB of Content-Length"
        )


class Body(msgspec.Struct):
    """A body that was read.

    Attributes:
        tree: what it says: None, bool, int, Decimal, str, Upload, and lists and dicts of them.
        typed: True for JSON; False for a form, where every leaf is text or an upload.
        family: the kind of Content-Type, as fingerprints tell them apart.
        sent: what identifies the body within its family.
        uploads: the files, spooled.
        size: bytes, as they arrived.
    """

    tree: dict[str, Any]
    typed: bool
    family: bytes
    sent: bytes
    uploads: list[Upload] = []
    size: int = 0

    def fingerprint(self) -> bytes:
        """SHA-256 of what was sent: the same for a faithful retry, whatever its multipart boundary."""
        digest = hashlib.sha256(self.family)
        digest.update(self.sent)
        return digest.digest()

    def discard(self) -> None:
        """Remove the spooled files that nobody kept."""
        for upload in self.uploads:
            upload.path.unlink(missing_ok=True)


async def read_body(
    *,
    content_type: str | None,
    content_length: str | None,
    receive: Receive,
    spool: Path,
    seconds: float = SECONDS,
) -> Body:
    """Read a body.

    Whatever is refused leaves no file behind; of a body that is returned, the caller keeps the files or discards
    them.

    Args:
        content_type: the header's value; without one, a body that begins with ``{`` is JSON.
        content_length: likewise; one that is too large is refused unread.
        receive: ASGI's.
        spool: the folder in which files wait to be kept.
        seconds: how long the body may take, apart from a second more for each 100 kB that it announces.

    Raises:
        BadBody, BodyTooLarge, UnsupportedBody: it cannot be read, with the reason or the limit.
        BodyTooSlow: it did not arrive in time.
        StorageFull: the disk has no room for its files.
        ClientGone: the client left.
    """
    kind, boundary = body_type(content_type)
    announced = _announced(content_length, _MOST.get(kind, limits.JSON_BYTES))
    arriving = Arriving(receive)
    if arriving.is_whole():
        return await _read(kind, boundary, arriving, spool)
    try:
        async with asyncio.timeout(seconds + announced / _BYTES_A_SECOND):
            return await _read(kind, boundary, arriving, spool)
    except TimeoutError:
        raise BodyTooSlow(seconds) from None


async def read_bytes(*, content_length: str | None, receive: Receive, seconds: float = SECONDS) -> bytes:
    """Read a body of at most 1 MiB as it stands.

    Raises:
        BadBody, BodyTooLarge, BodyTooSlow: it is empty, too large, or did not arrive in time.
        ClientGone: the client left.
    """
    announced = _announced(content_length, limits.BODY_BYTES)
    try:
        async with asyncio.timeout(seconds + announced / _BYTES_A_SECOND):
            raw = await _first_mib(Arriving(receive))
    except TimeoutError:
        raise BodyTooSlow(seconds) from None
    if len(raw) > limits.BODY_BYTES:
        raise limits.WithoutFilesTooLarge
    return raw


def _announced(content_length: str | None, most: int) -> int:
    if content_length is None:
        return 0
    if not _LENGTH.fullmatch(content_length):
        raise BadBody("the Content-Length is not a number")
    if int(content_length) > most:
        raise BodyTooLarge(
            f"at most {limits.BODY_BYTES // limits.MIB} MiB without files, "
            f"and {limits.FILES} files of {limits.FILE_BYTES // limits.MIB} MiB"
        )
    return int(content_length)


async def _read(kind: str, boundary: str, arriving: Arriving, spool: Path) -> Body:
    if kind == MULTIPART:
        body = await _multipart(boundary, arriving, spool)
    elif kind == URLENCODED:
        body = await _urlencoded(arriving)
    else:
        body = await _json(arriving, said=kind != "")
    body.size = arriving.received
    return body


async def _json(arriving: Arriving, *, said: bool) -> Body:
    raw = await _first_mib(arriving)
    if not raw:
        raise limits.EmptyBody
    if not said and not _OBJECT.match(raw):
        refuse_untyped()
    if len(raw) <= limits.BODY_BYTES:
        return Body(decode_json(raw), typed=True, family=b"json\n", sent=raw)
    if BEGINS not in raw:
        raise limits.WithoutFilesTooLarge
    # Too long to be kept a second time: its hash stands for it.
    digest, json = hashlib.sha256(raw), JsonWithFiles()
    json.feed(raw)
    del raw
    while arriving.more:
        chunk = await arriving.chunk()
        digest.update(chunk)
        json.feed(chunk)
    return Body(json.finish(), typed=True, family=b"json with files\n", sent=digest.digest())


async def _urlencoded(arriving: Arriving) -> Body:
    raw = await _first_mib(arriving)
    if len(raw) > limits.BODY_BYTES:
        raise limits.WithoutFilesTooLarge
    if not raw:
        raise limits.EmptyBody
    if _LIKE_JSON.match(raw):
        raise UnsupportedBody("the body looks like JSON; send it as Content-Type: application/json")
    return Body(nested(urlencoded_pairs(raw)), typed=False, family=b"urlencoded\n", sent=raw)


async def _first_mib(arriving: Arriving) -> bytes:
    """The whole body; or, where it is longer than 1 MiB, as much of it as has arrived when that is certain."""
    chunk = await arriving.chunk()
    if not arriving.more:
        return chunk
    received = bytearray(chunk)
    while arriving.more and len(received) <= limits.BODY_BYTES:
        received += await arriving.chunk()
    return bytes(received)


async def _multipart(boundary: str, arriving: Arriving, spool: Path) -> Body:
    form = MultipartForm(boundary, spool)
    try:
        while arriving.more:
            form.feed(await arriving.chunk())
        pairs = form.finish()
        tree = nested(pairs)
        if form.uploads:
            await asyncio.to_thread(sync, form.uploads)
    except BaseException:
        form.discard()
        raise
    return Body(tree, typed=False, family=b"multipart\n", sent=_told(pairs), uploads=form.uploads)


def _told(pairs: list[tuple[str, str | Upload]]) -> bytes:
    """The pairs as bytes: names, and texts or the files' names and hashes."""
    return msgspec.json.encode(
        [
            (name, [value.filename, value.sha256] if isinstance(value, Upload) else value)
            for name, value in pairs
        ]
    )
