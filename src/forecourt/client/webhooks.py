"""Receiving webhooks: whether one comes from your server, as Standard Webhooks signs it."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from standardwebhooks import Webhook, WebhookVerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIVE_MINUTES = timedelta(minutes=5)


class WebhookRefused(WebhookVerificationError):
    """What arrived is not to be trusted: answer it with a 400, and do nothing."""


class HeadersMissing(WebhookRefused):
    """One of the three headers is missing, or is none: it was not sent by this kind of server."""


class SignatureMismatch(WebhookRefused):
    """No signature is of any of the secrets: somebody else sent it, or it was changed on its way."""


class OutsideTolerance(WebhookRefused):
    """It was signed too long ago, or lies in the future: a replay, or a clock that is wrong."""


class NotAnObject(WebhookRefused):
    """It is signed rightly, but its body is no JSON object."""


class Event(msgspec.Struct, frozen=True):
    """What a webhook tells.

    Attributes:
        id: the same however often it is sent; forget those that you know.
        sent_at: when this attempt was signed.
        body: what the endpoint's schema says.
    """

    id: str
    sent_at: datetime
    body: dict[str, Any]


def verify(
    secrets: str | Sequence[str],
    headers: Mapping[str, str],
    body: bytes | str,
    *,
    tolerance: timedelta = FIVE_MINUTES,
) -> Event:
    """The event that a webhook tells, once it is known who sent it.

    Args:
        secrets: the endpoint's secret, ``whsec_…``; both of them while it is being replaced.
        headers: the request's; case does not matter.
        body: the request's, byte for byte: not decoded and encoded again.
        tolerance: how far its time may be from now.

    Raises:
        WebhookRefused: it is not to be trusted; the subclass says why.
        ValueError: a secret is empty, so that anybody could have signed.
    """
    known = [secrets] if isinstance(secrets, str) else secrets
    if not known or not all(secret.removeprefix("whsec_") for secret in known):
        raise ValueError("a secret is needed, whsec_…")
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = given.get("webhook-id"), given.get("webhook-timestamp", "")
    signatures = given.get("webhook-signature", "").split()
    if not message_id or not signatures or not re.fullmatch(r"[0-9]{1,11}", timestamp, re.ASCII):
        raise HeadersMissing("webhook-id, webhook-timestamp and webhook-signature are needed")
    sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    text = _text(body)
    expected = [Webhook(secret).sign(message_id, sent_at, text) for secret in known]
    # All are compared, so that the time taken tells nothing.
    matches = [hmac.compare_digest(one.encode(), each.encode()) for one in expected for each in signatures]
    if not any(matches):
        raise SignatureMismatch("no signature is of this secret")
    if abs(datetime.now(UTC) - sent_at) > tolerance:
        raise OutsideTolerance(f"signed at {sent_at:%Y-%m-%d %H:%M:%S} UTC, more than {tolerance} from now")
    try:
        return Event(message_id, sent_at, msgspec.json.decode(text, type=dict[str, Any]))
    except msgspec.MsgspecError as error:
        raise NotAnObject("the body is no JSON object") from error


def _text(body: bytes | str) -> str:
    try:
        return body if isinstance(body, str) else body.decode()
    except UnicodeDecodeError as error:
        raise SignatureMismatch("the body is no UTF-8, as everything that is signed") from error
