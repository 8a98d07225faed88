"""Bringing somebody into a dealership."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from forecourt.access.links import INVITATION, new_link, problems_of
from forecourt.access.roles import ROLES
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Line, Sent
from forecourt.users import queries
from forecourt.users.log import log_in_group
from forecourt.users.records import Target
from forecourt.users.refusals import GroupNotYours

if TYPE_CHECKING:
    from forecourt.infra.database import Connection

MANAGE = "manage:user"


class InvitationIn(msgspec.Struct, kw_only=True, frozen=True):
    """Whom to invite; ``where`` is ``dealership``, or ``group`` for every dealership of its group."""

    name: Sent[Line] = UNSET
    email: Sent[Line] = UNSET
    role: Sent[Line] = UNSET
    where: Sent[Line] = UNSET


class InvitedOut(msgspec.Struct, frozen=True):
    """Who was brought in.

    Attributes:
        link: the secret of the link by which they choose a password; None for somebody who can sign in already, or whose
            account is not this owner's alone.
    """

    user_id: int
    email: str
    role: str
    link: str | None


async def _lock(change: Change) -> None:
    await change.connection.run(queries.LOCK_USERS, dealership_id=change.dealership_id)


async def _invite(change: Change, _: None, sent: InvitationIn) -> Outcome:
    name, email, role = (_text(one) for one in (sent.name, sent.email, sent.role))
    email = email.lower()
    problems = problems_of(name, email)
    if role not in ROLES:
        problems.append(Problem("role", "is not an allowed value", ROLES))
    if _text(sent.where) not in {"", "dealership", "group"}:
        problems.append(Problem("where", "is not an allowed value", ("dealership", "group")))
    if problems:
        raise Invalid(problems=tuple(problems))
    user_id = await user_with(change.connection, name=name, email=email)
    if _text(sent.where) == "group":
        await _into_group(change, user_id, role)
    elif not await change.connection.run(
        queries.GIVE_ROLE, dealership_id=change.dealership_id, user_id=user_id, role=role
    ):
        raise Invalid(problems=(Problem("email", "is that of somebody who has a role here already"),))
    await record_event(change, "user.invited", None, {"user_id": user_id, "role": {"from": None, "to": role}})
    target = await target_of(change, user_id)
    link = None
    if not target.can_sign_in and target.is_managed and not target.disabled:
        link = await new_link(change.connection, INVITATION, user_id)
    return Outcome(body=InvitedOut(user_id, email, role, link), status=201)


INVITE = Operation(MANAGE, _lock, InvitationIn, _invite)


async def _into_group(change: Change, user_id: int, role: str) -> None:
    group = await change.connection.one(
        record, queries.GROUP_OF, dealership_id=change.dealership_id, me=change.user_id
    )
    if not group["owns_group"]:
        raise GroupNotYours
    await change.connection.run(
        queries.GIVE_GROUP_ROLE, group_id=group["group_id"], user_id=user_id, role=role
    )
    await log_in_group(change, group["group_id"], "user.invited", user_id, None, role)


async def user_with(connection: Connection, *, name: str, email: str) -> int:
    """The id of the user with this address, who is there from now on; one who was keeps their name."""
    await connection.run(queries.NEW_USER, name=name.strip(), email=email)
    return int((await connection.one(record, queries.USER_BY_EMAIL, email=email))["id"])


async def target_of(change: Change, user_id: int) -> Target:
    """A user of the dealership, as whoever does something to them finds them."""
    return await change.connection.one(
        Target, queries.TARGET, dealership_id=change.dealership_id, user_id=user_id, me=change.user_id
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
