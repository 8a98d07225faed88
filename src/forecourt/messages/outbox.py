"""Reading what was written: a dealership's outbox, one message, a customer's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters import find
from forecourt.dealerships.desk import MAX_ID, id_in
from forecourt.dealerships.paging import id_in_cursor, limit_in
from forecourt.infra.database import record
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Problem
from forecourt.messages.queries import MESSAGE, OF_CLUSTER, outbox_query
from forecourt.messages.refusals import MessageNotFound
from forecourt.messages.schema import (
    MEDIA,
    PURPOSES,
    STATES,
    AttemptOut,
    DeliveryOfMessage,
    MessageOut,
    MessagePage,
    WholeMessageOut,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.dealerships.operation import Standing
    from forecourt.ids import LeadClusterId
    from forecourt.infra.database import Connection

READ = "read:lead_cluster"

# Of words that are allowed, of ids, and of a recipient as it was written to.
FILTERS: Mapping[str, tuple[str, ...]] = {"medium": MEDIA, "purpose": PURPOSES, "state": STATES}
IDS = ("lead_id", "lead_cluster_id")
PARAMETERS = (*FILTERS, *IDS, "recipient", "limit", "cursor")


async def outbox(connection: Connection, standing: Standing, query: Mapping[str, list[str]]) -> MessagePage:
    """A page of all that was written for a dealership, the latest in front.

    Raises:
        BadQuery: a filter, the limit or the cursor does not fit.
    """
    asked: dict[str, Any] = {name: query[name][0] for name in (*FILTERS, *IDS, "recipient") if name in query}
    problems = [
        Problem(name, "is not an allowed value", allowed)
        for name, allowed in FILTERS.items()
        if asked.get(name, allowed[0]) not in allowed
    ]
    for name in asked.keys() & set(IDS):
        asked[name] = _id_in(asked[name])
        if asked[name] is None:
            problems.append(Problem(name, "must be an integer from 1 on"))
    if problems:
        raise BadQuery(problems=tuple(problems))
    limit, before = limit_in(query), id_in_cursor(query)
    rows = await connection.every(
        MessageOut,
        outbox_query(frozenset(asked)),
        dealership_id=standing.dealership.id,
        test=standing.caller.test,
        before=before or MAX_ID,
        size=limit + 1,
        **asked,
    )
    return _page(rows, limit)


async def of_cluster(
    connection: Connection,
    standing: Standing,
    lead_cluster_id: LeadClusterId,
    query: Mapping[str, list[str]],
) -> MessagePage:
    """A page of what was written to a customer, the latest in front.

    Raises:
        LeadClusterNotFound: there is no such cluster.
        BadQuery: the limit or the cursor does not fit.
    """
    answering = await find.survivor(connection, standing, lead_cluster_id)
    limit, before = limit_in(query), id_in_cursor(query)
    rows = await connection.every(
        MessageOut,
        OF_CLUSTER,
        dealership_id=standing.dealership.id,
        lead_cluster_id=answering,
        before=before or MAX_ID,
        size=limit + 1,
    )
    return _page(rows, limit)


async def message(connection: Connection, standing: Standing, message_id: int) -> WholeMessageOut:
    """A message, whole.

    Raises:
        MessageNotFound: the dealership has none such.
    """
    row = await connection.one_or_none(
        record,
        MESSAGE,
        dealership_id=standing.dealership.id,
        test=standing.caller.test,
        message_id=message_id,
    )
    if row is None:
        raise MessageNotFound
    return _whole(row)


def message_in(path: Mapping[str, str]) -> int:
    """The message that a path names.

    Raises:
        MessageNotFound: it is no id.
    """
    return id_in(path, "message_id", MessageNotFound)


def _id_in(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 20  # noqa: PLR2004
    return int(text) if is_number and 1 <= int(text) <= MAX_ID else None


def _page(rows: list[MessageOut], limit: int) -> MessagePage:
    shown = rows[:limit]
    return MessagePage(shown, str(shown[-1].id) if len(rows) > limit else None)


def _whole(row: dict[str, Any]) -> WholeMessageOut:
    delivery = DeliveryOfMessage(
        id=row.pop("delivery_id"),
        channel=row.pop("channel"),
        changed_by_event_id=row.pop("changed_by_event_id"),
        attempts=msgspec.json.decode(row.pop("attempts") or "[]", type=list[AttemptOut]),
    )
    return WholeMessageOut(**row | {"headers": msgspec.json.decode(row["headers"])}, delivery=delivery)
