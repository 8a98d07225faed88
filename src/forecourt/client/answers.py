"""What the client answers with, where the server's own structs hold JSON text or know more than one case."""

from __future__ import annotations

from typing import Any

import msgspec

from forecourt.client.calls import Page
from forecourt.client.fields import Address  # noqa: TC001 - read by msgspec
from forecourt.clusters.answers import LeadClusterOut
from forecourt.leads.answers import LeadFileOut, PaymentOut, PlainEvent, PlainLead, Warned


class LeadPreview(PlainLead, kw_only=True):
    """A lead as a dry run tells it.

    Attributes:
        id: None in the dry run of a creation, as is ``lead_cluster_id``.
        version: 1 when created, one more with every change; what ``if_match`` takes.
        phone_e164: the phone number in E.164, where it is a valid one.
        dob: DD/MM/YYYY.
        golden: whether the lead's cluster is marked as golden.
        payment_attributes: the latest of ``payments``.
        extra: what was sent under names that the contract does not know, verbatim.
        warnings: what was taken in this call, but not as you may think.
    """

    lead_files_attributes: list[LeadFileOut]
    payment_attributes: PaymentOut | None
    payments: list[PaymentOut]
    address_attributes: Address | None
    fields: dict[str, Any] | None
    charge_breakdown: dict[str, Any] | None
    extra: dict[str, Any] | None
    warnings: tuple[Warned, ...] = ()


class Lead(LeadPreview, kw_only=True):
    """A lead as it is stored. Fractions in its free fields are decimals, to the digit."""

    id: int
    lead_cluster_id: int


class Change(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """What became of a field."""

    before: Any
    after: Any


class LeadDryRun(msgspec.Struct, frozen=True):
    """What a call would have come to: the lead as it would be, and the fields that would change."""

    lead: LeadPreview
    changes: dict[str, Change]


class LeadEvent(PlainEvent, frozen=True):
    """One change of a lead.

    Attributes:
        version: the lead's version after it.
        api_key: by which key; None for what the server did by itself.
        request_id: the request that did it.
        changes: by field.
    """

    changes: dict[str, Change]


class LeadClusterDryRun(msgspec.Struct, frozen=True):
    """What a call would have come to: the cluster as it would be, and the fields that would change."""

    lead_cluster: LeadClusterOut = msgspec.field(name="answer")
    changes: dict[str, Change]


class LeadPage(Page[Lead], frozen=True):
    """A page of leads."""

    items: list[Lead] = msgspec.field(name="leads")


class LeadEventPage(Page[LeadEvent], frozen=True):
    """A page of a lead's history."""

    items: list[LeadEvent] = msgspec.field(name="events")


class LeadClusterPage(Page[LeadClusterOut], frozen=True):
    """A page of lead clusters."""

    items: list[LeadClusterOut] = msgspec.field(name="lead_clusters")
