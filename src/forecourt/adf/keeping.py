"""What an ADF document says that a lead has no column for: kept under ``fields.adf``, and found there again. Pure."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from forecourt.adf.document import Contact, Extension, Id, Provider, Vehicle, Vendor

Read = TypeVar("Read")

# The members of ``fields`` that an import writes.
ADF = "adf"
EXTENSIONS = "adf_extensions"
TRADE_IN = "trade_in"
TIMEFRAME = "timeframe"
COMPANY = "company"
OURS = (ADF, EXTENSIONS, TRADE_IN, TIMEFRAME, COMPANY)


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a document, besides what a lead's own columns would be written as again.

    Attributes:
        requestdate: as it was sent.
        submitted_at: when the customer asked, RFC 3339; the lead's ``created_at`` is when it was received.
        ids: all of the prospect's, in their order.
        vehicles: all but the trade-in that has a member of its own in ``fields``.
        contact: the customer as sent.
        contacts: further ones.
        message_rest: what of the comments is longer than a message may be.
        not_taken: values that the lead could not take, by field.
    """

    requestdate: str | None = None
    submitted_at: str | None = None
    ids: tuple[Id, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    contact: Contact | None = None
    contacts: tuple[Contact, ...] = ()
    customer_ids: tuple[Id, ...] = ()
    vendor: Vendor | None = None
    provider: Provider | None = None
    message_rest: str | None = None
    not_taken: dict[str, Any] = {}


def as_fields(kept: Kept, trade_in: Vehicle | None, extensions: tuple[Extension, ...]) -> dict[str, Any]:
    """The members of ``fields`` that hold them; what says nothing is left out."""
    fields: dict[str, Any] = {}
    if kept != Kept():
        fields[ADF] = msgspec.to_builtins(kept)
    if trade_in is not None and trade_in != Vehicle():
        fields[TRADE_IN] = msgspec.to_builtins(trade_in)
    if extensions:
        fields[EXTENSIONS] = msgspec.to_builtins(extensions)
    return fields


def kept_in(fields: dict[str, Any]) -> Kept:
    """What *fields* keeps; anybody may have changed it, and what no longer fits counts for nothing."""
    return _converted(fields.get(ADF), Kept) or Kept()


def trade_in_of(fields: dict[str, Any]) -> Vehicle | None:
    """The trade-in in *fields*."""
    return _converted(fields.get(TRADE_IN), Vehicle)


def extensions_in(fields: dict[str, Any]) -> tuple[Extension, ...]:
    """What the format does not know, in *fields*."""
    return _converted(fields.get(EXTENSIONS), tuple[Extension, ...]) or ()


def text_in(fields: dict[str, Any], name: str) -> str | None:
    """The text in *fields* under *name*."""
    found = fields.get(name)
    return found if isinstance(found, str) else None


def _converted(value: object, kind: type[Read]) -> Read | None:
    if value is None:
        return None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None
