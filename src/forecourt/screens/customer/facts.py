"""An enquiry, field by field: everything that was sent, under words that people use. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from forecourt.screens.shown import exact_time, lasting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecourt.screens.customer.records import Enquiry

_RULES = {
    "new_customer": "a new customer",
    "same_contact_point": "the same way to reach them",
    "earlier_cluster_closed": "the earlier one was closed long ago",
    "merge": "merged by hand",
    "unmerge": "a merge was taken back",
    "split": "parted by hand",
}
# Column -> what it is called; in this order. Those with a name beside their id come by the name.
_PLAIN = (
    ("name", "Name"),
    ("last_name", "Last name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("dob", "Date of birth"),
    ("customer_address", "Address"),
    ("marketing_source", "Marketing source"),
    ("provider", "Provider"),
    ("provider_id", "Provider's id"),
    ("stocknum", "Stock number"),
    ("user_email", "Sent for"),
    ("lead_state", "State"),
    ("certified", "Certified"),
    ("sms_verified", "SMS verified"),
    ("opt_in_to_marketing", "Agreed to marketing"),
    ("send_customer_email", "Automatic e-mail"),
    ("delay_customer_email_minutes", "E-mail delayed by, min"),
    ("delay_dealership_notification_minutes", "Notice delayed by, min"),
    ("disable_strict_validation", "Taken without validation"),
)
_NAMED = (
    ("location", "location_id", "Location"),
    ("website", "website_id", "Website"),
    ("page", "page_id", "Page"),
    ("car", "car_id", "Car"),
    ("model", "model_id", "Model"),
    ("variant", "model_variant_id", "Variant"),
    ("colour", "colour_id", "Colour"),
    ("team_member", "team_member_id", "Team member"),
    ("user", "user_id", "User"),
)
_LASTING = (("time_on_site_seconds", "Time on site"), ("time_to_submit_seconds", "Time to submit"))
_DEEPEST = 6
# Amounts are told to the digit, as they came.
_EXACTLY = msgspec.json.Decoder(float_hook=Decimal)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A field with its value, as it is shown."""

    name: str
    value: str


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a charge breakdown."""

    name: str
    amount: str


def facts(one: Enquiry, timezone: str) -> list[Fact]:
    """Everything that the enquiry says, but for its message and what is free in it."""
    return [Fact(name=name, value=value) for name, value in _facts(one, timezone)]


def _facts(one: Enquiry, timezone: str) -> Iterator[tuple[str, str]]:
    lead = one.lead
    yield "Lead", f"{one.id}, version {lead['version']}"
    yield "Came", exact_time(one.created_at, timezone)
    yield from ((label, _shown(lead[name])) for name, label in _PLAIN if lead[name] not in (None, ""))
    yield from (
        (label, one.names.get(name) or f"no. {lead[column]}")
        for name, column, label in _NAMED
        if lead[column] is not None
    )
    yield from ((label, lasting(lead[name])) for name, label in _LASTING if lead[name] is not None)
    if lead["tags"]:
        yield "Tags", ", ".join(lead["tags"])
    if lead["address_attributes"]:
        yield from ((f"Address: {name}", value) for name, value in _flat(lead["address_attributes"]))
    if one.key:
        yield "Sent by the key", one.key
    if one.rule:
        yield "Is here because", _because(one)


def free(one: Enquiry, column: str) -> list[Fact]:
    """What stands in ``fields`` or ``extra``, which anybody may fill as they like."""
    text = one.lead[column]
    return [Fact(name=name, value=value) for name, value in _flat(text)] if text else []


def charges(one: Enquiry) -> list[Charge]:
    """The charge breakdown, its total last."""
    told = _EXACTLY.decode(one.lead["charge_breakdown"] or "{}")
    lines = [
        Charge(name=str(line.get("name", "")), amount=_amount(line.get("amount")))
        for line in told.get("charges") or []
        if isinstance(line, dict)
    ]
    total = told.get("total")
    if isinstance(total, dict):
        lines.append(Charge(name="Total", amount=_amount(total.get("amount"))))
    return lines


def _amount(value: object) -> str:
    return f"${value:,.2f}".removesuffix(".00") if isinstance(value, (int, Decimal)) else str(value)


def _because(one: Enquiry) -> str:
    said = _RULES.get(one.rule or "", one.rule or "")
    matched = ", ".join(match.get("value", "") for match in one.matched)
    return f"{said}: {matched}" if matched else said


def _flat(text: str) -> Iterator[tuple[str, str]]:
    """The values of a JSON text, each under the path to it."""
    yield from _flatten("", _EXACTLY.decode(text), 0)


def _flatten(path: str, value: object, depth: int) -> Iterator[tuple[str, str]]:
    if depth < _DEEPEST and isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flatten(f"{path} / {name}" if path else str(name), inner, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value):
        for number, inner in enumerate(value, 1):
            yield from _flatten(f"{path} {number}", inner, depth + 1)
    else:
        yield path, _shown(value)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)
