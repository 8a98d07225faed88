"""Put a customer off until later: out of the list of those who wait, not out of the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from forecourt.clusters import find
from forecourt.clusters.touch import touch
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.infra.database import Query, record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Sent

if TYPE_CHECKING:
    from forecourt.ids import LeadClusterId

PERMISSION = "update:lead_cluster"
_LONGEST = timedelta(days=366)

SNOOZE = Query("""
update lead_cluster as cluster set snoozed_until = :until
from lead_cluster as before
where cluster.dealership_id = :dealership_id
    and cluster.id = :lead_cluster_id
    and before.dealership_id = cluster.dealership_id
    and before.id = cluster.id
returning before.snoozed_until
""")


class SnoozeIn(msgspec.Struct, kw_only=True, frozen=True):
    """A snooze.

    Attributes:
        until: when the customer is back in the list; null brings them back now.
    """

    until: Sent[datetime] = UNSET


async def snooze(change: Change, lead_cluster_id: LeadClusterId, sent: SnoozeIn) -> Outcome:
    """Put the customer off.

    Raises:
        Invalid: the moment is missing, past, or more than a year away.
    """
    if sent.until is UNSET:
        raise Invalid(problems=(Problem("until", "is missing; null brings the customer back"),))
    until = sent.until if isinstance(sent.until, datetime) else None
    if until is not None and until.tzinfo is None:
        raise Invalid(problems=(Problem("until", "must have its offset, as 2026-11-23T09:30:00+10:00"),))
    if until is not None and not change.now < until <= change.now + _LONGEST:
        raise Invalid(problems=(Problem("until", "must be in the next 366 days"),))
    return await set_snooze(change, lead_cluster_id, until)


async def set_snooze(change: Change, lead_cluster_id: LeadClusterId, until: datetime | None) -> Outcome:
    """Put the customer off until then, whenever that is."""
    row = await change.connection.one(
        record, SNOOZE, dealership_id=change.dealership_id, lead_cluster_id=lead_cluster_id, until=until
    )
    changes = {"lead_cluster.snoozed_until": {"from": row["snoozed_until"], "to": until}}
    if row["snoozed_until"] != until:
        await touch(
            change,
            lead_cluster_id,
            "lead_cluster.snoozed",
            changes,
            state=None,
            human=False,
            user_id=change.user_id,
        )
    told = await find.one(change.connection, change.dealership_id, lead_cluster_id)
    return Outcome(body=told, version=told.version, changes=changes, lead_cluster_id=lead_cluster_id)


OPERATION = Operation(PERMISSION, find.locked_in_path, SnoozeIn, snooze)
