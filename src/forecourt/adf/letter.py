"""An e-mail as it came: its parts, decoded, each with its type. Pure, and bounded whatever the message is.

The library's own parser takes quadratic time on some headers and recurses as deep as the message likes; of a letter
only three headers matter here.
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH = 6
_PARTS = 50
_HEADERS = 64 * 1024
_HEADER = 8 * 1024

_FOLD = re.compile(r"\r?\n[ \t]")
_MEDIA = re.compile(r"\s{0,9}([\w.+-]{1,60}/[\w.+-]{1,60})", re.ASCII)
_CHARSET = re.compile(r"""charset\s{0,9}=\s{0,9}["']?([\w.:+-]{1,40})""", re.ASCII | re.IGNORECASE)
_BOUNDARY = re.compile(
    r"""boundary\s{0,9}=\s{0,9}(?:"([^"]{1,200})"|([^\s;"]{1,200}))""", re.ASCII | re.IGNORECASE
)
_FILENAME = re.compile(r"""name\s{0,9}=\s{0,9}"?[^";]{1,200}\.(xml|adf)\b""", re.ASCII | re.IGNORECASE)


class Part(msgspec.Struct, frozen=True):
    """A part of a letter that holds something itself.

    Attributes:
        media: its type, in lower case; of a nameless attachment, what its file name says.
        charset: as it declares it.
    """

    media: str
    charset: str | None
    content: bytes


def parts_of(message: bytes) -> list[Part]:
    """The parts of *message*, in their order; of one that begins with markup, all of it."""
    if message.lstrip()[:1] == b"<":
        return [Part("application/xml", None, message)]
    found: list[Part] = []
    for part in _within(message, _DEPTH):
        found.append(part)
        if len(found) == _PARTS:
            break
    return found


def _within(message: bytes, depth: int) -> Iterator[Part]:
    head, body = _halves(message)
    headers = _headers(head)
    described = headers.get("content-type", "text/plain")[:_HEADER]
    kind = _MEDIA.match(described)
    media = kind[1].lower() if kind else "text/plain"
    if depth and media.startswith("multipart/"):
        boundary = _BOUNDARY.search(described)
        if boundary:
            for piece in _pieces(body, (boundary[1] or boundary[2]).encode("latin-1")):
                yield from _within(piece, depth - 1)
            return
    content = _unpacked(body, headers.get("content-transfer-encoding", "").strip().lower())
    if depth and media == "message/rfc822":
        yield from _within(content, depth - 1)
        return
    if media == "application/octet-stream":
        named = _FILENAME.search(described) or _FILENAME.search(
            headers.get("content-disposition", "")[:_HEADER]
        )
        media = "application/xml" if named else media
    charset = _CHARSET.search(described)
    yield Part(media, charset[1] if charset else None, content)


def _halves(message: bytes) -> tuple[bytes, bytes]:
    """The headers, and what follows the first empty line."""
    if message.startswith((b"\n", b"\r\n")):
        return b"", message.lstrip(b"\r\n")
    ends = [at for at in (message.find(b"\n\n"), message.find(b"\n\r\n")) if at >= 0]
    if not ends:
        return message, b""
    at = min(ends)
    return message[:at], message[at + (2 if message[at + 1 : at + 2] == b"\n" else 3) :]


def _headers(head: bytes) -> dict[str, str]:
    """By lower-case name, the first of each; more than 64 KiB of them are not looked at."""
    text = _FOLD.sub(" ", head[:_HEADERS].decode("latin-1"))
    headers: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value)
    return headers


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What stands between the boundaries; the last may lack its end."""
    mark = b"--" + boundary
    begins: int | None = None
    at, found = body.find(mark), 0
    while at >= 0 and found <= _PARTS:
        after = at + len(mark)
        if at == 0 or body[at - 1 : at] == b"\n":
            line_end = body.find(b"\n", after)
            rest = body[after : line_end if line_end >= 0 else len(body)].rstrip()
            if rest in {b"", b"--"}:
                found += 1
                if begins is not None:
                    # The line end before a boundary is part of it.
                    yield body[begins:at].removesuffix(b"\n").removesuffix(b"\r")
                if rest:
                    return
                begins = line_end + 1 if line_end >= 0 else len(body)
        at = body.find(mark, after)
    if begins is not None:
        yield body[begins:]


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    if encoding == "base64":
        packed = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        whole = len(packed) - (len(packed) % 4 == 1)
        return binascii.a2b_base64(packed[:whole] + b"==")
    return body
