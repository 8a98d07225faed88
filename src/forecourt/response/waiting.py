"""Whether the customer of a cluster waits for a human, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.infra.database import Query

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


async def keep_waiting(
    connection: Connection, dealership_id: DealershipId, ids: Sequence[LeadClusterId]
) -> None:
    """Bring ``waiting_since`` of the clusters with *ids* up to date: after a human act, a change of state or of leads.

    The clusters must be locked by the transaction.
    """
    await connection.run(KEEP_WAITING, dealership_id=dealership_id, ids=list(ids))
