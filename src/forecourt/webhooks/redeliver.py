"""Sending once more: one delivery, all that failed since a moment, or a test."""

from __future__ import annotations

from typing import Any

import msgspec

from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.webhooks.delivery_queries import (
    DELIVER_TEST,
    DELIVERY,
    LOCKED_DELIVERY,
    REDELIVER,
    REDELIVER_FAILED,
)
from forecourt.webhooks.desk import MANAGE, locked
from forecourt.webhooks.find import delivery_of
from forecourt.webhooks.records import LoggedEndpoint
from forecourt.webhooks.refusals import DeliveryNotFound, DeliveryUnderWay, WebhookSwitchedOff
from forecourt.webhooks.schema import RedeliveredOut, RedeliverIn, TestSentOut

# At once; who wants more asks again.
MOST_REDELIVERED = 10_000

_ACCEPTED = 202


class FoundDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery, locked, and the webhook that it is for."""

    webhook: LoggedEndpoint
    id: int
    state: str


async def _find(change: Change) -> FoundDelivery:
    webhook = await locked(change)
    delivery_id = id_in(change.path, "delivery_id", DeliveryNotFound)
    row = await change.connection.one_or_none(
        record,
        LOCKED_DELIVERY,
        dealership_id=change.dealership_id,
        webhook_id=webhook.id,
        delivery_id=delivery_id,
    )
    if row is None:
        raise DeliveryNotFound
    return FoundDelivery(webhook=webhook, **row)


async def _redeliver(change: Change, delivery: FoundDelivery, _: Nothing) -> Outcome:
    _switched_on(delivery.webhook)
    if delivery.state == "sending":
        raise DeliveryUnderWay("see in a moment how it went")
    own: dict[str, Any] = {"dealership_id": change.dealership_id, "delivery_id": delivery.id}
    await change.connection.run(REDELIVER, **own)
    again = await change.connection.one(delivery_of, DELIVERY, **own, webhook_id=delivery.webhook.id)
    changes = {"state": {"from": delivery.state, "to": "waiting"}}
    return Outcome(body=again, status=_ACCEPTED, changes=changes)


async def _redeliver_failed(change: Change, webhook: LoggedEndpoint, sent: RedeliverIn) -> Outcome:
    _switched_on(webhook)
    if not sent.failed_since:
        raise Invalid(problems=(Problem("failed_since", "is missing: a time with its offset"),))
    redelivered = await change.connection.run(
        REDELIVER_FAILED,
        dealership_id=change.dealership_id,
        webhook_id=webhook.id,
        failed_since=sent.failed_since,
        size=MOST_REDELIVERED,
    )
    told = RedeliveredOut(redelivered, redelivered == MOST_REDELIVERED)
    return Outcome(body=told, status=_ACCEPTED, changes={"redelivered": {"from": 0, "to": redelivered}})


async def _test(change: Change, webhook: LoggedEndpoint, _: Nothing) -> Outcome:
    _switched_on(webhook)
    row = await change.connection.one(
        record,
        DELIVER_TEST,
        dealership_id=change.dealership_id,
        webhook_id=webhook.id,
        api_key_id=change.api_key_id,
        user_id=change.user_id,
        request_id=change.request_id,
    )
    told = TestSentOut(row["id"], row["event_id"], f"msg_{row['id']}")
    return Outcome(body=told, status=_ACCEPTED)


def _switched_on(webhook: LoggedEndpoint) -> None:
    if webhook.disabled_at is not None:
        why = webhook.disabled_because
        raise WebhookSwitchedOff(f'it was switched off ({why}); send {{"enabled": true}} first')


REDELIVER_ONE = Operation(MANAGE, _find, Nothing, _redeliver)
REDELIVER_ALL_FAILED = Operation(MANAGE, locked, RedeliverIn, _redeliver_failed)
SEND_TEST = Operation(MANAGE, locked, Nothing, _test)
