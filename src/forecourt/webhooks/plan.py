"""Which endpoints are told of what has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.webhooks.plan_queries import PLAN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.events.reader import LoggedEvent
    from forecourt.infra.database import Connection


async def tell_endpoints(connection: Connection, events: Sequence[LoggedEvent]) -> None:
    """A delivery for each endpoint that wants to hear of it; what is about no customer is told to nobody."""
    about_somebody = [event for event in events if event.lead_cluster_id is not None]
    if not about_somebody:
        return
    await connection.run(
        PLAN,
        dealership_ids=[event.dealership_id for event in about_somebody],
        ids=[event.id for event in about_somebody],
        kinds=[event.kind for event in about_somebody],
        lead_cluster_ids=[event.lead_cluster_id for event in about_somebody],
        lead_ids=[event.lead_id for event in about_somebody],
    )
