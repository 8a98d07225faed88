"""What the rules of a dealership are made of, to choose from, and the leads that they were tried with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from forecourt.contacts.names import whole_name
from forecourt.infra.database import record
from forecourt.screens.settings.queries import CHOICES, LEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Connection


class Named(msgspec.Struct, frozen=True):
    """A location, a user or a website."""

    id: int
    name: str


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What there is at a dealership."""

    locations: list[Named] = []
    users: list[Named] = []
    websites: list[Named] = []

    def names(self, of: str) -> dict[int, str]:
        """Id -> name of the ``locations``, ``users`` or ``websites``."""
        found: list[Named] = getattr(self, of)
        return {one.id: one.name for one in found}

    def pairs(self, of: str) -> list[tuple[int, str]]:
        """The same, in order, for a list to choose from."""
        return list(self.names(of).items())


class TriedLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that rules were tried with, as a row shows it."""

    id: int
    created_at: datetime
    category: str
    source: str
    lead_cluster_id: int
    location: str | None
    name: str | None
    last_name: str | None
    business_name: str | None

    @property
    def shown_name(self) -> str:
        """Who it is, as far as anybody knows."""
        return whole_name(self.name, self.last_name) or self.business_name or "Unknown customer"


async def choices(connection: Connection, dealership_id: int) -> Choices:
    """What there is at a dealership."""
    row = await connection.one(record, CHOICES, dealership_id=dealership_id)
    found = {name: msgspec.json.decode(value) for name, value in row.items() if value}
    return msgspec.convert(found, Choices)


async def leads(connection: Connection, dealership_id: int, lead_ids: Sequence[int]) -> dict[int, TriedLead]:
    """The leads with these ids."""
    rows = await connection.every(TriedLead, LEADS, dealership_id=dealership_id, lead_ids=list(lead_ids))
    return {row.id: row for row in rows}
