"""Lending a key for a moment to somebody who is signed in, for a use case that only keys have.

What is written with it names the key, and the key its user. Its token never was anywhere: only the hash of nothing is known.
"""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from forecourt.keys.queries import LEND, TAKE_BACK

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from forecourt.infra.database import Database


@asynccontextmanager
async def lent_key(
    database: Database,
    *,
    user_id: int,
    name: str,
    mode: str,
    permissions: Sequence[str],
    dealership_ids: Sequence[int],
) -> AsyncGenerator[bytes]:
    """The hash of a key that works inside; whoever asks for it has checked that the user may all of it."""
    token_hash = secrets.token_bytes(32)
    async with database.connection() as connection:
        await connection.run(
            LEND,
            name=name,
            mode=mode,
            token_hash=token_hash,
            permissions=list(permissions),
            user_id=user_id,
            dealership_ids=list(dealership_ids),
        )
    try:
        yield token_hash
    finally:
        async with database.connection() as connection:
            await connection.run(TAKE_BACK, token_hash=token_hash)
