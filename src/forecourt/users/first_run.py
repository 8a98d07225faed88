"""The first run: whoever set the installation up becomes an owner of its dealerships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.dealerships.by_command import change_by_command
from forecourt.dealerships.create import create_dealership, list_dealerships
from forecourt.dealerships.operation import DealershipNotFound
from forecourt.events.record import record_event
from forecourt.users import queries

if TYPE_CHECKING:
    from forecourt.dealerships.create import ListedDealership
    from forecourt.infra.database import Database


async def found_dealership(
    database: Database, user_id: int, *, slug: str, name: str, timezone: str, country: str
) -> None:
    """Create a dealership, owned by *user_id*, who set the installation up.

    Raises:
        BadDealership: a value does not fit.
        SlugTaken: another has the slug.
    """
    await create_dealership(database, slug=slug, name=name, timezone=timezone, country=country, group=None)
    await own_dealership(database, user_id, slug)


async def own_dealership(database: Database, user_id: int, slug: str) -> None:
    """Make *user_id*, who set the installation up, an owner of a dealership that is there.

    Raises:
        DealershipNotFound: there is none with this slug, or somebody else set the installation up.
    """
    async with database.connection() as connection, connection.transaction():
        if not await connection.run(queries.OWN, user_id=user_id, slug=slug):
            raise DealershipNotFound
        change = await change_by_command(connection, slug, "set-up")
        changes = {"user_id": user_id, "role": {"from": None, "to": "owner"}}
        await record_event(change, "user.created", None, changes, user_id=user_id)


async def dealerships_there(database: Database) -> list[ListedDealership]:
    """What the first user may choose from."""
    return await list_dealerships(database)
