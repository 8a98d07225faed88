"""Signing in by an identity provider: sent there, come back, and found to be one of our users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import structlog

from forecourt.access import oidc_queries as queries
from forecourt.access.oidc_roles import roles_of
from forecourt.access.refusals import NobodyHere, ProviderFailed
from forecourt.access.sessions import new_secret, session_hash
from forecourt.access.sign_in import Entered, enter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.access.oidc import Provider, Said
    from forecourt.access.oidc_roles import RoleOfGroup
    from forecourt.access.sessions import Browser
    from forecourt.infra.database import Connection, Database

log = structlog.get_logger()


class UnderWay(msgspec.Struct, frozen=True):
    """A sign-in that was sent to the provider."""

    nonce: str
    code_verifier: str
    return_to: str


class Linked(msgspec.Struct, frozen=True, kw_only=True):
    """The user behind what the provider said."""

    user_id: int
    disabled: bool
    has_second_factor: bool


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider sent a browser back with.

    Attributes:
        kept: the state as the browser has kept it; only the one that was sent away may come back.
    """

    code: str | None
    state: str | None
    issuer: str | None
    kept: str | None
    request_id: str


async def send_away(
    database: Database, provider: Provider, *, return_to: str, return_address: str
) -> tuple[str, str]:
    """Begin a sign-in; the address at the provider, and the state that the browser is to keep.

    Raises:
        ProviderFailed: it cannot be asked.
    """
    state, nonce, verifier = new_secret(), new_secret(), new_secret()
    address = await provider.where_to(
        state=state, nonce=nonce, verifier=verifier, return_address=return_address
    )
    async with database.connection() as connection:
        await connection.run(
            queries.BEGIN,
            state_hash=session_hash(state),
            nonce=nonce,
            code_verifier=verifier,
            return_to=return_to,
        )
    return address, state


async def come_back(
    database: Database,
    provider: Provider,
    returned: Returned,
    *,
    return_address: str,
    browser: Browser,
    mapping: Sequence[RoleOfGroup],
    creates_users: bool,
) -> tuple[Entered, str]:
    """Sign in whom the provider sent back; with the address where they wanted to go.

    Raises:
        ProviderFailed: the state is not this browser's, or what the provider says cannot be believed.
        NobodyHere: no user is known by it.
    """
    if not returned.state or not returned.code or returned.state != returned.kept:
        raise ProviderFailed("This sign-in was not begun in this browser, or was not finished. Try again.")
    async with database.connection() as connection:
        begun = await connection.one_or_none(UnderWay, queries.TAKE, state_hash=session_hash(returned.state))
    if begun is None:
        raise ProviderFailed("This sign-in took too long, or was finished before. Try again.")
    said = await provider.who(
        code=returned.code,
        nonce=begun.nonce,
        verifier=begun.code_verifier,
        return_address=return_address,
        issuer=returned.issuer,
    )
    roles = roles_of(said.groups, mapping)
    async with database.connection() as connection, connection.transaction():
        user = await _user(connection, said, may_create=creates_users and bool(roles))
        for role in roles:
            await _give(connection, user.user_id, role, returned.request_id)
        log.info("oidc.believed", user_id=user.user_id)
        entered = await enter(
            connection, user.user_id, browser, begun.return_to, second_factor=user.has_second_factor
        )
    return entered, begun.return_to


async def _user(connection: Connection, said: Said, *, may_create: bool) -> Linked:
    """Whom the subject is bound to; else the user with the address that the provider vouches for, bound from now on."""
    bound = await connection.one_or_none(Linked, queries.BOUND, issuer=said.issuer, subject=said.subject)
    if bound is not None:
        if bound.disabled:
            raise NobodyHere
        return bound
    if said.email is None:
        raise NobodyHere
    found = await connection.one_or_none(Linked, queries.BY_EMAIL, email=said.email, issuer=said.issuer)
    if found is None and may_create:
        name = (said.name or said.email.partition("@")[0]).strip()[:255]
        found = await connection.one(Linked, queries.CREATE, email=said.email, name=name)
        log.info("oidc.created", user_id=found.user_id)
    if found is None or found.disabled:
        raise NobodyHere
    await connection.run(queries.BIND, issuer=said.issuer, subject=said.subject, user_id=found.user_id)
    return found


async def _give(connection: Connection, user_id: int, role: RoleOfGroup, request_id: str) -> None:
    given = {"user_id": user_id, "role": role.role, "request_id": request_id}
    if role.dealership is not None:
        await connection.run(queries.GIVE_ROLE, slug=role.dealership, **given)
    else:
        await connection.run(queries.GIVE_GROUP_ROLE, slug=role.group, **given)
