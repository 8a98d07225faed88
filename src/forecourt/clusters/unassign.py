"""Take a cluster from whoever answers for it, by hand; Update Lead Cluster never does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.clusters import find
from forecourt.clusters.touch import touch
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome
from forecourt.infra.database import Query, record

if TYPE_CHECKING:
    from forecourt.ids import LeadClusterId

PERMISSION = "update:lead_cluster"

UNASSIGN = Query("""
update lead_cluster as cluster set user_id = null
from lead_cluster as before
where cluster.dealership_id = :dealership_id
    and cluster.id = :lead_cluster_id
    and before.dealership_id = cluster.dealership_id
    and before.id = cluster.id
returning before.user_id
""")


async def unassign(change: Change, lead_cluster_id: LeadClusterId, _: Nothing) -> Outcome:
    """Nobody answers for the cluster from now on; where nobody did, nothing is written."""
    row = await change.connection.one(
        record, UNASSIGN, dealership_id=change.dealership_id, lead_cluster_id=lead_cluster_id
    )
    changes = {"lead_cluster.user_id": {"from": row["user_id"], "to": None}}
    if row["user_id"] is not None:
        await touch(
            change,
            lead_cluster_id,
            "lead_cluster.unassigned",
            changes,
            state=None,
            human=False,
            user_id=change.user_id,
        )
    told = await find.one(change.connection, change.dealership_id, lead_cluster_id)
    return Outcome(body=told, version=told.version, changes=changes, lead_cluster_id=lead_cluster_id)


async def _unassign_located(change: Change, found: find.Located, sent: Nothing) -> Outcome:
    return await unassign(change, found.id, sent)


OPERATION = Operation(PERMISSION, find.located_in_path, Nothing, _unassign_located)
