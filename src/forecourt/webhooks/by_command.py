"""What the commands about webhooks do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from forecourt.dealerships.by_command import DEALERSHIP_NAMED, change_by_command
from forecourt.dealerships.operation import DealershipNotFound, Nothing
from forecourt.infra.database import record
from forecourt.webhooks import find, redeliver
from forecourt.webhooks.delivery_queries import WHERE_DELIVERY, WHERE_WEBHOOK
from forecourt.webhooks.queries import ALL_WEBHOOKS
from forecourt.webhooks.records import LoggedEndpoint
from forecourt.webhooks.refusals import DeliveryNotFound, WebhookNotFound
from forecourt.webhooks.schema import DeliveryOut, RedeliveredOut, RedeliverIn

if TYPE_CHECKING:
    from datetime import datetime

    from forecourt.dealerships.operation import Change, Operation
    from forecourt.infra.database import Connection, Database

_COMMAND = "webhooks redeliver"


async def list_webhooks(database: Database, dealership: str | None) -> list[LoggedEndpoint]:
    """The webhooks of a dealership; of all where none is named.

    Raises:
        DealershipNotFound: there is no such dealership.
    """
    async with database.connection() as connection:
        dealership_id = None
        if dealership is not None:
            row = await connection.one_or_none(record, DEALERSHIP_NAMED, dealership=dealership)
            if row is None:
                raise DealershipNotFound(f"there is no dealership {dealership}")
            dealership_id = row["id"]
        return await connection.every(LoggedEndpoint, ALL_WEBHOOKS, dealership_id=dealership_id)


async def list_deliveries(
    database: Database, webhook_id: int, *, state: str | None, limit: int
) -> list[DeliveryOut]:
    """What a webhook was told, the newest in front.

    Raises:
        WebhookNotFound: there is none with this id.
    """
    query = {"limit": [str(limit)]} | ({} if state is None else {"state": [state]})
    async with database.connection() as connection:
        dealership_id = await _dealership_of(connection, webhook_id)
        page = await find.page(connection, dealership_id, {"webhook_id": str(webhook_id)}, lambda: query)
    return page.deliveries


async def redeliver_one(database: Database, delivery_id: int) -> DeliveryOut:
    """Send one delivery once more.

    Raises:
        DeliveryNotFound: there is none with this id.
        WebhookSwitchedOff, DeliveryUnderWay: it cannot be sent now.
    """
    async with database.connection() as connection, connection.transaction():
        row = await connection.one_or_none(record, WHERE_DELIVERY, delivery_id=delivery_id)
        if row is None:
            raise DeliveryNotFound(f"no delivery to a webhook has the id {delivery_id}")
        change = await change_by_command(connection, str(row["dealership_id"]), _COMMAND)
        path = {"webhook_id": str(row["webhook_id"]), "delivery_id": str(delivery_id)}
        told = await _carried_out(redeliver.REDELIVER_ONE, replace(change, path=path), Nothing())
    assert isinstance(told, DeliveryOut)  # noqa: S101
    return told


async def redeliver_failed(database: Database, webhook_id: int, since: datetime) -> RedeliveredOut:
    """Send all once more that were given up since a moment.

    Raises:
        WebhookNotFound: there is none with this id.
        WebhookSwitchedOff: it is switched off.
    """
    async with database.connection() as connection, connection.transaction():
        dealership_id = await _dealership_of(connection, webhook_id)
        change = await change_by_command(connection, str(dealership_id), _COMMAND)
        told = await _carried_out(
            redeliver.REDELIVER_ALL_FAILED,
            replace(change, path={"webhook_id": str(webhook_id)}),
            RedeliverIn(failed_since=since),
        )
    assert isinstance(told, RedeliveredOut)  # noqa: S101
    return told


async def _carried_out(operation: Operation[Any, Any], change: Change, sent: Any) -> Any:  # noqa: ANN401
    return (await operation.work(change, await operation.find(change), sent)).body


async def _dealership_of(connection: Connection, webhook_id: int) -> Any:  # noqa: ANN401 - an id
    row = await connection.one_or_none(record, WHERE_WEBHOOK, webhook_id=webhook_id)
    if row is None:
        raise WebhookNotFound(f"no webhook has the id {webhook_id}")
    return row["dealership_id"]
