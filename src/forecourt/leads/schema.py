"""What travels: the lead as it is sent, field for field as the contract's page has it.

Sources: the page *Update Lead* for names, types and descriptions; its example for ``last_name``, ``dob`` and
``customer_address``, which its table lacks.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from forecourt import vocabulary

MAX_ID = 2**63 - 1
MAX_DELAY_MINUTES = 43_200
MAX_SECONDS = 2**31 - 1
MAX_TAGS = 100
MAX_FILES = 10

Id: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_ID)]
Line: TypeAlias = Annotated[str, Meta(max_length=255)]
Text: TypeAlias = Annotated[str, Meta(max_length=65_536)]
Seconds: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_SECONDS)]
Minutes: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_DELAY_MINUTES)]


PostcodeNumber: TypeAlias = Annotated[int, Meta(ge=0, le=9_999_999_999)]
PostcodeText: TypeAlias = Annotated[str, Meta(max_length=16)]
EmailText: TypeAlias = Annotated[str, Meta(max_length=320)]
PhoneText: TypeAlias = Annotated[str, Meta(max_length=64)]
Tag: TypeAlias = Annotated[str, Meta(max_length=128)]
Day: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$", examples=["01/01/1980"])]

Value = TypeVar("Value")
# May be left out, may be null.
Sent: TypeAlias = Value | UnsetType | None
# May be left out as far as its shape goes (all that is missing is told at once), but is never null.
Required: TypeAlias = Value | UnsetType


def _told(description: str) -> Meta:
    return Meta(description=description)


def _one_of(values: tuple[str, ...]) -> Meta:
    return Meta(extra_json_schema={"enum": list(values)})


Category: TypeAlias = Annotated[str, _one_of(vocabulary.CATEGORIES)]
Source: TypeAlias = Annotated[str, _one_of(vocabulary.SOURCES)]
MarketingSource: TypeAlias = Annotated[str, _one_of(vocabulary.MARKETING_SOURCES)]
LeadState: TypeAlias = Annotated[str, _one_of(vocabulary.LEAD_STATES)]
FileType: TypeAlias = Annotated[str, _one_of(vocabulary.FILE_TYPES)]

_AMOUNT = Meta(
    description="Exact to the cent, from 0 to 10,000,000.",
    extra_json_schema={"type": "number", "minimum": 0, "maximum": 10_000_000, "multipleOf": 0.01},
)

_FILE = Meta(
    description=(
        "The attached file: a part of a multipart body or, in JSON, a base64 data URI "
        "(`data:application/pdf;name=cv.pdf;base64,…`). 10 MiB at most."
    ),
    extra_json_schema={"type": "string", "format": "binary"},
)


class AddressIn(msgspec.Struct, kw_only=True, frozen=True):
    """The customer's address. A member left out keeps its value; null clears it."""

    street: Sent[Line] = UNSET
    city: Sent[Line] = UNSET
    state: Sent[Line] = UNSET
    state_long: Sent[Line] = UNSET
    # An integer on the page; text where it begins with a zero. It is kept as it was sent.
    postcode: Sent[PostcodeNumber | PostcodeText] = UNSET
    country: Sent[Line] = UNSET


class PaymentIn(msgspec.Struct, kw_only=True, frozen=True):
    """A payment. The same external transaction of the same processor, told twice, is one payment."""

    amount: Sent[Annotated[Decimal, _AMOUNT]] = UNSET
    car_id: Sent[Id] = UNSET
    payment_processor_id: Sent[Id] = UNSET
    external_transaction_id: Sent[Line] = UNSET


class LeadFileIn(msgspec.Struct, kw_only=True, frozen=True):
    """A file to attach. An update adds files and removes none."""

    file: Annotated[Any, _FILE]
    file_type: Required[FileType] = UNSET
    filename: Sent[Annotated[Line, _told("What to call a file sent as a data URI.")]] = UNSET


_FIELDS = Meta(
    description=(
        "Additional custom fields for the lead. For Document Request leads, include `document_type` "
        "(`car_analysis`, `ppsr`, `equifax`)."
    ),
    examples=[{"document_type": "ppsr", "custom_field": "value"}],
)

_CHARGE = {"type": "number", "description": "The charge amount, exact; comes back as it was sent."}

_CHARGES = Meta(
    description="Charge details. Must include either `total`, `charges`, or both.",
    examples=[
        {
            "total": {"amount": 50},
            "charges": [{"name": "Luxury Car Tax", "amount": 1234}, {"name": "Delivery Fee", "amount": 500}],
        }
    ],
    extra_json_schema={
        "anyOf": [{"required": ["total"]}, {"required": ["charges"]}],
        "properties": {
            "total": {"type": "object", "required": ["amount"], "properties": {"amount": _CHARGE}},
            "charges": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "amount"],
                    "properties": {"name": {"type": "string", "minLength": 1}, "amount": _CHARGE},
                },
            },
        },
    },
)


