"""Keys as those who manage them see them."""

from __future__ import annotations

from datetime import datetime

import msgspec


class SeenKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a dealership.

    Attributes:
        user_name: whose own test key it is; None for a program's.
        dealerships: those of its dealerships whose keys the viewer manages.
        others: how many more it speaks for.
        succeeds_id: the key whose place it took.
        succeeded_by_id: the key that took its place.
        is_in_force: whether it works at this moment.
    """

    id: int
    name: str
    mode: str
    token_hint: str
    permissions: list[str]
    user_name: str | None
    dealerships: list[str]
    others: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    succeeds_id: int | None
    succeeded_by_id: int | None
    is_in_force: bool


class KeptKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that something is done to, locked until it is done.

    Attributes:
        user_id: whose own test key it is.
        others: for how many dealerships it speaks whose keys somebody else manages.
    """

    id: int
    name: str
    mode: str
    permissions: list[str]
    user_id: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    dealership_ids: list[int]
    others: int


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key to be written.

    Attributes:
        user_id: whose own it is; None for a program's.
        salt: from which, and from a session's cookie, its token can be made again.
        succeeds_id: the key whose place it takes.
    """

    name: str
    mode: str
    permissions: list[str]
    dealership_ids: list[int]
    expires_at: datetime | None
    user_id: int | None = None
    salt: bytes | None = None
    succeeds_id: int | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A dealership where somebody has a role."""

    dealership_id: int
    slug: str
    role: str


class OwnKey(msgspec.Struct, frozen=True, kw_only=True):
    """A test key of whoever looks, in force."""

    id: int
    name: str
    token_hash: bytes
    token_hint: str
    salt: bytes
    permissions: list[str]
    dealership_ids: list[int]
    dealerships: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class IssuedOut(msgspec.Struct, frozen=True):
    """A new key. Its token is told this once."""

    id: int
    name: str
    mode: str
    token: str
