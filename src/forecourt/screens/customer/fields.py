"""The fields that staff change in place: how each is read, sent, and told of. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from forecourt.clusters.answers import LeadClusterOut
from forecourt.infra.refusals import Invalid, Problem

ADDRESS = ("street", "city", "state", "postcode", "country")


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field.

    Attributes:
        label: what it is called.
        said: what is said when it was changed, of ``said.SENTENCES``.
        logged: under which names the log has it.
        value: what it is now, as a form holds it.
        tree: what is sent for what a form says.
        wanted: what the form says, as ``value`` would tell it.
    """

    label: str
    said: str
    logged: tuple[str, ...]
    value: Callable[[LeadClusterOut], str]
    tree: Callable[[Mapping[str, Any]], dict[str, Any]]
    wanted: Callable[[Mapping[str, Any]], str]


def _text(form: Mapping[str, Any], name: str = "value") -> str:
    said = form.get(name, "")
    return said.strip() if isinstance(said, str) else ""


def _field(label: str, said: str, *logged: str, **how: Callable[..., Any]) -> Field:
    return Field(label=label, said=said, logged=logged, **{"wanted": _text} | how)


def _contact(name: str, label: str) -> Field:
    return _field(
        label,
        "contact",
        f"contact.{name}",
        name,
        value=lambda cluster: str(getattr(cluster.contact, name) or ""),
        tree=lambda form: {"contact": {name: _text(form) or None}},
    )


def _day(form: Mapping[str, Any]) -> str:
    """A day as browsers send it, or as people write it."""
    text = _text(form)
    try:
        return date.fromisoformat(text).strftime("%d/%m/%Y")
    except ValueError:
        return text


def _address(form: Mapping[str, Any]) -> dict[str, Any]:
    return {"contact": {"address_attributes": {name: _text(form, name) or None for name in ADDRESS}}}


def _address_value(cluster: LeadClusterOut) -> str:
    told = cluster.contact.address_attributes or {}
    return " | ".join(str(told.get(name) or "") for name in ADDRESS)


def _address_wanted(form: Mapping[str, Any]) -> str:
    return " | ".join(_text(form, name) for name in ADDRESS)


def _id(form: Mapping[str, Any], name: str) -> int | None:
    text = _text(form, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004
        raise Invalid(problems=(Problem(name, "must be an id"),))
    return int(text)


def _state(form: Mapping[str, Any]) -> dict[str, Any]:
    """``lost``, or ``lost 12`` with one of the dealership's own words under it."""
    state, _, option = _text(form).partition(" ")
    tree: dict[str, Any] = {"lead_state": state}
    return tree | {"lead_status_option_id": option} if option else tree


def _yes(read: Callable[[LeadClusterOut], bool]) -> Callable[[LeadClusterOut], str]:
    return lambda cluster: "yes" if read(cluster) else "no"


FIELDS: dict[str, Field] = {
    "name": _contact("name", "Name"),
    "last_name": _contact("last_name", "Last name"),
    "business_name": _contact("business_name", "Business"),
    "dob": _field(
        "Date of birth", "contact", "contact.dob", "dob",
        value=lambda cluster: cluster.contact.dob or "",
        tree=lambda form: {"contact": {"dob": _day(form) or None}},
        wanted=_day,
    ),
    "customer_address": _contact("customer_address", "Address, in one line"),
    "address": _field(
        "Address", "contact", "contact.address_attributes", "address_attributes",
        value=_address_value, tree=_address, wanted=_address_wanted,
    ),
    "sms_verified": _field(
        "SMS verified", "contact", "contact.sms_verified", "sms_verified",
        value=_yes(lambda cluster: cluster.contact.sms_verified),
        tree=lambda form: {"contact": {"sms_verified": _text(form) == "yes"}},
    ),
    "state": _field(
        "State", "state", "lead_cluster.state", "lead_cluster.lead_status_option_id",
        value=lambda cluster: f"{cluster.lead_state} {cluster.lead_status_option_id or ''}".strip(),
        tree=_state,
    ),
    "golden": _field(
        "Golden", "mark", "lead_cluster.golden", "golden",
        value=_yes(lambda cluster: cluster.golden), tree=lambda form: {"golden": _text(form) == "yes"},
    ),
    "approved": _field(
        "Approved", "approval", "lead_cluster.approved",
        value=_yes(lambda cluster: cluster.approved), tree=lambda form: {"approved": _text(form) == "yes"},
    ),
    "location": _field(
        "Location", "location", "lead_cluster.location_id",
        value=lambda cluster: str(cluster.location_id or ""),
        tree=lambda form: {"location_id": _id(form, "value")},
    ),
    "user": _field(
        "Assigned to", "assignment", "lead_cluster.user_id",
        value=lambda cluster: str(cluster.user_id or ""), tree=lambda form: {"user_id": _id(form, "value")},
    ),
    "second_user": _field(
        "Second person", "assignment", "lead_cluster.secondary_user_id",
        value=lambda cluster: str(cluster.secondary_user_id or ""),
        tree=lambda form: {"secondary_user_id": _id(form, "value")},
    ),
}  # fmt: skip
# Field of provenance -> the one that is changed to settle it.
SETTLED_BY = {
    "state": "state",
    "golden": "golden",
    "contact.name": "name",
    "contact.last_name": "last_name",
    "contact.business_name": "business_name",
    "contact.dob": "dob",
    "contact.customer_address": "customer_address",
    "contact.address_attributes": "address",
    "contact.sms_verified": "sms_verified",
}
