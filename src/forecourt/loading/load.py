"""Loads reference data: rows of dealerships, their stock and their people, from wherever they come.

Each table is loaded in batches, each batch in one transaction, so that the rows that fit are there whatever becomes
of the others. A load may be repeated as often as one likes: what is there already is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from forecourt.infra.database import ConstraintBroken
from forecourt.infra.refusals import Refusal
from forecourt.loading import queries
from forecourt.loading.entities import Batch, Entity, Index, settle
from forecourt.loading.owners import Dealership, Dealerships
from forecourt.loading.placing import Named, group_of, place
from forecourt.loading.report import Counts, Report, RowError
from forecourt.loading.rows import Row, names_in, read_rows, shown, told, unknown_columns
from forecourt.loading.tables import DEALERSHIPS, GROUPS, TABLES, unknown_table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from forecourt.infra.database import Connection, Database
    from forecourt.loading.shapes import Table

    Progress: TypeAlias = Callable[[str, int, int], None]

# So many rows are one transaction: some tens of milliseconds, far below the session's time limit for a statement.
BATCH = 1_000


class WrittenMeanwhile(Refusal):
    """Somebody else wrote what the load was about to write, between its look and its write."""

    code = "written-meanwhile"
    title = "Somebody else wrote the same rows at the same moment; load again"


async def load(
    database: Database,
    tables: Mapping[str, Sequence[object]],
    *,
    progress: Progress | None = None,
) -> Report:
    """Load *tables* and tell what became of each row.

    Rows that do not fit are left out and reported; the others are loaded.

    Args:
        database: a migrated one.
        tables: rows by table name; a row is a mapping from column to value, as JSON or CSV holds it.
        progress: called with a table's name, how many of its rows are done, and how many it has.

    Raises:
        WrittenMeanwhile: another writer came between; what was loaded before stays.
        DatabaseUnavailable: the database cannot be asked; what was loaded before stays.
    """
    report = Report()
    report.errors.extend(
        RowError(shown(name), 0, None, unknown_table(name)) for name in tables if name not in TABLES
    )
    plan: dict[str, list[Row]] = {}
    for name, table in TABLES.items():
        given = tables.get(name)
        if isinstance(given, (list, tuple)):
            plan[name] = read_rows(table, given)
        elif given is not None:
            report.errors.append(RowError(name, 0, None, "must be an array of objects"))
    async with database.connection() as tx:
        run = _Run(tx, report, progress)
        try:
            await run.load_all(plan)
        except ConstraintBroken as broken:
            raise WrittenMeanwhile from broken
    return report


class _Run:
    """One load under way."""

    def __init__(self, tx: Connection, report: Report, progress: Progress | None) -> None:
        self._tx = tx
        self._report = report
        self._progress = progress
        self._dealerships = Dealerships(())
        self._groups: dict[int, Row] = {}

    async def load_all(self, plan: Mapping[str, list[Row]]) -> None:
        """Load every table of *plan*, in its order."""
        dealerships = plan.get(DEALERSHIPS.name, [])
        self._groups = _groups_told_by(dealerships)
        highest = {TABLES[name].relation: _highest_id(rows) for name, rows in plan.items()}
        groups = [*plan.get(GROUPS.name, []), *self._groups.values()]
        highest[GROUPS.relation] = _highest_id(groups)
        await self._tx.run(queries.MOVE_SEQUENCES, relations=list(highest), ids=list(highest.values()))
        known = await self._every_dealership()
        self._dealerships = Dealerships(known, known[0].id if len(known) == 1 else None)
        for name, rows in plan.items():
            table = TABLES[name]
            if unknown := unknown_columns(table, rows):
                self._report.ignored[name] = unknown
            index = await self._load_table(table, rows)
            self._report.errors.extend(told(name, rows))
            if table is DEALERSHIPS and rows:
                self._dealerships = Dealerships(await self._every_dealership(), _only_one_of(index, rows))

    async def _every_dealership(self) -> list[Dealership]:
        return await self._tx.every(Dealership, queries.EVERY_DEALERSHIP)

    async def _load_table(self, table: Table, rows: Sequence[Row]) -> Index:
        index = Index(table)
        counts = self._report.loaded[table.name] = Counts()
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            if table is DEALERSHIPS:
                await self._load_groups_of(some)
            batch = await self._load_batch(table, index, some)
            counts.created += len(batch.created)
            counts.updated += len(batch.updated) + batch.touched
            counts.unchanged += batch.unchanged
            if self._progress is not None:
                self._progress(table.name, start + len(some), len(rows))
        return index

    async def _load_groups_of(self, dealerships: Sequence[Row]) -> None:
        """Load the groups that the rows of *dealerships* tell of in passing."""
        tellers = [(row, self._groups[row.number]) for row in dealerships if row.number in self._groups]
        await self._load_batch(GROUPS, Index(GROUPS), [group for _, group in tellers])
        for row, group in tellers:
            row.errors.extend(("group", f"{field}: {message}") for field, message in group.errors)

    async def _load_batch(self, table: Table, index: Index, rows: Sequence[Row]) -> Batch:
        batch = Batch()
        async with self._tx.transaction():
            await self._tx.run(queries.ONE_LOAD_AT_A_TIME)
            readable = [row for row in rows if not row.errors]
            await self._find(index, table, ids={row.id for row in readable if row.id is not None})
            await self._place(table, index, readable)
            placed = [row for row in readable if not row.errors]
            keys = {str(key[-1]) for row in placed if (key := row.key(table)) is not None}
            owners = {owner for row in placed for owner in row.owners}
            await self._find(index, table, keys=keys, dealership_ids=owners)
            for row in placed:
                settle(table, index, row, batch)
            await self._write(table, index, batch)
        return batch

    async def _find(
        self,
        index: Index,
        table: Table,
        *,
        ids: Collection[int] = (),
        keys: Collection[str] = (),
        dealership_ids: Collection[int] = (),
    ) -> None:
        if ids or keys:
            given = {"ids": list(ids), "keys": list(keys), "dealership_ids": list(dealership_ids)}
            index.add(await self._tx.every(Entity.found, table.find, **given))

    async def _place(self, table: Table, index: Index, rows: Sequence[Row]) -> None:
        """Find what *rows* refer to, and so whose each of them is."""
        named: list[list[Named]] = [[] for _ in rows]
        for reference in table.references:
            other = TABLES[reference.to]
            others = Index(other)
            for row, of_row in zip(rows, named, strict=True):
                of_row.append(Named(reference, others, names_in(table, reference, row)))
            wanted = {name for of_row in named for _, name in of_row[-1].names}
            await self._find(
                others,
                other,
                ids={name for name in wanted if isinstance(name, int)},
                keys={other.folded(name) for name in wanted if isinstance(name, str)},
            )
        for row, of_row in zip(rows, named, strict=True):
            existing = None if row.id is None else index.by_id.get(row.id)
            place(table, row, of_row, existing, self._dealerships)

    async def _write(self, table: Table, index: Index, batch: Batch) -> None:
        new = [entity for entity in batch.created if entity.id is None]
        if new:
            ids = await self._tx.every(_NewId, queries.NEXT_IDS, relation=table.relation, count=len(new))
            for entity, next_id in zip(new, ids, strict=True):
                entity.id = next_id.id
            index.add(new)
        # In the order of the file: one row may free a slug that a later one takes.
        changed = sorted(batch.created + batch.updated, key=lambda entity: entity.row or 0)
        if changed:
            await self._tx.run(
                table.write, rows=msgspec.json.encode([_row_of(it) for it in changed]).decode()
            )
        if batch.granted and table.grant is not None:
            await self._tx.run(
                table.grant,
                dealership_ids=[owner for owner, _, _ in batch.granted],
                ids=[entity.id for _, entity, _ in batch.granted],
                roles=[given.get("role") for _, _, given in batch.granted],
            )


class _NewId(msgspec.Struct):
    id: int


def _groups_told_by(dealerships: Sequence[Row]) -> dict[int, Row]:
    """The groups that dealerships' rows tell of in passing, as rows, by the number of the row that does."""
    tellers = {row.number: group for row in dealerships if (group := group_of(row.given)) is not None}
    return dict(zip(tellers, read_rows(GROUPS, list(tellers.values())), strict=True))


def _highest_id(rows: Sequence[Row]) -> int | None:
    return max((row.id for row in rows if row.id is not None), default=None)


def _only_one_of(index: Index, rows: Sequence[Row]) -> int | None:
    """The dealership that the file is about; None where it is about several, or one of them was refused."""
    named = [number for number, entity in index.by_id.items() if entity.row is not None]
    return named[0] if len(named) == 1 and not any(row.errors for row in rows) else None


def _row_of(entity: Entity) -> dict[str, object]:
    return {"dealership_id": next(iter(entity.owners), None), "id": entity.id, **entity.record}
