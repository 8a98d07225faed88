"""Rows of the database, as they are."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from forecourt.ids import LeadClusterId


class LeadCluster(msgspec.Struct, frozen=True, kw_only=True):
    """What a lead may change about its cluster, and about the contact there.

    Attributes:
        user_id: the assigned user.
        by_hand: JSON text, as are ``conflicts``; see ``provenance``.
    """

    lead_cluster_id: LeadClusterId
    version: int
    golden: bool
    state: str
    user_id: int | None
    tags: list[str]
    location_id: int | None
    by_hand: str
    conflicts: str
    sms_verified: bool


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster that shares a way to reach the customer.

    Attributes:
        closed_long_ago: whether it is closed for so long that it takes no new leads.
        matched: JSON text: ``[{"kind", "value"}]``, what is shared.
    """

    cluster: LeadCluster
    closed_long_ago: bool
    matched: str


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a new lead belongs, and why.

    Attributes:
        rule: one of ``vocabulary.RULES``.
        matched: JSON text: ``[{"kind", "value"}]``.
        others: further clusters that share a way to reach the customer: possible duplicates.
    """

    cluster: LeadCluster
    rule: str
    matched: str
    others: list[Candidate]


def as_logged(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's value
    """A column of a cluster or its contact as the log tells it."""
    if name == "address_attributes" and value is not None:
        return msgspec.json.decode(value)
    return value.strftime("%d/%m/%Y") if type(value) is date else value
