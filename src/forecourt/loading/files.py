"""Reads files of reference data into rows."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from forecourt.infra.refusals import Refusal
from forecourt.loading.rows import UnreadableRow
from forecourt.loading.tables import TABLES, unknown_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_DELIMITERS = ",;\t"


class UnreadableFile(Refusal):
    """The file cannot be read: it is not there, not text in UTF-8, or not what its kind of file is."""

    code = "unreadable-file"
    title = "The file cannot be read"


class UnknownTable(Refusal):
    """There is no table of this name to load."""

    code = "unknown-table"
    title = "There is no such table"


def read_json(path: Path) -> dict[str, list[object]]:
    """The tables of a JSON file: an object that holds an array of objects for each table.

    Numbers with a fraction come as exact decimals. A table that is null has no rows.

    Raises:
        UnreadableFile: it is no such file, or names something twice, which would hide one of the two.
    """
    text = _text_of(path)
    try:
        tables = json.loads(
            text, object_pairs_hook=_each_once, parse_float=_decimal, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableFile(f"{path.name} is not JSON: {error.msg} ({where})") from error
    except RecursionError as error:
        raise UnreadableFile(f"{path.name} is nested too deep") from error
    # Ours, and an integer of more digits than Python reads.
    except ValueError as error:
        raise UnreadableFile(f"{path.name} is not as it should be: {str(error)[:200]}") from error
    if not isinstance(tables, dict):
        raise UnreadableFile(f'{path.name} must hold an object of tables, as in {{"cars": [{{…}}, {{…}}]}}')
    for name, rows in tables.items():
        if rows is not None and not isinstance(rows, list):
            raise UnreadableFile(f"{path.name}: {_shown(name)} must be an array of objects")
    return {name: rows or [] for name, rows in tables.items()}


def read_csv(path: Path, table: str) -> dict[str, list[object]]:
    """The rows of a CSV file as *table*.

    The first line names the columns, in any case and with spaces or underscores. Commas, semicolons or tabs stand
    between values. An empty value is null.

    Raises:
        UnknownTable: there is no table of this name.
        UnreadableFile: it is no such file, has no heading, or names a column twice.
    """
    if table not in TABLES:
        raise UnknownTable(unknown_table(table))
    text = _text_of(path)
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        heading = _heading(path, next(reader, []))
        rows = [_row(heading, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise UnreadableFile(f"{path.name} is not CSV: {error} (line {reader.line_num})") from error
    return {table: rows}


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UnreadableFile(f"{path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path.name} is not text in UTF-8 (byte {error.start})") from error
    # A path with a NUL in it.
    except ValueError as error:
        raise UnreadableFile("there is no file of this name") from error


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{_shown(twice)} stands twice in one object")
    return found


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise ValueError("a number is too large to be read") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _heading(path: Path, cells: Sequence[str]) -> list[str]:
    names = ["_".join(cell.lower().replace("-", " ").split()) for cell in cells]
    if not any(names):
        raise UnreadableFile(f"{path.name} has no heading: its first line must name the columns")
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise UnreadableFile(f"{path.name} names the column {_shown(twice)} twice")
    return names


def _row(heading: Sequence[str], cells: Sequence[str]) -> object:
    if any(cell.strip() for cell in cells[len(heading) :]):
        return UnreadableRow(f"has {len(cells)} values, more than the heading's {len(heading)}")
    return {name: cell.strip() or None for name, cell in zip(heading, cells, strict=False) if name}


def _shown(name: str) -> str:
    return json.dumps(name[:100])
