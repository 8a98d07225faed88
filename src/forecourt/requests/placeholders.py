"""What stands in a value's place: its kind and its length, and nothing of what it says. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from forecourt.files.accept import HARMLESS_EXTENSIONS
from forecourt.infra.bodies import Upload

OPENING, CLOSING = "\u2039", "\u203a"

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+")
_PHONE = re.compile(r"\+?[0-9 ().\-/]{4,24}", re.ASCII)
_DAYS = (
    (re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", re.ASCII), "DD/MM/YYYY"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII), "YYYY-MM-DD"),
)
_BEGINS_A_NUMBER = frozenset("0123456789+(")
_LONGEST_EMAIL = 254
# Of a telephone number; fewer digits are digits and no more.
_FEWEST_DIGITS = 6
_WEB_ADDRESS = re.compile(r"https?://\S+")
_DATA_URI = re.compile(r"data:([\w.+-]{1,64}/[\w.+-]{1,128})?[^,]{0,16384},")

# The types that are told of a file; any other is what somebody wrote.
FILE_TYPES = frozenset(
    {
        "application/msword",
        "application/octet-stream",
        "application/pdf",
        "application/rtf",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "image/gif",
        "image/heic",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/csv",
        "text/plain",
    }
)


def _quoted(said: str) -> str:
    return f"{OPENING}{said}{CLOSING}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


_TEXTS = tuple(_quoted(f"text, {_counted(length, 'character')}") for length in range(512))
_EMAIL_ADDRESS = _quoted("e-mail address")
_TRUE_OR_FALSE = _quoted("true or false")
_DECIMAL = _quoted("number with decimals")


def of_value(value: Any) -> Any:  # noqa: ANN401 - whatever a body holds
    """What stands for *value*, a leaf of a body; null and the empty text hide nothing and stay."""
    if isinstance(value, str):
        return of_text(value)
    if value is None:
        return None
    if isinstance(value, Upload):
        return of_file(value.content_type, value.size)
    return _of_number(value)


def _of_number(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return _TRUE_OR_FALSE
    if isinstance(value, int):
        return _quoted(f"number, {_counted(len(str(abs(value))), 'digit')}")
    return _DECIMAL if isinstance(value, (float, Decimal)) else _quoted("value")


def of_text(text: str) -> str:
    """What stands for a *text*: the shape that it has, where that is one of a few."""
    length = len(text)
    if not length:
        return text
    if length <= _LONGEST_EMAIL:
        if text[0] in _BEGINS_A_NUMBER and (numeric := _of_numeric(text)):
            return numeric
        if "@" in text and _EMAIL.fullmatch(text):
            return _EMAIL_ADDRESS
    if text.startswith("data:") and (found := _DATA_URI.match(text)):
        return of_file(found[1], (length - found.end()) * 3 // 4 - text[-2:].count("="))
    if text.startswith("http") and _WEB_ADDRESS.fullmatch(text):
        return _quoted(f"web address, {_counted(length, 'character')}")
    return of_length(length)


def of_length(length: int) -> str:
    """What stands for a text of this *length*, whatever its shape."""
    return _TEXTS[length] if length < len(_TEXTS) else _quoted(f"text, {_counted(length, 'character')}")


def _of_numeric(text: str) -> str | None:
    for shape, said in _DAYS:
        if shape.fullmatch(text):
            return _quoted(f"date, {said}")
    if not _PHONE.fullmatch(text):
        return _quoted(f"text, {_counted(len(text), 'digit')}") if text.isdecimal() else None
    digits = sum(map(str.isdigit, text))
    if digits >= _FEWEST_DIGITS:
        return _quoted(f"phone number, {'+ and ' if text[0] == '+' else ''}{_counted(digits, 'digit')}")
    return _quoted(f"text, {_counted(len(text), 'digit')}") if text.isdecimal() else None


def of_file(content_type: str | None, size: int) -> str:
    """What stands for a file."""
    told = f"{content_type}, " if content_type in FILE_TYPES else ""
    return _quoted(f"file, {told}{_counted(max(size, 0), 'byte')}")


def of_file_name(name: str) -> str:
    """What stands for the name of a file: its ending, where that is a kind that is taken."""
    ending = name.rpartition(".")[2].lower()
    if "." in name and ending in HARMLESS_EXTENSIONS:
        return _quoted(f"file name, .{ending}")
    return _quoted(f"file name, {_counted(len(name), 'character')}")


def of_name(name: str) -> str:
    """What stands for the name of a field that could be somebody's."""
    return _quoted(f"name, {_counted(len(name), 'character')}")


def of_whole(what: str, size: int) -> str:
    """What stands for a body or an answer that is not kept."""
    return _quoted(f"{what}, {_counted(size, 'byte')}")
