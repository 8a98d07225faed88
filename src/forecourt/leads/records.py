"""Rows of the database, as they are."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from forecourt.ids import ApiKeyId, DealershipId, LeadClusterId, LeadId


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """One enquiry.

    Attributes:
        version: 1 when created, one more with every change; the ETag.
        email_normalised: the e-mail as it is matched and searched; None where it is none.
        phone_e164: the telephone number, likewise.
        golden: the mark of the lead's cluster.
        address_attributes: JSON text, as are ``fields``, ``charge_breakdown`` and ``extra``.
        extra: what was sent under names that the contract does not know, verbatim.
    """

    dealership_id: DealershipId
    id: LeadId
    lead_cluster_id: LeadClusterId
    version: int
    created_at: datetime
    updated_at: datetime
    name: str | None
    last_name: str | None
    email: str | None
    email_normalised: str | None
    phone: str | None
    phone_e164: str | None
    message: str | None
    dob: date | None
    customer_address: str | None
    category: str
    source: str
    marketing_source: str | None
    website_id: int | None
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
    opt_in_to_marketing_api_key_id: ApiKeyId | None
    send_customer_email: bool | None
    delay_customer_email_minutes: int | None
    delay_dealership_notification_minutes: int | None
    disable_strict_validation: bool | None
    time_on_site_seconds: int | None
    time_to_submit_seconds: int | None
    address_attributes: str | None
    fields: str | None
    charge_breakdown: str | None
    extra: str | None


LEAD_COLUMNS = Lead.__struct_fields__


class Companions(msgspec.Struct, frozen=True, kw_only=True):
    """What is told together with a lead.

    Attributes:
        lead_files: JSON text: a list of the lead's files, in the order they came.
        payments: JSON text: a list of its payments, likewise.
    """

    dealership_slug: str
    website_slug: str | None
    lead_files: str | None
    payments: str | None


class References(msgspec.Struct, frozen=True, kw_only=True):
    """What the ids, slugs and other names in a request mean inside the lead's dealership.

    None where nothing was asked for, or where nothing of that dealership answers to it.
    """

    website_id: int | None = None
    website_id_of_slug: int | None = None
    page_id: int | None = None
    location_id: int | None = None
    car_id: int | None = None
    car_id_of_stocknum: int | None = None
    model_id: int | None = None
    model_variant_id: int | None = None
    colour_id: int | None = None
    team_member_id: int | None = None
    user_id_of_email: int | None = None
    payment_car_id: int | None = None
