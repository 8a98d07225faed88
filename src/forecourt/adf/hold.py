"""Putting what fits no dealership into the holding inbox, where somebody says whose it is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from forecourt.adf.document import Id, Prospect
from forecourt.adf.held_queries import HELD_BEFORE, HOLD
from forecourt.adf.identity import Identity, held_identity, identity_of
from forecourt.adf.mapping import main_vehicle
from forecourt.adf.people import person_of
from forecourt.infra.database import record

if TYPE_CHECKING:
    from forecourt.adf.intake import Intake
    from forecourt.adf.sender import Sender
    from forecourt.infra.database import Connection

_SHOWN = 2_000


class HeldVendor(msgspec.Struct, frozen=True):
    """The vendor that was named."""

    name: str | None = None
    ids: tuple[Id, ...] = ()


class HeldCustomer(msgspec.Struct, frozen=True):
    """Who asks."""

    name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What is held, in short: enough to say whose it is."""

    vendor: HeldVendor = HeldVendor()
    provider: str | None = None
    customer: HeldCustomer = HeldCustomer()
    vehicle: str | None = None
    message: str | None = None


class Held(msgspec.Struct, frozen=True):
    """A prospect that may have to be held, with itself as XML."""

    prospect: Prospect
    source: str

    @property
    def identity(self) -> Identity:
        """By what it is known again."""
        return identity_of(self.prospect)


class Before(msgspec.Struct, frozen=True):
    """What became of the same when it was held before."""

    id: int
    state: str
    content_hash: bytes
    dealership_id: int | None


def summary_of(prospect: Prospect, country: str) -> Summary:
    """*prospect* in short."""
    vendor, vehicle = prospect.vendor, main_vehicle(prospect)
    person = person_of(prospect.customer.contact, country)
    words = (vehicle.year, vehicle.make, vehicle.model, vehicle.trim, vehicle.stock) if vehicle else ()
    return Summary(
        vendor=HeldVendor(vendor.name, vendor.ids) if vendor else HeldVendor(),
        provider=prospect.provider.name if prospect.provider else None,
        customer=HeldCustomer(person.name, person.last_name, person.email, person.phone),
        vehicle=" ".join(word for word in words if word) or None,
        message=(prospect.customer.comments or "")[:_SHOWN] or None,
    )


async def held_before(connection: Connection, sender: Sender, one: Held) -> Before | None:
    """What became of *one* when it was held before; None where it was not."""
    identity = held_identity(one.identity, sender.points(one.prospect))
    return await connection.one_or_none(Before, HELD_BEFORE, api_key_id=sender.api_key_id, identity=identity)


async def hold(connection: Connection, intake: Intake, one: Held, reason: str) -> int:
    """Hold *one*, for *reason*; its number in the inbox, the same for the same one sent again."""
    sender = intake.sender
    country = sender.candidates[0].recipient.country if sender.candidates else ""
    points = sender.points(one.prospect)
    row = await connection.one(
        record,
        HOLD,
        api_key_id=sender.api_key_id,
        identity=held_identity(one.identity, points),
        content_hash=one.identity.content_hash,
        reason=reason,
        content=one.source,
        summary=msgspec.json.encode(summary_of(one.prospect, country)).decode(),
        points=points,
        request_id=intake.request_id,
    )
    return int(row["id"])


async def hold_unreadable(connection: Connection, intake: Intake, text: str) -> int:
    """Hold a document in which no prospect was found, for somebody to read; its number in the inbox."""
    digest = hashlib.sha256(text.encode()).digest()
    row = await connection.one(
        record,
        HOLD,
        api_key_id=intake.sender.api_key_id,
        identity=digest,
        content_hash=digest,
        reason="unreadable",
        content=text,
        summary=msgspec.json.encode(Summary()).decode(),
        points=intake.sender.points_in(text),
        request_id=intake.request_id,
    )
    return int(row["id"])
