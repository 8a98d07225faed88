"""A file that came in a multipart body, on disk already."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file part, spooled.

    Attributes:
        filename: as the client called it; data, never a path.
        content_type: as the client claims.
        size: bytes.
        sha256: of the content, in hexadecimal digits.
        path: where it lies in the spool folder until somebody keeps or discards it.
    """

    filename: str
    content_type: str | None
    size: int
    sha256: str
    path: Path
