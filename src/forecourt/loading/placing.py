"""Whose a row is and which other rows it refers to, once these have been found. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from forecourt.loading import values
from forecourt.loading.entities import Index
from forecourt.loading.owners import owners_of
from forecourt.loading.shapes import Belongs, Reference, Table
from forecourt.loading.tables import TABLES
from forecourt.loading.values import Unfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.loading.entities import Entity
    from forecourt.loading.owners import Dealerships
    from forecourt.loading.rows import Row


class Named(msgspec.Struct, frozen=True):
    """How one row names what one of its references is about.

    Attributes:
        reference: the reference.
        others: the rows that may be meant.
        names: each column that names one, with an id, or with text that ends its natural key.
    """

    reference: Reference
    others: Index
    names: Sequence[tuple[str, int | str]]

    @property
    def other(self) -> Table:
        """The table that is referred to."""
        return TABLES[self.reference.to]

    def candidates(self, name: int | str) -> list[Entity]:
        """Every row that *name* may mean, at any dealership."""
        if isinstance(name, int):
            return [self.others.by_id[name]] if name in self.others.by_id else []
        return self.others.named(self.other.folded(name))

    def meant(self, owners: frozenset[int]) -> Entity | None:
        """The row that is meant, seen from the dealerships *owners*; None where none is named.

        Raises:
            Unfit: there is no such row there, there are several, or two columns name different ones.
        """
        found = {self._one(column, name, owners) for column, name in self.names}
        if len(found) > 1:
            raise Unfit(f"the row names different {self.reference.to}", self.names[0][0])
        return found.pop() if found else None

    def owners(self, *, by_id: bool) -> frozenset[int]:
        """The dealerships of the one row that is named, by its id or by text; empty where that is unclear."""
        found: set[Entity] = set()
        for _, name in self.names:
            if isinstance(name, int) is by_id:
                found.update(self.candidates(name))
        return frozenset(found.pop().owners) if len(found) == 1 else frozenset()

    def _one(self, column: str, name: int | str, owners: frozenset[int]) -> Entity:
        anybody = self.other.belongs is Belongs.NOBODY
        found = [entity for entity in self.candidates(name) if anybody or owners <= entity.owners]
        where = "" if anybody else " at the row's dealership"
        if not found:
            raise Unfit(f"there is no such {self.other.one}{where}", column)
        if len(found) > 1:
            raise Unfit(f"there are several such {self.reference.to}{where}; give the id", column)
        return found[0]


def place(
    table: Table, row: Row, named: Sequence[Named], existing: Entity | None, dealerships: Dealerships
) -> None:
    """Set the owners of *row* and fill what it takes from others; what cannot be is told among its errors.

    Args:
        table: the row's.
        row: the row.
        named: one for each of the table's references.
        existing: the entity that has the row's id.
        dealerships: every dealership.
    """
    try:
        row.owners = _owners(table, row, named, existing, dealerships)
    except Unfit as error:
        row.errors.append((error.field, error.message))
        return
    for one in named:
        try:
            _fill(row, one, one.meant(row.owners))
        except Unfit as error:
            row.errors.append((error.field, error.message))


def group_of(given: Mapping[str, object]) -> dict[str, object] | None:
    """The dealership group that a dealership's row tells of, as a row of its own; None where it tells of none.

    A bare id tells nothing about a group.
    """
    group: dict[str, object] = {}
    for name in TABLES["dealerships"].references[0].names:
        value = given.get(name)
        if isinstance(value, dict):
            group |= {part: value[part] for part in ("id", "slug", "name") if part in value}
        elif name.endswith("_id") and not values.blank(value):
            group["id"] = value
        elif isinstance(value, str) and value.strip():
            slug = values.slug_in(value.strip())
            group |= {"slug": slug} if slug == value.strip() else {"slug": slug, "name": value}
    return group if group.keys() & {"slug", "name"} else None


def _owners(
    table: Table, row: Row, named: Sequence[Named], existing: Entity | None, dealerships: Dealerships
) -> frozenset[int]:
    """Whose *row* is: what is said more plainly goes before what is only to be concluded.

    Raises:
        Unfit: it is not to be found out.
    """
    if table.belongs is Belongs.NOBODY:
        return frozenset()
    explicit = owners_of(row.given, table.belongs, dealerships)
    if explicit is not None:
        return explicit
    everywhere = table.belongs is Belongs.CATALOGUE
    giving = [one for one in named if one.reference.gives_dealership]
    ways: list[frozenset[int]] = [
        frozenset() if everywhere or existing is None else frozenset(existing.owners),
        *(one.owners(by_id=True) for one in giving),
        frozenset() if everywhere or dealerships.assumed is None else frozenset({dealerships.assumed}),
        *(one.owners(by_id=False) for one in giving),
        dealerships.everyone() if everywhere else frozenset(),
    ]
    for owners in ways:
        if owners and not (table.belongs is Belongs.ONE and len(owners) > 1):
            return owners
    if not dealerships.by_id:
        raise Unfit("there is no dealership yet", "dealership")
    raise Unfit("name the dealership, by dealership_id or dealership_slug", "dealership")


def _fill(row: Row, named: Named, meant: Entity | None) -> None:
    if meant is not None:
        for column, source in named.reference.fills.items():
            row.record.setdefault(column, meant.id if source == "id" else meant.record[source])
    elif any(name in row.given for name in named.reference.names):
        row.record |= {column: None for column, source in named.reference.fills.items() if source == "id"}
