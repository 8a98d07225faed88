"""Whose the ways to reach a customer are, when leads part: whoever said one takes it along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from forecourt.clusters.points_queries import POINTS_SAID
from forecourt.contacts.email import loose_email
from forecourt.contacts.phone import loose_phone
from forecourt.infra.database import record

if TYPE_CHECKING:
    from datetime import datetime

    from forecourt.dealerships.operation import Change
    from forecourt.ids import LeadClusterId

# Kind and normalised value -> when it was first said.
Points: TypeAlias = "dict[tuple[str, str], datetime]"


async def points_of(change: Change, lead_cluster_id: LeadClusterId) -> Points:
    """Every e-mail address and phone number that the leads of a cluster have or ever had."""
    rows = await change.connection.every(
        record, POINTS_SAID, dealership_id=change.dealership_id, lead_cluster_id=lead_cluster_id
    )
    country = change.standing.dealership.country
    points: Points = {}
    for row in rows:
        value = row["value"]
        if not row["normalised"]:
            value = loose_email(value) if row["kind"] == "email" else loose_phone(value, country)
        if value is not None:
            point = (row["kind"], value)
            points[point] = min(row["said_at"], points.get(point, row["said_at"]))
    return points


def arrays(prefix: str, points: Points) -> dict[str, list[Any]]:
    """*points* as parameters of a statement: ``…_kinds``, ``…_values`` and ``…_at``."""
    return {
        f"{prefix}_kinds": [kind for kind, _ in points],
        f"{prefix}_values": [value for _, value in points],
        f"{prefix}_at": list(points.values()),
    }
