"""What the schema cluster says: the platform's own lead cluster webhook, member for member."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from forecourt.webhooks.envelope import Changes
from forecourt.webhooks.lead_export import Free, PersonTold

# The newest of each: a body is no archive.
MOST_LEADS = 50
MOST_EVENTS = 50


class ContactTold(msgspec.Struct, frozen=True, kw_only=True):
    """The customer.

    Attributes:
        email: the one that was heard of last, as is ``phone``.
        emails: all of them, normalised.
        phones: all of them, in E.164.
        dob: DD/MM/YYYY.
        erased: whether the person was erased: nothing else is told of them then.
    """

    id: int
    business_name: str | None
    name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    emails: list[str]
    phones: list[str]
    dob: str | None
    customer_address: str | None
    address_attributes: Free
    sms_verified: bool
    opt_in_to_marketing: bool | None
    erased: bool


class LeadTold(msgspec.Struct, frozen=True, kw_only=True):
    """An enquiry of the customer; all of it is under ``/api/v1/leads/{id}``."""

    id: int
    version: int
    created_at: datetime
    updated_at: datetime
    category: str
    source: str
    marketing_source: str | None
    lead_state: str | None
    message: str | None
    stocknum: str | None
    car_id: int | None
    location_id: int | None
    provider: str | None
    provider_id: str | None


class LeadEventTold(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to the customer's cluster.

    Attributes:
        type: as ``lead.updated``.
        other_lead_cluster_id: the other cluster of a merge or a split.
        changes: field -> ``{"from": old, "to": new}``.
    """

    id: int
    type: str
    occurred_at: datetime
    lead_id: int | None
    other_lead_cluster_id: int | None
    user_id: int | None
    changes: Changes


class ClusterExport(msgspec.Struct, frozen=True, kw_only=True):
    """A lead cluster: ``cluster``. Of one that was merged into another, the other is told.

    Attributes:
        provider: as the endpoint settles it.
        status: the cluster's state.
        approver: who approved; null where nobody has, or no user was named.
        assigned_salesperson: who answers for the customer.
        modified: when it changed last.
        leads: the enquiries, newest first, 50 at most.
        lead_events: what happened, newest first, 50 at most.
    """

    id: int
    dealership_id: int
    provider: str
    status: str
    contact: ContactTold
    approver: PersonTold | None
    assigned_salesperson: PersonTold | None
    created: datetime
    modified: datetime
    first_lead_created_at: datetime
    last_lead_created_at: datetime
    leads: list[LeadTold]
    lead_events: list[LeadEventTold]


_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "contact": msgspec.json.Decoder(ContactTold),
    "approver": msgspec.json.Decoder(PersonTold | None),
    "assigned_salesperson": msgspec.json.Decoder(PersonTold | None),
    "leads": msgspec.json.Decoder(list[LeadTold]),
    "lead_events": msgspec.json.Decoder(list[LeadEventTold]),
}


def export_of(row: dict[str, Any], provider: str) -> ClusterExport:
    """A row of CLUSTERS, for an endpoint whose provider is called so."""
    values = {name: row[name] for name in ClusterExport.__struct_fields__ if name in row}
    for name, decoder in _DECODERS.items():
        values[name] = decoder.decode(row[name] or "null")
    return ClusterExport(provider=provider, **values)
