"""Reading lead clusters: one, a page of them, a history, possible duplicates."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters import filters, search
from forecourt.clusters.answers import (
    ApproverOut,
    CarOut,
    ConsentOut,
    ContactOut,
    LeadClusterOut,
    LeadClusterPage,
    LeadOfCluster,
    ResponseClockOut,
    StatusOptionOut,
    UserOut,
)
from forecourt.clusters.find_queries import CLUSTER, EVENTS, LOCK, SURVIVOR
from forecourt.clusters.listing import page_query
from forecourt.clusters.provenance import by_hand_of, conflicts_of
from forecourt.clusters.refusals import LeadClusterNotFound
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.paging import id_in_cursor, limit_in
from forecourt.ids import LeadClusterId
from forecourt.infra.database import OvertakenByAnother, record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.dealerships.operation import Change, Standing
    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection

PERMISSION = "read:lead_cluster"

_DECODED: dict[str, Any] = {
    "lead_status_option": StatusOptionOut,
    "user": UserOut,
    "secondary_user": UserOut,
    "approver": ApproverOut,
    "contact": ContactOut,
}
_DECODED_LISTS: dict[str, Any] = {"leads": list[LeadOfCluster], "consents": list[ConsentOut]}


class ClusterEventOut(msgspec.Struct, frozen=True):
    """Something that happened in a cluster: to it, to one of its leads, to the customer.

    Attributes:
        lead_id: the lead that changed, to version ``lead_version``; null where it was about the cluster.
        other_lead_cluster_id: the other cluster of a merge or a split.
        human: whether a human turned to the customer.
        changes: field -> ``{"from": old, "to": new}``.
    """

    id: int
    kind: str
    occurred_at: datetime
    lead_id: int | None
    lead_version: int | None
    lead_cluster_version: int | None
    other_lead_cluster_id: int | None
    api_key: dict[str, Any] | None
    user_id: int | None
    request_id: str
    human: bool
    changes: dict[str, Any]


class ClusterEventPage(msgspec.Struct, frozen=True):
    """A page of a cluster's history, the newest in front."""

    events: list[ClusterEventOut]
    next_cursor: str | None


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """The cluster that a write's path names, of a merged one the survivor.

    Attributes:
        version: held against If-Match, and once more against the cluster when it is locked.
    """

    id: LeadClusterId
    version: int


async def one(
    connection: Connection, dealership_id: DealershipId, lead_cluster_id: LeadClusterId
) -> LeadClusterOut:
    """A cluster, whole.

    Raises:
        LeadClusterNotFound: there is none.
    """
    row = await connection.one_or_none(
        record, CLUSTER, dealership_id=dealership_id, lead_cluster_id=lead_cluster_id
    )
    if row is None:
        raise LeadClusterNotFound
    row.pop("merged_into_id")
    return cluster_out(row)


async def survivor(
    connection: Connection, standing: Standing, lead_cluster_id: LeadClusterId
) -> LeadClusterId:
    """The cluster that answers to *lead_cluster_id* now: itself, or the one that it was merged into.

    Raises:
        LeadClusterNotFound: there is none.
    """
    return (await _located(connection, standing, lead_cluster_id)).id


async def _located(connection: Connection, standing: Standing, lead_cluster_id: LeadClusterId) -> Located:
    found = await connection.one_or_none(
        Located,
        SURVIVOR,
        dealership_id=standing.dealership.id,
        lead_cluster_id=lead_cluster_id,
        test=standing.caller.test,
    )
    if found is None:
        raise LeadClusterNotFound
    return found


async def in_path(change: Change) -> Located:
    """The cluster that a write's path names; of a merged one the survivor.

    Raises:
        LeadClusterNotFound: there is none.
    """
    asked = LeadClusterId(id_in(change.path, "id", LeadClusterNotFound))
    return await _located(change.connection, change.standing, asked)


async def located_in_path(change: Change) -> Located:
    """The cluster that a write's path names, locked until the transaction ends; of a merged one the survivor.

    Raises:
        LeadClusterNotFound: there is none.
        OvertakenByAnother: it was merged into another one just now.
    """
    found = (await in_path(change)).id
    row = await change.connection.one(record, LOCK, dealership_id=change.dealership_id, lead_cluster_id=found)
    if row["merged_into_id"] is not None:
        raise OvertakenByAnother
    return Located(id=found, version=row["version"])


