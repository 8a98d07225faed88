"""What users do with their own account: name, preferences, password, sessions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.access import account_queries as queries
from forecourt.access.links import keep_password, refuse_unfit
from forecourt.access.refusals import WrongPassword
from forecourt.access.sessions import let_in
from forecourt.access.throttle import CONFIRMATION, claim, forgive
from forecourt.infra.refusals import Invalid, Problem

if TYPE_CHECKING:
    from forecourt.access.hashing import Hasher
    from forecourt.access.sessions import Browser, OpenedSession
    from forecourt.infra.database import Connection, Database

THEMES = ("system", "light", "dark")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A user's own account.

    Attributes:
        codes_left: recovery codes that were not used yet.
    """

    user_id: int
    name: str
    email: str
    password_hash: str | None
    totp_confirmed_at: datetime | None
    codes_left: int


async def account(connection: Connection, user_id: int) -> Account:
    """The account of *user_id*."""
    return await connection.one(Account, queries.ACCOUNT, user_id=user_id)


async def change_preferences(
    connection: Connection, user_id: int, *, name: str, single_keys: bool, theme: str, sound: bool
) -> None:
    """Keep how somebody wants to be called and likes it.

    Raises:
        Invalid: a value does not fit.
    """
    problems = []
    if not name.strip() or len(name) > 255:  # noqa: PLR2004
        problems.append(Problem("name", "must have 1 to 255 characters"))
    if theme not in THEMES:
        problems.append(Problem("theme", "is not an allowed value", THEMES))
    if problems:
        raise Invalid(problems=tuple(problems))
    kept: dict[str, Any] = {"single_keys": single_keys, "sound": "on" if sound else "off"}
    if theme != "system":
        kept["theme"] = theme
    await connection.run(
        queries.CHANGE_PREFERENCES,
        user_id=user_id,
        name=name.strip(),
        preferences=msgspec.json.encode(kept).decode(),
    )


async def confirm_password(database: Database, hasher: Hasher, user_id: int, password: str) -> Account:
    """Make sure that it is still the user who sits there, before what they could not take back.

    Whoever has no password, for an identity provider knows them, cannot be asked for it.

    Raises:
        WrongPassword: it is not.
        TooManyTries: the password was not looked at.
    """
    async with database.connection() as connection:
        own = await account(connection, user_id)
        if own.password_hash is None:
            return own
        await claim(connection, CONFIRMATION, str(user_id))
    if not await hasher.fits(password, own.password_hash):
        raise WrongPassword("That is not your present password.")
    async with database.connection() as connection:
        await forgive(connection, CONFIRMATION, str(user_id))
    return own


async def change_password(
    database: Database, hasher: Hasher, user_id: int, *, present: str, new: str, browser: Browser
) -> OpenedSession:
    """Change the password; every session ends, and this browser goes on with a new one.

    Raises:
        Invalid: the new password is not fit to be one.
        WrongPassword: the present one is another.
    """
    own = await confirm_password(database, hasher, user_id, present)
    refuse_unfit(new, email=own.email, name=own.name, field="new_password")
    password_hash = await hasher.hash(new)
    async with database.connection() as connection, connection.transaction():
        await keep_password(connection, user_id, own.email, password_hash)
        return await let_in(connection, user_id, browser)
