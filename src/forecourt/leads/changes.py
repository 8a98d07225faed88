"""What an update makes of a lead. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import UNSET

from forecourt.leads import json_text

if TYPE_CHECKING:
    from datetime import datetime

    from forecourt.ids import ApiKeyId
    from forecourt.leads.attachments import Attachment
    from forecourt.leads.records import Lead
    from forecourt.leads.validation import Payment, ValidLead

# Field -> {"from": old, "to": new}.
Changes: TypeAlias = dict[str, dict[str, Any]]

_JSON = ("address_attributes", "fields", "charge_breakdown", "extra")
# What changes only with another field, and is not told by itself.
_DERIVED = frozenset(
    {
        "email_normalised",
        "phone_e164",
        "user_id",
        "opt_in_to_marketing_at",
        "opt_in_to_marketing_api_key_id",
    }
)


def apply(update: ValidLead, before: Lead, *, by: ApiKeyId | None, now: datetime) -> Lead:
    """*before* as the update makes it, its version and times untouched.

    A field that was not sent keeps its value and null clears it. ``address_attributes`` is updated member by
    member and ``extra`` name by name; every other field is replaced by what was sent.
    """
    values = dict(update.values)
    if "tags" in values:
        values["tags"] = values["tags"] or []
    for name in ("fields", "charge_breakdown"):
        if name in values:
            values[name] = json_text.text_of(values[name])
    if update.address is not UNSET:
        values["address_attributes"] = _address(update.address, before.address_attributes)
    if update.extra:
        values["extra"] = json_text.text_of(json_text.value_of(before.extra) | update.extra)
    if values.get("opt_in_to_marketing", before.opt_in_to_marketing) != before.opt_in_to_marketing:
        given = values["opt_in_to_marketing"] is not None
        values["opt_in_to_marketing_at"] = now if given else None
        values["opt_in_to_marketing_api_key_id"] = by if given else None
    return msgspec.structs.replace(before, **values)


def difference(before: Lead, after: Lead) -> Changes:
    """Every field in which the two differ, with its old and its new value, under the contract's names."""
    changes: Changes = {}
    for name in before.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old == new or name in _DERIVED:
            continue
        if name in _JSON:
            old, new = json_text.value_of(old) or None, json_text.value_of(new) or None
            if old == new:
                continue
        changes[name] = {"from": _told(old), "to": _told(new)}
    return changes


def additions(files: tuple[Attachment, ...], payment: Payment | None) -> Changes:
    """What an update adds to a lead: files and a payment."""
    changes: Changes = {}
    if files:
        names = [{"filename": file.filename, "file_type": file.file_type} for file in files]
        changes["lead_files_attributes"] = {"from": None, "to": names}
    if payment is not None:
        changes["payment_attributes"] = {"from": None, "to": payment}
    return changes


def _address(sent: dict[str, Any] | None, before: str | None) -> str | None:
    if sent is None:
        return None
    merged = json_text.value_of(before) | sent
    return json_text.text_of({name: value for name, value in merged.items() if value is not None} or None)


def _told(value: object) -> object:
    return value.strftime("%d/%m/%Y") if type(value) is date else value
