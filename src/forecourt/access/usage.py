"""When each key was last used: noted in memory by each request, written to the database now and then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from forecourt.access.queries import TOUCH_KEYS

if TYPE_CHECKING:
    from forecourt.infra.database import Database

# So many are remembered between two writings; a flood of made-up tokens must not fill the memory.
_MOST = 10_000

_used: dict[bytes, datetime] = {}


def note(token_hash: bytes) -> None:
    """A key with this hash was shown just now, whether there is one or not."""
    if len(_used) < _MOST or token_hash in _used:
        _used[token_hash] = datetime.now(UTC)


async def write_down(database: Database) -> None:
    """Tell the database what was noted since the last time; hashes that it does not know say nothing to it.

    Raises:
        DatabaseUnavailable: it cannot be asked; what was noted is kept for the next time.
    """
    noted = dict(_used)
    if not noted:
        return
    async with database.connection() as connection:
        await connection.run(TOUCH_KEYS, token_hashes=list(noted), times=list(noted.values()))
    for token_hash, at in noted.items():
        if _used.get(token_hash) == at:
            del _used[token_hash]
