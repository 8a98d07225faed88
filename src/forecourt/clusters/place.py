"""Which cluster a new enquiry belongs to, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.clusters.queries import CLUSTERS_OF_POINTS, JOIN_CLUSTER, OPEN_CLUSTER, SUGGEST, USABLE_POINTS
from forecourt.clusters.records import Candidate, LeadCluster, Placement
from forecourt.infra.database import OvertakenByAnother, record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from forecourt.ids import DealershipId, LeadId
    from forecourt.infra.database import Connection


async def place(
    connection: Connection,
    dealership_id: DealershipId,
    points: Sequence[tuple[str, str]],
    *,
    location_id: int | None,
    now: datetime,
    test: bool,
) -> Placement:
    """The cluster of the customer who is reached by *points*; a new one for a new customer.

    Must run inside a transaction: until it ends, nobody else places the same customer or changes the cluster. Of several clusters the lead
    joins the one where something happened last. One that was closed too long ago takes no lead: a new one begins, and
    is linked to it.

    Args:
        connection: in a transaction.
        dealership_id: where the enquiry was made; clusters never span dealerships.
        points: kind (``email``, ``phone``) and normalised value.
        location_id: of the enquiry, for a new cluster.
        now: when the enquiry arrives.
        test: whether it is one of test mode, which meets only its like.

    Raises:
        OvertakenByAnother: the cluster was merged or erased while it was looked for.
    """
    found = await _sharing(connection, dealership_id, points, now, test=test)
    current = [candidate for candidate in found if not candidate.closed_long_ago]
    if current:
        joined, *others = current
        cluster = await _locked(connection, dealership_id, joined.cluster)
        return Placement(cluster=cluster, rule="same_contact_point", matched=joined.matched, others=others)
    earlier = found[0] if found else None
    cluster = await connection.one(
        LeadCluster,
        OPEN_CLUSTER,
        dealership_id=dealership_id,
        location_id=location_id,
        now=now,
        test=test,
        earlier_lead_cluster_id=earlier.cluster.lead_cluster_id if earlier else None,
    )
    return Placement(
        cluster=cluster,
        rule="earlier_cluster_closed" if earlier else "new_customer",
        matched=earlier.matched if earlier else "[]",
        others=[],
    )


async def _sharing(
    connection: Connection,
    dealership_id: DealershipId,
    points: Sequence[tuple[str, str]],
    now: datetime,
    *,
    test: bool,
) -> list[Candidate]:
    if not points:
        return []
    usable = await connection.every(
        record,
        USABLE_POINTS,
        dealership_id=dealership_id,
        kinds=[kind for kind, _ in points],
        values=[value for _, value in points],
    )
    if not usable:
        return []
    return await connection.every(
        _candidate,
        CLUSTERS_OF_POINTS,
        dealership_id=dealership_id,
        kinds=[point["kind"] for point in usable],
        values=[point["value"] for point in usable],
        now=now,
        test=test,
    )


async def _locked(connection: Connection, dealership_id: DealershipId, seen: LeadCluster) -> LeadCluster:
    """*seen* as it is now, and stays until the transaction ends.

    Raises:
        OvertakenByAnother: it was merged into another one just now, or its customer erased.
    """
    own: dict[str, Any] = {"dealership_id": dealership_id, "lead_cluster_id": seen.lead_cluster_id}
    locked = await connection.one_or_none(LeadCluster, JOIN_CLUSTER, **own)
    if locked is not None and locked.version != seen.version:
        # Of what was waited for, only the locked row is new; the contact beside it may be from before.
        locked = await connection.one_or_none(LeadCluster, JOIN_CLUSTER, **own)
    if locked is None:
        raise OvertakenByAnother
    return locked


def _candidate(*, closed_long_ago: bool, matched: str, **cluster: Any) -> Candidate:  # noqa: ANN401 - a row
    return Candidate(cluster=LeadCluster(**cluster), closed_long_ago=closed_long_ago, matched=matched)


async def suggest(
    connection: Connection,
    dealership_id: DealershipId,
    placement: Placement,
    *,
    lead_id: LeadId,
    now: datetime,
) -> None:
    """Record the other clusters of *placement* as possible duplicates, with the reasons; nothing merges by itself."""
    if placement.others:
        await connection.run(
            SUGGEST,
            dealership_id=dealership_id,
            lead_cluster_id=placement.cluster.lead_cluster_id,
            lead_id=lead_id,
            now=now,
            others=[other.cluster.lead_cluster_id for other in placement.others],
            matched=[other.matched for other in placement.others],
        )
