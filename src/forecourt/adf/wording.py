"""Texts of a document as a lead can hold them: clean, and no longer than it takes. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from forecourt.leads import text

if TYPE_CHECKING:
    from collections.abc import Callable

_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\x1c-\x1e\x85]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What XML 1.0 cannot hold.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
# Unicode's own bound for marks on one letter; no language needs as many.
_MOST_MARKS = 30


def one_line(sent: str) -> str:
    """*sent* in one line, without control characters; what stood in several lines is joined by spaces."""
    if sent.isascii() and sent.isprintable():
        return sent.strip()
    joined = " ".join(part.strip() for part in _BREAKS.split(sent) if part.strip())
    return _composed(_CONTROLS.sub("", joined), text.line)


def many_lines(sent: str) -> str:
    """*sent* as it is, without control characters."""
    return _composed(_CONTROLS.sub("", sent), text.lines)


def writable(value: str) -> str:
    """*value* without what XML cannot hold."""
    return _UNWRITABLE.sub("", value)


def folded(value: str) -> str:
    """*value* as names are compared: case, accents, punctuation and the space around words mean nothing."""
    plain = unicodedata.normalize("NFKD", value[:1_000].casefold())
    return " ".join(
        re.findall(r"[^\W_]+", "".join(each for each in plain if not unicodedata.combining(each)))
    )


def _composed(sent: str, cleaned: Callable[[str], str]) -> str:
    try:
        return cleaned(sent)
    except text.ControlCharacter:
        return cleaned(_without_heaps(sent))


def _without_heaps(sent: str) -> str:
    """*sent* with no more marks on one letter than anybody writes."""
    kept = []
    marks = 0
    for each in sent:
        marks = marks + 1 if unicodedata.combining(each) else 0
        if marks <= _MOST_MARKS:
            kept.append(each)
    return "".join(kept)
