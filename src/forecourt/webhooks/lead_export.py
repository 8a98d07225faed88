"""What the schemas v1, v2 and v3 say: a lead as the platform's lead export tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from forecourt.leads.answers import LeadFileOut, PaymentOut

Free: TypeAlias = Annotated[msgspec.Raw, Meta(extra_json_schema={"type": ["object", "null"]})]


class CarTold(msgspec.Struct, frozen=True, kw_only=True):
    """A car of the dealership's stock."""

    id: int
    stocknum: str | None
    name: str | None
    make: str | None
    model: str | None
    badge: str | None
    year: int | None
    colour: str | None
    condition: str | None
    price: float | None


class NamedTold(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has a name: a model, a variant, a colour, a team member."""

    id: int
    name: str


class LocationTold(msgspec.Struct, frozen=True, kw_only=True):
    """A location of the dealership."""

    id: int
    name: str
    location_type: str


class WebsiteTold(msgspec.Struct, frozen=True, kw_only=True):
    """A website of the dealership."""

    id: int
    slug: str
    name: str
    url: str | None


class PageTold(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a website."""

    id: int
    name: str | None
    url: str | None


class PersonTold(msgspec.Struct, frozen=True, kw_only=True):
    """A user of the staff."""

    id: int
    name: str
    email: str


class TestDriveTold(msgspec.Struct, frozen=True, kw_only=True):
    """A test drive of the lead's customer.

    Attributes:
        starts_at: ``YYYY-MM-DD HH:MM:SS`` by the dealership's clock; null where only interest was registered.
        car_for_test_drive: the car's display name.
    """

    # The members' order is the platform's.
    id: int
    ai_generated: bool
    user_id: int | None
    starts_at: str | None
    status: str
    length_in_minutes: int
    note: str | None
    location_id: int | None
    car_for_test_drive: str | None


class LeadExportV1(msgspec.Struct, kw_only=True):
    """A lead under the names of the contract's page: ``v1``.

    Attributes:
        dob: DD/MM/YYYY.
        golden: whether the lead's cluster is marked as golden.
    """

    id: int
    dealership_id: int
    dealership_slug: str
    lead_cluster_id: int
    name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
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
    user_email: str | None
    provider: str | None
    provider_id: str | None
    certified: bool | None
    golden: bool
    lead_state: str | None
    sms_verified: bool | None
    tags: list[str]
    opt_in_to_marketing: bool | None
    send_customer_email: bool | None
    delay_customer_email_minutes: int | None
    delay_dealership_notification_minutes: int | None
    time_on_site_seconds: int | None
    time_to_submit_seconds: int | None
    address_attributes: Free
    fields: Free


class LeadExportV2(LeadExportV1, kw_only=True):
    """``v1``, and what its ids stand for, what came with the lead, and when: ``v2``.

    Attributes:
        version: 1 when created, one more with every change: of two deliveries the higher is the newer.
        phone_e164: the phone number in E.164, where it is a valid one.
        assigned_user: who answers for the customer.
        payment_attributes: the latest of ``payments``.
        extra: what was sent under names that the contract does not know, verbatim.
    """

    created_at: datetime
    updated_at: datetime
    version: int
    phone_e164: str | None
    opt_in_to_marketing_at: datetime | None
    user_id: int | None
    car: CarTold | None
    model: NamedTold | None
    model_variant: NamedTold | None
    colour: NamedTold | None
    location: LocationTold | None
    website: WebsiteTold | None
    page: PageTold | None
    team_member: NamedTold | None
    assigned_user: PersonTold | None
    secondary_user: PersonTold | None
    payment_attributes: PaymentOut | None
    payments: list[PaymentOut]
    lead_files_attributes: list[LeadFileOut]
    charge_breakdown: Free
    extra: Free


class LeadExportV3(LeadExportV2, kw_only=True):
    """``v2``, and the customer's test drives, the earliest in front: ``v3``."""

    appointments: list[TestDriveTold]
    has_test_drives: bool


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What the ids of a lead stand for and what came with it: the column ``beside`` of LEADS."""

    car: CarTold | None
    model: NamedTold | None
    model_variant: NamedTold | None
    colour: NamedTold | None
    location: LocationTold | None
    website: WebsiteTold | None
    page: PageTold | None
    team_member: NamedTold | None
    assigned_user: PersonTold | None
    secondary_user: PersonTold | None
    payments: list[PaymentOut] | None
    lead_files_attributes: list[LeadFileOut] | None


EXPORTS: dict[str, type[LeadExportV1]] = {"v1": LeadExportV1, "v2": LeadExportV2, "v3": LeadExportV3}

_NULL = msgspec.Raw(b"null")
_FREE = ("address_attributes", "fields", "charge_breakdown", "extra")
# What is not a column of the row as it stands.
_MADE = {*Beside.__struct_fields__, *_FREE, "dob", "payment_attributes", "appointments", "has_test_drives"}
_COPIED = {
    schema: tuple(name for name in export.__struct_fields__ if name not in _MADE)
    for schema, export in EXPORTS.items()
}
_BESIDE = msgspec.json.Decoder(Beside)
_DRIVES = msgspec.json.Decoder(list[TestDriveTold])


def export_of(row: dict[str, Any], schema: str) -> LeadExportV1:
    """A row of LEADS in the form of *schema*."""
    values: dict[str, Any] = {name: row[name] for name in _COPIED[schema]}
    values["dob"] = None if row["dob"] is None else row["dob"].strftime("%d/%m/%Y")
    for name in _FREE[:2] if schema == "v1" else _FREE:
        values[name] = _NULL if row[name] is None else msgspec.Raw(row[name].encode())
    if schema != "v1":
        values |= _beside(_BESIDE.decode(row["beside"]))
    if schema == "v3":
        drives = _DRIVES.decode(row["test_drives"])
        values |= {"appointments": drives, "has_test_drives": bool(drives)}
    return EXPORTS[schema](**values)


def _beside(beside: Beside) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(beside, name) for name in Beside.__struct_fields__}
    payments = beside.payments or []
    return values | {
        "payments": payments,
        "payment_attributes": payments[-1] if payments else None,
        "lead_files_attributes": beside.lead_files_attributes or [],
    }
