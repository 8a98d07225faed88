"""What an integrator is answered: the lead as it is stored, under the contract's names."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.leads import json_text
from forecourt.leads.records import Companions, Lead

if TYPE_CHECKING:
    from forecourt.leads.changes import Changes

_NULL = msgspec.Raw(b"null")
_NONE = msgspec.Raw(b"[]")


class Warned(msgspec.Struct, frozen=True):
    """Something that was taken, but not as the sender may think.

    Attributes:
        field: the path of the value from the body's root.
        message: what was done with it.
    """

    field: str
    message: str


class LeadFileOut(msgspec.Struct, frozen=True):
    """An attached file; its bytes are under ``url``."""

    id: int
    file_type: str
    filename: str
    content_type: str
    size: int
    sha256: str
    created_at: datetime
    url: str


class PaymentOut(msgspec.Struct, frozen=True):
    """A payment, its amount exact to the cent."""

    id: int
    amount: Decimal | None
    car_id: int | None
    payment_processor_id: int | None
    external_transaction_id: str | None
    created_at: datetime


class PlainLead(msgspec.Struct, kw_only=True):
    """A lead without what is JSON text in the database, and is values only to the client; see ``LeadOut``."""

    id: int | None
    lead_cluster_id: int | None
    dealership_id: int
    dealership_slug: str
    version: int
    created_at: datetime
    updated_at: datetime
    name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    phone_e164: str | None
    message: str | None
    dob: str | None
    customer_address: str | None
    category: str
    source: str
    marketing_source: str | None
    website_id: int | None
    website_slug: str | None
    page_id: int | None
    location_id: int | None
    car_id: int | None
    stocknum: str | None
    model_id: int | None
    model_variant_id: int | None
    colour_id: int | None
    team_member_id: int | None
    user_id: int | None
    user_email: str | None
    provider: str | None
    provider_id: str | None
    certified: bool | None
    golden: bool
    lead_state: str | None
    sms_verified: bool | None
    tags: list[str]
    opt_in_to_marketing: bool | None
    opt_in_to_marketing_at: datetime | None
    opt_in_to_marketing_api_key_id: int | None
    send_customer_email: bool | None
    delay_customer_email_minutes: int | None
    delay_dealership_notification_minutes: int | None
    disable_strict_validation: bool | None
    time_on_site_seconds: int | None
    time_to_submit_seconds: int | None


class LeadOut(PlainLead, kw_only=True):
    """A lead as it is stored.

    Attributes:
        id: null in the dry run of a creation, as is ``lead_cluster_id``.
        version: 1 when created, one more with every change; the ETag.
        phone_e164: the phone number in E.164, where it is a valid one.
        dob: DD/MM/YYYY.
        golden: whether the lead's cluster is marked as golden.
        opt_in_to_marketing_at: when the opt-in got its present value, by API key
            ``opt_in_to_marketing_api_key_id``.
        payment_attributes: the latest of ``payments``.
        extra: what was sent under names that the contract does not know, verbatim.
        warnings: what was taken in this request, but not as the sender may think.
    """

    lead_files_attributes: msgspec.Raw
    payment_attributes: msgspec.Raw
    payments: msgspec.Raw
    address_attributes: msgspec.Raw
    fields: msgspec.Raw
    charge_breakdown: msgspec.Raw
    extra: msgspec.Raw
    warnings: tuple[Warned, ...] = ()


class DryRun(msgspec.Struct):
    """What a request with ``dry_run=true`` is answered.

    Attributes:
        lead: the lead as it would be.
        changes: field -> ``{"from": old, "to": new}``, what the request would change.
    """

    lead: LeadOut
    changes: dict[str, dict[str, Any]]
    dry_run: bool = True


class PlainEvent(msgspec.Struct, frozen=True):
    """A change of a lead without what is JSON text in the database; see ``EventOut``."""

    version: int
    kind: str
    occurred_at: datetime
    api_key: dict[str, Any] | None
    request_id: str


class EventOut(PlainEvent, frozen=True):
    """One change of a lead.

    Attributes:
        version: the lead's version after it.
        changes: field -> ``{"from": old, "to": new}``.
        api_key: by which key; null for what the server did by itself.
        request_id: the request that did it.
    """

    changes: msgspec.Raw


class EventPage(msgspec.Struct, frozen=True):
    """A page of a lead's history, the newest change first.

    Attributes:
        next_cursor: what to send as ``cursor`` for the next page; null on the last.
    """

    events: list[EventOut]
    next_cursor: str | None


class LeadPage(msgspec.Struct, frozen=True):
    """A page of leads.

    Attributes:
        next_cursor: what to send as ``cursor`` for the next page; null on the last.
    """

    leads: list[LeadOut]
    next_cursor: str | None


class Options(msgspec.Struct):
    """Every allowed value, so that a form can be filled from it."""

    categories: list[str]
    sources: list[str]
    marketing_sources: list[str]
    lead_states: list[str]
    file_types: list[str]
    document_types: list[str]


_COPIED = [name for name in Lead.__struct_fields__ if name in LeadOut.__struct_fields__]


def lead_out(lead: Lead, companions: Companions, warnings: tuple[Warned, ...] = ()) -> LeadOut:
    """*lead* as it is answered."""
    values: dict[str, Any] = {name: getattr(lead, name) for name in _COPIED}
    values["dob"] = None if lead.dob is None else lead.dob.strftime("%d/%m/%Y")
    for name in ("address_attributes", "fields", "charge_breakdown", "extra"):
        values[name] = _raw(values[name])
    return LeadOut(
        dealership_slug=companions.dealership_slug,
        website_slug=companions.website_slug,
        lead_files_attributes=_NONE if companions.lead_files is None else _raw(companions.lead_files),
        payments=_NONE if companions.payments is None else _raw(companions.payments),
        payment_attributes=_raw(_last(companions.payments)),
        warnings=warnings,
        **values,
    )


def encoded(lead: LeadOut) -> bytes:
    """*lead* as JSON."""
    return msgspec.json.encode(lead)


def encoded_dry_run(lead: LeadOut, changes: Changes) -> bytes:
    """The answer to a dry run as JSON."""
    return json_text.encode(DryRun(lead, changes))


def _raw(text: str | None) -> msgspec.Raw:
    return _NULL if text is None else msgspec.Raw(text.encode())


def _last(payments: str | None) -> str | None:
    if payments is None:
        return None
    last = msgspec.json.decode(payments, type=list[msgspec.Raw])[-1]
    return bytes(last).decode()
