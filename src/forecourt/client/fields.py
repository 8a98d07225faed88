"""What can be sent, as keyword arguments. A test holds them to the server's structs and filters, name by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from forecourt.clusters.vocabulary import State
    from forecourt.leads.schema import LeadFileIn
    from forecourt.vocabulary import Category, LeadState, MarketingSource, Source


class Address(TypedDict, total=False):
    """A customer's address. In an update, a member left out keeps its value; None clears it."""

    street: str | None
    city: str | None
    state: str | None
    state_long: str | None
    postcode: int | str | None
    country: str | None


class Payment(TypedDict, total=False):
    """A payment; the same transaction of the same processor, told twice, is one."""

    amount: Decimal | int | None
    car_id: int | None
    payment_processor_id: int | None
    external_transaction_id: str | None


class LeadFields(TypedDict, total=False):
    """A lead as it is sent. In an update, a field left out keeps its value; None clears it."""

    name: str | None
    last_name: str | None
    email: str
    phone: str
    message: str | None
    dob: str | None
    customer_address: str | None
    dealership_id: int
    dealership_slug: str
    category: Category
    source: Source
    marketing_source: MarketingSource | None
    website_id: int | None
    website_slug: str | None
    page_id: int | None
    stocknum: str | None
    provider: str | None
    provider_id: str | None
    certified: bool | None
    golden: bool | None
    location_id: int | None
    send_customer_email: bool | None
    car_id: int | None
    model_id: int | None
    team_member_id: int | None
    user_email: str | None
    lead_state: LeadState | None
    sms_verified: bool | None
    model_variant_id: int | None
    colour_id: int | None
    tags: list[str] | None
    opt_in_to_marketing: bool | None
    delay_customer_email_minutes: int | None
    delay_dealership_notification_minutes: int | None
    disable_strict_validation: bool | None
    time_on_site_seconds: int | None
    time_to_submit_seconds: int | None
    lead_files_attributes: list[LeadFileIn] | None
    payment_attributes: Payment | None
    address_attributes: Address | None
    fields: dict[str, Any] | None
    charge_breakdown: dict[str, Any] | None


class LeadFilters(TypedDict, total=False):
    """Which leads, and in which order. Times need their zone; *from* is included, *to* is not."""

    dealership: int | str | list[int | str]
    category: Category
    source: Source
    lead_state: LeadState
    created_from: datetime
    created_to: datetime
    updated_from: datetime
    updated_to: datetime
    email: str
    phone: str
    tag: str
    provider: str
    provider_id: str
    golden: bool
    sort: Literal["-created_at", "created_at", "-updated_at", "updated_at"]


class Car(TypedDict, total=False):
    """A car that the customer looks at: new without an ``id``, changed with one, taken off with ``_destroy``."""

    id: int | None
    car_id: int | None
    family_id: int | None
    manufacturer_id: int | None
    year: int | None
    badge: str | None
    colour: str | None
    _destroy: bool | None


class Contact(TypedDict, total=False):
    """What staff know about the customer; None clears."""

    name: str | None
    last_name: str | None
    business_name: str | None
    dob: str | None
    customer_address: str | None
    address_attributes: dict[str, Any] | None
    sms_verified: bool


class LeadClusterFields(TypedDict, total=False):
    """A lead cluster as staff update it. A field left out keeps its value."""

    user_id: int | None
    lead_state: State | None
    secondary_user_id: int | None
    approved: bool | None
    location_id: int | None
    lead_status_option_id: int | None
    tags: list[str] | None
    car_ids: list[int] | None
    car_lead_clusters_attributes: list[Car] | None
    golden: bool
    contact: Contact
    by_user_id: int | None


class LeadClusterFilters(TypedDict, total=False):
    """Which lead clusters, and in which order; ``q`` searches, and goes with nothing else."""

    q: str
    lead_state: State
    user_id: int
    secondary_user_id: int
    unassigned: bool
    golden: bool
    waiting: bool
    waiting_since_before: datetime
    overdue: Literal[True]
    possible_duplicates: Literal[True]
    location_id: int
    tag: str
    category: Category
    source: Source
    provider: str
    provider_id: str
    email: str
    phone: str
    created_from: datetime
    created_to: datetime
    updated_from: datetime
    updated_to: datetime
    sort: Literal["-last_lead_created_at", "last_lead_created_at", "waiting_since", "-waiting_since"]
