"""What text may hold: Unicode in NFC, no control characters, no space around it."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 control characters. A message of several lines may hold tabs and line ends.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


# Unicode's own bound for marks on one letter (UAX 15, stream-safe text); sorting more of them takes long.
_MOST_MARKS = 30


class ControlCharacter(ValueError):
    """The text holds a character that cannot be shown."""


def line(text: str) -> str:
    """*text* as one clean line.

    Raises:
        ControlCharacter: it holds one, a tab and a line end included.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    if _CONTROL.search(text):
        raise ControlCharacter("must not contain control characters or line ends")
    return _composed(text)


def lines(text: str) -> str:
    """*text* as clean lines.

    Raises:
        ControlCharacter: it holds one other than a tab and a line end.
    """
    if _CONTROL_IN_LINES.search(text):
        raise ControlCharacter("must not contain control characters other than tabs and line ends")
    return text.strip() if text.isascii() else _composed(text)


def _composed(text: str) -> str:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MOST_MARKS:
            raise ControlCharacter(f"must not contain more than {_MOST_MARKS} marks on one letter")
    return unicodedata.normalize("NFC", text).strip()
