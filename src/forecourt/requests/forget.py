"""How the log ends: line by line from its old end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from forecourt.infra.database import Query
from forecourt.requests.moments import first_id

if TYPE_CHECKING:
    from forecourt.infra.database import Database

# Few enough that nobody waits for them.
_BATCH = 2_000

FORGET = Query("""
delete from request_log where id in (
    select old.id from request_log as old
    where old.id < :before
    order by old.id
    limit :most
)
""")


async def forget_requests(database: Database, kept: timedelta) -> int:
    """Delete the requests that were answered longer ago than *kept*; how many there were.

    Raises:
        DatabaseUnavailable: it cannot be asked.
    """
    before, forgotten = first_id(datetime.now(UTC) - kept), 0
    while True:
        async with database.connection() as connection:
            gone = await connection.run(FORGET, before=before, most=_BATCH)
        forgotten += gone
        if gone < _BATCH:
            return forgotten