class LeadIn(msgspec.Struct, kw_only=True, frozen=True):
    """A lead as it is sent. A field left out keeps its value; null clears it, where it is not required."""

    name: Sent[Annotated[Line, _told("Customer full name.")]] = UNSET
    last_name: Sent[Annotated[Line, _told("Customer last name.")]] = UNSET
    email: Required[Annotated[EmailText, _told("Customer e-mail.")]] = UNSET
    phone: Required[Annotated[PhoneText, _told("Customer phone number, in the dealership's country.")]] = (
        UNSET
    )
    message: Sent[Annotated[Text, _told("Customer message.")]] = UNSET
    dob: Sent[Annotated[Day, _told("Customer date of birth, DD/MM/YYYY.")]] = UNSET
    customer_address: Sent[Annotated[Text, _told("Customer address, in one line.")]] = UNSET
    dealership_id: Required[Annotated[Id, _told("The dealership: this or `dealership_slug`.")]] = UNSET
    dealership_slug: Required[Annotated[Line, _told("The dealership: this or `dealership_id`.")]] = UNSET
    category: Required[Annotated[Category, _told("Lead category.")]] = UNSET
    source: Required[Annotated[Source, _told("Where the lead came from.")]] = UNSET
    marketing_source: Sent[MarketingSource] = UNSET
    website_id: Sent[Id] = UNSET
    website_slug: Sent[Line] = UNSET
    page_id: Sent[Annotated[Id, _told("The page where the lead was submitted from.")]] = UNSET
    stocknum: Sent[Annotated[Line, _told("Matches the vehicle with this stock number, if it exists.")]] = (
        UNSET
    )
    provider: Sent[Annotated[Line, _told("Lead supplier name, e.g. Carsales.")]] = UNSET
    provider_id: Sent[Line] = UNSET
    certified: Sent[bool] = UNSET
    golden: Sent[Annotated[bool, _told("Mark the lead cluster as golden (high priority lead).")]] = UNSET
    location_id: Sent[Id] = UNSET
    send_customer_email: Sent[bool] = UNSET
    car_id: Sent[Annotated[Id, _told("Matches the lead against this car.")]] = UNSET
    model_id: Sent[Annotated[Id, _told("Only relevant for new vehicle enquiries.")]] = UNSET
    team_member_id: Sent[Annotated[Id, _told("Only for Team Member Enquiry leads.")]] = UNSET
    user_email: Sent[Annotated[Line, _told("E-mail of the user to associate the lead with, if any.")]] = UNSET
    lead_state: Sent[LeadState] = UNSET
    sms_verified: Sent[Annotated[bool, _told("Mark the contact as SMS verified.")]] = UNSET
    model_variant_id: Sent[Annotated[Id, _told("Only relevant for new vehicle enquiries.")]] = UNSET
    colour_id: Sent[Annotated[Id, _told("Only relevant for new vehicle enquiries.")]] = UNSET
    tags: Sent[Annotated[list[Tag], Meta(max_length=MAX_TAGS, description="A set; its order is kept.")]] = (
        UNSET
    )
    opt_in_to_marketing: Sent[bool] = UNSET
    delay_customer_email_minutes: Sent[Minutes] = UNSET
    delay_dealership_notification_minutes: Sent[Minutes] = UNSET
    disable_strict_validation: Sent[
        Annotated[bool, _told("If true, e-mail and phone are not validated.")]
    ] = UNSET
    time_on_site_seconds: Sent[Annotated[Seconds, _told("Time on site before submitting.")]] = UNSET
    time_to_submit_seconds: Sent[Annotated[Seconds, _told("Time from form load to form submit.")]] = UNSET
    lead_files_attributes: Sent[Annotated[list[LeadFileIn], Meta(max_length=MAX_FILES)]] = UNSET
    payment_attributes: Sent[PaymentIn] = UNSET
    address_attributes: Sent[AddressIn] = UNSET
    fields: Sent[Annotated[dict[str, Any], _FIELDS]] = UNSET
    charge_breakdown: Sent[Annotated[dict[str, Any], _CHARGES]] = UNSET


class LeadBody(msgspec.Struct, kw_only=True, frozen=True):
    """The body of Create Lead and Update Lead."""

    lead: LeadIn
    id: Required[Annotated[Id, _told("The lead's id again; must be that of the path.")]] = UNSET
