"""Which files are taken: decided by what is in them, never by what is said of them."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import BinaryIO

import msgspec

FILES = 10
FILE_BYTES = 10 * 2**20

_HEAD = 4096
# How a format begins, from which byte on.
_MAGIC = (
    (0, b"%PDF-", "application/pdf", "pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (0, b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (0, b"GIF87a", "image/gif", "gif"),
    (0, b"GIF89a", "image/gif", "gif"),
    (8, b"WEBP", "image/webp", "webp"),
    (4, b"ftypheic", "image/heic", "heic"),
    (4, b"ftypheix", "image/heic", "heic"),
    (4, b"ftypmif1", "image/heic", "heic"),
    (0, b"{\\rtf", "application/rtf", "rtf"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}
_OPEN_DOCUMENT = ("application/vnd.oasis.opendocument.text", "odt")
_MOST_ENTRIES = 2_000
# Text that a browser or a shell would run.
_ACTIVE = re.compile(
    rb"^\s*(?:<!doctype|<\?|<html|<head|<body|<script|<svg|<iframe|#!|%!ps)|<script|<svg", re.IGNORECASE
)
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST_NAME = 255

TAKEN = "PDF, PNG, JPEG, GIF, WebP, HEIC, DOC, DOCX, ODT, RTF, XLSX, plain text and CSV are taken"


class FileRefused(ValueError):
    """The file is of no kind that is taken."""


class Accepted(msgspec.Struct, frozen=True):
    """A file's kind, by its content."""

    content_type: str
    extension: str


def decide(content: bytes | Path, filename: str) -> Accepted:
    """What kind of file it is.

    Args:
        content: its bytes, or where they lie.
        filename: tells plain text from CSV, and nothing else.

    Raises:
        FileRefused: none that is taken, or empty.
    """
    with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as file:
        head = file.read(_HEAD)
        if not head:
            raise FileRefused("is empty")
        for offset, magic, content_type, extension in _MAGIC:
            if head.startswith(magic, offset) and (magic != b"WEBP" or head.startswith(b"RIFF")):
                return Accepted(content_type, extension)
        if head.startswith(_OLE) and filename.lower().endswith(".doc"):
            return Accepted("application/msword", "doc")
        if head.startswith(_ZIP):
            return _office(file)
        return _text(file, head, filename)


def _office(file: BinaryIO) -> Accepted:
    """An office document, by its table of contents alone: nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        raise FileRefused(f"is a damaged archive; {TAKEN}") from None
    macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    if len(names) <= _MOST_ENTRIES and not macros:
        if "[Content_Types].xml" in names:
            for folder, kind in _OFFICE.items():
                if any(name.startswith(folder) for name in names):
                    return Accepted(*kind)
        if names[:1] == ["mimetype"] and "content.xml" in names:
            return Accepted(*_OPEN_DOCUMENT)
    raise FileRefused(f"holds macros; {TAKEN} without" if macros else f"is an archive; {TAKEN}")


def _text(file: BinaryIO, head: bytes, filename: str) -> Accepted:
    try:
        text = (head + file.read()).decode()
    except UnicodeDecodeError:
        raise FileRefused(f"is of no kind that is taken; {TAKEN}") from None
    if _ACTIVE.search(head) or re.search(r"[\x00-\x08\x0e-\x1f]", text):
        raise FileRefused(f"is markup, a script or binary; {TAKEN}")
    if filename.lower().endswith(".csv"):
        return Accepted("text/csv; charset=utf-8", "csv")
    return Accepted("text/plain; charset=utf-8", "txt")


def clean_filename(text: str) -> str:
    """*text* as a name to show: no folders, no characters that cannot be seen, 255 characters at most."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", text))[-1]
    name = _UNSHOWN.sub("", name).strip(" .")
    return name[-_LONGEST_NAME:] or "file"
