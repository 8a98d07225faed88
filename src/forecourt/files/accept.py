"""Which files are taken: decided by what is in them, never by what is said of them."""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

import msgspec

FILES = 10
FILE_BYTES = 10 * 2**20

_HEAD = 4096
# How a format begins, from which byte on.
_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (0, b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (0, b"GIF87a", "image/gif", "gif"),
    (0, b"GIF89a", "image/gif", "gif"),
    *(
        (4, b"ftyp" + brand, "image/heic", "heic")
        for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
    ),
    (0, b"{\\rtf", "application/rtf", "rtf"),
)
# What writers of PDF put before its first line, though they should not.
_BEFORE_PDF = b"\xef\xbb\xbf\x00\t\r\n "
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"

# The end of a ZIP archive's directory: the last record but for a comment of 64 KiB, whether there is a second
# directory for archives over 4 GiB just before it, how many entries the directory has, and its size in bytes.
_END_OF_ZIP = struct.Struct("<4s6xHL4xH")
_ZIP_TAIL = 2**16 + _END_OF_ZIP.size + 20
_MOST_ENTRIES = 2_000
_MOST_DIRECTORY_BYTES = 2**19
_MOST_MEMBER_BYTES = 2**18
# By the type of the document's main part, in the archive's list of types.
_OFFICE = {
    f"application/vnd.openxmlformats-officedocument.{kind}".encode(): extension
    for kind, extension in (("wordprocessingml.document", "docx"), ("spreadsheetml.sheet", "xlsx"))
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.text"
_OPEN_DOCUMENT_MACROS = ("Basic/", "Scripts/")

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UNPRINTED = bytes(byte for byte in range(0x20) if byte not in b"\t\n\x0b\x0c\r")
# Bytes that no character of any Windows code page for Latin letters has.
_NO_CHARACTER = b"\x81\x8d\x8f\x90\x9d"
# Text that a browser or a shell would run, at the beginning; and, further down in the head, what makes a
# browser take the whole for a page.
_ACTIVE = re.compile(
    rb"\A\s*(?:<[!?%/]|<[a-z][a-z0-9:-]*[\s/>]|#!|%!ps|@echo\b)"
    rb"|<(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?php|\?xml)[\s/>]",
    re.IGNORECASE,
)

# What the name of an attachment may end in without anything running it.
HARMLESS_EXTENSIONS = frozenset(
    "pdf png jpg jpeg jpe jfif gif webp heic heif doc docx odt rtf xlsx txt text csv tsv log md".split()
)
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_LONGEST_NAME = 255

TAKEN = "PDF, PNG, JPEG, GIF, WebP, HEIC, DOC, DOCX, ODT, RTF, XLSX, plain text and CSV are taken"


class FileRefused(ValueError):
    """The file is of no kind that is taken."""


class Accepted(msgspec.Struct, frozen=True):
    """A file's kind, by its content.

    Attributes:
        content_type: as it is served; with the character set where that is known.
        extension: what names of such files end in, without the dot.
    """

    content_type: str
    extension: str


def decide(content: bytes | Path, filename: str) -> Accepted:
    """What kind of file it is.

    The first bytes decide; a file that is two things at once is what it begins as. What begins as nothing known
    must be text, and neither markup nor a script, by its content and by its name.

    Args:
        content: its bytes, or where they lie.
        filename: tells plain text from CSV and from scripts, and nothing else.

    Raises:
        FileRefused: none that is taken, empty, or with macros inside.
    """
    with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as file:
        head = file.read(_HEAD)
        if not head:
            raise FileRefused("is empty")
        if head.lstrip(_BEFORE_PDF).startswith(b"%PDF-"):
            return Accepted("application/pdf", "pdf")
        if head.startswith(b"RIFF") and head.startswith(b"WEBP", 8):
            return Accepted("image/webp", "webp")
        for offset, magic, content_type, extension in _MAGIC:
            if head.startswith(magic, offset):
                return Accepted(content_type, extension)
        if head.startswith(_OLE):
            return _word(head + file.read())
        if head.startswith(_ZIP):
            return _archive(file)
        return _text(head + file.read(), filename)


def _word(content: bytes) -> Accepted:
    """A document of old Word; by the names of its streams, which stand in the file as UTF-16."""
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise FileRefused(f"holds macros; {TAKEN} without")
    if "WordDocument".encode("utf-16-le") not in content:
        raise FileRefused(f"is of no kind that is taken; {TAKEN}")
    return Accepted("application/msword", "doc")


def _archive(file: BinaryIO) -> Accepted:
    """An office document, by its directory and the one member that names its kind: nothing else is unpacked."""
    if not _has_small_directory(file):
        raise FileRefused(f"is an archive; {TAKEN}")
    try:
        with zipfile.ZipFile(file) as archive:
            kind = _office(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, struct.error):
        raise FileRefused(f"is a damaged archive; {TAKEN}") from None
    if kind is None:
        raise FileRefused(f"is an archive; {TAKEN}")
    return kind


def _has_small_directory(file: BinaryIO) -> bool:
    """Whether the archive's directory can be read without being bounded: reading ten megabytes of it takes a second."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _ZIP_TAIL))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END_OF_ZIP.size or b"PK\x06\x07" in tail[max(0, at - 20) : at]:
        return False
    _, entries, directory, _ = _END_OF_ZIP.unpack_from(tail, at)
    return int(entries) <= _MOST_ENTRIES and int(directory) <= _MOST_DIRECTORY_BYTES


def _office(archive: zipfile.ZipFile) -> Accepted | None:
    names = archive.namelist()
    macros = any(
        name.lower().endswith("vbaproject.bin") or name.startswith(_OPEN_DOCUMENT_MACROS) for name in names
    )
    types = _member(archive, "[Content_Types].xml")
    if macros or b"macroenabled" in types.lower():
        raise FileRefusedForMacros
    for kind, extension in _OFFICE.items():
        if kind + b".main+xml" in types:
            return Accepted(kind.decode(), extension)
    if names[:1] == ["mimetype"] and _member(archive, "mimetype").strip() == _OPEN_DOCUMENT:
        return Accepted(_OPEN_DOCUMENT.decode(), "odt")
    return None
