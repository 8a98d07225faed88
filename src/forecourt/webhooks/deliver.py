"""Webhooks as a way of telling others: what is sent, how it is signed, what an answer means."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from random import SystemRandom
from typing import TYPE_CHECKING

from forecourt import __version__
from forecourt.deliveries.records import Attempt, Claimed, Ended, cancelled
from forecourt.infra.outbound import Answered, problem_with
from forecourt.webhooks import health
from forecourt.webhooks.bodies import SCHEMAS, rendered
from forecourt.webhooks.delivery_queries import ENDPOINTS
from forecourt.webhooks.records import Endpoint, Occasion
from forecourt.webhooks.sign import signature
from forecourt.webhooks.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecourt.deliveries.channel import Ready
    from forecourt.infra.database import Connection
    from forecourt.infra.outbound import Outbound

SWITCHED_OFF = "the endpoint is switched off"
DELETED = "the endpoint was deleted"
USER_AGENT = f"Forecourt/{__version__}"

_CHANCE = SystemRandom()
# What stands before a token, by its header.
_SCHEME = {"Authorization": "Bearer ", "X-Authorization": ""}
_MASK = "***"


class WebhookChannel:
    """Posts what has happened to the endpoints that want to hear of it."""

    def __init__(self, outbound: Outbound) -> None:
        """Requests leave through *outbound*."""
        self._outbound = outbound

    async def prepare(self, connection: Connection, claimed: Sequence[Claimed]) -> list[Ready | Ended]:
        """The body of each, as things stand now."""
        endpoints = {
            endpoint.id: endpoint
            for endpoint in await connection.every(
                Endpoint,
                ENDPOINTS,
                dealership_ids=[one.dealership_id for one in claimed],
                ids=[one.webhook_endpoint_id for one in claimed],
            )
        }
        addressed = [(one, endpoints[one.webhook_endpoint_id or 0]) for one in claimed]
        bodies = await rendered(connection, [_occasion(one, endpoint) for one, endpoint in addressed])
        return [
            self._step(one, endpoint, body) for (one, endpoint), body in zip(addressed, bodies, strict=True)
        ]

    def _step(self, delivery: Claimed, endpoint: Endpoint, body: bytes | None) -> Ready | Ended:
        if endpoint.deleted:
            return cancelled(delivery, DELETED)
        if endpoint.switched_off:
            return Ended(delivery=delivery, state="failed", reason=SWITCHED_OFF)
        if body is None:
            return cancelled(delivery, "there is no lead to tell of")
        return partial(self._post, delivery, endpoint, body)

    async def _post(self, delivery: Claimed, endpoint: Endpoint, body: bytes) -> Ended:
        headers = headers_of(endpoint, f"msg_{delivery.id}", body)
        if problem_with(endpoint.url, private_too=self._outbound.private_too) is None:
            answered = await self._outbound.post(endpoint.url, body, headers)
        else:
            answered = Answered(outcome="not_allowed", seconds=0.0)
        told = verdict(
            answered.outcome,
            answered.status,
            answered.headers,
            delivery.tries,
            chance=_CHANCE.random(),
            now=datetime.now(UTC),
        )
        return Ended(
            delivery=delivery,
            state=told.state,
            again_in=told.again_in,
            reason=told.reason,
            attempt=_attempt(headers, body, answered),
        )

    async def ended(self, connection: Connection, ended: Sequence[Ended]) -> None:
        """What the attempts say about the health of their endpoints."""
        await health.hear(connection, ended)


def headers_of(endpoint: Endpoint, message_id: str, body: bytes) -> dict[str, str]:
    """The headers of a request that is made now, its signatures among them: two while a former secret is valid."""
    now = int(time.time())
    keys = [endpoint.secret] if endpoint.secret_before is None else [endpoint.secret, endpoint.secret_before]
    headers = {
        "Content-Type": SCHEMAS[endpoint.schema].media_type,
        "Accept": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(signature(key, message_id, now, body) for key in keys),
    }
    if endpoint.token is not None:
        headers[endpoint.token_header] = _SCHEME[endpoint.token_header] + endpoint.token
    return headers


def _occasion(delivery: Claimed, endpoint: Endpoint) -> Occasion:
    return Occasion(
        dealership_id=delivery.dealership_id,
        dealership_slug=endpoint.dealership_slug,
        event_id=delivery.event_id,
        topic=delivery.topic,
        lead_id=delivery.lead_id,
        lead_cluster_id=delivery.lead_cluster_id,
        schema=endpoint.schema,
        provider=endpoint.provider,
    )


def _attempt(headers: Mapping[str, str], body: bytes, answered: Answered) -> Attempt:
    """What is kept of a request and its answer: all of it, but for what would let somebody pass for us."""
    kept = dict(headers)
    kept["webhook-signature"] = " ".join(f"v1,{_MASK}" for _ in headers["webhook-signature"].split())
    kept |= {name: scheme + _MASK for name, scheme in _SCHEME.items() if name in headers}
    there = answered.status is not None
    return Attempt(
        outcome=answered.outcome,
        milliseconds=round(answered.seconds * 1_000),
        status=answered.status,
        request_headers=kept,
        request_body=body.decode(),
        response_headers={name: _clean(value) for name, value in answered.headers.items()} if there else None,
        response_body=_clean(answered.body.decode("utf-8", "replace")) if there else None,
    )


def _clean(text: str) -> str:
    """*text* without what PostgreSQL keeps in no text."""
    return text.replace("\0", "")
