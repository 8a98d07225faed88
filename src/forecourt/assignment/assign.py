"""Giving a cluster to somebody: the turns are read under a lock and written in one statement."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from forecourt.assignment.queries import GIVE, LOCK_STAFF
from forecourt.assignment.rules import Rule, fitting_rule
from forecourt.assignment.turns import Member, Rotation, Turn
from forecourt.ids import ApiKeyId, LeadClusterId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.assignment.rules import Enquiry
    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf clusters are given, for the log.

    Attributes:
        now: the database's clock; decides who is away.
        api_key_id: None where the server does it by itself.
    """

    now: datetime
    api_key_id: ApiKeyId | None
    request_id: str


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster that was given to somebody.

    Attributes:
        version: the cluster's, after it.
        assigned_at: the user's turn; later than every turn before it of the rule's users.
    """

    lead_cluster_id: LeadClusterId
    user_id: int
    version: int
    assigned_at: datetime


class StaffMember(Member, frozen=True, kw_only=True):
    """A user whose row is locked.

    Attributes:
        rule_ids: the rules, of those asked for, that name the user.
    """

    rule_ids: list[int]


class Gift(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster that is to be given, by which rule and in whose turn."""

    lead_cluster_id: LeadClusterId
    rule: Rule
    turn: Turn


async def lock_staff(
    connection: Connection, dealership_id: DealershipId, rules: Sequence[Rule]
) -> list[StaffMember]:
    """The users of *rules*, whom nobody else gives a turn until the transaction ends."""
    return await connection.every(
        StaffMember, LOCK_STAFF, dealership_id=dealership_id, rule_ids=[rule.id for rule in rules]
    )


async def give(
    connection: Connection,
    dealership_id: DealershipId,
    gifts: Sequence[Gift],
    author: Author,
    *,
    last_turn: datetime | None,
) -> list[Assigned]:
    """Write *gifts* down in their order, and log them; those that cannot be given any more are left out.

    Args:
        connection: in the transaction that locked the staff.
        dealership_id: of all of them.
        gifts: each with a user.
        author: who does it.
        last_turn: the latest turn that any of the users had.
    """
    return await connection.every(
        Assigned,
        GIVE,
        dealership_id=dealership_id,
        lead_cluster_ids=[gift.lead_cluster_id for gift in gifts],
        user_ids=[gift.turn.user_id for gift in gifts],
        reasons=[_reason(gift) for gift in gifts],
        last_turn=last_turn,
        now=author.now,
        api_key_id=author.api_key_id,
        request_id=author.request_id,
    )


def _reason(gift: Gift) -> str:
    told = {
        "assignment_rule_id": gift.rule.id,
        "assignment_rule_name": gift.rule.name,
        "absent": gift.turn.absent,
        "full": gift.turn.full,
    }
    return msgspec.json.encode(told).decode()


def last_turn_of(staff: Sequence[Member]) -> datetime | None:
    """The latest turn that any of *staff* had; None where nobody had one."""
    return max((member.last_assigned_at for member in staff if member.last_assigned_at), default=None)


async def assign(
    connection: Connection,
    dealership_id: DealershipId,
    lead_cluster_id: LeadClusterId,
    rules: Sequence[Rule],
    enquiry: Enquiry,
    author: Author,
) -> Assigned | None:
    """Give a cluster to the user whose turn it is; None where no rule fits or nobody can take it.

    Must run inside a transaction. Until it ends, the rule's users are given no other turn, so that no turn is given
    twice. A cluster that has somebody already, is closed or was merged stays as it is.

    Args:
        connection: in a transaction.
        dealership_id: the cluster's.
        lead_cluster_id: the cluster that an enquiry has joined.
        rules: the dealership's rules in force.
        enquiry: decides which of them fits.
        author: who does it.
    """
    rule = fitting_rule(rules, enquiry)
    if rule is None:
        return None
    staff = await lock_staff(connection, dealership_id, [rule])
    turn = Rotation(staff, author.now).take([member.user_id for member in staff])
    if turn.user_id is None:
        return None
    gift = Gift(lead_cluster_id=lead_cluster_id, rule=rule, turn=turn)
    given = await give(connection, dealership_id, [gift], author, last_turn=last_turn_of(staff))
    return given[0] if given else None
