"""Reading how deliveries to a webhook went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.dealerships.desk import MAX_ID, id_in
from forecourt.dealerships.paging import id_in_cursor, limit_in
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Problem
from forecourt.webhooks.delivery_queries import ATTEMPTS, DELIVERIES, DELIVERY, FAILED_DELIVERIES
from forecourt.webhooks.desk import the_webhook
from forecourt.webhooks.refusals import DeliveryNotFound
from forecourt.webhooks.schema import (
    STATES,
    AttemptInBrief,
    DeliveryOut,
    DeliveryPage,
    DeliveryWhole,
    WebhookAttemptOut,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection

PARAMETERS = ("state", "topic", "event_id", "limit", "cursor")

_BRIEF = msgspec.json.Decoder(AttemptInBrief)


async def page(
    connection: Connection,
    dealership_id: DealershipId,
    path: Mapping[str, str],
    asked: Callable[[], dict[str, list[str]]],
) -> DeliveryPage:
    """A page of the deliveries to the webhook that *path* names, the newest in front.

    Raises:
        WebhookNotFound: the dealership has none such.
        BadQuery: a filter, the limit or the cursor does not fit.
    """
    webhook = await the_webhook(connection, dealership_id, path)
    query = asked()
    state = query.get("state", [None])[0]
    if state is not None and state not in STATES:
        raise BadQuery(problems=(Problem("state", "is no state of a delivery", STATES),))
    limit, before = limit_in(query), id_in_cursor(query)
    found = await connection.every(
        delivery_of,
        FAILED_DELIVERIES if state == "failed" else DELIVERIES,
        dealership_id=dealership_id,
        webhook_id=webhook.id,
        state=state,
        topic=query.get("topic", [None])[0],
        event_id=_event_id(query),
        before=before,
        size=limit + 1,
    )
    return DeliveryPage(found[:limit], str(found[limit - 1].id) if len(found) > limit else None)


async def one(connection: Connection, dealership_id: DealershipId, path: Mapping[str, str]) -> DeliveryWhole:
    """A delivery with every attempt.

    Raises:
        WebhookNotFound, DeliveryNotFound: the dealership has none such.
    """
    webhook = await the_webhook(connection, dealership_id, path)
    delivery_id = id_in(path, "delivery_id", DeliveryNotFound)
    own: dict[str, Any] = {"dealership_id": dealership_id, "delivery_id": delivery_id}
    found = await connection.one_or_none(delivery_of, DELIVERY, **own, webhook_id=webhook.id)
    if found is None:
        raise DeliveryNotFound
    attempts = await connection.every(_attempt, ATTEMPTS, **own)
    return DeliveryWhole(all_attempts=attempts, **msgspec.structs.asdict(found))


def delivery_of(**row: Any) -> DeliveryOut:  # noqa: ANN401 - a row is what the statement says
    """A row of ``DELIVERIES``, as it is answered."""
    last = row.pop("last_attempt")
    return DeliveryOut(
        message_id=f"msg_{row['id']}", last_attempt=None if last is None else _BRIEF.decode(last), **row
    )


def _attempt(**row: Any) -> WebhookAttemptOut:  # noqa: ANN401
    for name in ("request_headers", "response_headers"):
        row[name] = None if row[name] is None else msgspec.json.decode(row[name])
    return WebhookAttemptOut(**row)


def _event_id(query: Mapping[str, list[str]]) -> int | None:
    if "event_id" not in query:
        return None
    text = query["event_id"][0]
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_ID:  # noqa: PLR2004
        return int(text)
    raise BadQuery(problems=(Problem("event_id", "must be the id of an event"),))
