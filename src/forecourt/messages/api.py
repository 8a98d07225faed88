"""The messages' door: requests in, answers out; and the page on which offers are called off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.clusters.refusals import LeadClusterNotFound
from forecourt.clusters.routes import CLUSTER_ID
from forecourt.dealerships.desk import DryRunOut, id_in
from forecourt.dealerships.parameters import CURSOR, DEALERSHIP, LIMIT, WRITING
from forecourt.ids import LeadClusterId
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route
from forecourt.messages import outbox, unsubscribe, write
from forecourt.messages.schema import (
    MEDIA,
    PURPOSES,
    STATES,
    MessageIn,
    MessageOut,
    MessagePage,
    WholeMessageOut,
)

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection, Database
    from forecourt.infra.http import Call
    from forecourt.messages.sender import Sender

_AT = "/api/v1/dealerships/{dealership}"
_OF_CLUSTER = f"{_AT}/lead_clusters/{{id}}/messages"
_ALL = f"{_AT}/messages"
_ONE = f"{_ALL}/{{message_id}}"
_ID = Parameter("message_id", "The message.", {"type": "integer", "minimum": 1}, "path")
_TOKEN = Parameter("token", "Of the link in the message.", {"type": "string"}, "path")
_FILTERS = (
    Parameter("medium", "", {"type": "string", "enum": list(MEDIA)}),
    Parameter("purpose", "Why it was written.", {"type": "string", "enum": list(PURPOSES)}),
    Parameter("state", "", {"type": "string", "enum": list(STATES)}),
    Parameter("lead_id", "Written because of this lead.", {"type": "integer", "minimum": 1}),
    Parameter("lead_cluster_id", "Written to, or about, this customer.", {"type": "integer", "minimum": 1}),
    Parameter("recipient", "To this address or number, as it was written to.", {"type": "string"}),
)
_HTML = "text/html; charset=utf-8"
_POLICY = (
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
)

_QUEUE = """
A mail or a text message by staff. It waits for `hold_seconds` (10), in which it can be called back, and is then handed over
once at most. When it has gone it is an activity of the cluster's, and the customer is answered. `to` must be how the customer
is reached already.
"""


class Messages:
    """Serves the messages."""

    def __init__(self, desk: Desk, database: Database, sender: Sender) -> None:
        """The routes at *desk*; messages are written as *sender*."""
        self._desk = desk
        self._database = database
        self._queue = write.queue_operation(sender)

    async def get_outbox(self, call: Call) -> Answer:
        """List Messages."""

        async def found(connection: Connection, standing: Standing) -> MessagePage:
            return await outbox.outbox(connection, standing, call.query(outbox.PARAMETERS))

        return Answer(200, msgspec.json.encode(await self._desk.read(call, outbox.READ, found)))

    async def get_message(self, call: Call) -> Answer:
        """Get Message."""
        call.query(())

        async def found(connection: Connection, standing: Standing) -> WholeMessageOut:
            return await outbox.message(connection, standing, outbox.message_in(call.path))

        return Answer(200, msgspec.json.encode(await self._desk.read(call, outbox.READ, found)))

    async def get_of_cluster(self, call: Call) -> Answer:
        """List a Lead Cluster's Messages."""

        async def found(connection: Connection, standing: Standing) -> MessagePage:
            asked = LeadClusterId(id_in(call.path, "id", LeadClusterNotFound))
            return await outbox.of_cluster(connection, standing, asked, call.query(("limit", "cursor")))

        return Answer(200, msgspec.json.encode(await self._desk.read(call, outbox.READ, found)))

    async def post_message(self, call: Call) -> Answer:
        """Write a Message."""
        return await self._desk.write(call, self._queue)

    async def delete_message(self, call: Call) -> Answer:
        """Call a Message Back."""
        return await self._desk.write(call, write.CALL_BACK_OPERATION)

    async def get_unsubscribe(self, call: Call) -> Answer:
        """The page that a link to unsubscribe leads to; nothing happens until somebody asks for it there."""
        async with self._database.connection() as connection:
            offers = await unsubscribe.offers_of(connection, call.path["token"])
        return _page(404 if offers is None else 200, unsubscribe.page(offers))

    async def post_unsubscribe(self, call: Call) -> Answer:
        """Call offers off, by the page's button or by a mail program's; whatever the body says."""
        async with self._database.connection() as connection, connection.transaction():
            offers = await unsubscribe.offers_of(connection, call.path["token"])
            if offers is None:
                return _page(404, unsubscribe.page(None))
            await unsubscribe.call_offers_off(connection, offers, call.request_id)
        return _page(200, unsubscribe.done(offers))

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", _ALL, self.get_outbox, "list_messages", "List Messages",
                "The outbox: everything that was written to customers and staff, and how it stands, the latest in front.",
                permission=outbox.READ, parameters=(DEALERSHIP, *_FILTERS, LIMIT, CURSOR), answers={200: (MessagePage,)},
            ),
            Route(
                "GET", _ONE, self.get_message, "get_message", "Get Message",
                "With its HTML, its headers and every attempt.", permission=outbox.READ, parameters=(DEALERSHIP, _ID),
                answers={200: (WholeMessageOut,)},
            ),
            Route(
                "DELETE", _ONE, self.delete_message, "call_back_message", "Call a Message Back",
                "While it waits; 409 once it was handed over.", permission=write.UPDATE,
                parameters=(DEALERSHIP, _ID, *WRITING), answers={200: (MessageOut, DryRunOut)},
            ),
            Route(
                "GET", _OF_CLUSTER, self.get_of_cluster, "list_lead_cluster_messages", "List a Lead Cluster's Messages",
                "What was written to the customer, by staff and by itself, the latest in front.",
                permission=outbox.READ, parameters=(DEALERSHIP, CLUSTER_ID, LIMIT, CURSOR),
                answers={200: (MessagePage,)},
            ),
            Route(
                "POST", _OF_CLUSTER, self.post_message, "write_message", "Write a Message", _QUEUE,
                permission=write.UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING), body=MessageIn,
                answers={200: (DryRunOut,), 201: (MessageOut,)},
            ),
            Route(
                "GET", "/unsubscribe/{token}", self.get_unsubscribe, "show_unsubscribe", "Show the Page to Unsubscribe",
                permission="", parameters=(_TOKEN,), answers={200: (), 404: ()}, media=_HTML,
            ),
            Route(
                "POST", "/unsubscribe/{token}", self.post_unsubscribe, "unsubscribe", "Unsubscribe",
                "One click (RFC 8058): no login, no question, as often as you like.",
                permission="", parameters=(_TOKEN,), answers={200: (), 404: ()}, media=_HTML,
            ),
        ]  # fmt: skip


def _page(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), _HTML.encode(), _POLICY)
