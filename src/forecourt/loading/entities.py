"""Which row of the database a row of the file means, and what becomes of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import msgspec

from forecourt.loading.shapes import Belongs, Key, Record, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecourt.loading.rows import Row


class Entity(msgspec.Struct, eq=False):
    """A row of the database, as it is or as it will be.

    Attributes:
        id: None until a new one has its own.
        owners: the dealerships it belongs to.
        record: its columns but for these two.
        row: the number of the file's row that spoke of it first; None where none has.
    """

    id: int | None
    owners: set[int]
    record: Record
    row: int | None = None

    @classmethod
    def found(cls, *, id: int, dealership_ids: list[int], **record: object) -> Self:  # noqa: A002 - a column's name
        """The entity that a statement found."""
        return cls(id, set(dealership_ids), record)


class Index:
    """What is known of one table: entities by id, and by the last part of their natural key."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.by_id: dict[int, Entity] = {}
        self._by_text: dict[str, dict[Entity, Key]] = {}

    def add(self, entities: Iterable[Entity]) -> None:
        """Take in what is not known yet; what is known may have changed since it was read."""
        for entity in entities:
            if entity.id is not None and entity.id not in self.by_id:
                self.by_id[entity.id] = entity
                self.name(entity)

    def name(self, entity: Entity) -> None:
        """File *entity* under its natural key."""
        key = self._table.key(entity.record)
        if key is not None:
            self._by_text.setdefault(str(key[-1]), {})[entity] = key

    def unname(self, entity: Entity) -> None:
        """Forget the natural key of *entity*."""
        key = self._table.key(entity.record)
        if key is not None:
            self._by_text.get(str(key[-1]), {}).pop(entity, None)

    def named(self, text: str) -> list[Entity]:
        """Every entity whose natural key ends in *text*, the lowest id first."""
        return list(self._by_text.get(text, ()))

    def match(self, key: Key, owners: Iterable[int]) -> Entity | None:
        """The first entity of this natural key that is of one of *owners*."""
        everywhere = self._table.belongs in {Belongs.NOBODY, Belongs.MEMBERS}
        for entity, own_key in self._by_text.get(str(key[-1]), {}).items():
            if own_key == key and (everywhere or not entity.owners.isdisjoint(owners)):
                return entity
        return None


class Batch(msgspec.Struct):
    """What a number of rows comes to.

    Attributes:
        created: entities that are new.
        updated: entities with changed columns.
        granted: dealerships that an entity is given to, beside those it had, and what it is to them.
        touched: how many rows changed the dealerships of an entity and none of its columns.
        unchanged: how many rows changed nothing.
    """

    created: list[Entity] = msgspec.field(default_factory=list)
    updated: list[Entity] = msgspec.field(default_factory=list)
    granted: list[tuple[int, Entity, Record]] = msgspec.field(default_factory=list)
    touched: int = 0
    unchanged: int = 0


def settle(table: Table, index: Index, row: Row, batch: Batch) -> None:
    """Find out what *row* means and what it changes: into *index* and *batch*, or into the row's errors."""
    row.given_with = {name: row.record.pop(name) for name in table.granted_with if name in row.record}
    key = row.key(table)
    if row.id is not None:
        entity = index.by_id.get(row.id)
    elif key is not None:
        entity = index.match(key, row.owners)
    else:
        row.errors.append((None, table.unnamed))
        return
    if entity is None:
        _create(table, index, row, batch)
    else:
        _update(table, index, row, entity, batch)


def _create(table: Table, index: Index, row: Row, batch: Batch) -> None:
    entity = Entity(row.id, set(row.owners), table.defaults | table.derived(dict(row.record)), row.number)
    row.errors.extend((name, "must be given") for name in table.required if entity.record.get(name) is None)
    _refuse_what_is_taken(table, index, row, entity, entity.record)
    if row.errors:
        return
    if row.id is not None:
        index.by_id[row.id] = entity
    index.name(entity)
    batch.created.append(entity)
    batch.granted.extend((owner, entity, row.given_with) for owner in sorted(row.owners))


def _update(table: Table, index: Index, row: Row, entity: Entity, batch: Batch) -> None:
    record = entity.record | row.record
    changed = record != entity.record
    if table.belongs is Belongs.ONE and entity.owners != row.owners:
        row.errors.append(("dealership", f"this {table.one} belongs to another dealership and cannot move"))
    elif changed and entity.row is not None:
        row.errors.append((None, f"says something else than row {entity.row} about the same {table.one}"))
    else:
        _refuse_what_is_taken(table, index, row, entity, record)
    if row.errors:
        return
    new_owners = sorted(row.owners - entity.owners)
    entity.row = entity.row or row.number
    entity.owners.update(new_owners)
    batch.granted.extend((owner, entity, row.given_with) for owner in new_owners)
    if changed:
        index.unname(entity)
        entity.record = record
        index.name(entity)
        batch.updated.append(entity)
    elif new_owners:
        batch.touched += 1
    else:
        batch.unchanged += 1


def _refuse_what_is_taken(table: Table, index: Index, row: Row, entity: Entity, record: Record) -> None:
    """Tell if *record* would give *entity* what the database holds unique and another one has."""
    key = table.key(record) if table.unique else None
    other = index.match(key, row.owners) if key else None
    if other is None or other is entity:
        return
    which = (
        f"the {table.one} of row {other.row}" if other.id is None else f"the {table.one} with id {other.id}"
    )
    row.errors.append((table.unique, f"is taken by {which}"))
