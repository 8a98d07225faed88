"""Splitting a cluster: chosen leads begin one of their own."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from forecourt.clusters import find, words
from forecourt.clusters.duplicate_queries import NOT_A_DUPLICATE
from forecourt.clusters.halves import Half, as_columns, lock, move_leads, plain_contact, write_survivor
from forecourt.clusters.halves_queries import DATE_CLUSTERS, LEADS_OF
from forecourt.clusters.hand import said_of
from forecourt.clusters.merge import PERMISSION
from forecourt.clusters.points import arrays, points_of
from forecourt.clusters.points_queries import PART_POINTS
from forecourt.clusters.split_queries import OPEN_BESIDE, TELL_CONTACT
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.ids import LeadClusterId
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Id, Sent
from forecourt.response.waiting import keep_waiting


class SplitIn(msgspec.Struct, kw_only=True, frozen=True):
    """A split.

    Attributes:
        lead_ids: the leads that go; at least one stays.
    """

    lead_ids: Sent[Annotated[list[Id], Meta(max_length=1_000)]] = UNSET


async def split(change: Change, found: find.Located, sent: SplitIn) -> Outcome:
    """Move the chosen leads to a new cluster, which is answered; the two are no duplicates from then on.

    The new cluster is as the old one was: state, users, location, mark. Each contact is what its own leads tell.

    Raises:
        Invalid: the leads do not fit.
    """
    source = (await lock(change, found))[found.id]
    own: dict[str, Any] = {"dealership_id": change.dealership_id}
    lead_ids = await _chosen(change, source.id, sent)
    opened = await change.connection.one(
        record, OPEN_BESIDE, **own, lead_cluster_id=source.id, lead_ids=lead_ids, now=change.now
    )
    new_id = LeadClusterId(opened["id"])
    moved = await move_leads(change, lead_ids, from_id=source.id, to_id=new_id, rule="split")
    version = await _part(change, source, new_id, opened["contact_id"], moved)
    await change.connection.run(DATE_CLUSTERS, **own, ids=[source.id, new_id])
    await change.connection.run(
        NOT_A_DUPLICATE,
        **own,
        lead_cluster_id=source.id,
        other_id=new_id,
        now=change.now,
        api_key_id=change.api_key_id,
    )
    await keep_waiting(change.connection, change.dealership_id, [source.id, new_id])
    await record_event(
        change,
        "lead_cluster.split",
        source.id,
        {"leads": {"from": moved, "to": None}},
        lead_cluster_version=version,
        other_lead_cluster_id=new_id,
    )
    changes = {"leads": {"from": None, "to": moved}}
    await record_event(change, "lead_cluster.created", new_id, changes, other_lead_cluster_id=source.id)
    told = await find.one(change.connection, change.dealership_id, new_id)
    return Outcome(body=told, status=201, version=told.version, changes=changes, lead_cluster_id=new_id)


async def _part(
    change: Change, source: Half, new_id: LeadClusterId, new_contact_id: int, moved: list[int]
) -> int:
    """Give each contact the words and the contact points of its own leads; the old cluster's version then."""
    connection, own = change.connection, {"dealership_id": change.dealership_id}
    gone, staying = await said_of(change, new_id), await said_of(change, source.id)
    told = as_columns(words.told_by(gone))
    await connection.run(TELL_CONTACT, **own, contact_id=new_contact_id, **told)
    points_gone, points_staying = await points_of(change, new_id), await points_of(change, source.id)
    await connection.run(
        PART_POINTS,
        **own,
        from_contact_id=source.contact_id,
        to_contact_id=new_contact_id,
        since=None,
        **arrays("gone", points_gone),
        **arrays("staying", points_staying),
    )
    left = words.after_leaving(plain_contact(source), source.by_hand, gone, staying)
    marks = words.marks_after_leaving(source.by_hand, gone, staying)
    conflicts = {
        field: conflict for field, conflict in source.conflicts.items() if conflict["lead_id"] not in moved
    }
    after = msgspec.structs.replace(source, **as_columns(left), by_hand=marks, conflicts=conflicts)
    return await write_survivor(change, after)


OPERATION = Operation(PERMISSION, find.in_path, SplitIn, split)


async def _chosen(change: Change, source_id: LeadClusterId, sent: SplitIn) -> list[int]:
    chosen = sorted(set(sent.lead_ids)) if isinstance(sent.lead_ids, list) else []
    if not chosen:
        raise Invalid(problems=(Problem("lead_ids", "is missing: the leads that go"),))
    rows = await change.connection.every(
        record, LEADS_OF, dealership_id=change.dealership_id, lead_cluster_id=source_id
    )
    there = {row["id"] for row in rows}
    problems = [
        Problem(f"lead_ids[{index}]", "is not a lead of this cluster")
        for index, lead_id in enumerate(sent.lead_ids or [])
        if lead_id not in there
    ]
    if not problems and there == set(chosen):
        problems = [Problem("lead_ids", "must leave at least one lead in the cluster")]
    if problems:
        raise Invalid(problems=tuple(problems))
    return chosen
