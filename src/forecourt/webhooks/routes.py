"""The webhooks' routes as data: what is served, what the reference tells, what the access matrix tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.parameters import CURSOR, DEALERSHIP, IF_MATCH, LIMIT, WRITING
from forecourt.infra.routes import Parameter, Route
from forecourt.webhooks.desk import MANAGE, READ
from forecourt.webhooks.schema import (
    STATES,
    DeliveryOut,
    DeliveryPage,
    DeliveryWhole,
    RedeliveredOut,
    RedeliverIn,
    RotateIn,
    TestSentOut,
    WebhookIn,
    WebhookList,
    WebhookMade,
    WebhookOut,
)

if TYPE_CHECKING:
    from forecourt.webhooks.api import Webhooks

_ALL = "/api/v1/dealerships/{dealership}/webhooks"
_ONE = f"{_ALL}/{{webhook_id}}"
_DELIVERY = f"{_ONE}/deliveries/{{delivery_id}}"

_WEBHOOK_ID = Parameter("webhook_id", "The webhook.", {"type": "integer", "minimum": 1}, "path")
_DELIVERY_ID = Parameter("delivery_id", "The delivery.", {"type": "integer", "minimum": 1}, "path")
_FILTERS = (
    Parameter("state", "In this state.", {"type": "string", "enum": list(STATES)}),
    Parameter("topic", "About this, as `lead.created`.", {"type": "string"}),
    Parameter("event_id", "About this event.", {"type": "integer", "minimum": 1}),
    LIMIT,
    CURSOR,
)

_ADD = """
`url`, `events` and `schema` are needed. What happens from then on is posted to `url`, each event as a request of its own; what such a request looks like is told
under *webhooks* of this document. The `secret` is what requests are signed with, by Standard Webhooks; it is shown this
once.
"""
_ROTATE = """
For `overlap_hours` (24) requests are signed with the new secret and with the one before, so that a receiver may change over
when it likes. The new secret is shown this once.
"""
_REDELIVER = """
Whatever its state was: it goes out at once, under the same `webhook-id`, with the data as it is now, and with the whole
schedule of attempts before it.
"""


def routes(webhooks: Webhooks) -> list[Route]:
    """This room's routes."""
    return [*_of_webhooks(webhooks), *_of_deliveries(webhooks)]


def _of_webhooks(webhooks: Webhooks) -> list[Route]:
    return [
        Route(
            "GET", _ALL, webhooks.get_webhooks, "list_webhooks", "List Webhooks", "Never their secrets.",
            permission=READ, parameters=(DEALERSHIP,), answers={200: (WebhookList,)},
        ),
        Route(
            "POST", _ALL, webhooks.post_webhook, "create_webhook", "Create Webhook", _ADD,
            permission=MANAGE, parameters=(DEALERSHIP, *WRITING), body=WebhookIn,
            answers={200: (DryRunOut,), 201: (WebhookMade,)},
        ),
        Route(
            "GET", _ONE, webhooks.get_webhook, "get_webhook", "Get Webhook",
            permission=READ, parameters=(DEALERSHIP, _WEBHOOK_ID), answers={200: (WebhookOut,)},
        ),
        Route(
            "PUT", _ONE, webhooks.put_webhook, "update_webhook", "Update Webhook",
            "What is left out stays. `enabled` switches it off, or on again after it was switched off.",
            permission=MANAGE, parameters=(DEALERSHIP, _WEBHOOK_ID, *WRITING, IF_MATCH), body=WebhookIn,
            answers={200: (WebhookOut, DryRunOut)},
        ),
        Route(
            "DELETE", _ONE, webhooks.delete_webhook, "delete_webhook", "Delete Webhook",
            "Answers with the webhook as it was. What waits for it is cancelled.",
            permission=MANAGE, parameters=(DEALERSHIP, _WEBHOOK_ID, *WRITING, IF_MATCH),
            answers={200: (WebhookOut, DryRunOut)},
        ),
        Route(
            "POST", f"{_ONE}/rotate_secret", webhooks.post_rotate_secret, "rotate_webhook_secret",
            "Rotate a Webhook's Secret", _ROTATE,
            permission=MANAGE, parameters=(DEALERSHIP, _WEBHOOK_ID, *WRITING, IF_MATCH), body=RotateIn,
            body_is_optional=True, answers={200: (WebhookMade, DryRunOut)},
        ),
        Route(
            "POST", f"{_ONE}/test", webhooks.post_test, "test_webhook", "Test Webhook",
            "Sends a made-up body of the webhook's schema, on the way that every event takes.",
            permission=MANAGE, parameters=(DEALERSHIP, _WEBHOOK_ID, *WRITING),
            answers={200: (DryRunOut,), 202: (TestSentOut,)},
        ),
    ]  # fmt: skip


def _of_deliveries(webhooks: Webhooks) -> list[Route]:
    return [
        Route(
            "GET", f"{_ONE}/deliveries", webhooks.get_deliveries, "list_webhook_deliveries", "List Deliveries",
            "What the webhook was told, and what it is going to be told, newest first.",
            permission=READ, parameters=(DEALERSHIP, _WEBHOOK_ID, *_FILTERS), answers={200: (DeliveryPage,)},
        ),
        Route(
            "GET", _DELIVERY, webhooks.get_delivery, "get_webhook_delivery", "Get Delivery",
            "With every attempt: request, answer, time. Token and signature are masked.",
            permission=READ, parameters=(DEALERSHIP, _WEBHOOK_ID, _DELIVERY_ID), answers={200: (DeliveryWhole,)},
        ),
        Route(
            "POST", f"{_DELIVERY}/redeliver", webhooks.post_redeliver, "redeliver", "Redeliver", _REDELIVER,
            permission=MANAGE, parameters=(DEALERSHIP, _WEBHOOK_ID, _DELIVERY_ID, *WRITING),
            answers={200: (DryRunOut,), 202: (DeliveryOut,)},
        ),
        Route(
            "POST", f"{_ONE}/redeliver", webhooks.post_redeliver_failed, "redeliver_failed",
            "Redeliver What Failed", "All deliveries that were given up since a moment, 10,000 at once.",
            permission=MANAGE, parameters=(DEALERSHIP, _WEBHOOK_ID, *WRITING), body=RedeliverIn,
            answers={200: (DryRunOut,), 202: (RedeliveredOut,)},
        ),
    ]  # fmt: skip
