"""Sessions of the staff: a browser that is signed in, until it is idle, its day is over, or somebody ends it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.access import session_queries as queries
from forecourt.access.roles import PERMISSIONS_OF
from forecourt.infra.database import record

if TYPE_CHECKING:
    from forecourt.infra.database import Connection

# The name makes browsers insist on Secure, on the whole site, and on this host alone.
COOKIE = "__Host-forecourt"
LASTS = timedelta(hours=12)
IDLE = timedelta(minutes=30)
_BYTES = 32


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody signs in.

    Attributes:
        source: the address that the request came from.
        device: what the browser keeps since somebody signed in with it before.
        session_hash: of the session that it shows, which ends with the new one.
    """

    user_agent: str | None
    source: str
    device: str | None = None
    session_hash: bytes | None = None


class OpenedSession(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is signed in: what their browser is to keep, known to nobody else."""

    user_id: int
    value: str
    device: str


class ListedSession(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is signed in, as its user sees it."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    user_agent: str
    source: str | None
    is_this_one: bool


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
        sets_up: whether they set this installation up, and so may create its dealerships.
    """

    user_id: int
    name: str
    email: str
    preferences: dict[str, Any]
    memberships: list[Membership]
    now: datetime
    sets_up: bool


def session_hash(cookie: str) -> bytes:
    """The hash under which a session is known."""
    return hashlib.sha256(cookie.encode()).digest()


async def open_session(connection: Connection, user_id: int, *, user_agent: str | None, source: str) -> str:
    """Sign *user_id* in on a browser; the value of its cookie, which is known to nobody else."""
    value = new_secret()
    await connection.run(
        queries.OPEN,
        token_hash=session_hash(value),
        user_id=user_id,
        lasts=LASTS,
        user_agent=(user_agent or "")[:255],
        source=source,
    )
    return value


async def let_in(connection: Connection, user_id: int, browser: Browser) -> OpenedSession:
    """Sign *user_id* in: a new session, whatever the browser showed before, in a browser that is known from now on."""
    shown, device = browser.device or "", new_secret()
    if browser.session_hash is not None:
        await close_session(connection, browser.session_hash)
    known = await connection.one(
        record,
        queries.KNOW_DEVICE,
        shown_hash=session_hash(shown),
        new_hash=session_hash(device),
        user_id=user_id,
    )
    if known["token_hash"] == session_hash(shown):
        device = shown
    value = await open_session(connection, user_id, user_agent=browser.user_agent, source=browser.source)
    return OpenedSession(user_id=user_id, value=value, device=device)


def new_secret() -> str:
    """256 random bits, fit for a cookie and for an address."""
    return secrets.token_urlsafe(_BYTES)


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


async def close_session_of(connection: Connection, user_id: int, session_id: int) -> None:
    """End one of *user_id*'s sessions."""
    await connection.run(queries.CLOSE_ONE_OF, user_id=user_id, session_id=session_id)


async def close_sessions(connection: Connection, user_id: int, *, but: bytes | None = None) -> None:
    """End every session of *user_id*; all *but* the one with this hash."""
    if but is None:
        await connection.run(queries.CLOSE_ALL, user_id=user_id)
    else:
        await connection.run(queries.CLOSE_OTHERS, user_id=user_id, token_hash=but)


async def sessions_of(connection: Connection, user_id: int, token_hash: bytes) -> list[ListedSession]:
    """The browsers in which *user_id* is signed in; the one that asks is known by *token_hash*."""
    return await connection.every(
        ListedSession, queries.SESSIONS, user_id=user_id, token_hash=token_hash, idle=IDLE
    )
