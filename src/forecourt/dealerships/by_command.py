"""Writes that somebody makes at the server's own command line, where no key asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.access.caller import Caller
from forecourt.dealerships.operation import Change, Dealership, DealershipNotFound, Standing
from forecourt.infra.database import Query, record

if TYPE_CHECKING:
    from forecourt.infra.database import Connection

DEALERSHIP_NAMED = Query("""
select id, slug, name, timezone, country, now() as now
from dealership
where slug = :dealership or cast(id as text) = :dealership
order by slug = :dealership desc
limit 1
""")


async def change_by_command(
    connection: Connection, dealership: str, command: str, *, dry_run: bool = False
) -> Change:
    """A change at the dealership with this slug or id; *command* stands in the log where a request's id would.

    Raises:
        DealershipNotFound: there is none.
    """
    row = await connection.one_or_none(record, DEALERSHIP_NAMED, dealership=dealership)
    if row is None:
        raise DealershipNotFound(f"there is no dealership {dealership}")
    now = row.pop("now")
    standing = Standing(caller=Caller(None, ()), dealership=Dealership(**row), now=now)
    return Change(
        connection=connection, standing=standing, path={}, request_id=f"command:{command}", dry_run=dry_run
    )
