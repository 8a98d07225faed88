"""A table as an Excel workbook: real dates and numbers, a head that stays in view, a filter on each column.

The rows go to a file on their way, one by one: memory stays flat, however many there are.
"""

from __future__ import annotations

import math
import shutil
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from forecourt.exports.guard import cut, is_formula, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from forecourt.exports.table import Cell, Column, Row

# Below the head; what a sheet holds, by its format.
MOST_ROWS = 1_048_575
# Cells hold floating point numbers, which are exact to 15 digits; an id that has more is text.
_EXACT = 10**15
# The first day that a cell can hold.
_FIRST_YEAR = 1900


class _Sheet(Worksheet):  # type: ignore[misc]
    """A sheet in which text is text.

    The library takes what begins with ``<r>`` and ends with ``</r>`` for markup of its own and writes it as it stands:
    whoever writes that into a form would write the workbook's XML, formulas included.
    """

    def _xml_rich_inline_string(self, string: str, attributes: list[tuple[str, Any]]) -> None:
        self._xml_inline_string(string, True, attributes)  # noqa: FBT003 - spaces around are kept


class XlsxFile:
    """A workbook under way. It is not safe to use from two threads at once."""

    def __init__(
        self,
        path: Path,
        scratch: Path,
        name: str,
        columns: Sequence[Column],
        *,
        most_rows: int = MOST_ROWS,
    ) -> None:
        """Begin a workbook.

        Args:
            path: where it will be, when it is finished.
            scratch: a folder for what is in the making; it is made here and removed in the end.
            name: of the sheet. Where one is full, another follows.
            columns: of the table.
            most_rows: that a sheet takes, its head not counted.
        """
        scratch.mkdir(mode=0o700)
        self.rows = 0
        self._path = path
        self._scratch = scratch
        self._name = name
        self._columns = columns
        self._most_rows = most_rows
        self._book = xlsxwriter.Workbook(
            path, {"constant_memory": True, "tmpdir": str(scratch), "use_zip64": True}
        )
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        # Text that looks like a formula stays text when somebody edits the cell.
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._amount = self._book.add_format({"num_format": "#,##0.00"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
        self._forms: Mapping[type[Cell], Callable[..., None]] = {
            str: self._write_text,
            int: self._write_integer,
            float: self._write_float,
            Decimal: self._write_amount,
            bool: self._write_answer,
            date: self._write_day,
            datetime: self._write_moment,
            type(None): lambda *_: None,
        }
        self._begin_sheet()

    def add(self, rows: Iterable[Row]) -> None:
        """Write *rows*."""
        for row in rows:
            if self._line == self._most_rows:
                self._end_sheet()
                self._begin_sheet()
            self._line += 1
            self.rows += 1
            for column, cell in enumerate(row):
                self._forms[type(cell)](column, cell)

    def finish(self) -> None:
        """Put the workbook where it belongs.

        Raises:
            OSError: it cannot be written.
        """
        self._end_sheet()
        try:
            self._book.close()
        except FileCreateError as error:
            raise error.args[0] from None
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def abandon(self) -> None:
        """Leave nothing behind."""
        for sheet in self._book.worksheets():
            with suppress(OSError):
                sheet._opt_close()  # noqa: SLF001 - the library's only other way is to finish the file first
        self._path.unlink(missing_ok=True)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _begin_sheet(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet = self._book.add_worksheet(
            self._name if number == 1 else f"{self._name} {number}", worksheet_class=_Sheet
        )
        self._line = 0
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, column.width)
            self._sheet.write_string(0, place, column.name, self._bold)

    def _end_sheet(self) -> None:
        self._sheet.autofilter(0, 0, self._line, len(self._columns) - 1)

    def _write_text(self, column: int, text: str) -> None:
        text = cut(shown(text))
        if text:
            self._sheet.write_string(self._line, column, text, self._quoted if is_formula(text) else None)

    def _write_integer(self, column: int, number: int) -> None:
        if abs(number) < _EXACT:
            self._sheet.write_number(self._line, column, number)
        else:
            self._sheet.write_string(self._line, column, str(number))

    def _write_float(self, column: int, number: float) -> None:
        if math.isfinite(number):
            self._sheet.write_number(self._line, column, number)
        else:
            self._sheet.write_string(self._line, column, str(number))

    def _write_amount(self, column: int, amount: Decimal) -> None:
        if math.isfinite(amount) and abs(amount) < _EXACT:
            self._sheet.write_number(self._line, column, amount, self._amount)
        else:
            self._sheet.write_string(self._line, column, format(amount, "f"))

    def _write_answer(self, column: int, answer: bool) -> None:  # noqa: FBT001 - it is a value
        self._sheet.write_boolean(self._line, column, answer)

    def _write_day(self, column: int, day: date) -> None:
        if day.year < _FIRST_YEAR:
            self._sheet.write_string(self._line, column, day.isoformat())
        else:
            self._sheet.write_datetime(self._line, column, day, self._day)

    def _write_moment(self, column: int, moment: datetime) -> None:
        # A cell knows no time zone: what is shown is the clock on the wall there.
        wall = moment.replace(tzinfo=None, microsecond=0)
        if wall.year < _FIRST_YEAR:
            self._sheet.write_string(self._line, column, wall.isoformat(" "))
        else:
            self._sheet.write_datetime(self._line, column, wall, self._moment)
