"""The handlers of the webhooks' routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.infra.conditional import entity_tag
from forecourt.infra.http import Answer
from forecourt.webhooks import desk as webhooks
from forecourt.webhooks import find, redeliver
from forecourt.webhooks.desk import READ, the_webhook, told
from forecourt.webhooks.schema import DeliveryPage, DeliveryWhole, WebhookList, WebhookOut

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call


class Webhooks:
    """Serves webhooks and how their deliveries went."""

    def __init__(self, desk: Desk, *, private_too: bool) -> None:
        """The routes at *desk*; *private_too* allows webhooks to addresses that are not public."""
        self._desk = desk
        self._add = webhooks.adding(private_too=private_too)
        self._change = webhooks.changing(private_too=private_too)

    async def get_webhooks(self, call: Call) -> Answer:
        """List Webhooks."""

        async def found(connection: Connection, standing: Standing) -> WebhookList:
            call.query(())
            return WebhookList(await webhooks.every_webhook(connection, standing.dealership.id))

        return Answer(200, msgspec.json.encode(await self._desk.read(call, READ, found)))

    async def get_webhook(self, call: Call) -> Answer:
        """Get Webhook."""

        async def found(connection: Connection, standing: Standing) -> WebhookOut:
            webhook = await the_webhook(connection, standing.dealership.id, call.path)
            call.query(())
            return told(webhook)

        webhook = await self._desk.read(call, READ, found)
        etag = (b"etag", entity_tag(webhook.version).encode())
        return Answer(200, msgspec.json.encode(webhook), headers=(etag,))

    async def post_webhook(self, call: Call) -> Answer:
        """Create Webhook."""
        return await self._desk.write(call, self._add)

    async def put_webhook(self, call: Call) -> Answer:
        """Update Webhook."""
        return await self._desk.write(call, self._change)

    async def delete_webhook(self, call: Call) -> Answer:
        """Delete Webhook."""
        return await self._desk.write(call, webhooks.REMOVE)

    async def post_rotate_secret(self, call: Call) -> Answer:
        """Rotate a Webhook's Secret."""
        return await self._desk.write(call, webhooks.ROTATE)

    async def post_test(self, call: Call) -> Answer:
        """Test Webhook."""
        return await self._desk.write(call, redeliver.SEND_TEST)

    async def post_redeliver_failed(self, call: Call) -> Answer:
        """Redeliver What Failed."""
        return await self._desk.write(call, redeliver.REDELIVER_ALL_FAILED)

    async def get_deliveries(self, call: Call) -> Answer:
        """List Deliveries."""

        async def found(connection: Connection, standing: Standing) -> DeliveryPage:
            return await find.page(
                connection, standing.dealership.id, call.path, lambda: call.query(find.PARAMETERS)
            )

        return Answer(200, msgspec.json.encode(await self._desk.read(call, READ, found)))

    async def get_delivery(self, call: Call) -> Answer:
        """Get Delivery."""

        async def found(connection: Connection, standing: Standing) -> DeliveryWhole:
            delivery = await find.one(connection, standing.dealership.id, call.path)
            call.query(())
            return delivery

        return Answer(200, msgspec.json.encode(await self._desk.read(call, READ, found)))

    async def post_redeliver(self, call: Call) -> Answer:
        """Redeliver."""
        return await self._desk.write(call, redeliver.REDELIVER_ONE)
