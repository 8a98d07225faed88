"""Links that let somebody in without a password: the first owner, an invited user, whoever forgot theirs, the demo.

A link's secret stands in the address and is known to the database by its hash only. Looking at it changes nothing, for
mail is looked through by programs; it is used up by what is done on its page.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import structlog

from forecourt.access import link_queries as queries
from forecourt.access.passwords import problem_with
from forecourt.access.refusals import LinkEnded
from forecourt.access.sessions import close_sessions, let_in, new_secret, session_hash
from forecourt.access.sign_in import account_value, enter
from forecourt.access.sign_in_queries import KEEP_PASSWORD
from forecourt.access.throttle import ACCOUNT, forgive
from forecourt.infra.refusals import Invalid, Problem

if TYPE_CHECKING:
    from forecourt.access.hashing import Hasher
    from forecourt.access.sessions import Browser, OpenedSession
    from forecourt.access.sign_in import Entered
    from forecourt.infra.database import Connection, Database

log = structlog.get_logger()

SET_UP = "set_up"
INVITATION = "invitation"
PASSWORD = "password"  # noqa: S105 - a purpose
DEMO = "demo"
LASTS = {
    SET_UP: timedelta(minutes=30),
    INVITATION: timedelta(days=7),
    PASSWORD: timedelta(hours=24),
    # As long as the demo, whose database goes with it.
    DEMO: timedelta(days=365),
}


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link that can still be used, and whose it is; the set-up's is nobody's yet."""

    purpose: str
    user_id: int | None
    name: str | None
    email: str | None
    has_second_factor: bool
    ends_at: datetime


def path_of(secret: str) -> str:
    """Where a link leads on this server."""
    return f"/sign-in/{secret}"


async def new_link(connection: Connection, purpose: str, user_id: int | None) -> str:
    """Make a link; its secret."""
    secret = new_secret()
    await connection.run(
        queries.NEW_LINK,
        token_hash=session_hash(secret),
        purpose=purpose,
        user_id=user_id,
        lasts=LASTS[purpose],
    )
    return secret


async def set_up_link(connection: Connection) -> str | None:
    """A link for the first run's page; None where somebody can sign in already."""
    nobody = await connection.one(_Nobody, queries.NOBODY_CAN_SIGN_IN)
    return await new_link(connection, SET_UP, None) if nobody.nobody else None


async def link_behind(connection: Connection, secret: str) -> Link:
    """What a secret is good for.

    Raises:
        LinkEnded: nothing, or nothing any more.
    """
    link = await connection.one_or_none(Link, queries.LINK, token_hash=session_hash(secret))
    if link is None:
        raise LinkEnded
    return link


async def choose_password(
    database: Database, hasher: Hasher, *, secret: str, password: str, browser: Browser
) -> Entered:
    """Set the password of the link's user, end all their sessions, and sign them in.

    A second factor is asked for all the same.

    Raises:
        LinkEnded: the link was used, or its time is over.
        Invalid: the password is not fit to be one.
    """
    async with database.connection() as connection:
        link = await link_behind(connection, secret)
    if link.purpose not in {INVITATION, PASSWORD} or link.user_id is None:
        raise LinkEnded
    refuse_unfit(password, email=link.email or "", name=link.name or "")
    password_hash = await hasher.hash(password)
    async with database.connection() as connection, connection.transaction():
        if not await connection.run(queries.USE_LINK, token_hash=session_hash(secret)):
            raise LinkEnded
        await keep_password(connection, link.user_id, link.email or "", password_hash)
        log.info("password.chosen", user_id=link.user_id, by=link.purpose)
        return await enter(connection, link.user_id, browser, "/", second_factor=link.has_second_factor)


async def keep_password(connection: Connection, user_id: int, email: str, password_hash: str) -> None:
    """A new password: whoever was signed in with the old one is not any more, nor does any older link work."""
    await connection.run(KEEP_PASSWORD, user_id=user_id, password_hash=password_hash)
    await connection.run(queries.END_LINKS, user_id=user_id)
    await close_sessions(connection, user_id)
    await forgive(connection, ACCOUNT, account_value(email))


async def set_up(
    database: Database, hasher: Hasher, *, secret: str, name: str, email: str, password: str, browser: Browser
) -> OpenedSession:
    """Make the first user, who may create the installation's dealerships, and sign them in.

    A user with this address whom nobody gave a password yet becomes the one.

    Raises:
        LinkEnded: the link was used, or somebody can sign in by now.
        Invalid: what was given does not fit.
    """
    address = email.strip().lower()
    problems = problems_of(name, address)
    unfit = problem_with(password, email=address, name=name)
    if unfit:
        problems.append(Problem("password", unfit))
    if problems:
        raise Invalid(problems=tuple(problems))
    password_hash = await hasher.hash(password)
    async with database.connection() as connection, connection.transaction():
        await connection.run(queries.ONE_AT_A_TIME)
        nobody = await connection.one(_Nobody, queries.NOBODY_CAN_SIGN_IN)
        if not nobody.nobody or not await connection.run(queries.USE_LINK, token_hash=session_hash(secret)):
            raise LinkEnded
        user = await connection.one(
            _User, queries.FIRST_USER, name=name.strip(), email=address, password_hash=password_hash
        )
        log.info("set_up.begun", user_id=user.id)
        return await let_in(connection, user.id, browser)


async def enter_demo(connection: Connection, secret: str, browser: Browser) -> OpenedSession:
    """Sign in by the demo's link, as often as one likes.

    Raises:
        LinkEnded: it is none of the demo's.
    """
    link = await link_behind(connection, secret)
    if link.purpose != DEMO or link.user_id is None:
        raise LinkEnded
    return await let_in(connection, link.user_id, browser)


def refuse_unfit(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Go on only with a password that is fit to be one.

    Raises:
        Invalid: it is not; the problem says why, never what it was.
    """
    unfit = problem_with(password, email=email, name=name)
    if unfit:
        raise Invalid(problems=(Problem(field, unfit),))


def problems_of(name: str, email: str) -> list[Problem]:
    """What is wrong with a user's name and address."""
    problems = []
    if not name.strip() or len(name) > 255:  # noqa: PLR2004
        problems.append(Problem("name", "must have 1 to 255 characters"))
    local, _, domain = email.rpartition("@")
    if not local or not domain or len(email) > 255 or any(one.isspace() or one < " " for one in email):  # noqa: PLR2004
        problems.append(Problem("email", "must be an e-mail address"))
    return problems


class _Nobody(msgspec.Struct, frozen=True):
    nobody: bool


class _User(msgspec.Struct, frozen=True):
    id: int
