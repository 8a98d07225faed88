"""The list of lead clusters, a page at a time, as it is exported: read as the list is read, told with names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from forecourt.clusters import filters, find
from forecourt.clusters.listing import page_query
from forecourt.dealerships.parameters import MOST
from forecourt.exports.expected import rows_expected
from forecourt.exports.queries import LATEST_LEADS, NAMES
from forecourt.exports.walk import Page, Place, Whose
from forecourt.infra.database import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.dealerships.operation import Dealership, Standing
    from forecourt.infra.database import Connection

PERMISSION = find.PERMISSION
# A search brings the likeliest and ends there: a part that would look like all of it.
_NOT_HERE = {"q", "search", "limit", "cursor"}
PARAMETERS = tuple(name for name in filters.PARAMETERS if name not in _NOT_HERE)

_PAGE = MOST
_NOTHING_LATEST = {"last_lead_id": None, "last_lead_category": None, "last_lead_source": None}


async def page(
    connection: Connection, standing: Standing, query: Mapping[str, list[str]], after: Place | None
) -> Page:
    """The page behind *after* of a dealership's clusters that *query* asks for.

    Raises:
        BadQuery: a filter or the order does not fit.
    """
    dealership = standing.dealership
    asked = msgspec.structs.replace(
        filters.read(query, dealership.country, test=standing.caller.test), limit=_PAGE, after=after
    )
    rows, more = await find.rows_of_page(connection, dealership.id, asked)
    # A new enquiry moves its cluster, in each of the orders.
    return Page(
        whose=Whose(
            dealerships=(dealership.slug,),
            zone=ZoneInfo(dealership.timezone),
            api_key_id=standing.caller.api_key_id,
        ),
        rows=await _told(connection, dealership, rows),
        more=more,
        moves=True,
        newest_first=asked.sort.startswith("-"),
    )


async def expected(connection: Connection, standing: Standing, query: Mapping[str, list[str]]) -> int | None:
    """How many clusters *query* asks for; None for a great many.

    Raises:
        BadQuery: a filter or the order does not fit.
    """
    asked = filters.read(query, standing.dealership.country, test=standing.caller.test)
    statement = page_query(frozenset(asked.values), asked.sort, after=False)
    return await rows_expected(connection, statement, asked.parameters(standing.dealership.id))


async def _told(
    connection: Connection, dealership: Dealership, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What ``cluster_fields`` needs: the answer's fields, the latest lead's, the location's name."""
    if not rows:
        return []
    given = {"dealership_id": dealership.id, "lead_cluster_ids": [row["id"] for row in rows]}
    latest = {
        one.pop("lead_cluster_id"): one for one in await connection.every(record, LATEST_LEADS, **given)
    }
    nothing: dict[str, list[int]] = {name: [] for name in NAMES.names}
    locations = list({row["location_id"] for row in rows} - {None})
    asked = nothing | {"dealership_ids": [dealership.id], "location_ids": locations}
    names = {one["id"]: one["name"] for one in await connection.every(record, NAMES, **asked)}
    zone = ZoneInfo(dealership.timezone)
    return [
        msgspec.structs.asdict(find.cluster_out(row))
        | latest.get(row["id"], _NOTHING_LATEST)
        | {
            "at": row["at"],
            "zone": zone,
            "timezone": zone.key,
            "location_name": names.get(row["location_id"]),
        }
        for row in rows
    ]
