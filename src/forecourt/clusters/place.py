"""Which cluster an enquiry belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.clusters.queries import CLUSTER_OF_POINTS, LOCK_POINTS, OPEN_CLUSTER
from forecourt.clusters.records import LeadCluster

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection


async def place(
    connection: Connection, dealership_id: DealershipId, points: Sequence[tuple[str, str]]
) -> LeadCluster:
    """The cluster of the customer who is reached by *points*; a new one for a new customer.

    Must run inside a transaction: until it ends, nobody else places the same customer.

    Args:
        connection: in a transaction.
        dealership_id: where the enquiry was made; clusters never span dealerships.
        points: kind (``email``, ``phone``) and normalised value.
    """
    kinds = [kind for kind, _ in points]
    values = [value for _, value in points]
    if points:
        await connection.run(LOCK_POINTS, dealership_id=dealership_id, values=values)
        found = await connection.one_or_none(
            LeadCluster, CLUSTER_OF_POINTS, dealership_id=dealership_id, kinds=kinds, values=values
        )
        if found is not None:
            return found
    return await connection.one(LeadCluster, OPEN_CLUSTER, dealership_id=dealership_id)
