"""How a value of an answer becomes a cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from forecourt.exports.table import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

# A row to be told: the answer's fields by their names, and ``zone``, in which its times are told.
Told: TypeAlias = Mapping[str, Any]
Value: TypeAlias = Callable[[Told], Any]


class Field(NamedTuple):
    """A column, and where its cells come from."""

    column: Column
    value: Callable[[Told], Cell]


def field(name: str, width: int = 12, *, of: Value | None = None) -> Field:
    """What the answer has under *name*, a path with dots, or what *of* makes of the row."""
    return Field(Column(name, width), of or at(name))


def moment(name: str) -> Field:
    """A time, by the clock of its dealership."""
    value = at(name)

    def told(row: Told) -> Cell:
        found: datetime | None = value(row)
        zone: ZoneInfo = row["zone"]
        return None if found is None else found.astimezone(zone)

    return Field(Column(name, 20), told)


def several(name: str, width: int = 24, *, of: Value | None = None) -> Field:
    """A list, in one cell."""
    value = of or at(name)
    return Field(Column(name, width), lambda row: ", ".join(str(one) for one in value(row) or ()) or None)


def at(path: str) -> Value:
    """What stands at *path*; None where the way there ends early."""
    first, *rest = path.split(".")
    if not rest:
        return lambda row: row[first]

    def value(row: Told) -> Any:  # noqa: ANN401 - an answer is what it is
        found = row[first]
        for part in rest:
            if found is None:
                return None
            found = found.get(part) if isinstance(found, dict) else getattr(found, part)
        return found

    return value


def lines_of(fields: Sequence[Field], rows: Iterable[Told]) -> list[list[Cell]]:
    """*rows* as cells."""
    values = [one.value for one in fields]
    return [[value(row) for value in values] for row in rows]
