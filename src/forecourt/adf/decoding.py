"""From bytes to text, whatever the sender believes its charset to be. Pure."""

from __future__ import annotations

import codecs
import re

import msgspec

from forecourt.adf.report import Repair

# Looked at where it has to be if it is there at all.
_DECLARED = re.compile(
    rb"""<\?xml\s[^>]{0,200}?encoding\s{0,8}=\s{0,8}["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE
)
_BEGINNING = 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    # No mark, but a "<" that only these write so.
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# Codecs for text, by the beginning of Python's own name of each; others compress, escape or take for ever.
_TEXT = (
    "utf-8",
    "utf-16",
    "utf-32",
    "ascii",
    "iso8859",
    "cp",
    "windows",
    "koi8",
    "mac",
    "big5",
    "gb",
    "euc",
    "shift_jis",
)
_WESTERN = "cp1252"
_NAMES = {_WESTERN: "windows-1252"}


class Decoded(msgspec.Struct, frozen=True):
    """A text, and how it was read.

    Attributes:
        charset: that it turned out to be in.
    """

    text: str
    charset: str
    repairs: tuple[Repair, ...] = ()


def decoded(raw: bytes, charset: str | None) -> Decoded:
    """*raw* as text.

    The charset that it claims, unless a byte order mark says otherwise; else UTF-8; else windows-1252, which makes
    something of anything. A charset counts only where the bytes are valid in it and begin to look like markup.

    Args:
        raw: what was sent.
        charset: as the transport tells it; None where it does not, and the XML declaration counts.
    """
    found = _DECLARED.search(raw[:_BEGINNING])
    declared = charset or (found[1].decode("ascii") if found else None)
    by_mark = next((name for mark, name in _BOMS if raw.startswith(mark)), None)
    for name in (by_mark, _known(declared), "utf-8"):
        text = _strictly(raw, name) if name else None
        if name and text is not None:
            return _told(text, name, declared, by_mark)
    text = raw.decode(_WESTERN, "replace")
    return _told(text, _WESTERN, declared, by_mark)


def _known(declared: str | None) -> str | None:
    """Python's name of the charset; None where it is none that is read."""
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return None
    if name == "iso8859-1":
        # As the web reads it: who says Latin-1 and sends curly quotes means windows-1252.
        return _WESTERN
    return name if name.startswith(_TEXT) else None


def _strictly(raw: bytes, name: str) -> str | None:
    try:
        text = raw.decode(name)
    except (UnicodeDecodeError, UnicodeError):
        return None
    # UTF-16 makes something of almost any bytes.
    return text if name == "utf-8" or "<" in text or not raw else None


def _told(text: str, name: str, declared: str | None, by_mark: str | None) -> Decoded:
    used = _NAMES.get(name, name)
    said = _known(declared)
    if "\ufffd" in text and name == _WESTERN:
        detail = "some bytes are no characters in any charset that fits; they are shown as \ufffd"
        repairs: tuple[Repair, ...] = (Repair("encoding", detail),)
    elif declared is not None and said not in {name, name[:6]}:
        repairs = (Repair("encoding", f"another charset was declared; read as {used}"),)
    elif declared is None and name != "utf-8" and by_mark is None:
        repairs = (Repair("encoding", f"no charset was declared; read as {used}"),)
    else:
        repairs = ()
    return Decoded(text.removeprefix("\ufeff"), used, repairs)
