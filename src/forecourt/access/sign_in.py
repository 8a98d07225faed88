"""Signing in with an e-mail address and a password."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import structlog

from forecourt.access import sign_in_queries as queries
from forecourt.access.hashing import is_outdated
from forecourt.access.refusals import TooBusy, WrongPassword
from forecourt.access.sessions import OpenedSession, let_in, new_secret, session_hash
from forecourt.access.throttle import ACCOUNT, DEVICE, SOURCE, claim, forgive, take_back

if TYPE_CHECKING:
    from forecourt.access.hashing import Hasher
    from forecourt.access.sessions import Browser
    from forecourt.access.throttle import Limit
    from forecourt.infra.database import Connection, Database

log = structlog.get_logger()

# So long the second factor may take.
STEP_LASTS = timedelta(minutes=10)


class SecondStep(msgspec.Struct, frozen=True, kw_only=True):
    """The password was right, and the second factor is asked for; *value* says so, to the browser that keeps it."""

    value: str


Entered: TypeAlias = OpenedSession | SecondStep


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of whoever tries: nothing but defaults where the address is nobody's."""

    user_id: int | None
    password_hash: str | None
    has_second_factor: bool
    knows_device: bool


async def sign_in(
    database: Database, hasher: Hasher, *, email: str, password: str, browser: Browser, return_to: str
) -> Entered:
    """Sign somebody in, or ask for their second factor.

    Raises:
        WrongPassword: address and password do not go together.
        TooManyTries: this try was not heard.
        TooBusy: no thread was free to look at it.
    """
    hasher.refuse_if_full()
    address = email.strip().lower()
    device_hash = session_hash(browser.device) if browser.device else b""
    async with database.connection() as connection:
        known = await connection.one(Known, queries.KNOWN, email=address, device_hash=device_hash)
        claims = _claims(known, address, browser, device_hash)
        for limit, value in claims:
            await claim(connection, limit, value)
    try:
        right = await hasher.fits(password, known.password_hash)
    except TooBusy:
        async with database.connection() as connection:
            for limit, value in claims:
                await take_back(connection, limit, value)
        raise
    if not right or known.user_id is None:
        log.info("sign_in.refused", user_id=known.user_id)
        raise WrongPassword
    if known.password_hash and is_outdated(known.password_hash):
        await _hash_again(database, hasher, known.user_id, password)
    async with database.connection() as connection, connection.transaction():
        for limit, value in claims:
            await (take_back if limit is SOURCE else forgive)(connection, limit, value)
        return await enter(
            connection, known.user_id, browser, return_to, second_factor=known.has_second_factor
        )


async def enter(
    connection: Connection, user_id: int, browser: Browser, return_to: str, *, second_factor: bool
) -> Entered:
    """Let in whoever has shown who they are, or ask for the second factor first where they have one."""
    if not second_factor:
        log.info("sign_in.done", user_id=user_id)
        return await let_in(connection, user_id, browser)
    step = SecondStep(value=new_secret())
    await connection.run(
        queries.OPEN_STEP,
        token_hash=session_hash(step.value),
        user_id=user_id,
        return_to=return_to,
        lasts=STEP_LASTS,
    )
    return step


def account_value(email: str) -> str:
    """By which failures are counted for an address; it need not be anybody's."""
    return hashlib.sha256(email.encode()).hexdigest()


def _claims(known: Known, address: str, browser: Browser, device_hash: bytes) -> list[tuple[Limit, str]]:
    """For whom this try is counted."""
    if known.knows_device:
        return [(DEVICE, device_hash.hex())]
    return [(SOURCE, browser.source), (ACCOUNT, account_value(address))]


async def _hash_again(database: Database, hasher: Hasher, user_id: int, password: str) -> None:
    password_hash = await hasher.hash(password)
    async with database.connection() as connection:
        await connection.run(queries.KEEP_PASSWORD, user_id=user_id, password_hash=password_hash)
