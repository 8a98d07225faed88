"""Which files are taken: decided by what is in them, never by what is said of them."""

from __future__ import annotations

import codecs
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

# The record that ends an archive, and what it tells: the size of the archive's directory in bytes. Before it may
# lie the locator of a second, larger directory, which no document of ten megabytes needs; after it a comment.
_END_OF_ZIP, _LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
_DIRECTORY_BYTES = struct.Struct("<12xL6x")
_LOCATOR_BYTES = 20
_ZIP_TAIL = _LOCATOR_BYTES + _DIRECTORY_BYTES.size + 2**16
# Of a directory ten times as long as an office document's; reading one of ten megabytes takes a second.
_MOST_DIRECTORY_BYTES = 2**18
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
# Text that a browser or a shell would run, at the beginning; and, further down in the head, what makes a
# browser take the whole for a page.
_ACTIVE = re.compile(
    rb"\A\s*(?:<[!?%/]|<[a-z][a-z0-9:-]*[\s/>]|#!|%!ps|@echo\b)"
    rb"|<(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?php|\?xml)[\s/>]",
    re.IGNORECASE,
)

# What the name of an attachment may end in without anything running it.
_PICTURES = frozenset({"png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "heic", "heif"})
_TEXTS = frozenset({"txt", "text", "csv", "tsv", "log", "md"})
HARMLESS_EXTENSIONS = _PICTURES | _TEXTS | {"pdf", "doc", "docx", "odt", "rtf", "xlsx"}
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
            names = archive.namelist()
            types = _member(archive, "[Content_Types].xml")
            first = _member(archive, "mimetype") if names[:1] == ["mimetype"] else b""
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError):
        raise FileRefused(f"is a damaged archive; {TAKEN}") from None
    if _has_macros(names, types):
        raise FileRefused(f"holds macros; {TAKEN} without")
    for kind, extension in _OFFICE.items():
        if kind + b".main+xml" in types:
            return Accepted(kind.decode(), extension)
    if first.strip() == _OPEN_DOCUMENT:
        return Accepted(_OPEN_DOCUMENT.decode(), "odt")
    raise FileRefused(f"is an archive; {TAKEN}")


def _has_small_directory(file: BinaryIO) -> bool:
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _ZIP_TAIL))
    tail = file.read()
    at = tail.rfind(_END_OF_ZIP)
    if not 0 <= at <= len(tail) - _DIRECTORY_BYTES.size or _LOCATOR in tail[max(0, at - _LOCATOR_BYTES) : at]:
        return False
    [directory] = _DIRECTORY_BYTES.unpack_from(tail, at)
    return bool(directory <= _MOST_DIRECTORY_BYTES)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of a member; nothing where there is none, or none that is packed in the ordinary way."""
    info = archive.NameToInfo.get(name)
    if info is None or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b""
    with archive.open(info) as member:
        return member.read(_MOST_MEMBER_BYTES)


def _has_macros(names: list[str], types: bytes) -> bool:
    return b"macroenabled" in types.lower() or any(
        name.lower().endswith("vbaproject.bin") or name.startswith(_OPEN_DOCUMENT_MACROS) for name in names
    )


def _text(content: bytes, filename: str) -> Accepted:
    """Plain text or CSV: of harmless name, without markup at its head or bytes that nobody types."""
    extension = extension_of(filename)
    if extension and extension not in HARMLESS_EXTENSIONS:
        raise FileRefused(f"is text under the name of another kind; {TAKEN}")
    charset, text = _characters(content)
    if len(text.translate(None, _UNPRINTED)) != len(text):
        raise FileRefused(f"is of no kind that is taken; {TAKEN}")
    if _ACTIVE.search(text[:_HEAD]):
        raise FileRefused(f"is markup or a script; {TAKEN}")
    content_type = "text/csv" if extension == "csv" else "text/plain"
    return Accepted(
        f"{content_type}; charset={charset}" if charset else content_type,
        "csv" if extension == "csv" else "txt",
    )


def _characters(content: bytes) -> tuple[str | None, bytes]:
    """The character set of a text, None where nobody can know, and the text in one that has ASCII's bytes.

    Spreadsheets of old write CSV in the code page of their country, and Windows writes UTF-16.
    """
    try:
        if content.startswith(_BYTE_ORDER_MARKS):
            return "utf-16", content.decode("utf-16").encode()
        content.decode()
    except UnicodeDecodeError:
        return None, content
    return "utf-8", content.removeprefix(codecs.BOM_UTF8)


def extension_of(filename: str) -> str | None:
    """What *filename* ends in, in lower case and without the dot; None where that is no extension.

    It is none without an ASCII letter or with a space in it, as in ``cv.2026`` or ``J. Smith``.
    """
    _, dot, end = filename.rstrip(" .").rpartition(".")
    if not dot or " " in end or not any(each.isascii() and each.isalpha() for each in end):
        return None
    return end.lower()


def clean_filename(text: str) -> str:
    """*text* as a name to show.

    Without folders and without characters that cannot be seen or turn the reading direction; in NFC; its last
    255 characters at most, so that it keeps its extension; ``file`` where nothing is left.
    """
    # Before anything that takes longer for longer text: normalising is quadratic in marks on one letter.
    end = re.split(r"[/\\]", text[-4 * _LONGEST_NAME :])[-1]
    seen = "".join(each for each in end if unicodedata.category(each) not in _UNSEEN_CATEGORIES)
    name = unicodedata.normalize("NFC", seen)
    return name.strip(" .")[-_LONGEST_NAME:].strip(" .") or "file"
