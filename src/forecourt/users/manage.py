"""What owners do with users who are there: their role, a new link, signing them out, shutting them out."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from forecourt.access.links import INVITATION, PASSWORD, new_link
from forecourt.access.roles import OWNER, ROLES
from forecourt.access.sessions import close_sessions
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Line, Sent
from forecourt.users import queries
from forecourt.users.invite import MANAGE
from forecourt.users.log import log_in_group
from forecourt.users.records import Target
from forecourt.users.refusals import GroupNotYours, LastOwner, OwnAccount, UserNotFound, UserOfOthers

NO_ROLE = "none"


class RoleIn(msgspec.Struct, kw_only=True, frozen=True):
    """The new role."""

    role: Sent[Line] = UNSET


class LinkOut(msgspec.Struct, frozen=True):
    """A new link's secret, told this once, and whose it is."""

    user_id: int
    email: str
    link: str


async def _target(change: Change) -> Target:
    user_id = id_in(change.path, "user_id", UserNotFound)
    await change.connection.run(queries.LOCK_USERS, dealership_id=change.dealership_id)
    found = await change.connection.one_or_none(
        Target, queries.TARGET, dealership_id=change.dealership_id, user_id=user_id, me=change.user_id
    )
    if found is None:
        raise UserNotFound
    return found


async def _change_role(change: Change, target: Target, sent: RoleIn) -> Outcome:
    role = _role(sent)
    if role == target.role:
        return Outcome(body=Nothing())
    if target.role == OWNER and target.group_role != OWNER and target.alone_here and not target.disabled:
        raise LastOwner(change.standing.dealership.name)
    await change.connection.run(
        queries.CHANGE_ROLE, dealership_id=change.dealership_id, user_id=target.user_id, role=role
    )
    await _log(change, "user.role_changed", target, {"role": {"from": target.role, "to": role}})
    return Outcome(body=Nothing())


async def _change_group_role(change: Change, target: Target, sent: RoleIn) -> Outcome:
    role = _role(sent)
    if target.group_id is None or not target.owns_group:
        raise GroupNotYours
    if role == target.group_role:
        return Outcome(body=Nothing())
    if target.group_role == OWNER and target.alone_at is not None and target.role != OWNER:
        raise LastOwner(target.alone_at)
    if target.user_id == change.user_id:
        raise OwnAccount
    place = {"group_id": target.group_id, "user_id": target.user_id}
    if role is None:
        await change.connection.run(queries.TAKE_GROUP_ROLE, **place)
    else:
        await change.connection.run(queries.GIVE_GROUP_ROLE, **place, role=role)
    kind = "user.group_role_changed"
    await _log(change, kind, target, {"role": {"from": target.group_role, "to": role}})
    await log_in_group(change, target.group_id, kind, target.user_id, target.group_role, role)
    return Outcome(body=Nothing())


async def _disable(change: Change, target: Target, _: Nothing) -> Outcome:
    if target.user_id == change.user_id:
        raise OwnAccount
    if not target.is_managed:
        raise UserOfOthers
    if target.alone_at is not None and not target.disabled:
        raise LastOwner(target.alone_at)
    if await change.connection.run(queries.DISABLE, user_id=target.user_id):
        await close_sessions(change.connection, target.user_id)
        await _log(change, "user.disabled", target, {})
    return Outcome(body=Nothing())


async def _enable(change: Change, target: Target, _: Nothing) -> Outcome:
    if not target.is_managed:
        raise UserOfOthers
    if await change.connection.run(queries.ENABLE, user_id=target.user_id):
        await _log(change, "user.enabled", target, {})
    return Outcome(body=Nothing())


async def _sign_out(change: Change, target: Target, _: Nothing) -> Outcome:
    if not target.is_managed:
        raise UserOfOthers
    await close_sessions(change.connection, target.user_id)
    await _log(change, "user.signed_out", target, {})
    return Outcome(body=Nothing())


async def _link(change: Change, target: Target, _: Nothing) -> Outcome:
    if not target.is_managed or target.disabled:
        raise UserOfOthers
    link = await new_link(change.connection, PASSWORD if target.can_sign_in else INVITATION, target.user_id)
    await _log(change, "user.link_made", target, {})
    return Outcome(body=LinkOut(target.user_id, target.email, link))


CHANGE_ROLE = Operation(MANAGE, _target, RoleIn, _change_role)
CHANGE_GROUP_ROLE = Operation(MANAGE, _target, RoleIn, _change_group_role)
DISABLE = Operation(MANAGE, _target, Nothing, _disable)
ENABLE = Operation(MANAGE, _target, Nothing, _enable)
SIGN_OUT = Operation(MANAGE, _target, Nothing, _sign_out)
NEW_LINK = Operation(MANAGE, _target, Nothing, _link)


def _role(sent: RoleIn) -> str | None:
    """The role that was sent; None for none.

    Raises:
        Invalid: it is no role.
    """
    if sent.role not in (*ROLES, NO_ROLE):
        raise Invalid(problems=(Problem("role", "is not an allowed value", (*ROLES, NO_ROLE)),))
    return None if sent.role == NO_ROLE else str(sent.role)


async def _log(change: Change, kind: str, target: Target, changes: dict[str, object]) -> None:
    await record_event(change, kind, None, {"user_id": target.user_id} | changes)
