"""What an update says of the customer, as columns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt.infra.refusals import Invalid, Problem

if TYPE_CHECKING:
    from forecourt.clusters.schema import ContactIn

CONTACT = (
    "name",
    "last_name",
    "business_name",
    "dob",
    "customer_address",
    "address_attributes",
    "sms_verified",
)


def contact_values(address_attributes: str | None, sent: ContactIn | msgspec.UnsetType) -> dict[str, Any]:
    """The contact's columns that were sent.

    Args:
        address_attributes: the address as it is, as JSON text; what was sent of it is merged into it.
        sent: the contact of an update.

    Raises:
        Invalid: the birthday is no day.
    """
    if isinstance(sent, msgspec.UnsetType):
        return {}
    values = {name: getattr(sent, name) for name in CONTACT if getattr(sent, name) is not UNSET}
    if values.get("dob"):
        try:
            values["dob"] = datetime.strptime(values["dob"], "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            raise Invalid(
                problems=(Problem("lead_cluster.contact.dob", "must be a day, as DD/MM/YYYY"),)
            ) from None
    if "address_attributes" in values:
        merged = msgspec.json.decode(address_attributes or "{}") | (values["address_attributes"] or {})
        kept = {name: value for name, value in merged.items() if value is not None}
        cleared = values["address_attributes"] is None or not kept
        values["address_attributes"] = None if cleared else msgspec.json.encode(kept).decode()
    for name in ("name", "last_name", "business_name", "customer_address"):
        if isinstance(values.get(name), str):
            values[name] = values[name].strip() or None
    return values
