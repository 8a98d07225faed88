"""The audit's door: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.audit import find, sheet
from forecourt.audit.filters import FILTERS, PARAMETERS
from forecourt.audit.find import AuditPage
from forecourt.audit.kinds import GROUPS
from forecourt.dealerships.parameters import CURSOR, DEALERSHIP, LIMIT
from forecourt.exports.api import CSV, as_csv_file
from forecourt.exports.hand_out import Export
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.exports.walk import Page, Place
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call

_AT = "/api/v1/dealerships/{dealership}/audit"
_INTEGER = {"type": "integer"}
_TEXT = {"type": "string"}
_FILTERS = (
    Parameter("kind", f"A kind, as `user.invited`, or a group: {', '.join(GROUPS)}.", _TEXT),
    Parameter("user_id", "What this user did.", _INTEGER),
    Parameter("api_key_id", "What was done by this key.", _INTEGER),
    Parameter("lead_id", "", _INTEGER),
    Parameter("lead_cluster_id", "", _INTEGER),
    Parameter(
        "since", "A day by the dealership's clock, or a time with its offset; `until` that day's end.", _TEXT
    ),
    Parameter("until", "", _TEXT),
)
_WHAT = """
Everything that was done at the dealership: settings, users, webhooks, people's data, customers and enquiries; by whom, when,
from what to what. Nothing of it is ever changed, but that what named a person goes when the person is erased.
"""


class Audit:
    """Serves the audit."""

    def __init__(self, desk: Desk) -> None:
        """The routes at *desk*."""
        self._desk = desk

    async def get_audit(self, call: Call) -> Answer:
        """List the Audit."""

        async def found(connection: Connection, standing: Standing) -> AuditPage:
            return await find.page(connection, standing, call.query(PARAMETERS))

        return Answer(200, msgspec.json.encode(await self._desk.read(call, find.PERMISSION, found)))

    async def get_csv(self, call: Call) -> Answer:
        """Export the Audit as CSV."""

        async def read(after: Place | None) -> Page:
            async def found(connection: Connection, standing: Standing) -> Page:
                return await sheet.page(connection, standing, call.query(FILTERS), after)

            return await self._desk.read(call, find.PERMISSION, found)

        first = await read(None)
        filters = call.query(FILTERS)
        export = Export(sheet.AUDIT, first, read, filters=filters, request_id=call.request_id)
        return as_csv_file(call, export)

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", _AT, self.get_audit, "list_audit", "List the Audit", _WHAT, permission=find.PERMISSION,
                parameters=(DEALERSHIP, *_FILTERS, LIMIT, CURSOR), answers={200: (AuditPage,)},
            ),
            Route(
                "GET", f"{_AT}.csv", self.get_csv, "export_audit_csv", "Export the Audit as CSV",
                "All that the same filters list, a row for each field that changed, sent as it is read.",
                permission=find.PERMISSION, parameters=(DEALERSHIP, *_FILTERS), answers={200: ()}, media=CSV,
            ),
        ]  # fmt: skip
