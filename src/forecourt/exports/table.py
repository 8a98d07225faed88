"""A table to be written: what its columns are called, and what may stand in a cell.

The writers (``csv_rows``, ``xlsx_file``) know no more than this. A cell's type says how it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

import msgspec

# Text; a number; an amount of money; yes or no; a day; a moment, in the time zone in which it is to be read; nothing.
Cell: TypeAlias = str | int | float | Decimal | bool | date | datetime | None
Row: TypeAlias = Sequence[Cell]


class Column(msgspec.Struct, frozen=True):
    """A column.

    Attributes:
        name: what stands above it.
        width: in characters, where the file can say it.
    """

    name: str
    width: int = 12
