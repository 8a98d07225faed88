"""Same key, same answer: retries that are safe (the IETF's Idempotency-Key draft).

The answer is stored by the statement that does the work. A lock of the session, taken by the statement that
reads, tells a second request that the first is still under way; where that lock was given up a moment before
the commit, the stored answer's primary key is the net.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from forecourt.infra.database import Query
from forecourt.infra.refusals import Erased, Refusal

if TYPE_CHECKING:
    from datetime import timedelta

    from forecourt.infra.database import Connection

# The draft's structured-field string, or the bare key that most clients send.
_KEY = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"|([\x21\x23-\x7e]{1,255})')


# The status of an answer whose body was erased with the person it was about.
ERASED = 410


class BadIdempotencyKey(Refusal):
    """The Idempotency-Key is empty, longer than 255 characters or not printable ASCII."""

    code = "bad-idempotency-key"
    title = "The Idempotency-Key does not fit"


class IdempotencyKeyReused(Refusal):
    """The key was used before, with another payload."""

    code = "idempotency-key-reused"
    title = "The Idempotency-Key belongs to another request"


class RequestInFlight(Refusal):
    """The first request with this key is not answered yet.

    Attributes:
        retry_after: seconds.
    """

    code = "request-in-flight"
    title = "The first request with this Idempotency-Key is still being worked on"
    retry_after = 1


class StoredAnswer(msgspec.Struct, frozen=True):
    """What the first request with a key was answered.

    Attributes:
        payload_hash: SHA-256 of what it sent.
    """

    payload_hash: bytes
    status: int
    body: bytes


def key_of(header: str | None) -> str | None:
    """The key in an Idempotency-Key header.

    Raises:
        BadIdempotencyKey: it is not one.
    """
    if header is None:
        return None
    found = _KEY.fullmatch(header.strip())
    if found is None:
        raise BadIdempotencyKey("send 1 to 255 printable ASCII characters, such as a UUID")
    quoted, bare = found.groups()
    return str(bare) if quoted is None else re.sub(r"\\(.)", r"\1", quoted)


def answered_before(stored: StoredAnswer | None, payload_hash: bytes, *, locked: bool | None) -> bool:
    """Whether *stored* answers this request too.

    Args:
        stored: the answer under the request's key, if there is one.
        payload_hash: SHA-256 of what this request sends.
        locked: whether the key's lock was got; None where the request has no key.

    Raises:
        IdempotencyKeyReused: it belongs to another payload.
        Erased: it was about a person who was erased since.
        RequestInFlight: there is none yet, and somebody else holds the lock.
    """
    if stored is not None:
        if stored.payload_hash != payload_hash:
            raise IdempotencyKeyReused("use a new key for a new request")
        if stored.status == ERASED:
            raise Erased
        return True
    if locked is False:
        raise RequestInFlight("ask again in a second, with the same key")
    return False


UNLOCK = Query("select pg_advisory_unlock_all()")

DELETE_EXPIRED = Query("""
delete from idempotent_answer where created_at < now() - cast(:kept as interval)
""")


async def forget_expired(connection: Connection, kept: timedelta) -> int:
    """Delete the answers older than *kept*; how many there were."""
    return await connection.run(DELETE_EXPIRED, kept=kept)
