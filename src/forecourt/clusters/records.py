"""Rows of the database, as they are."""

from __future__ import annotations

import msgspec

from forecourt.ids import LeadClusterId


class LeadCluster(msgspec.Struct, frozen=True, kw_only=True):
    """What a lead may change about its cluster, and about the contact there.

    Attributes:
        user_id: the assigned user.
    """

    lead_cluster_id: LeadClusterId
    golden: bool
    state: str
    user_id: int | None
    tags: list[str]
    sms_verified: bool
