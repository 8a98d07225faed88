"""Reads a table's rows, each for itself: columns found, values read, what does not fit told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from forecourt.loading import values
from forecourt.loading.owners import columns_of
from forecourt.loading.report import RowError
from forecourt.loading.shapes import Key, Record, Reference, Table
from forecourt.loading.values import Unfit

if TYPE_CHECKING:
    from collections.abc import Sequence

# How much of a name that the file made up is told again.
_TOLD = 100


class UnreadableRow(msgspec.Struct, frozen=True):
    """A row that a file's reader could not make sense of; it stands in the row's place.

    Attributes:
        message: why.
    """

    message: str


class Row(msgspec.Struct):
    """A row on its way into the database.

    Attributes:
        number: in its table, from 1.
        given: the row as it stands in the file.
        id: the id that it gives.
        record: the columns that it gives; null where it clears one.
        owners: the dealerships it belongs to, once that is known.
        given_with: what it is to the dealerships that it is given to.
        errors: field and message of all that is wrong with it.
    """

    number: int
    given: Mapping[str, object]
    id: int | None = None
    record: Record = msgspec.field(default_factory=dict)
    owners: frozenset[int] = frozenset()
    given_with: Record = msgspec.field(default_factory=dict)
    errors: list[tuple[str | None, str]] = msgspec.field(default_factory=list)

    def key(self, table: Table) -> Key | None:
        """What the row is recognised by without an id."""
        return table.key(table.derived(dict(self.record)))


def read_rows(table: Table, rows: Sequence[object]) -> list[Row]:
    """Every row of *table*, those that do not fit with their errors."""
    return [_read_row(table, number, given) for number, given in enumerate(rows, 1)]


def unknown_columns(table: Table, rows: Sequence[Row]) -> list[str]:
    """The columns that *rows* have and *table* has not, each once, in the order of their appearance."""
    known = _known_columns(table)
    found = dict.fromkeys(name for row in rows for name in row.given if name not in known)
    return [shown(name) for name in found]


def shown(name: str) -> str:
    """A name of the file's own making, short and such that it can be written out."""
    return name[:_TOLD].encode(errors="replace").decode()


def told(table: str, rows: Sequence[Row]) -> list[RowError]:
    """The errors of *rows*, for the report."""
    return [
        RowError(table=table, row=row.number, field=field, message=message)
        for row in rows
        for field, message in row.errors
    ]


def names_in(table: Table, reference: Reference, row: Row) -> list[tuple[str, int | str]]:
    """How *row* names what *reference* refers to: the column, and an id or text to look for.

    What cannot be a name is told among the row's errors.
    """
    found: list[tuple[str, int | str]] = []
    for name in reference.names:
        value = row.given.get(name)
        if name in {column.name for column in table.columns} or values.blank(value):
            continue
        try:
            found.append((name, _name_or_id(name, value)))
        except Unfit as error:
            row.errors.append((name, error.message))
    return found


def _name_or_id(column: str, value: object) -> int | str:
    if isinstance(value, Mapping):
        for part in ("id", "slug", "email", "name"):
            if not values.blank(value.get(part)):
                return values.identifier(value[part]) if part == "id" else values.line(value[part])
        raise Unfit("must be an object with an id, a slug or a name")
    if column.endswith("_id") or not isinstance(value, str):
        return values.identifier(value)
    return values.line(value)


def _known_columns(table: Table) -> frozenset[str]:
    own = {name for column in table.columns for name in (column.name, *column.also)}
    named = {name for reference in table.references for name in reference.names}
    return frozenset({"id", *own, *named, *columns_of(table.belongs)})


def _read_row(table: Table, number: int, given: object) -> Row:
    if isinstance(given, UnreadableRow):
        return Row(number, {}, errors=[(None, given.message)])
    if not isinstance(given, Mapping):
        return Row(number, {}, errors=[(None, "must be an object")])
    row = Row(number, given)
    if not values.blank(given.get("id")):
        try:
            row.id = values.identifier(given["id"])
        except Unfit as error:
            row.errors.append(("id", error.message))
    record: Record = {}
    for column in table.columns:
        names = [name for name in (column.name, *column.also) if name in given]
        name = next((name for name in names if not values.blank(given[name])), None)
        if name is None:
            if names and column.nullable:
                record[column.name] = None
            continue
        try:
            record[column.name] = column.read(given[name])
        except Unfit as error:
            row.errors.append((name, error.message))
    row.record = table.composed(record)
    return row
