"""Whether the customer of a cluster waits for a human, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.infra.database import Query, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.ids import DealershipId, LeadClusterId
    from forecourt.infra.database import Connection

KEEP_WAITING = Query("""
update lead_cluster as cluster set waiting_since = asked.since
from (
    select
        kept.id,
        case when kept.state not in ('lost', 'invalid', 'converted') then wants_answer_since(
            kept.dealership_id, kept.id, kept.settled_at
        ) end as since
    from lead_cluster as kept
    where kept.dealership_id = :dealership_id and kept.id = any (cast(:ids as bigint[]))
) as asked
where cluster.dealership_id = :dealership_id
    and cluster.id = asked.id
    and cluster.waiting_since is distinct from asked.since
""")

# Until when those who wait are to be answered, anew: hours or limits have changed. A batch at a time, in the order of the
# ids.
RENEW_LIMITS = Query("""
with waiting as (
    select kept.id
    from lead_cluster as kept
    where kept.dealership_id = :dealership_id
        and kept.merged_into_id is null
        and kept.waiting_since is not null
        and kept.id > :after
    order by kept.id
    limit :size
    for no key update
), clock as (
    select waiting.id, limits.due_at, limits.overdue_at
    from waiting
    join lead_cluster as cluster on cluster.dealership_id = :dealership_id and cluster.id = waiting.id
    cross join lateral response_clock(cluster) as limits
), renewed as (
    update lead_cluster as cluster set due_at = clock.due_at, overdue_at = clock.overdue_at
    from clock
    where cluster.dealership_id = :dealership_id
        and cluster.id = clock.id
        and (cluster.due_at, cluster.overdue_at) is distinct from (clock.due_at, clock.overdue_at)
)
select max(id) as last, count(id) as size from waiting
""")
_BATCH = 200


async def keep_waiting(
    connection: Connection, dealership_id: DealershipId, ids: Sequence[LeadClusterId]
) -> None:
    """Bring ``waiting_since`` of the clusters with *ids* up to date: after a human act, a change of state or of leads.

    The clusters must be locked by the transaction.
    """
    await connection.run(KEEP_WAITING, dealership_id=dealership_id, ids=list(ids))


async def renew_limits(connection: Connection, dealership_id: DealershipId) -> None:
    """Bring the limits of all who wait up to date: hours, holidays or limits of the dealership have changed.

    After the transaction that changed them: nobody's enquiry should wait for all of it.
    """
    after, size = 0, _BATCH
    while size == _BATCH:
        done = await connection.one(
            record, RENEW_LIMITS, dealership_id=dealership_id, after=after, size=_BATCH
        )
        after, size = done["last"], done["size"]
