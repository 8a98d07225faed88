"""What happened with a customer beside their leads: the cluster counts it, the log tells it, the clock is set by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.clusters.hand import marks_of_state
from forecourt.events.record import record_event
from forecourt.infra.database import Query, record
from forecourt.response.waiting import keep_waiting

if TYPE_CHECKING:
    from datetime import datetime

    from forecourt.dealerships.operation import Change
    from forecourt.ids import LeadClusterId

# Whoever is brought to a state is none of its options yet. A closed cluster that opens has nothing left to answer from
# before its closing.
TOUCH = Query("""
update lead_cluster set
    version = version + 1,
    updated_at = :now,
    state = coalesce(:state, state),
    lead_status_option_id = case when :state is null then lead_status_option_id end,
    closed_at = case when :state is null then closed_at end,
    settled_at = case when :state is null then settled_at else coalesce(closed_at, settled_at) end,
    by_hand = coalesce(cast(:by_hand as jsonb), by_hand),
    conflicts = coalesce(cast(:conflicts as jsonb), conflicts)
where dealership_id = :dealership_id and id = :lead_cluster_id
returning version
""")


async def touch(
    change: Change,
    lead_cluster_id: LeadClusterId,
    kind: str,
    changes: dict[str, Any],
    *,
    state: tuple[str, str] | None,
    human: bool,
    user_id: int | None,
    occurred_at: datetime | None = None,
) -> None:
    """Log *kind* at a cluster that the transaction has locked, and bring the cluster and its clock up to date.

    Args:
        change: the write that did it.
        lead_cluster_id: of the cluster.
        kind: of the event, as ``call.logged``.
        changes: field -> ``{"from": old, "to": new}``; the state is added.
        state: the cluster's state, and the open one to which this brings it; None where it stays.
        human: whether a human turned to the customer.
        user_id: the user of the staff who did it, where one is known.
        occurred_at: when it was, where that is told later; None for now.
    """
    marks: dict[str, str | None] = {"by_hand": None, "conflicts": None}
    if state is not None:
        changes["lead_cluster.state"] = {"from": state[0], "to": state[1]}
        marks |= await marks_of_state(change, lead_cluster_id, state, human=human, user_id=user_id)
    touched = await change.connection.one(
        record,
        TOUCH,
        dealership_id=change.dealership_id,
        lead_cluster_id=lead_cluster_id,
        now=change.now,
        state=state[1] if state else None,
        **marks,
    )
    await record_event(
        change,
        kind,
        lead_cluster_id,
        changes,
        lead_cluster_version=touched["version"],
        user_id=user_id,
        human=human,
        occurred_at=occurred_at,
    )
    await keep_waiting(change.connection, change.dealership_id, [lead_cluster_id])
