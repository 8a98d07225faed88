"""Sessions of the staff: a browser that is signed in, until it is idle, its day is over, or somebody ends it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.access import session_queries as queries
from forecourt.access.roles import PERMISSIONS_OF

if TYPE_CHECKING:
    from forecourt.infra.database import Connection

# The name makes browsers insist on Secure, on the whole site, and on this host alone.
COOKIE = "__Host-forecourt"
LASTS = timedelta(hours=12)
IDLE = timedelta(minutes=30)
_BYTES = 32


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """What a user is to a dealership."""

    dealership_id: int
    slug: str
    name: str
    timezone: str
    country: str
    role: str
    uses_appointment_state: bool

    def may(self, permission: str) -> bool:
        """Whether the role allows *permission*."""
        return permission in PERMISSIONS_OF[self.role]


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in.

    Attributes:
        preferences: how they like it: ``single_keys``, ``theme``, ``sound``.
        now: the database's clock.
    """

    user_id: int
    name: str
    email: str
    preferences: dict[str, Any]
    memberships: list[Membership]
    now: datetime


def session_hash(cookie: str) -> bytes:
    """The hash under which a session is known."""
    return hashlib.sha256(cookie.encode()).digest()


async def open_session(connection: Connection, user_id: int, *, user_agent: str | None, source: str) -> str:
    """Sign *user_id* in on a browser; the value of its cookie, which is known to nobody else."""
    value = secrets.token_urlsafe(_BYTES)
    await connection.run(
        queries.OPEN,
        token_hash=session_hash(value),
        user_id=user_id,
        lasts=LASTS,
        user_agent=(user_agent or "")[:255],
        source=source,
    )
    return value


async def visitor(connection: Connection, token_hash: bytes) -> Visitor | None:
    """Who is signed in with a session; None where it has ended."""
    return await connection.one_or_none(_visitor, queries.VISITOR, token_hash=token_hash, idle=IDLE)


def _visitor(*, memberships: str | None, preferences: str, **row: Any) -> Visitor:  # noqa: ANN401 - a row
    return Visitor(
        memberships=msgspec.json.decode(memberships or "[]", type=list[Membership]),
        preferences=msgspec.json.decode(preferences),
        **row,
    )


async def close_session(connection: Connection, token_hash: bytes) -> None:
    """Sign a browser out."""
    await connection.run(queries.CLOSE, token_hash=token_hash)
