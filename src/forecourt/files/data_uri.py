"""Files inside JSON: base64 data URIs (RFC 2397). Pure."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote

import msgspec

from forecourt.files.accept import FILE_BYTES

_HEAD = re.compile(
    r"data:([\w.+-]{1,64}/[\w.+-]{1,128})?((?:;[\w-]{1,32}=[^;,]{0,1024}){0,8});base64,", re.ASCII
)
_TOO_LARGE = f"must be at most {FILE_BYTES // 2**20} MiB"
_NAMES = ("filename", "name")


class NotADataUri(ValueError):
    """The text is no file; the message says what one looks like."""


class DataUri(msgspec.Struct, frozen=True):
    """A file that came as text."""

    content_type: str | None
    filename: str | None
    content: bytes


def read_data_uri(text: str) -> DataUri:
    """The file that *text* holds; its name is taken from the parameter ``name`` or ``filename``.

    Raises:
        NotADataUri: it holds none, or one over 10 MiB.
    """
    head = _HEAD.match(text[:16_384])
    if head is None:
        raise NotADataUri("must be a base64 data URI, as data:application/pdf;name=cv.pdf;base64,…")
    if (len(text) - head.end()) * 3 // 4 > FILE_BYTES + 2:
        raise NotADataUri(_TOO_LARGE)
    try:
        content = base64.b64decode(text[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise NotADataUri("must be well-formed base64 after the comma") from None
    if len(content) > FILE_BYTES:
        raise NotADataUri(_TOO_LARGE)
    parameters = dict(pair.split("=", 1) for pair in head[2].split(";") if pair)
    name = next((parameters[name] for name in _NAMES if parameters.get(name)), None)
    return DataUri(head[1], unquote(name) if name else None, content)
