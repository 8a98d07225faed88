"""What senders call a dealership: listed, added, taken off."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from forecourt.adf.refusals import VendorNotFound
from forecourt.adf.vendor_queries import ADD_VENDOR, REMOVE_VENDOR, VENDORS
from forecourt.adf.wording import one_line
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Line, Sent

if TYPE_CHECKING:
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection

READ = "read:dealership"
MANAGE = "manage:dealership"

_WRAPPER = "adf_vendor"


class VendorIn(msgspec.Struct, kw_only=True, frozen=True):
    """A name, or an id and, if only that sender's counts, whose it is."""

    name: Sent[
        Annotated[Line, Meta(description="As `vendorname` has it; case and punctuation mean nothing.")]
    ] = UNSET
    vendor_id: Sent[Annotated[Line, Meta(description="As `vendor/id` has it.")]] = UNSET
    source: Sent[
        Annotated[Line, Meta(description="Of the id, as its `source` has it; any where left out.")]
    ] = UNSET


class VendorBody(msgspec.Struct, kw_only=True, frozen=True):
    """The body that adds what senders call the dealership."""

    adf_vendor: VendorIn


class VendorOut(msgspec.Struct, frozen=True):
    """What a sender calls the dealership."""

    id: int
    name: str | None
    vendor_id: str | None
    source: str | None
    created_at: datetime


class VendorsOut(msgspec.Struct, frozen=True):
    """All of them."""

    adf_vendors: list[VendorOut]


async def vendors(connection: Connection, standing: Standing) -> VendorsOut:
    """What senders call the dealership, besides its own name and slug."""
    return VendorsOut(await connection.every(VendorOut, VENDORS, dealership_id=standing.dealership.id))


async def _add(change: Change, _: None, sent: VendorIn) -> Outcome:
    name, vendor_id, source = (
        one_line(value) or None if isinstance(value, str) else None
        for value in (sent.name, sent.vendor_id, sent.source)
    )
    if (name is None) == (vendor_id is None):
        raise Invalid(problems=(Problem(_WRAPPER, "must have a name or a vendor_id, and not both"),))
    if source is not None and vendor_id is None:
        raise Invalid(problems=(Problem(f"{_WRAPPER}.source", "is of a vendor_id; a name has none"),))
    row = await change.connection.one(
        record,
        ADD_VENDOR,
        dealership_id=change.dealership_id,
        name=name,
        vendor_id=vendor_id,
        source=source,
    )
    changes = _changes(None, row) if row.pop("is_new") else {}
    if changes:
        await record_event(change, "adf_vendor.added", None, changes)
    return Outcome(body=VendorOut(**row), status=201, changes=changes)


async def _remove(change: Change, _: None, __: Nothing) -> Outcome:
    vendor_id = id_in(change.path, "vendor_id", VendorNotFound)
    gone = await change.connection.one_or_none(
        record, REMOVE_VENDOR, dealership_id=change.dealership_id, vendor_id=vendor_id
    )
    if gone is None:
        raise VendorNotFound
    changes = _changes(gone, None)
    await record_event(change, "adf_vendor.removed", None, changes)
    return Outcome(body=await vendors(change.connection, change.standing), changes=changes)


def _changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    return {
        name: {"from": before and before[name], "to": after and after[name]}
        for name in ("id", "name", "vendor_id", "source")
    }


ADD = Operation(MANAGE, nothing_to_find, VendorIn, _add, wrapper=_WRAPPER)
REMOVE = Operation(MANAGE, nothing_to_find, Nothing, _remove)
