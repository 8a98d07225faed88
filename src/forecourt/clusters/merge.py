"""Merging two clusters that are one customer, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters import find
from forecourt.clusters.halves import (
    MARKS,
    OF_CLUSTER,
    OF_CONTACT,
    PICKED,
    Half,
    MergeIn,
    differences,
    lock,
    marked_as,
    move_leads,
    other_of,
    plain_contact,
    plain_value,
    told_of_both,
    told_of_changes,
    write_survivor,
)
from forecourt.clusters.halves_queries import LEADS_OF
from forecourt.clusters.merge_queries import CLOSE_MERGE, GIVE, SETTLED
from forecourt.clusters.provenance import remembered
from forecourt.clusters.refusals import ClusterWasMerged
from forecourt.clusters.vocabulary import CLOSED
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.ids import LeadClusterId
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.response.waiting import keep_waiting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PERMISSION = "update:lead_cluster"

# True on either side is true of the customer.
_EITHER = frozenset({"golden", "sms_verified"})


async def merge(change: Change, found: find.Located, sent: MergeIn) -> Outcome:
    """Merge the other cluster into this one: its leads keep their ids, its own id keeps answering.

    Raises:
        Invalid: the other cluster, or a field that is picked, does not fit.
        ClusterWasMerged: the other is part of some cluster already.
    """
    survivor_id, other_id = found.id, other_of(sent, found.id)
    halves = await lock(change, found, other_id)
    survivor, merged = halves[survivor_id], halves[other_id]
    if merged.merged_into_id is not None:
        raise ClusterWasMerged(f"it was merged into lead cluster {merged.merged_into_id}")
    picked = _picked(sent, survivor, merged)
    after = _after(survivor, merged, picked, change.now)
    after = msgspec.structs.replace(after, settled_at=await _settled(change, survivor, merged, after))
    leads = await _lead_ids(change, other_id)
    await write_survivor(change, after)
    moved = await move_leads(change, leads, from_id=other_id, to_id=survivor_id, rule="merge")
    given = await _give(change, survivor, merged) | {"contact": plain_contact(survivor)}
    changes = differences(survivor, after)
    await change.connection.one(
        record,
        CLOSE_MERGE,
        dealership_id=change.dealership_id,
        survivor_id=survivor_id,
        merged_id=other_id,
        now=change.now,
        api_key_id=change.api_key_id,
        request_id=change.request_id,
        first_lead_created_at=merged.first_lead_created_at,
        last_lead_created_at=merged.last_lead_created_at,
        changes=msgspec.json.encode(changes).decode(),
        given=msgspec.json.encode(given).decode(),
        lead_ids=moved,
    )
    await keep_waiting(change.connection, change.dealership_id, [survivor_id])
    told = told_of_changes(changes) | {"leads": {"from": None, "to": moved}}
    return await told_of_both(change, "lead_cluster.merged", survivor_id, other_id, told)


MERGE = Operation(PERMISSION, find.in_path, MergeIn, merge)


def _picked(sent: MergeIn, survivor: Half, merged: Half) -> Mapping[str, int]:
    """Column -> the cluster whose value is taken."""
    fields = sent.fields if isinstance(sent.fields, dict) else {}
    problems = [
        Problem(f"fields.{name}", "cannot be picked", PICKED) for name in fields if name not in PICKED
    ] + [
        Problem(f"fields.{name}", f"must be {survivor.id} or {merged.id}")
        for name, cluster_id in fields.items()
        if cluster_id not in {survivor.id, merged.id}
    ]
    if problems:
        raise Invalid(problems=tuple(problems))
    return {{"lead_state": "state"}.get(name, name): cluster_id for name, cluster_id in fields.items()}


def _after(survivor: Half, merged: Half, picked: Mapping[str, int], now: datetime) -> Half:
    """The survivor as the merge makes it, *now*."""
    newer, older = (
        (merged, survivor)
        if merged.last_lead_created_at > survivor.last_lead_created_at
        else (survivor, merged)
    )
    halves = {survivor.id: survivor, merged.id: merged}
    values: dict[str, Any] = {}
    marks: dict[str, dict[str, Any]] = {name: {} for name in MARKS}
    for name in (*OF_CLUSTER, *OF_CONTACT):
        half = halves[LeadClusterId(picked[name])] if name in picked else _telling(name, newer, older)
        values[name] = getattr(half, name)
        field = marked_as(name)
        for kind, kept in marks.items():
            if field in getattr(half, kind):
                kept[field] = getattr(half, kind)[field]
        if field in marks["by_hand"]:
            other = survivor if half is merged else merged
            marks["by_hand"][field] = _against(marks["by_hand"][field], other, name)
    state_of = next(half for half in (survivor, newer, older) if half.state == values["state"])
    return msgspec.structs.replace(
        survivor,
        **values,
        **marks,
        lead_status_option_id=state_of.lead_status_option_id,
        closed_at=_closed_at(survivor, merged, now) if values["state"] in CLOSED else None,
        tags=survivor.tags + [tag for tag in merged.tags if tag not in survivor.tags],
    )


def _closed_at(survivor: Half, merged: Half, now: datetime) -> datetime:
    """Since when the whole is closed: since its later half was, or now where a half that was open is closed by this."""
    return max(half.closed_at or now for half in (survivor, merged))


def _telling(name: str, newer: Half, older: Half) -> Half:
    """Whose value of a field counts where none was picked."""
    new, old = getattr(newer, name), getattr(older, name)
    if name in _EITHER:
        return older if old and not new else newer
    return older if new is None and old is not None else newer


def _against(mark: dict[str, Any], other: Half, name: str) -> dict[str, Any]:
    """What staff set by hand stands against what was said of the other half, too."""
    if marked_as(name) in other.by_hand:
        said = other.by_hand[marked_as(name)]["pushed"]
    else:
        said = [plain_value(other, name)]
    return mark | {"pushed": remembered((*said, *mark["pushed"]))}


async def _settled(change: Change, survivor: Half, merged: Half, after: Half) -> datetime | None:
    """By when what either customer had asked needs no answer any more, for both together.

    A closed half's questions are settled by its closing where the whole is open.
    """
    row = await change.connection.one(
        record,
        SETTLED,
        dealership_id=change.dealership_id,
        survivor_id=survivor.id,
        merged_id=merged.id,
        opens=after.state not in CLOSED,
    )
    settled: datetime | None = row["settled_at"]
    return settled


async def _lead_ids(change: Change, lead_cluster_id: LeadClusterId) -> list[int]:
    rows = await change.connection.every(
        record, LEADS_OF, dealership_id=change.dealership_id, lead_cluster_id=lead_cluster_id
    )
    return [row["id"] for row in rows]


async def _give(change: Change, survivor: Half, merged: Half) -> dict[str, Any]:
    given = await change.connection.one(
        record,
        GIVE,
        dealership_id=change.dealership_id,
        from_id=merged.id,
        to_id=survivor.id,
        from_contact_id=merged.contact_id,
        to_contact_id=survivor.contact_id,
    )
    return given | {name: msgspec.json.decode(given[name] or "null") for name in ("points", "decided")}
