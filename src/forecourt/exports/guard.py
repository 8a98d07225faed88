"""Text that strangers wrote, made fit for a spreadsheet: it stays text, and shows what it says.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, which can call programs and fetch
addresses. An apostrophe in front makes it text, as everywhere in spreadsheets.
"""

from __future__ import annotations

import re

# The most that a cell holds: UTF-16 code units, as spreadsheets count. What a longer one would do differs; none keeps it.
MOST_UNITS = 32_767

# What is not seen: C0 but for tab and line ends, C1, lone surrogates, and what XML knows no way to write.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")

# Also in full width, which some input methods and old encodings turn into the others; also behind what cannot be seen
# in front. Apostrophes are in it so that a guard can be told from one that was written: see ``unguarded``.
_INVISIBLE = "\\s'\u00ad\u180e\u200b-\u200f\u2060\ufeff"
_FORMULA = re.compile(f"'*[\t\r\n]|[{_INVISIBLE}]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")


def shown(text: str) -> str:
    """*text* without what cannot be seen, its lines ended as spreadsheets end them inside a cell."""
    if text.isprintable():
        return text
    return _UNSEEN.sub("", _LINE_END.sub("\n", text))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take *text* for more than text."""
    return _FORMULA.match(text) is not None


def guarded(text: str) -> str:
    """*text* with an apostrophe in front, where it could be taken for a formula."""
    return f"'{text}" if is_formula(text) else text


def unguarded(text: str) -> str:
    """What was guarded: the way back for programs."""
    return text[1:] if text.startswith("'") and is_formula(text) else text


def cut(text: str) -> str:
    """*text* as far as it fits into a cell, with a mark where it goes on."""
    if len(text) <= MOST_UNITS // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= MOST_UNITS * 2:
        return text
    mark = f"… [cut: {len(text)} characters]"
    # Half of a character that needs two units is no character.
    return units[: (MOST_UNITS - len(mark)) * 2].decode("utf-16-le", "ignore") + mark
