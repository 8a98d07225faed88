"""Reading the audit, a page at a time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.audit import filters
from forecourt.audit.find_queries import page_query
from forecourt.dealerships.paging import cursor_at
from forecourt.infra.database import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.audit.filters import Asked
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection

PERMISSION = "read:audit"

_COMMAND = "command:"
# Where no request did it, the log says so in the request's place.
_BY_ITSELF = frozenset({"housekeeping", "worker", "demo"})


class ActorOut(msgspec.Struct, frozen=True):
    """A user, or an API key."""

    id: int
    name: str | None


class AuditEventOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done.

    Attributes:
        by: ``user`` where somebody of the staff did it; ``api_key``; ``command`` for one on the server's own machine;
            ``server`` where it did so by itself.
        user: of the staff; also where a key did it in their name.
        undoes_event_id: what this takes back.
        changes: field -> ``{"from": old, "to": new}``; of what is told without an old value, the value itself.
    """

    id: int
    kind: str
    occurred_at: datetime
    by: str
    user: ActorOut | None
    api_key: ActorOut | None
    request_id: str
    lead_cluster_id: int | None
    other_lead_cluster_id: int | None
    lead_id: int | None
    undoes_event_id: int | None
    changes: dict[str, Any]


class AuditPage(msgspec.Struct, frozen=True):
    """A page of the audit, the latest in front."""

    events: list[AuditEventOut]
    next_cursor: str | None


async def page(connection: Connection, standing: Standing, query: Mapping[str, list[str]]) -> AuditPage:
    """A page of a dealership's audit.

    Raises:
        BadQuery: a filter, the limit or the cursor does not fit.
    """
    asked = filters.read(query, standing.dealership.timezone)
    found, more = await events(connection, standing, asked)
    return AuditPage(found, cursor_at(found[-1].occurred_at, found[-1].id) if more else None)


async def events(
    connection: Connection, standing: Standing, asked: Asked
) -> tuple[list[AuditEventOut], bool]:
    """What was *asked* for, and whether there is more behind it."""
    conditions, values = asked.conditions, asked.values
    if standing.caller.test is not None:
        conditions, values = conditions | {"test"}, values | {"test": standing.caller.test}
    rows = await connection.every(
        record,
        page_query(conditions),
        dealership_id=standing.dealership.id,
        size=asked.limit + 1,
        **values,
    )
    return [_told(row) for row in rows[: asked.limit]], len(rows) > asked.limit


def _told(row: dict[str, Any]) -> AuditEventOut:
    user_id, user_name = row.pop("user_id"), row.pop("user_name")
    key_id, key_name = row.pop("api_key_id"), row.pop("api_key_name")
    row["changes"] = msgspec.json.decode(row["changes"])
    return AuditEventOut(
        **row,
        by=_by(user_id, key_id, row["request_id"]),
        user=None if user_id is None else ActorOut(user_id, user_name),
        api_key=None if key_id is None else ActorOut(key_id, key_name),
    )


def _by(user_id: int | None, key_id: int | None, request_id: str) -> str:
    if key_id is not None:
        return "api_key"
    if request_id.startswith(_COMMAND):
        return "command"
    if user_id is not None and request_id not in _BY_ITSELF:
        return "user"
    return "server"
