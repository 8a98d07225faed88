"""The second factor: codes of an authenticator app (TOTP, RFC 6238), each good once, and recovery codes for a lost one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import pyotp
import structlog

from forecourt.access import second_factor_queries as queries
from forecourt.access.refusals import SecondStepEnded, WrongCode
from forecourt.access.sessions import let_in, session_hash
from forecourt.access.sign_in_queries import CLOSE_STEPS, STEP
from forecourt.access.throttle import SECOND_FACTOR, claim, forgive

if TYPE_CHECKING:
    from forecourt.access.sessions import Browser, OpenedSession
    from forecourt.infra.database import Connection, Database

log = structlog.get_logger()

ISSUER = "Forecourt"
_SECONDS = 30
_RECOVERY_CODES = 8
_RECOVERY_BYTES = 15
_DIGITS = re.compile(r"[0-9]{6}")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that waits for its second factor."""

    user_id: int
    return_to: str
    secret: str
    now: datetime


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A second factor that is being set up."""

    secret: str
    address: str


async def step_of(connection: Connection, value: str | None) -> Step:
    """The sign-in under way in a browser.

    Raises:
        SecondStepEnded: there is none, or its time is over.
    """
    step = None
    if value:
        step = await connection.one_or_none(Step, STEP, token_hash=session_hash(value))
    if step is None:
        raise SecondStepEnded
    return step


async def pass_step(
    database: Database, value: str | None, code: str, browser: Browser
) -> tuple[OpenedSession, str]:
    """Sign in whoever knows the *code*; with the address where they wanted to go.

    Raises:
        SecondStepEnded: no sign-in waits for it.
        TooManyTries: the code was not looked at.
        WrongCode: it is neither of the app nor for recovery, or was used before.
    """
    async with database.connection() as connection:
        step = await step_of(connection, value)
        await claim(connection, SECOND_FACTOR, str(step.user_id))
        async with connection.transaction():
            if not await is_right(connection, step.user_id, step.secret, code, step.now):
                log.info("sign_in.code_refused", user_id=step.user_id)
                raise WrongCode
            await forgive(connection, SECOND_FACTOR, str(step.user_id))
            await connection.run(CLOSE_STEPS, user_id=step.user_id)
            log.info("sign_in.done", user_id=step.user_id)
            return await let_in(connection, step.user_id, browser), step.return_to


async def prepare(connection: Connection, user_id: int, email: str) -> Prepared:
    """Begin to set up a second factor: a new secret, which counts only once a code of it was shown."""
    secret = pyotp.random_base32()
    await connection.run(queries.PREPARE, user_id=user_id, secret=secret)
    return _prepared(secret, email)


async def prepared(connection: Connection, user_id: int, email: str) -> Prepared | None:
    """The second factor that is being set up, if one is."""
    row = await connection.one_or_none(_Secret, queries.PREPARED, user_id=user_id)
    return None if row is None else _prepared(row.secret, email)


async def confirm(connection: Connection, user_id: int, code: str) -> list[str]:
    """Put the second factor that was prepared in force; its recovery codes, which are shown this once.

    Raises:
        TooManyTries: the code was not looked at.
        WrongCode: it is not of this secret and time.
    """
    row = await connection.one_or_none(_Secret, queries.PREPARED, user_id=user_id)
    if row is None:
        raise SecondStepEnded
    await claim(connection, SECOND_FACTOR, str(user_id))
    async with connection.transaction():
        if not await _is_of_now(connection, user_id, row.secret, code, row.now):
            raise WrongCode
        await forgive(connection, SECOND_FACTOR, str(user_id))
        await connection.run(queries.CONFIRM, user_id=user_id)
        log.info("second_factor.set_up", user_id=user_id)
        return await new_recovery_codes(connection, user_id)


async def remove(connection: Connection, user_id: int) -> None:
    """Do without a second factor from now on."""
    async with connection.transaction():
        await connection.run(queries.REMOVE, user_id=user_id)
        await connection.run(queries.FORGET_CODES, user_id=user_id)
    log.info("second_factor.removed", user_id=user_id)


async def new_recovery_codes(connection: Connection, user_id: int) -> list[str]:
    """New recovery codes in the place of all that there were."""
    codes = [_recovery_code() for _ in range(_RECOVERY_CODES)]
    await connection.run(queries.FORGET_CODES, user_id=user_id)
    await connection.run(queries.KEEP_CODES, user_id=user_id, hashes=[_code_hash(code) for code in codes])
    return codes


async def is_right(connection: Connection, user_id: int, secret: str, code: str, now: datetime) -> bool:
    """Whether *code* is the app's of now or a recovery code; either is used up by it."""
    if _DIGITS.fullmatch(re.sub(r"\s", "", code)):
        return await _is_of_now(connection, user_id, secret, code, now)
    return bool(await connection.run(queries.USE_CODE, user_id=user_id, code_hash=_code_hash(code)))


async def _is_of_now(connection: Connection, user_id: int, secret: str, code: str, now: datetime) -> bool:
    """Whether *code* is of this half minute, the one before or the one after, and later than the last that was used."""
    step = matching_step(secret, re.sub(r"\s", "", code), now)
    return step is not None and bool(await connection.run(queries.USE_STEP, user_id=user_id, step=step))


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The half minute whose code it is, at most one away from *now*; None for another."""
    made = pyotp.TOTP(secret)
    at = int(now.timestamp()) // _SECONDS
    found = None
    for step in (at - 1, at, at + 1):
        if hmac.compare_digest(made.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def _prepared(secret: str, email: str) -> Prepared:
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    return Prepared(secret=secret, address=address)


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _code_hash(code: str) -> bytes:
    return hashlib.sha256(re.sub(r"[^a-z2-7]", "", code.lower()).encode()).digest()


class _Secret(msgspec.Struct, frozen=True):
    secret: str
    now: datetime
