"""The exports' routes: a list is asked for, and answered as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.access.caller import token_hash
from forecourt.clusters.routes import FILTERS as CLUSTER_FILTERS
from forecourt.dealerships.parameters import DEALERSHIP
from forecourt.exports import cluster_pages, lead_pages
from forecourt.exports.hand_out import Export, as_csv, as_xlsx
from forecourt.exports.sheets import LEAD_CLUSTERS, LEADS
from forecourt.files.store import content_disposition
from forecourt.infra.attended import while_client_waits
from forecourt.infra.http import Answer
from forecourt.infra.routes import Route
from forecourt.leads import find
from forecourt.leads.routes import FILTERS as LEAD_FILTERS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.exports.walk import Page, Place
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Connection, Database
    from forecourt.infra.http import Call

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_CLUSTERS = "/api/v1/dealerships/{dealership}/lead_clusters"
_AS_CSV = (
    "All that the same filters list, in one file, sent as it is read: UTF-8 with a byte order mark, RFC 4180. Text that a "
    "spreadsheet could take for a formula has an apostrophe in front."
)
_AS_XLSX = (
    "All that the same filters list, in one workbook, with real dates and numbers; it is sent when it is whole. A CSV "
    "begins to arrive at once."
)


class Exports:
    """The handlers of the exports' routes."""

    def __init__(self, database: Database, store: FileStore, desk: Desk) -> None:
        self._database = database
        self._store = store
        self._desk = desk

    async def get_leads_csv(self, call: Call) -> Answer:
        """Export Leads as CSV."""
        return as_csv_file(call, await self._leads(call))

    async def get_leads_xlsx(self, call: Call) -> Answer:
        """Export Leads as XLSX."""
        return await self._xlsx(call, await self._leads(call))

    async def get_clusters_csv(self, call: Call) -> Answer:
        """Export Lead Clusters as CSV."""
        return as_csv_file(call, await self._clusters(call))

    async def get_clusters_xlsx(self, call: Call) -> Answer:
        """Export Lead Clusters as XLSX."""
        return await self._xlsx(call, await self._clusters(call))

    async def _leads(self, call: Call) -> Export:
        hashed = token_hash(call)
        query = call.query(lead_pages.PARAMETERS, lead_pages.REPEATED)

        # The key is asked for with each page: one that is revoked meanwhile gets no other.
        async def read(after: Place | None) -> Page:
            key = await find.known_key(self._database, hashed)
            key.caller.require(lead_pages.PERMISSION)
            async with self._database.connection() as connection:
                held = await find.held_by(connection, key)
                return await lead_pages.page(connection, key.caller, held, query, after)

        return Export(LEADS, await read(None), read, filters=query, request_id=call.request_id)

    async def _clusters(self, call: Call) -> Export:
        async def read(after: Place | None) -> Page:
            async def found(connection: Connection, standing: Standing) -> Page:
                return await cluster_pages.page(
                    connection, standing, call.query(cluster_pages.PARAMETERS), after
                )

            return await self._desk.read(call, cluster_pages.PERMISSION, found)

        first = await read(None)
        query = call.query(cluster_pages.PARAMETERS)
        return Export(LEAD_CLUSTERS, first, read, filters=query, request_id=call.request_id)

    async def _xlsx(self, call: Call, export: Export) -> Answer:
        headers = _attachment(export, "xlsx")
        if call.scope["method"] == "HEAD":
            return Answer(200, b"", XLSX.encode(), headers, pieces=_nothing())
        path = await while_client_waits(call.receive, as_xlsx(export, self._store.spool))
        return Answer(200, b"", XLSX.encode(), headers, sent_from=path)

    def routes(self) -> list[Route]:
        """This room's routes."""
        leads = tuple(one for one in LEAD_FILTERS if one.name in _KNOWN)
        clusters = (DEALERSHIP, *(one for one in CLUSTER_FILTERS if one.name in cluster_pages.PARAMETERS))
        return [
            Route(
                "GET", "/api/v1/leads.csv", self.get_leads_csv, "export_leads_csv", "Export Leads as CSV", _AS_CSV,
                permission=lead_pages.PERMISSION, parameters=leads, answers={200: ()}, media=CSV,
            ),
            Route(
                "GET", "/api/v1/leads.xlsx", self.get_leads_xlsx, "export_leads_xlsx", "Export Leads as XLSX", _AS_XLSX,
                permission=lead_pages.PERMISSION, parameters=leads, answers={200: ()}, media=XLSX,
            ),
            Route(
                "GET", f"{_CLUSTERS}.csv", self.get_clusters_csv, "export_lead_clusters_csv",
                "Export Lead Clusters as CSV", _AS_CSV,
                permission=cluster_pages.PERMISSION, parameters=clusters, answers={200: ()}, media=CSV,
            ),
            Route(
                "GET", f"{_CLUSTERS}.xlsx", self.get_clusters_xlsx, "export_lead_clusters_xlsx",
                "Export Lead Clusters as XLSX", _AS_XLSX,
                permission=cluster_pages.PERMISSION, parameters=clusters, answers={200: ()}, media=XLSX,
            ),
        ]  # fmt: skip


_NO_PIECES: tuple[bytes, ...] = ()
_KNOWN = {*lead_pages.PARAMETERS, *lead_pages.REPEATED}


def as_csv_file(call: Call, export: Export) -> Answer:
    """The export as a file that is sent as it is read."""
    pieces = _nothing() if call.scope["method"] == "HEAD" else as_csv(export)
    return Answer(200, b"", f"{CSV}; charset=utf-8".encode(), _attachment(export, "csv"), pieces=pieces)


async def _nothing() -> AsyncGenerator[bytes]:
    """What is sent for a HEAD: nobody knows how long the file would be."""
    for piece in _NO_PIECES:
        yield piece


def _attachment(export: Export, ending: str) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"content-disposition", content_disposition(export.filename(ending)).encode("latin-1")),)
