"""Values for a replay: what a placeholder stood for, made up again, the same each time. Pure.

They fit where the original fitted: an address is one, a text has its length, a number its digits, a file its type and size.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.requests.placeholders import CLOSING, OPENING
from forecourt.requests.refusals import CannotReplay

if TYPE_CHECKING:
    from collections.abc import Callable

# A number after it tells names apart that have one mask.
_PLACEHOLDER = re.compile(f"{OPENING}([^{CLOSING}]*){CLOSING}(?: ([0-9]+))?")
_LETTERS = "xabcdefghijklmnopqrstuvw"
_WORDS = "made up for a replay, "
_DIGITS = "4915701560"
_MOBILE = "0491 570 156"
_INTERNATIONAL = "+61491570156"
# Type -> its ending, and how it begins; what is not here is made as text.
_FILES = {
    "application/pdf": ("pdf", b"%PDF-1.4\n"),
    "application/rtf": ("rtf", b"{\\rtf1 "),
    "image/gif": ("gif", b"GIF89a"),
    "image/jpeg": ("jpg", b"\xff\xd8\xff"),
    "image/png": ("png", b"\x89PNG\r\n\x1a\n"),
    "text/plain": ("txt", b""),
}


class MadeUpFile(msgspec.Struct, frozen=True):
    """A file to be sent in the place of another."""

    content_type: str
    content: bytes

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"made-up.{_FILES[self.content_type][0]}"

    @property
    def data_uri(self) -> str:
        """The file as JSON carries it."""
        return f"data:{self.content_type};base64,{base64.b64encode(self.content).decode()}"


class MadeUp:
    """Fills placeholders.

    Attributes:
        fields: the paths of those that were filled.
    """

    def __init__(self) -> None:
        self.fields: list[str] = []

    def filled(self, value: Any, path: str = "") -> Any:  # noqa: ANN401 - whatever a body holds
        """*value*, its placeholders filled, inside too.

        Raises:
            CannotReplay: one stands for something that cannot be made.
        """
        if isinstance(value, dict):
            return {
                _name(name): self.filled(inner, f"{path}.{name}" if path else name)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self.filled(inner, f"{path}[{index}]") for index, inner in enumerate(value)]
        found = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return value
        self.fields.append(path)
        return _made_up(found[1], found[0])


def _made_up(said: str, placeholder: str) -> Any:  # noqa: ANN401
    for shape, make in _KINDS:
        found = shape.fullmatch(said)
        if found:
            return make(found)
    raise CannotReplay(f"the log keeps {placeholder} and no more")


def _name(name: str) -> str:
    """The name of a field; each part of it that is a placeholder becomes one letter, repeated."""

    def letters(found: re.Match[str]) -> str:
        count = re.sub(r"[^0-9]", "", found[1])
        return _LETTERS[(int(found[2] or 1) - 1) % len(_LETTERS)] * int(count or 1)

    return _PLACEHOLDER.sub(letters, name)


def _count(found: re.Match[str]) -> int:
    return int(found["count"].replace(",", ""))


def _text(found: re.Match[str]) -> str:
    length = _count(found)
    text = (_WORDS * (length // len(_WORDS) + 1))[:length]
    return text if text.strip() == text else f"{text[:-1]}."


def _digits(count: int) -> str:
    return (_DIGITS * (count // len(_DIGITS) + 1))[:count]


def _phone(found: re.Match[str]) -> str:
    count = _count(found)
    if found["plus"]:
        return _INTERNATIONAL if count == 11 else f"+{_digits(count)}"  # noqa: PLR2004
    return _MOBILE if count == 10 else f"0{_digits(count - 1)}"  # noqa: PLR2004


def _web_address(found: re.Match[str]) -> str:
    start, count = "https://example.com/", _count(found)
    return (start if count > len(start) else "http://").ljust(count, "a")


def _file(found: re.Match[str]) -> MadeUpFile:
    kind = found["type"] if found["type"] in _FILES else "text/plain"
    size = _count(found)
    content = _FILES[kind][1] + b"made up " * (size // len(b"made up ") + 1)
    return MadeUpFile(kind, content[:size])


_KINDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Any]], ...] = tuple(
    (re.compile(shape), make)
    for shape, make in (
        (r"text, (?P<count>[0-9,]+) characters?", _text),
        (r"text, (?P<count>[0-9,]+) digits?", lambda found: _digits(_count(found))),
        (r"e-mail address", lambda _: "replay@example.com"),
        (r"phone number, (?P<plus>\+ and )?(?P<count>[0-9,]+) digits?", _phone),
        (r"date, DD/MM/YYYY", lambda _: "01/01/1980"),
        (r"date, YYYY-MM-DD", lambda _: "1980-01-01"),
        (r"number, (?P<count>[0-9,]+) digits?", lambda found: int(_digits(_count(found)))),
        (r"number with decimals", lambda _: 1.5),
        (r"true or false", lambda _: True),
        (r"web address, (?P<count>[0-9,]+) characters?", _web_address),
        (r"file, (?:(?P<type>[^ ,]+), )?(?P<count>[0-9,]+) bytes?", _file),
        (r"file name, \.(?P<ending>[a-z]+)", lambda found: f"made-up.{found['ending']}"),
        (r"file name, (?P<count>[0-9,]+) characters?", _text),
    )
)
