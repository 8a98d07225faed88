"""Explaining a lead: request, key, cluster, assignment, who was told, and how that went."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.access.caller import Caller, Unauthorised
from forecourt.explanation.queries import LEAD_ASKED_FOR, STORY
from forecourt.infra.database import record
from forecourt.leads.refusals import LeadNotFound
from forecourt.messages.schema import AttemptOut

if TYPE_CHECKING:
    from forecourt.ids import DealershipId, LeadId
    from forecourt.infra.database import Connection, Database

PERMISSION = "read:lead"


class KeyOfRequestOut(msgspec.Struct, frozen=True):
    """The key by which something was sent."""

    id: int
    name: str
    mode: str


class ExplainedRequestOut(msgspec.Struct, frozen=True, kw_only=True):
    """A request that wrote the lead.

    Attributes:
        api_key: null for what the server did by itself.
        version: the lead's, after it.
        fields: what it changed.
    """

    request_id: str
    kind: str
    occurred_at: datetime
    version: int
    api_key: KeyOfRequestOut | None
    fields: list[str]


class MembershipOfLeadOut(msgspec.Struct, frozen=True, kw_only=True):
    """Why the lead is, or was, in a cluster.

    Attributes:
        matched: by which values, as ``[{"kind", "value"}]``.
    """

    rule: str
    matched: list[dict[str, Any]]
    since: datetime
    lead_cluster_id: int
    request_id: str


class AssignmentOfLeadOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who was given the customer, and by which rule.

    Attributes:
        reason: the rule, and how many of its users were passed over.
    """

    user_id: int | None
    assigned_at: datetime
    reason: dict[str, Any] | None
    request_id: str


class RuleOfLeadOut(msgspec.Struct, frozen=True, kw_only=True):
    """A notification rule, as it is now, held against the lead, as it is now.

    Attributes:
        does_not_fit: the first thing about the rule that does not, as ``category``; null where it tells of the lead.
        tells: whom it tells now, of leads that fit.
    """

    id: int
    name: str | None
    format: str
    does_not_fit: str | None
    tells: list[str]


class ChangedByOut(msgspec.Struct, frozen=True, kw_only=True):
    """The update that changed what was to be told while it waited."""

    event_id: int
    request_id: str
    version: int | None
    occurred_at: datetime


class DeliveryOfLeadOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was to be told because of the lead.

    Attributes:
        channel: ``customer_email``, ``notification``, ``webhook``, ``message`` or ``alert``.
        target: who: a lead's customer, a format and an address, an endpoint.
        request_id: the request from which it followed; that of the whole story where it was the first.
        attempts: what was said in them stays out; only how much.
    """

    id: int
    channel: str
    topic: str
    target: str
    state: str
    due_at: datetime
    reason: str | None
    notification_rule_id: int | None
    webhook_id: int | None
    message_id: int | None
    created_at: datetime
    handed_over_at: datetime | None
    ended_at: datetime | None
    request_id: str
    correlation_id: str | None = None
    changed_by: ChangedByOut | None
    attempts: list[AttemptOut]


class ExplanationOut(msgspec.Struct, frozen=True, kw_only=True):
    """The whole story of a lead.

    Attributes:
        correlation_id: the id of the request that created the lead: of every part of this story.
        memberships: the earliest in front; the last counts.
        assignment: null where nobody was given the customer by a rule.
    """

    lead_id: int
    lead_cluster_id: int
    correlation_id: str | None
    requests: list[ExplainedRequestOut]
    memberships: list[MembershipOfLeadOut]
    assignment: AssignmentOfLeadOut | None
    notification_rules: list[RuleOfLeadOut]
    deliveries: list[DeliveryOfLeadOut]


_PARTS = {
    "requests": list[ExplainedRequestOut],
    "memberships": list[MembershipOfLeadOut],
    "notification_rules": list[RuleOfLeadOut],
    "deliveries": list[DeliveryOfLeadOut],
}


async def explain(database: Database, token_hash: bytes, lead_id: LeadId) -> ExplanationOut:
    """The story of a lead.

    Raises:
        Unauthorised, LeadNotFound, PermissionMissing: in this order.
    """
    async with database.connection() as connection:
        asked = await connection.one_or_none(record, LEAD_ASKED_FOR, token_hash=token_hash, lead_id=lead_id)
        if asked is None:
            raise Unauthorised
        if asked["lead_id"] is None:
            raise LeadNotFound
        Caller(asked["api_key_id"], tuple(asked["permissions"])).require(PERMISSION)
        return await story(connection, asked["dealership_id"], lead_id)


async def story(connection: Connection, dealership_id: DealershipId, lead_id: LeadId) -> ExplanationOut:
    """The story of a lead, for whoever may read it.

    Raises:
        LeadNotFound: the dealership has no such lead.
    """
    row = await connection.one_or_none(record, STORY, dealership_id=dealership_id, lead_id=lead_id)
    if row is None:
        raise LeadNotFound
    parts: dict[str, Any] = {
        name: msgspec.json.decode(row[name] or "[]", type=kind) for name, kind in _PARTS.items()
    }
    parts["deliveries"] = [
        msgspec.structs.replace(one, correlation_id=row["correlation_id"]) for one in parts["deliveries"]
    ]
    assignment = msgspec.json.decode(row["assignment"] or "null", type=AssignmentOfLeadOut | None)
    return ExplanationOut(**row | parts | {"assignment": assignment})
