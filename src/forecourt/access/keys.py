"""API keys: issued, listed, revoked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from forecourt.access import tokens
from forecourt.access.key_queries import INSERT_KEY, KEYS, REVOKE_KEY
from forecourt.infra.database import record
from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Database

_REVOKING = "command:keys revoke"


class DealershipUnknown(Refusal):
    """A key was asked for a dealership that there is not."""

    code = "dealership-unknown"
    title = "There is no such dealership"


class KeyNotFound(Refusal):
    """There is no key with this id."""

    code = "key-not-found"
    title = "There is no such key"


class IssuedKey(msgspec.Struct, frozen=True):
    """A new key. Its token is shown this once; the database knows only its hash."""

    id: int
    token: str


class ListedKey(msgspec.Struct, frozen=True):
    """A key, without its token."""

    id: int
    name: str
    mode: str
    token_hint: str
    permissions: list[str]
    dealerships: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


async def issue_key(
    database: Database,
    *,
    name: str,
    mode: str,
    permissions: Sequence[str],
    dealerships: Sequence[str],
    expires_at: datetime | None,
    command: str = "keys create",
) -> IssuedKey:
    """Issue a key.

    Args:
        database: where it will be known.
        name: to recognise it by.
        mode: ``live`` or ``test``.
        permissions: what it allows, as ``verb:noun``.
        dealerships: the slugs or ids of those it speaks for.
        expires_at: when it ends; never by default.
        command: which issues it, for the log.

    Raises:
        DealershipUnknown: one of *dealerships* is not there; nothing was issued.
    """
    token = tokens.new_token(mode)
    async with database.connection() as connection:
        row = await connection.one(
            record,
            INSERT_KEY,
            name=name,
            mode=mode,
            token_hash=tokens.hash_of(token),
            token_hint=tokens.hint(token),
            permissions=list(permissions),
            dealerships=list(dealerships),
            expires_at=expires_at,
            command=f"command:{command}",
        )
    if row["unknown"]:
        raise DealershipUnknown(f"no dealership has the slug or id {', '.join(row['unknown'])}")
    return IssuedKey(row["id"], token)


async def list_keys(database: Database) -> list[ListedKey]:
    """Every key, the newest first."""
    async with database.connection() as connection:
        return await connection.every(ListedKey, KEYS)


async def revoke_key(database: Database, key_id: int) -> None:
    """Revoke a key; from now on no server knows it. Revoking it again changes nothing.

    Raises:
        KeyNotFound: there is none with this id.
    """
    async with database.connection() as connection:
        if await connection.one_or_none(record, REVOKE_KEY, key_id=key_id, command=_REVOKING) is None:
            raise KeyNotFound(f"no key has the id {key_id}")
