"""Somebody's own test keys.

The database knows a key by the hash of its token only, and so nobody could show it again. A test key of one's own is made of
the session's cookie, which only the browser has, and a salt, which only the database has: as long as the session lasts the
token can be made again to be shown, and once it is over by nobody any more.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from forecourt.access import tokens
from forecourt.access.keys import KeyNotFound
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome, nothing_to_find
from forecourt.keys.issue import add_key, allowed_at, places_of
from forecourt.keys.log import log_at_each, of_key
from forecourt.keys.queries import END_OLDEST, END_OWN, OWN
from forecourt.keys.records import IssuedOut, NewKey, OwnKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Connection

# Whoever sees what integrations do may be one.
NEEDS = "read:request_log"
LASTS = timedelta(days=30)
# Of each person: the oldest ends with the next.
MOST = 5
# What a test has no use for.
_NEVER = frozenset({"erase:contact", "manage:api_key", "manage:user", "read:audit"})
_SALT_BYTES = 16


async def own_keys(connection: Connection, user_id: int) -> list[OwnKey]:
    """The test keys of *user_id* that are in force, the newest in front."""
    return await connection.every(OwnKey, OWN, user_id=user_id)


def shown_token(keys: Sequence[OwnKey], cookie: str) -> str | None:
    """The token of the newest of *keys* that was made in the session with this *cookie*; None where none was."""
    for key in keys:
        token = _token(cookie, key.salt)
        if tokens.hash_of(token) == key.token_hash:
            return token
    return None


def making(cookie: str, name: str) -> Operation[None, Nothing]:
    """The operation that makes whoever is signed in a test key, for every dealership where they may look on.

    Args:
        cookie: of their session.
        name: theirs.
    """
    return Operation(NEEDS, nothing_to_find, Nothing, partial(_make, cookie, f"{name}'s test key"))


async def _make(cookie: str, name: str, change: Change, _: None, __: Nothing) -> Outcome:
    assert change.user_id is not None  # noqa: S101 - only the pages ask for it
    places = await places_of(change.connection, change.user_id, NEEDS)
    permissions = sorted(allowed_at(places) - _NEVER)
    ids = [place.dealership_id for place in places]
    salt = secrets.token_bytes(_SALT_BYTES)
    token = _token(cookie, salt)
    new = NewKey(
        name=name,
        mode="test",
        permissions=permissions,
        dealership_ids=ids,
        expires_at=change.now + LASTS,
        user_id=change.user_id,
        salt=salt,
    )
    key_id = await add_key(change, new, token)
    await change.connection.run(END_OLDEST, user_id=change.user_id, kept=MOST)
    made = {"id": key_id, "name": name, "mode": "test", "permissions": permissions}
    changes = of_key(key_id, name, **{field: (None, value) for field, value in made.items()})
    await log_at_each(change, "api_key.created", ids, changes)
    return Outcome(body=IssuedOut(key_id, name, "test", token), status=201)


async def _find(change: Change) -> OwnKey:
    key_id = id_in(change.path, "key_id", KeyNotFound)
    for key in await own_keys(change.connection, change.user_id or 0):
        if key.id == key_id:
            return key
    raise KeyNotFound


async def _end(change: Change, key: OwnKey, _: Nothing) -> Outcome:
    if await change.connection.run(END_OWN, key_id=key.id, user_id=change.user_id):
        changes = of_key(key.id, key.name, revoked_at=(None, change.now))
        await log_at_each(change, "api_key.revoked", key.dealership_ids, changes)
    return Outcome(body=Nothing())


END = Operation(NEEDS, _find, Nothing, _end)


def _token(cookie: str, salt: bytes) -> str:
    return tokens.token_of("test", hmac.new(cookie.encode(), b"test key" + salt, hashlib.sha256).digest())
