"""Applies the migrations: plain SQL files in order, each once, each in a transaction of its own."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from forecourt.infra.database import DatabaseUnavailable
from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

# Any number, the same in every process: only one of them migrates at a time.
_LOCK = 7_261_404_331

_LEDGER = """
create table if not exists applied_migration (
    number integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
)
"""


class MigrationChanged(Refusal):
    """A migration that was applied here reads differently now, or is unknown to this version."""

    code = "migration-changed"
    title = "The database was migrated by another version of Forecourt"


class Migration(msgspec.Struct, frozen=True):
    """One file of ``forecourt/migrations``, named ``NNNN_what_it_brings.sql``."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """The hash under which it is remembered once applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> Iterator[Migration]:
    """Every migration that this version knows, in order."""
    folder = resources.files("forecourt") / "migrations"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield Migration(int(file.name.partition("_")[0]), file.name, file.read_text("utf-8"))


async def migrate(url: str) -> list[str]:
    """Bring the database at *url* up to this version; the names of what was applied now.

    Raises:
        DatabaseUnavailable: nobody answers under *url*.
        MigrationChanged: the database knows a migration that this version does not, or another text of it.
    """
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnavailable("nobody answers at the database's address") from error
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await connection.execute(_LEDGER)
        applied = await _applied(connection)
        return [await _apply(connection, migration) for migration in _missing(applied)]
    finally:
        await connection.close()


async def missing(url: str) -> list[str]:
    """The names of the migrations that the database at *url* lacks; nothing is applied.

    Raises:
        DatabaseUnavailable: nobody answers under *url*.
        MigrationChanged: as ``migrate`` raises it.
    """
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnavailable("nobody answers at the database's address") from error
    try:
        applied = await _applied(connection)
    except asyncpg.UndefinedTableError:
        applied = {}
    finally:
        await connection.close()
    return [migration.name for migration in _missing(applied)]


async def _applied(connection: asyncpg.Connection[asyncpg.Record]) -> dict[int, str]:
    rows = await connection.fetch("select number, sha256 from applied_migration order by number")
    return {row["number"]: row["sha256"] for row in rows}


def _missing(applied: dict[int, str]) -> list[Migration]:
    known = list(migrations())
    for number in applied.keys() - {migration.number for migration in known}:
        raise MigrationChanged(f"migration {number:04} is unknown to this version")
    for migration in known:
        if applied.get(migration.number, migration.sha256) != migration.sha256:
            raise MigrationChanged(f"{migration.name} is not the text that was applied here")
    return [migration for migration in known if migration.number not in applied]


async def _apply(connection: asyncpg.Connection[asyncpg.Record], migration: Migration) -> str:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into applied_migration (number, name, sha256) values ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.sha256,
        )
    return migration.name
