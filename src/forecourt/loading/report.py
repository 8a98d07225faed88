"""What a load did: counts by table, and every row that could not be loaded."""

from __future__ import annotations

import msgspec


class Counts(msgspec.Struct):
    """What became of a table's rows.

    Attributes:
        created: rows that were new.
        updated: rows whose values, or whose dealerships, changed.
        unchanged: rows that the database already had exactly so.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0


class RowError(msgspec.Struct, frozen=True):
    """One thing that is wrong with one row; the row was left out.

    Attributes:
        table: the table as the file names it.
        row: the row's number in its table, from 1, a CSV file's heading not counted; 0 is the table itself.
        field: the column, None where the row as a whole is meant.
        message: what is wrong and what is allowed; never the value of a personal column.
    """

    table: str
    row: int
    field: str | None
    message: str


class Report(msgspec.Struct):
    """What a load did.

    Attributes:
        loaded: by table, for each known table that was given.
        errors: in the order in which the tables are loaded, by row.
        ignored: by table, the columns that it does not have.
    """

    loaded: dict[str, Counts] = msgspec.field(default_factory=dict)
    errors: list[RowError] = msgspec.field(default_factory=list)
    ignored: dict[str, list[str]] = msgspec.field(default_factory=dict)