async def locked_in_path(change: Change) -> LeadClusterId:
    """Its id, where nobody asks for its version.

    Raises:
        LeadClusterNotFound: there is none.
        OvertakenByAnother: it was merged into another one just now.
    """
    return (await located_in_path(change)).id


async def page(connection: Connection, standing: Standing, query: Mapping[str, list[str]]) -> LeadClusterPage:
    """A page of the dealership's clusters; merged ones are not in it.

    Raises:
        BadQuery: a filter, the order, the limit or the cursor does not fit.
    """
    dealership = standing.dealership
    asked = filters.read(query, dealership.country, test=standing.caller.test)
    if asked.search is not None:
        typed = search.asked(asked.search, dealership.id, dealership.country, asked.limit)
        typed["test"] = standing.caller.test
        rows = await connection.every(record, search.SEARCH, **typed)
        return LeadClusterPage([cluster_out(row) for row in _once(rows)], None)
    rows, more = await rows_of_page(connection, dealership.id, asked)
    cursor = filters.cursor(asked.sort, rows[-1]["at"], rows[-1]["id"]) if more else None
    return LeadClusterPage([cluster_out(row) for row in rows], cursor)


async def rows_of_page(
    connection: Connection, dealership_id: DealershipId, asked: filters.Asked
) -> tuple[list[dict[str, Any]], bool]:
    """The rows of a page, for ``cluster_out``, each with its place ``at`` in the order; whether there are more."""
    rows = await connection.every(
        record,
        page_query(frozenset(asked.values), asked.sort, after=asked.after is not None),
        **asked.parameters(dealership_id),
    )
    return rows[: asked.limit], len(rows) > asked.limit


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each cluster once: a merged one and its survivor may both have been found."""
    return list({row["id"]: row for row in reversed(rows)}.values())[::-1]


async def events(
    connection: Connection,
    standing: Standing,
    lead_cluster_id: LeadClusterId,
    query: Mapping[str, list[str]],
) -> ClusterEventPage:
    """A page of a cluster's history.

    Raises:
        LeadClusterNotFound: there is no such cluster.
        BadQuery: the limit or the cursor does not fit.
    """
    answering = await survivor(connection, standing, lead_cluster_id)
    limit, before = limit_in(query), id_in_cursor(query)
    rows = await connection.every(
        record,
        EVENTS,
        dealership_id=standing.dealership.id,
        lead_cluster_id=answering,
        before=before,
        size=limit + 1,
    )
    found = [_event(row) for row in rows[:limit]]
    return ClusterEventPage(found, str(found[-1].id) if len(rows) > limit else None)


def _event(row: dict[str, Any]) -> ClusterEventOut:
    actor_id, actor_name = row.pop("actor_id"), row.pop("actor_name")
    row["api_key"] = None if actor_id is None else {"id": actor_id, "name": actor_name}
    row["changes"] = msgspec.json.decode(row["changes"])
    return ClusterEventOut(**row)


def cluster_out(row: dict[str, Any]) -> LeadClusterOut:
    """A row of ``CLUSTER`` or of a list, as it is answered."""
    values = {name: row[name] for name in LeadClusterOut.__struct_fields__ if name in row}
    for name, kind in _DECODED.items():
        values[name] = None if values[name] is None else msgspec.json.decode(values[name], type=kind)
    for name, kind in _DECODED_LISTS.items():
        if name in row:
            values[name] = msgspec.json.decode(row[name] or "[]", type=kind)
    clock = msgspec.json.decode(row["response_clock"])
    for name in ("first_response_seconds", "first_response_business_seconds"):
        values[name] = clock.pop(name)
    values["response_clock"] = msgspec.convert(clock, ResponseClockOut)
    cars = msgspec.json.decode(row["car_lead_clusters"] or "[]", type=list[CarOut])
    values["car_lead_clusters"] = cars
    values["car_ids"] = [car.car_id for car in cars]
    values["by_hand"] = by_hand_of(row["by_hand"])
    values["conflicts"] = conflicts_of(row["conflicts"])
    return LeadClusterOut(**values)
