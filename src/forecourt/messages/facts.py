"""What mail can tell of a lead, and the variables under which templates ask for it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from forecourt.contacts.names import whole_name
from forecourt.contacts.phone import shown_phone
from forecourt.messages.language import Link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.messages.sender import Sender

# Of what a customer wrote, mail tells so much.
_LONGEST_MESSAGE = 10_000
# A name and nothing else: what comes in by a form is not passed on to whoever it names.
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['\u2019-]){0,39}")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A lead with what belongs to it, as ``facts_queries.FACTS`` reads it."""

    dealership_id: int
    lead_id: int
    lead_version: int
    lead_cluster_id: int
    created_at: datetime
    name: str | None
    last_name: str | None
    email: str | None
    email_normalised: str | None
    phone: str | None
    phone_e164: str | None
    message: str | None
    category: str
    source: str
    stocknum: str | None
    golden: bool
    car: str | None
    opt_in_to_marketing: bool | None
    erased_at: datetime | None
    dealership_slug: str
    dealership_name: str
    dealership_phone: str | None
    dealership_email: str | None
    sender_name: str | None
    reply_to: str | None
    timezone: str
    country: str
    location_name: str | None
    location_phone: str | None
    location_email: str | None
    location_address: str | None
    user_name: str | None
    user_email: str | None


# Variable -> what it is.
VARIABLES: Mapping[str, str] = {
    "customer.first_name": "the first word of the customer's name, where it looks like a name",
    "customer.name": "the whole name",
    "customer.email": "the e-mail address",
    "customer.phone": "the phone number, as people write it",
    "lead.id": "the lead's id",
    "lead.category": "what it is about, as Test Drive Booking",
    "lead.source": "where it came from",
    "lead.message": "what the customer wrote",
    "lead.car": "the car, by its name",
    "lead.stocknum": "the car's stock number",
    "lead.golden": "whether it is golden: for if",
    "lead.created_at": "when it came, by the dealership's clock",
    "dealership.name": "the dealership's name",
    "dealership.phone": "its phone number",
    "dealership.email": "its e-mail address",
    "location.name": "the lead's location, where it names one",
    "location.phone": "the location's phone number, or the dealership's",
    "location.email": "the location's e-mail address, or the dealership's",
    "location.address": "the location's address",
    "user.name": "who answers for the customer, or writes",
    "user.first_name": "the first word of that name",
    "user.email": "that user's e-mail address",
    "links.inbox": "the lead in the inbox: for staff",
    "links.call": "calls the customer: for staff",
    "links.unsubscribe": "no more offers: of a marketing template",
}

EXAMPLE = Facts(
    dealership_id=0, lead_id=196, lead_version=1, lead_cluster_id=41,
    created_at=datetime.fromisoformat("2026-11-23T03:05:00+00:00"), name="Alex", last_name="Citizen",
    email="alex@example.com", email_normalised="alex@example.com", phone="0491 570 156", phone_e164="+61491570156",
    message="Is it still available?\nI could come on Saturday.", category="Used Vehicle Enquiry", source="Website",
    stocknum="3210", golden=False, car="2023 Ford Ranger XLT", opt_in_to_marketing=True, erased_at=None,
    dealership_slug="", dealership_name="Example Motors", dealership_phone=None, dealership_email=None, sender_name=None,
    reply_to=None, timezone="UTC", country="AU", location_name="Showroom", location_phone="+61730000000",
    location_email=None, location_address="1 High Street, Brisbane", user_name="Sam Taylor",
    user_email="sam@example.com",
)  # fmt: skip


def values_of(
    facts: Facts, sender: Sender, *, unsubscribe: str | None = None
) -> dict[str, dict[str, object]]:
    """The variables' values; None where there is nothing to say."""
    dealership_phone = _phone(facts.dealership_phone, facts.country)
    name = whole_name(facts.name, facts.last_name) or None
    return {
        "customer": {
            "first_name": first_name_in(facts.name),
            "name": name,
            "email": facts.email,
            "phone": _phone(facts.phone_e164, facts.country) or facts.phone,
        },
        "lead": {
            "id": facts.lead_id,
            "category": facts.category,
            "source": facts.source,
            "message": _shortened(facts.message),
            "car": facts.car,
            "stocknum": facts.stocknum,
            "golden": facts.golden,
            "created_at": shown_moment(facts.created_at, facts.timezone),
        },
        "dealership": {
            "name": facts.dealership_name,
            "phone": dealership_phone,
            "email": facts.dealership_email,
        },
        "location": {
            "name": facts.location_name,
            "phone": _phone(facts.location_phone, facts.country) or dealership_phone,
            "email": facts.location_email or facts.dealership_email,
            "address": facts.location_address,
        },
        "user": {
            "name": facts.user_name,
            "first_name": first_name_in(facts.user_name),
            "email": facts.user_email,
        },
        "links": {
            "inbox": Link(sender.inbox_link(facts.dealership_slug, facts.lead_cluster_id)),
            "call": Link(f"tel:{facts.phone_e164}") if facts.phone_e164 else None,
            "unsubscribe": Link(unsubscribe) if unsubscribe else None,
        },
    }


def first_name_in(name: str | None) -> str | None:
    """The first word of *name*, where it looks like a name and like nothing else."""
    first = (name or "").split(maxsplit=1)
    return first[0] if first and _NAME.fullmatch(first[0]) else None


def shown_moment(moment: datetime, timezone: str) -> str:
    """A moment by a clock, as ``Mon 23 Nov 2026, 1:05 pm``."""
    there = moment.astimezone(ZoneInfo(timezone))
    half = "am" if there.hour < 12 else "pm"  # noqa: PLR2004 - noon
    return f"{there:%a} {there.day} {there:%b %Y}, {there.hour % 12 or 12}:{there:%M} {half}"


def _shortened(message: str | None) -> str | None:
    if message is None or len(message) <= _LONGEST_MESSAGE:
        return message
    return f"{message[:_LONGEST_MESSAGE]} …"


def _phone(e164: str | None, country: str) -> str | None:
    return shown_phone(e164, country) if e164 else None
