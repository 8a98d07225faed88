"""The audit as a table: a row for each field that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from forecourt.audit import filters
from forecourt.audit.find import events
from forecourt.dealerships.parameters import MOST
from forecourt.exports.cells import field, moment
from forecourt.exports.sheets import Sheet
from forecourt.exports.walk import Page, Whose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from forecourt.audit.find import AuditEventOut
    from forecourt.dealerships.operation import Standing
    from forecourt.exports.walk import Place
    from forecourt.infra.database import Connection

AUDIT = Sheet(
    "audit",
    (
        field("event_id"),
        moment("occurred_at"),
        field("timezone", 20),
        field("kind", 28),
        field("by", 10),
        field("user.id"),
        field("user.name", 24),
        field("api_key.id"),
        field("api_key.name", 24),
        field("lead_cluster_id"),
        field("lead_id"),
        field("undoes_event_id"),
        field("field", 28),
        field("from", 32),
        field("to", 32),
        field("request_id", 36),
    ),
)


async def page(
    connection: Connection, standing: Standing, query: Mapping[str, list[str]], after: Place | None
) -> Page:
    """The page behind *after* of the audit that *query* asks for.

    Raises:
        BadQuery: a filter does not fit.
    """
    dealership = standing.dealership
    asked = filters.read(query, dealership.timezone)
    values, conditions = dict(asked.values), set(asked.conditions)
    if after is not None:
        values |= {"after_at": after.at, "after_id": after.id}
        conditions.add("after_at")
    asked = filters.Asked(frozenset(conditions), values, MOST)
    found, more = await events(connection, standing, asked)
    zone = ZoneInfo(dealership.timezone)
    return Page(
        whose=Whose(dealerships=(dealership.slug,), zone=zone, api_key_id=standing.caller.api_key_id),
        rows=[row for event in found for row in _rows(event, zone)],
        more=more,
        # What was done stays where it is.
        moves=False,
        newest_first=True,
    )


def _rows(event: AuditEventOut, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    told = msgspec.structs.asdict(event) | {
        "event_id": event.id,
        "at": event.occurred_at,
        "zone": zone,
        "timezone": zone.key,
    }
    if not event.changes:
        yield told | {"field": None, "from": None, "to": None}
    for name, value in event.changes.items():
        pair = (
            value
            if isinstance(value, dict) and value.keys() >= {"from", "to"}
            else {"from": None, "to": value}
        )
        yield told | {"field": name, "from": _cell(pair["from"]), "to": _cell(pair["to"])}


def _cell(value: Any) -> str | int | float | bool | None:  # noqa: ANN401 - of any field
    """A value as a cell holds it; lists and objects as JSON."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return msgspec.json.encode(value).decode()
