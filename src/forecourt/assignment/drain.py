"""Giving out what nobody could take when it came: the longest waiting first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from forecourt.assignment.assign import Assigned, Author, Gift, give, last_turn_of, lock_staff
from forecourt.assignment.queries import DEALERSHIPS_WITH_RULES, ENABLED_RULES, WAITING
from forecourt.assignment.rules import Enquiry, Rule, fitting_rule
from forecourt.assignment.turns import Rotation
from forecourt.ids import LeadClusterId
from forecourt.infra.database import OvertakenByAnother, record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection, Database

# How many clusters one reading brings, how many readings one transaction does, and how many it gives out at most: the
# staff's rows are locked meanwhile, and creations wait for them.
PAGE = 500
_PAGES = 4
MOST = 500


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An open cluster that nobody answers for.

    Attributes:
        since: since when the customer waits, or when the first lead came.
    """

    lead_cluster_id: LeadClusterId
    since: datetime
    location_id: int | None
    category: str
    source: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the queue of waiting clusters."""

    since: datetime
    lead_cluster_id: LeadClusterId


class Drained(msgspec.Struct, frozen=True, kw_only=True):
    """What one go at the queue came to.

    Attributes:
        given: what somebody got, in the order of the queue.
        more_after: where the queue goes on; None where it was gone through or nobody has room.
    """

    given: list[Assigned]
    more_after: Place | None


_FRONT = Place(since=datetime(1900, 1, 1, tzinfo=UTC), lead_cluster_id=LeadClusterId(0))


async def drain(
    connection: Connection, dealership_id: DealershipId, author: Author, *, after: Place | None = None
) -> Drained:
    """Give waiting clusters to whoever is free, the longest waiting first, at most ``MOST`` of them.

    Must run inside a transaction. The staff's rows are locked before any cluster's, and a cluster that another
    transaction holds is passed over: any number may drain at once, and creations go on beside them.

    Args:
        connection: in a transaction.
        dealership_id: whose.
        author: who does it.
        after: where to go on, from an earlier go.
    """
    rules = await connection.every(Rule, ENABLED_RULES, dealership_id=dealership_id)
    if not rules:
        return Drained(given=[], more_after=None)
    staff = await lock_staff(connection, dealership_id, rules)
    rotation = Rotation(staff, author.now)
    named = {rule.id: [member.user_id for member in staff if rule.id in member.rule_ids] for rule in rules}
    last_turn = last_turn_of(staff)
    given: list[Assigned] = []
    place: Place | None = after or _FRONT
    for _ in range(_PAGES):
        if place is None or len(given) >= MOST or not rotation.anybody_free:
            break
        page = await _page(connection, dealership_id, place)
        gifts, place = _shared_out(page, rules, named, rotation, MOST - len(given))
        if gifts:
            done = await give(connection, dealership_id, gifts, author, last_turn=last_turn)
            last_turn = done[-1].assigned_at if done else last_turn
            given += done
    return Drained(given=given, more_after=place if rotation.anybody_free else None)


async def _page(connection: Connection, dealership_id: DealershipId, after: Place) -> list[Waiting]:
    return await connection.every(
        Waiting,
        WAITING,
        dealership_id=dealership_id,
        after_since=after.since,
        after_id=after.lead_cluster_id,
        page=PAGE,
    )


def _shared_out(
    page: Sequence[Waiting],
    rules: Sequence[Rule],
    named: Mapping[int, Sequence[int]],
    rotation: Rotation,
    most: int,
) -> tuple[list[Gift], Place | None]:
    """Who gets what of *page*, at most *most* of it, and where the queue goes on."""
    gifts: list[Gift] = []
    for cluster in page:
        enquiry = Enquiry(location_id=cluster.location_id, category=cluster.category, source=cluster.source)
        rule = fitting_rule(rules, enquiry)
        if rule is None:
            continue
        turn = rotation.take(named[rule.id])
        if turn.user_id is not None:
            gifts.append(Gift(lead_cluster_id=cluster.lead_cluster_id, rule=rule, turn=turn))
        if len(gifts) == most:
            return gifts, Place(since=cluster.since, lead_cluster_id=cluster.lead_cluster_id)
    if len(page) < PAGE:
        return gifts, None
    return gifts, Place(since=page[-1].since, lead_cluster_id=page[-1].lead_cluster_id)


async def drain_every_dealership(database: Database) -> int:
    """Drain every dealership that has rules; how many clusters were given.

    Any number of servers may do so at once.

    Raises:
        DatabaseUnavailable: what was given until then stays given.
    """
    total = 0
    async with database.connection() as connection:
        for found in await connection.every(record, DEALERSHIPS_WITH_RULES):
            author = Author(now=found["now"], api_key_id=None, request_id="housekeeping")
            try:
                total += await _drain_one(connection, found["dealership_id"], author)
            except OvertakenByAnother:
                # It comes round again in a minute.
                continue
    return total


async def _drain_one(connection: Connection, dealership_id: DealershipId, author: Author) -> int:
    total, after = 0, None
    while True:
        async with connection.transaction():
            drained = await drain(connection, dealership_id, author, after=after)
        total += len(drained.given)
        after = drained.more_after
        if after is None:
            return total
