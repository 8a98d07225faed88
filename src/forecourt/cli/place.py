"""Where a command works: the settings in force, and the database behind them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - the command line reads the annotations
from typing import TYPE_CHECKING, Annotated, TypeVar

from cyclopts import Parameter

from forecourt.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from datetime import timedelta

    from forecourt.infra.database import Database


@Parameter(name="*")
@dataclass(frozen=True)
class Where:
    """Where the data is.

    Attributes:
        data_dir: The data folder (FORECOURT_DATA_DIR).
        database_url: A PostgreSQL 18 server instead of the embedded one (FORECOURT_DATABASE_URL).
    """

    data_dir: Annotated[Path | None, Parameter(help="The data folder (FORECOURT_DATA_DIR).")] = None
    database_url: Annotated[
        str | None,
        Parameter(help="A PostgreSQL 18 server instead of the embedded one (FORECOURT_DATABASE_URL)."),
    ] = None

    def settings(self, **flags: object) -> Settings:
        """The settings in force under these and other *flags*."""
        return read_settings({"data_dir": self.data_dir, "database_url": self.database_url} | flags)


@asynccontextmanager
async def database_at(settings: Settings, *, linger: timedelta | None = None) -> AsyncGenerator[Database]:
    """The database of *settings*, running and migrated.

    Raises:
        EmbeddedRefused: the embedded server cannot run.
        DatabaseUnavailable: nobody answers.
        MigrationChanged: it was migrated by another version.
    """
    from forecourt.infra.database import Database  # noqa: PLC0415 - slow to load; --help needs none of it
    from forecourt.infra.embedded import hold  # noqa: PLC0415
    from forecourt.infra.migrate import migrate  # noqa: PLC0415

    embedded = None
    if settings.database_url is None:
        embedded = await asyncio.to_thread(hold, settings.data_dir, linger=linger)
    database = Database(connections=2)
    try:
        url = settings.database_url or (embedded.url if embedded else "")
        await migrate(url)
        await database.open(url)
        yield database
    finally:
        await database.close()
        if embedded is not None:
            embedded.close()


HERE = Where()
Json = Annotated[bool, Parameter(name="--json", negative="", help="Tell the result as JSON.")]

Told = TypeVar("Told")


def told_by(where: Where, use: Callable[[Database], Awaitable[Told]]) -> Told:
    """What a room's use case tells, with the database of *where*."""

    async def using() -> Told:
        async with database_at(where.settings()) as database:
            return await use(database)

    return asyncio.run(using())
