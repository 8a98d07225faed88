"""What is answered about keys."""

from __future__ import annotations

import msgspec


class LocationOut(msgspec.Struct):
    """A place of a dealership."""

    id: int
    name: str
    location_type: str


class UserOut(msgspec.Struct):
    """A person of the staff."""

    id: int
    name: str
    email: str


class DealershipOut(msgspec.Struct):
    """A dealership that the key holds."""

    id: int
    name: str
    slug: str
    locations: list[LocationOut]
    users: list[UserOut]


class KeyOut(msgspec.Struct):
    """What the calling key is and may do (contract: Show Apikey)."""

    id: int
    permissions: list[str]
    dealerships: list[DealershipOut]
