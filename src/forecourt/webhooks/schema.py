"""What is sent and answered about webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Meta

from forecourt.infra.sent import Sent
from forecourt.webhooks.bodies import SCHEMAS
from forecourt.webhooks.topics import KNOWN

MOST_OVERLAP_HOURS = 168
DEFAULT_OVERLAP_HOURS = 24
TOKEN_HEADERS = ("Authorization", "X-Authorization")
STATES = ("waiting", "sending", "sent", "cancelled", "failed")

_Topic: TypeAlias = Annotated[str, Meta(max_length=100, extra_json_schema={"enum": list(KNOWN)})]
_Schema: TypeAlias = Annotated[str, Meta(max_length=20, extra_json_schema={"enum": list(SCHEMAS)})]
_Header: TypeAlias = Annotated[str, Meta(max_length=40, extra_json_schema={"enum": list(TOKEN_HEADERS)})]


class WebhookIn(msgspec.Struct, kw_only=True, frozen=True):
    """A webhook as it is asked for or changed. In a change, what is left out stays.

    Attributes:
        url: where requests go: https, on port 443 or 8443, and to a public address.
        events: what to hear of; ``*`` is every event, once.
        schema: the form of the bodies.
        token: goes along with every request; null takes it off. It is never shown again.
        token_header: ``Authorization`` sends ``Bearer`` and the token, ``X-Authorization`` the token alone.
        provider: what the schema ``cluster`` names as its provider; ``Forecourt`` unless it is said otherwise.
        enabled: false switches it off, true on again, whatever had switched it off.
    """

    url: Sent[Annotated[str, Meta(max_length=2_048)]] = UNSET
    events: Sent[Annotated[list[_Topic], Meta(max_length=100)]] = UNSET
    schema: Sent[_Schema] = UNSET
    token: Sent[Annotated[str, Meta(max_length=4_096)]] = UNSET
    token_header: Sent[_Header] = UNSET
    provider: Sent[Annotated[str, Meta(max_length=100)]] = UNSET
    enabled: Sent[bool] = UNSET


class WebhookOut(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook.

    Attributes:
        version: counted up with every change; the ETag.
        has_token: whether a token goes along with every request.
        test: whether it was made with a test key.
        former_secret_valid_until: until when requests are signed with the secret before the last rotation too.
        failing_since: since when nothing has reached it; null where the last attempt did.
        disabled_at: since when it is switched off, and ``disabled_because`` why.
    """

    id: int
    version: int
    url: str
    events: list[str]
    schema: str
    provider: str
    has_token: bool
    token_header: str
    enabled: bool
    test: bool
    former_secret_valid_until: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None
    created_at: datetime
    updated_at: datetime


class WebhookMade(WebhookOut, frozen=True, kw_only=True):
    """A new webhook, or one with a new secret.

    Attributes:
        secret: what its requests are signed with; shown this once. Null in a dry run.
    """

    secret: str | None


class WebhookList(msgspec.Struct, frozen=True):
    """The webhooks of a dealership, in the order of their ids."""

    webhooks: list[WebhookOut]


class RotateIn(msgspec.Struct, kw_only=True, frozen=True):
    """How a secret is replaced.

    Attributes:
        overlap_hours: for how long requests are signed with both: 24 unless it is said otherwise, 0 for not at all.
    """

    overlap_hours: Sent[Annotated[int, Meta(ge=0, le=MOST_OVERLAP_HOURS)]] = UNSET


class AttemptInBrief(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt at a delivery.

    Attributes:
        outcome: ``answered``, or the way in which it failed: ``timed_out``, ``refused``, ``not_allowed``, …
        status: of the answer.
    """

    number: int
    started_at: datetime
    milliseconds: int
    outcome: str
    status: int | None


class WebhookAttemptOut(AttemptInBrief, frozen=True, kw_only=True):
    """An attempt with all that was sent and answered; token and signature are masked.

    Attributes:
        request_body: null where the person whom it told of was erased, as is ``response_body``.
        response_body: its first 64 KiB.
    """

    request_headers: dict[str, str] | None
    request_body: str | None
    response_headers: dict[str, str] | None
    response_body: str | None


class DeliveryOut(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a webhook is told of.

    Attributes:
        message_id: the header ``webhook-id`` of every attempt.
        state: ``waiting`` for its first attempt or the next, ``sending``, ``sent``, ``failed`` where it was given up,
            ``cancelled`` where there was nothing to tell.
        due_at: of one that waits, when it is tried.
        ended_at: when the last attempt ended.
    """

    id: int
    message_id: str
    event_id: int
    topic: str
    lead_id: int | None
    lead_cluster_id: int | None
    state: str
    reason: str | None
    attempts: int
    last_attempt: AttemptInBrief | None
    due_at: datetime
    created_at: datetime
    ended_at: datetime | None


class DeliveryWhole(DeliveryOut, frozen=True, kw_only=True):
    """A delivery with every attempt, the first in front."""

    all_attempts: list[WebhookAttemptOut]


class DeliveryPage(msgspec.Struct, frozen=True):
    """A page of a webhook's deliveries, the newest in front."""

    deliveries: list[DeliveryOut]
    next_cursor: str | None


class RedeliverIn(msgspec.Struct, kw_only=True, frozen=True):
    """Which deliveries are sent once more.

    Attributes:
        failed_since: all that were given up then or later.
    """

    failed_since: Sent[Annotated[datetime, Meta(tz=True)]] = UNSET


class RedeliveredOut(msgspec.Struct, frozen=True):
    """How many deliveries are sent once more, and whether there are more to ask for."""

    redelivered: int
    more: bool


class TestSentOut(msgspec.Struct, frozen=True):
    """A test that is on its way.

    Attributes:
        delivery_id: under which it is to be found.
        message_id: its header ``webhook-id``.
    """

    delivery_id: int
    event_id: int
    message_id: str
