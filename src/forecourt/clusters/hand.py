"""Marking what staff set by hand, with everything that integrations had said of it by then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters.hand_queries import MARKS, SAID
from forecourt.clusters.provenance import by_hand_of, conflicts_of, set_by_hand, text_of
from forecourt.infra.database import record

if TYPE_CHECKING:
    from datetime import datetime

    from forecourt.dealerships.operation import Change
    from forecourt.ids import LeadClusterId


async def said_of(
    change: Change, lead_cluster_id: LeadClusterId, *, since: datetime | None = None
) -> dict[str, list[Any]]:
    """What the leads that a cluster has have said of each field that staff may set, the newest last.

    Args:
        change: the write that asks.
        lead_cluster_id: the cluster; the leads count for where they are now.
        since: when they said it at the earliest; None for ever.
    """
    rows = await change.connection.every(
        record, SAID, dealership_id=change.dealership_id, lead_cluster_id=lead_cluster_id, since=since
    )
    return {row["field"]: msgspec.json.decode(row["said"]) for row in rows}


async def marks_of_state(
    change: Change,
    lead_cluster_id: LeadClusterId,
    state: tuple[str, str],
    *,
    human: bool,
    user_id: int | None,
) -> dict[str, str]:
    """The columns ``by_hand`` and ``conflicts`` after the state went from one to another without being set.

    Whoever of the staff calls a customer has set the state as if by hand: no later push of the older one takes it back.
    Where the customer's own question opens the cluster, what staff had said of its state has had its time.

    Args:
        change: the write that did it.
        lead_cluster_id: of the cluster, which the transaction has locked.
        state: what it was and what it is.
        human: whether a human of the dealership did it.
        user_id: the user of the staff, where one is known.
    """
    row = await change.connection.one(
        record, MARKS, dealership_id=change.dealership_id, lead_cluster_id=lead_cluster_id
    )
    by_hand, conflicts = by_hand_of(row["by_hand"]), conflicts_of(row["conflicts"])
    if human:
        said = await said_of(change, lead_cluster_id)
        by_hand = set_by_hand(
            by_hand,
            "state",
            *state,
            said=said.get("state", ()),
            at=change.now,
            api_key_id=change.api_key_id,
            user_id=user_id,
        )
    else:
        by_hand = {field: mark for field, mark in by_hand.items() if field != "state"}
    conflicts = {field: conflict for field, conflict in conflicts.items() if field != "state"}
    return {"by_hand": text_of(by_hand), "conflicts": text_of(conflicts)}
