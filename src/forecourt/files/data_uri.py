"""Files inside JSON: base64 data URIs (RFC 2397). Pure."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

import msgspec

from forecourt.files.accept import FILE_BYTES

_HEAD = re.compile(
    r"data:([\w.+-]{1,64}/[\w.+-]{1,128})?((?:;[\w-]{1,32}=[^;,]{0,1024}){0,8});base64,",
    re.ASCII | re.IGNORECASE,
)
_LONGEST_HEAD = 16_384
_NAMES = ("filename", "name")


class NotADataUri(ValueError):
    """The text is no file; the message says what one looks like."""


class DataUri(msgspec.Struct, frozen=True):
    """A file that came as text.

    Attributes:
        content_type: as the sender claims.
        filename: as the sender calls it, its percent signs decoded; data, never a path.
        content: the file's bytes.
    """

    content_type: str | None
    filename: str | None
    content: bytes


def read_data_uri(text: str) -> DataUri:
    """The file that *text* holds; its name is taken from the parameter ``filename`` or ``name``.

    The base64 is read strictly (RFC 4648): its own alphabet, padded, without spaces or line ends.

    Raises:
        NotADataUri: it holds none, or one over 10 MiB, which is told before it is decoded.
    """
    head = _HEAD.match(text, 0, _LONGEST_HEAD)
    if head is None:
        raise NotADataUri("must be a base64 data URI, as data:application/pdf;name=cv.pdf;base64,…")
    return DataUri(head[1], _name(head[2]), _content(text[head.end() :]))


def _content(encoded: str) -> bytes:
    padding = len(encoded) - len(encoded.rstrip("="))
    if len(encoded) * 3 // 4 - padding > FILE_BYTES:
        raise NotADataUri(f"must be at most {FILE_BYTES // 2**20} MiB")
    try:
        # The library takes more padding than there can be.
        if len(encoded) % 4 == 0 and padding < len("==="):
            return base64.b64decode(encoded, validate=True)
    except ValueError:
        pass
    raise NotADataUri("must be well-formed base64 after the comma")


def _name(parameters: str) -> str | None:
    pairs = (pair.split("=", 1) for pair in parameters.split(";") if pair)
    values = {key.lower(): value.strip('"') for key, value in pairs}
    return next((unquote(values[name]) for name in _NAMES if values.get(name)), None)
