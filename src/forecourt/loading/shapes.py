"""What a table is made of, as far as loading it goes."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TypeAlias

import msgspec

from forecourt.infra.database import Query

# A row's values by column.
Record: TypeAlias = dict[str, object]
# What a row is recognised by among its dealership's own. Its last part is what the database is searched for.
Key: TypeAlias = tuple[object, ...]


class Belongs(enum.Enum):
    """Whose a table's rows are."""

    NOBODY = "nobody"
    ONE = "one dealership"
    MEMBERS = "the dealerships that the row names, one at least"
    CATALOGUE = "the dealerships or the group that the row names, or else every dealership"


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column.

    Attributes:
        name: in the file and in the database.
        read: its reader, of :mod:`forecourt.loading.values`.
        also: other names that are understood.
        nullable: whether null clears it; where not, null is as if it were left out.
    """

    name: str
    read: Callable[[object], object]
    also: tuple[str, ...] = ()
    nullable: bool = True


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """How a row names a row of another table.

    Attributes:
        to: the other table.
        names: the columns that may name it: one that ends in ``_id`` an id; any other an id as a number, the last
            part of the other row's natural key as text, or an object that holds one.
        fills: the columns that are taken from the other row where the file leaves them out, and from which of
            its columns.
        gives_dealership: whether a row that names no dealership has the other row's.
    """

    to: str
    names: tuple[str, ...]
    fills: dict[str, str]
    gives_dealership: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table that can be loaded.

    Attributes:
        name: in the file.
        one: what a row is called in messages.
        relation: the table in the database.
        columns: those that the file gives.
        key: the natural key of a record; None where it has nothing to be recognised by.
        find: statement that finds rows.
        write: statement that writes them.
        grant: statement that gives rows to dealerships, where they may have several.
        granted_with: columns of the file that are not the row's own, but of what it is to each dealership that it is
            given to; what it is already stays.
        unique: the column that the database holds unique, if any.
        references: what its rows may name.
        composed: columns made of others, whatever the row is for.
        derived: columns that a new row takes from others.
        defaults: of a new row.
        required: columns that a new row must have.
        unnamed: what to say to a row without an id and a natural key.
        folded: text that names a row as the last part of its natural key has it.
    """

    name: str
    one: str
    relation: str
    belongs: Belongs
    columns: tuple[Column, ...]
    key: Callable[[Record], Key | None]
    find: Query
    write: Query
    unnamed: str
    grant: Query | None = None
    granted_with: tuple[str, ...] = ()
    unique: str | None = None
    references: tuple[Reference, ...] = ()
    composed: Callable[[Record], Record] = dict
    derived: Callable[[Record], Record] = dict
    defaults: dict[str, object] = {}
    required: tuple[str, ...] = ()
    folded: Callable[[str], str] = str
