"""What is answered about keys."""

from __future__ import annotations

import msgspec


class HeldLocationOut(msgspec.Struct):
    """A place of a dealership."""

    id: int
    name: str
    location_type: str


class HeldUserOut(msgspec.Struct):
    """A person of the staff."""

    id: int
    name: str
    email: str


class HeldDealershipOut(msgspec.Struct):
    """A dealership that the key holds."""

    id: int
    name: str
    slug: str
    locations: list[HeldLocationOut]
    users: list[HeldUserOut]


class KeyOut(msgspec.Struct):
    """What the calling key is and may do (contract: Show Apikey)."""

    id: int
    permissions: list[str]
    dealerships: list[HeldDealershipOut]
