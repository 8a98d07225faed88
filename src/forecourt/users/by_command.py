"""What somebody at the server's own command line does with users: there nobody has to be signed in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from forecourt.access import second_factor_queries
from forecourt.access.links import INVITATION, PASSWORD, keep_password, new_link, problems_of, refuse_unfit
from forecourt.access.roles import ROLES
from forecourt.access.sessions import close_sessions
from forecourt.access.sign_in_queries import KEEP_PASSWORD
from forecourt.dealerships.by_command import change_by_command
from forecourt.dealerships.operation import DealershipNotFound
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.users import queries
from forecourt.users.invite import user_with
from forecourt.users.log import log_in_group
from forecourt.users.refusals import UserExists, UserNotFound

if TYPE_CHECKING:
    from forecourt.access.hashing import Hasher
    from forecourt.infra.database import Connection, Database


class CreatedUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user who was created, or given a role at another dealership.

    Attributes:
        link: the secret of the link by which they choose a password; None where they have one.
    """

    id: int
    email: str
    name: str
    role: str
    dealership: str | None
    group: str | None
    link: str | None


class ListedUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user, with the dealerships where they have a role."""

    id: int
    name: str
    email: str
    roles: list[dict[str, str]]
    has_password: bool
    has_second_factor: bool
    disabled_at: datetime | None
    created_at: datetime


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A user as a command names them: by their address."""

    id: int
    name: str
    email: str
    has_password: bool
    dealerships: list[str]


async def create_user(
    database: Database,
    hasher: Hasher,
    *,
    email: str,
    name: str,
    role: str,
    dealership: str | None,
    group: str | None,
    password: str | None,
) -> CreatedUser:
    """Create a user with a role at a dealership, or in a group of them.

    A user with this address who has no password yet is given the role, and the password; one who has is given the role
    alone, and never another password.

    Raises:
        Invalid: a value does not fit.
        UserExists: they can sign in already, and a password was given.
        DealershipNotFound: there is no such dealership, or group.
    """
    address = email.strip().lower()
    problems = problems_of(name, address)
    if role not in ROLES:
        problems.append(Problem("role", f"must be one of {', '.join(ROLES)}"))
    if problems:
        raise Invalid(_told(problems))
    password_hash = await _hashed(hasher, password, address, name)
    async with database.connection() as connection, connection.transaction():
        group_id, slug = await _place(connection, dealership, group)
        change = await change_by_command(connection, slug, "users create")
        user_id = await user_with(connection, name=name, email=address)
        person = await _person(connection, address)
        if person.has_password and password_hash is not None:
            raise UserExists(f"{address} has a password already; use forecourt users reset-password")
        place = {"user_id": user_id, "role": role}
        if group_id is None:
            own = {"dealership_id": change.dealership_id}
            if not await connection.run(queries.GIVE_ROLE, **own, **place):
                await connection.run(queries.CHANGE_ROLE, **own, **place)
        else:
            await connection.run(queries.GIVE_GROUP_ROLE, group_id=group_id, **place)
            await log_in_group(change, group_id, "user.created", user_id, None, role)
        changes = {"user_id": user_id, "role": {"from": None, "to": role}}
        await record_event(change, "user.created", None, changes)
        link = None
        if password_hash is not None:
            await connection.run(KEEP_PASSWORD, user_id=user_id, password_hash=password_hash)
        elif not person.has_password:
            link = await new_link(connection, INVITATION, user_id)
    return CreatedUser(
        id=user_id,
        email=address,
        name=person.name,
        role=role,
        dealership=None if group else change.standing.dealership.slug,
        group=group,
        link=link,
    )


async def list_users(database: Database) -> list[ListedUser]:
    """Every user."""
    async with database.connection() as connection:
        rows = await connection.every(record, queries.EVERYBODY)
    return [ListedUser(**(row | {"roles": msgspec.json.decode(row["roles"])})) for row in rows]


async def disable_user(database: Database, email: str, *, again: bool) -> Person:
    """Shut a user out everywhere, at once; or let them in *again*.

    Raises:
        UserNotFound: nobody has this address.
    """
    async with database.connection() as connection, connection.transaction():
        person = await _person(connection, email)
        statement = queries.ENABLE if again else queries.DISABLE
        if await connection.run(statement, user_id=person.id):
            await close_sessions(connection, person.id)
            await _log(connection, person, "user.enabled" if again else "user.disabled")
    return person


async def reset_password(
    database: Database, hasher: Hasher, email: str, *, password: str | None, drop_second_factor: bool
) -> tuple[Person, str | None]:
    """Set a new password, or make a link by which the user chooses one, whose secret is returned.

    Every session ends. The second factor stays, unless it is to be dropped: for somebody who has lost it.

    Raises:
        UserNotFound: nobody has this address.
        Invalid: the password is not fit to be one.
    """
    async with database.connection() as connection:
        person = await _person(connection, email)
    password_hash = await _hashed(hasher, password, person.email, person.name)
    async with database.connection() as connection, connection.transaction():
        if drop_second_factor:
            await connection.run(second_factor_queries.REMOVE, user_id=person.id)
            await connection.run(second_factor_queries.FORGET_CODES, user_id=person.id)
        link = None
        if password_hash is not None:
            await keep_password(connection, person.id, person.email, password_hash)
        else:
            await close_sessions(connection, person.id)
            link = await new_link(connection, PASSWORD, person.id)
        await _log(connection, person, "user.password_reset")
    return person, link


async def link_for(database: Database, email: str) -> tuple[Person, str]:
    """Make a link by which a user chooses a password and is in; nothing changes until they do.

    Raises:
        UserNotFound: nobody has this address.
    """
    async with database.connection() as connection, connection.transaction():
        person = await _person(connection, email)
        link = await new_link(connection, PASSWORD if person.has_password else INVITATION, person.id)
        await _log(connection, person, "user.link_made")
    return person, link


async def _person(connection: Connection, email: str) -> Person:
    person = await connection.one_or_none(Person, queries.PERSON, email=email.strip().lower())
    if person is None:
        raise UserNotFound(f"there is no user {email}")
    return person


async def _place(connection: Connection, dealership: str | None, group: str | None) -> tuple[int | None, str]:
    """The group's id, and the dealership in whose log the creation stands."""
    if group is None:
        return None, dealership or ""
    found = await connection.one_or_none(record, queries.GROUP_BY_SLUG, slug=group)
    if found is None or found["dealership"] is None:
        raise DealershipNotFound(f"there is no group {group} with a dealership")
    return found["id"], found["dealership"]


async def _hashed(hasher: Hasher, password: str | None, email: str, name: str) -> str | None:
    if password is None:
        return None
    try:
        refuse_unfit(password, email=email, name=name)
    except Invalid as invalid:
        raise Invalid(_told(invalid.problems)) from None
    return await hasher.hash(password)


async def _log(connection: Connection, person: Person, kind: str) -> None:
    for slug in person.dealerships:
        change = await change_by_command(connection, slug, f"users {kind.partition('.')[2]}")
        await record_event(change, kind, None, {"user_id": person.id})


def _told(problems: list[Problem] | tuple[Problem, ...]) -> str:
    return "; ".join(f"{problem.field} {problem.message}" for problem in problems)
