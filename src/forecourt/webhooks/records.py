"""An endpoint as it is delivered to, and what it is to be told of."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where requests go, in which form, and how they are signed.

    Attributes:
        schema: one of ``bodies.SCHEMAS``.
        provider: what the platform's schemas name as such.
        secret_before: the secret before this one, while it is still valid.
        switched_off: by people, or after days of failures.
    """

    dealership_id: int
    dealership_slug: str
    id: int
    url: str
    schema: str
    provider: str
    token: str | None
    token_header: str
    secret: str
    secret_before: str | None
    switched_off: bool
    deleted: bool


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has happened, and the form in which it is to be told.

    Attributes:
        topic: under which it is told, as ``lead_cluster.updated``.
        lead_id: None where it is about a cluster as a whole.
        schema: one of ``bodies.SCHEMAS``.
        provider: what the platform's schemas name as such.
    """

    dealership_id: int
    dealership_slug: str
    event_id: int
    topic: str
    lead_id: int | None
    lead_cluster_id: int | None
    schema: str
    provider: str


class LoggedEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint as it is kept, without its secrets.

    Attributes:
        has_token: whether a token goes with each request.
        secret_before_until: until when the secret before the present one is signed with too.
        failing_since: since when every attempt has failed.
    """

    id: int
    dealership_id: int
    version: int
    url: str
    events: list[str]
    schema: str
    provider: str
    has_token: bool
    token_header: str
    test: bool
    secret_before_until: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None
    created_at: datetime
    updated_at: datetime
