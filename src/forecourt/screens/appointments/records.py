"""What the diary shows, as it is read."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from forecourt.contacts.names import whole_name


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment in the diary."""

    id: int
    dealership_id: int
    dealership_slug: str
    dealership_name: str
    timezone: str
    lead_cluster_id: int
    version: int
    purpose: str
    starts_at: datetime
    length_in_minutes: int
    status: str
    note: str | None
    user_id: int | None
    user: str | None
    car_id: int | None
    car: str | None
    stocknum: str | None
    location: str | None
    name: str | None
    last_name: str | None
    business_name: str | None
    erased_at: datetime | None

    @property
    def customer(self) -> str:
        """Who comes, as far as anybody knows."""
        return customer_name(self.name, self.last_name, self.business_name, erased=self.erased_at is not None)

    @property
    def address(self) -> str:
        """Of the customer's page."""
        return f"/dealerships/{self.dealership_slug}/lead_clusters/{self.lead_cluster_id}"

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.length_in_minutes)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody or something that the diary can be narrowed to."""

    id: int
    name: str


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """All that it can be narrowed to."""

    people: list[Choice]
    locations: list[Choice]
    cars: list[Choice]


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment for a calendar of somebody's own."""

    id: int
    dealership_slug: str
    dealership_name: str
    purpose: str
    starts_at: datetime | None
    length_in_minutes: int
    status: str
    note: str | None
    version: int
    updated_at: datetime
    lead_cluster_id: int
    car: str | None
    location: str | None
    address: str | None
    user: str | None
    name: str | None
    last_name: str | None
    business_name: str | None
    erased_at: datetime | None

    @property
    def customer(self) -> str:
        """Who comes, as far as anybody knows."""
        return customer_name(self.name, self.last_name, self.business_name, erased=self.erased_at is not None)


def customer_name(name: str | None, last_name: str | None, business: str | None, *, erased: bool) -> str:
    """A customer's name as the diary has it."""
    if erased:
        return "Erased person"
    return whole_name(name, last_name) or business or "Unknown customer"
