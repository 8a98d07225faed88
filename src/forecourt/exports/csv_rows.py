"""A table as CSV (RFC 4180), for spreadsheets and for programs.

UTF-8 with a byte order mark in front: without it Excel reads accents as garbage, and it is Excel in which most of these
files are opened by a double click. Programs that do not know the mark read JSON.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from forecourt.exports.guard import cut, guarded, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from forecourt.exports.table import Cell, Column, Row

_MARK = b"\xef\xbb\xbf"
# Most text, as it is: ASCII that begins with a letter or a digit, and holds nothing of what follows.
_PLAIN = re.compile(r"[A-Za-z0-9](?:[ !#-+\--:<-~]{0,254}[!#-+\--:<-~])?")
# A semicolon or a tab separates nothing here; a reader that guesses should not guess otherwise.
_TO_BE_QUOTED = re.compile(r"""[",;\t\r\n]|^[\s']|\s$|^$""")


def head(columns: Sequence[Column]) -> bytes:
    """How the file begins."""
    return _MARK + encoded([[column.name for column in columns]])


def encoded(rows: Iterable[Row]) -> bytes:
    """*rows*, each ended by CRLF. What is nothing is empty, what is an empty text is ``""``."""
    lines = [",".join([_FORMS[type(cell)](cell) for cell in row]) for row in rows]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    text = cut(guarded(shown(text)))
    if _TO_BE_QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


# A number is written as a number: what begins with its minus sign is no formula.
_FORMS: Mapping[type[Cell], Callable[..., str]] = {
    str: _text,
    int: str,
    float: repr,
    Decimal: lambda amount: format(amount, "f"),
    bool: lambda answer: "true" if answer else "false",
    date: date.isoformat,
    datetime: _moment,
    type(None): lambda _: "",
}
