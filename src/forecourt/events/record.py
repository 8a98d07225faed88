"""Writing to the log what was not about one lead; a lead's own statement logs what it does to the lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.database import Query, record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from forecourt.dealerships.operation import Change
    from forecourt.ids import LeadClusterId

RECORD = Query("""
insert into event (
    dealership_id, lead_cluster_id, lead_cluster_version, other_lead_cluster_id, kind, occurred_at, api_key_id,
    user_id, request_id, human, changes
)
values (
    :dealership_id, :lead_cluster_id, :lead_cluster_version, :other_lead_cluster_id, :kind, :occurred_at, :api_key_id,
    :user_id, :request_id, :human, :changes
)
returning id
""")


async def record_event(  # noqa: PLR0913 - an event has as many parts
    change: Change,
    kind: str,
    lead_cluster_id: LeadClusterId | None,
    changes: Mapping[str, Any],
    *,
    lead_cluster_version: int | None = None,
    other_lead_cluster_id: LeadClusterId | None = None,
    user_id: int | None = None,
    human: bool = False,
    occurred_at: datetime | None = None,
) -> None:
    """Log an event, in the transaction of *change*, which remembers its id.

    Args:
        change: the write that did it.
        kind: what and how, as ``lead_cluster.updated``.
        lead_cluster_id: of the cluster it is about; None for what a dealership settles.
        changes: field -> ``{"from": old, "to": new}``.
        lead_cluster_version: the cluster's version after it, where it changed the cluster.
        other_lead_cluster_id: a second cluster, of a merge or a split.
        user_id: the user of the staff who did it; by default whoever is signed in.
        human: whether a human turned to the customer: what stops the response clock.
        occurred_at: when it was, where that is told later; None for now.
    """
    logged = await change.connection.one(
        record,
        RECORD,
        dealership_id=change.dealership_id,
        lead_cluster_id=lead_cluster_id,
        lead_cluster_version=lead_cluster_version,
        other_lead_cluster_id=other_lead_cluster_id,
        kind=kind,
        occurred_at=occurred_at or change.now,
        api_key_id=change.api_key_id,
        user_id=change.user_id if user_id is None else user_id,
        request_id=change.request_id,
        human=human,
        changes=msgspec.json.encode(changes).decode(),
    )
    change.event_ids.append(logged["id"])
