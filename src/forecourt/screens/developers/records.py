"""Rows of the developers' pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far somebody has come.

    Attributes:
        called_id: the first call of their test key that was answered well.
        refused_id: the first that was refused.
        delivery_id: the latest webhook that was taken at their dealerships.
    """

    called_id: UUID | None
    refused_id: UUID | None
    dealership_slug: str | None
    webhook_id: int | None
    delivery_id: int | None

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to wait for."""
        return None not in {self.called_id, self.refused_id, self.delivery_id}


class KeyToChoose(msgspec.Struct, frozen=True):
    """A key that a filter offers."""

    id: int
    name: str
    mode: str
    token_hint: str


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Where something that a call was about is to be found."""

    lead_id: int | None
    lead_cluster_id: int
    slug: str

    @property
    def customer(self) -> str:
        """The customer's page."""
        return f"/dealerships/{self.slug}/lead_clusters/{self.lead_cluster_id}"

    @property
    def explanation(self) -> str:
        """Why the lead is where it is, and who was told."""
        return f"{self.customer}/leads/{self.lead_id}/explain"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the latest hundred deliveries to an endpoint went."""

    webhook_id: int
    last_success_at: datetime | None
    sent: int
    failed: int
    waiting: int


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """Where a delivery stands in its schedule, and the event that it tells of."""

    attempts_before: int
    kind: str
    request_id: str
    occurred_at: datetime


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why a message was written, and the update that changed it while it waited."""

    event_id: int
    kind: str
    request_id: str
    occurred_at: datetime
    rule_id: int | None
    rule_name: str | None
    user_name: str | None
    changed_event_id: int | None
    changed_kind: str | None
    changed_request_id: str | None
    changed_at: datetime | None
    changed_version: int | None


class ShownEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event with what it changed.

    Attributes:
        changes: field -> ``{"from": old, "to": new}``, as JSON.
        test: whether it is of test mode.
    """

    id: int
    kind: str
    occurred_at: datetime
    request_id: str
    lead_id: int | None
    lead_version: int | None
    lead_cluster_id: int | None
    other_lead_cluster_id: int | None
    human: bool
    test: bool
    changes: str
    api_key_id: int | None
    api_key_name: str | None
    user_name: str | None

    @property
    def who(self) -> str:
        """Who did it."""
        if self.user_name is not None:
            return self.user_name
        if self.api_key_name is not None:
            return f"key {self.api_key_name}"
        return "the server" if self.api_key_id is None else f"key {self.api_key_id}"

    @property
    def fields(self) -> list[tuple[str, Any, Any]]:
        """What changed: field, old and new; an addition that is no change has no old."""
        found = []
        for name, change in msgspec.json.decode(self.changes).items():
            told = isinstance(change, dict) and change.keys() <= {"from", "to"}
            found.append((name, change.get("from") if told else None, change.get("to") if told else change))
        return found
