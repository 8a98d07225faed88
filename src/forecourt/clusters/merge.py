"""Merging two clusters that are one customer, and taking it back."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from forecourt.clusters import find
from forecourt.clusters.merge_queries import (
    CLOSE_MERGE,
    DATE_CLUSTERS,
    GIVE,
    LEADS_OF,
    LOCK_CLUSTERS,
    MERGE_IN_FORCE,
    MOVE_LEADS,
    RESTORE_MERGED,
    TAKE_BACK,
    WRITE_SURVIVOR,
)
from forecourt.clusters.refusals import ClusterWasMerged, LeadClusterNotFound, MergeNotFound, MergeTooOld
from forecourt.dealerships.desk import Change, Operation, Outcome, id_in
from forecourt.events.record import record_event
from forecourt.ids import LeadClusterId
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Id, Sent
from forecourt.response.waiting import keep_waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

PERMISSION = "update:lead_cluster"

_OF_CLUSTER = ("state", "user_id", "secondary_user_id", "location_id", "golden")
_OF_CONTACT = (
    "name",
    "last_name",
    "business_name",
    "dob",
    "customer_address",
    "address_attributes",
    "sms_verified",
    "opt_in_to_marketing",
)
# What may be picked, by the names of the API.
PICKED = ("lead_state", *_OF_CLUSTER[1:], *_OF_CONTACT)
# True on either side is true of the customer.
_EITHER = frozenset({"golden", "sms_verified"})


class MergeIn(msgspec.Struct, kw_only=True, frozen=True):
    """A merge, or its undoing.

    Attributes:
        lead_cluster_id: the other cluster; the one in the path survives.
        fields: field -> id of the cluster whose value is taken. Of what is not named, the newest that is not empty.
    """

    lead_cluster_id: Sent[Id] = UNSET
    fields: Sent[Annotated[dict[str, Id], Meta(max_length=len(PICKED))]] = UNSET


class Half(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two clusters, with its contact, locked."""

    id: LeadClusterId
    version: int
    golden: bool
    state: str
    user_id: int | None
    secondary_user_id: int | None
    location_id: int | None
    lead_status_option_id: int | None
    tags: list[str]
    closed_at: datetime | None
    first_lead_created_at: datetime
    last_lead_created_at: datetime
    merged_into_id: int | None
    contact_id: int
    name: str | None
    last_name: str | None
    business_name: str | None
    dob: date | None
    customer_address: str | None
    address_attributes: str | None
    sms_verified: bool
    opt_in_to_marketing: bool | None


class MergeInForce(msgspec.Struct, frozen=True, kw_only=True):
    """A merge that was not undone.

    Attributes:
        changes: JSON text: column of the survivor or its contact -> ``{"from": old, "to": new}``.
        given: JSON text: what the survivor got; see ``GIVE``.
        lead_ids: the leads that came with it.
    """

    id: int
    survivor_id: LeadClusterId
    merged_id: LeadClusterId
    merged_at: datetime
    changes: str
    given: str
    lead_ids: list[int]
    is_too_old: bool


async def in_path(change: Change) -> LeadClusterId:
    """The cluster that the path names; of a merged one the survivor.

    Raises:
        LeadClusterNotFound: there is none.
    """
    asked = LeadClusterId(id_in(change.path, "id", LeadClusterNotFound))
    return await find.survivor(change.connection, change.dealership_id, asked)


def other_of(sent: MergeIn, own: LeadClusterId) -> LeadClusterId:
    """The other cluster.

    Raises:
        Invalid: it is missing, or the same one.
    """
    if not isinstance(sent.lead_cluster_id, int):
        raise Invalid(problems=(Problem("lead_cluster_id", "is missing: the other cluster"),))
    if sent.lead_cluster_id == own:
        raise Invalid(problems=(Problem("lead_cluster_id", "is the same cluster"),))
    return LeadClusterId(sent.lead_cluster_id)


async def lock(change: Change, *ids: LeadClusterId) -> dict[LeadClusterId, Half]:
    """The clusters with *ids*, locked.

    Raises:
        Invalid: one of them is not of the dealership.
    """
    rows = await change.connection.every(
        Half, LOCK_CLUSTERS, dealership_id=change.dealership_id, ids=sorted(ids)
    )
    if len(rows) < len(set(ids)):
        raise Invalid(problems=(Problem("lead_cluster_id", "is not a lead cluster of this dealership"),))
    return {half.id: half for half in rows}


async def merge(change: Change, survivor_id: LeadClusterId, sent: MergeIn) -> Outcome:
    """Merge the other cluster into this one: its leads keep their ids, its own id keeps answering.

    Raises:
        Invalid: the other cluster, or a field that is picked, does not fit.
        ClusterWasMerged: the other is part of some cluster already.
    """
    other_id = other_of(sent, survivor_id)
    halves = await lock(change, survivor_id, other_id)
    survivor, merged = halves[survivor_id], halves[other_id]
    if merged.merged_into_id is not None:
        raise ClusterWasMerged(f"it was merged into lead cluster {merged.merged_into_id}")
    picked = _picked(sent, survivor, merged)
    after = _after(survivor, merged, picked)
    leads = await _lead_ids(change, other_id)
    await _write_survivor(change, after)
    moved = await move_leads(change, leads, from_id=other_id, to_id=survivor_id, rule="merge")
    given = await _give(change, survivor, merged)
    changes = _differences(survivor, after)
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
    told = {f"lead_cluster.{name}": pair for name, pair in changes.items()}
    told["leads"] = {"from": None, "to": moved}
    return await _told(change, "lead_cluster.merged", survivor_id, other_id, told)


async def unmerge(change: Change, survivor_id: LeadClusterId, sent: MergeIn) -> Outcome:
    """Take a merge back, within 30 days: everything as it was, later changes where they belong.

    Leads that came with the other cluster go back to it, and so do later ones that were recognised only by what came
    with it. A field of the survivor that the merge had changed gets its old value, unless it was changed since.

    Raises:
        Invalid: the other cluster does not fit.
        MergeNotFound: it was not merged into this one, or only by way of another.
        MergeTooOld: that was more than 30 days ago.
    """
    other_id = other_of(sent, survivor_id)
    done = await change.connection.one_or_none(
        MergeInForce,
        MERGE_IN_FORCE,
        dealership_id=change.dealership_id,
        merged_id=other_id,
        now=change.now,
    )
    if done is None or done.survivor_id != survivor_id:
        raise MergeNotFound(_why_not(done, survivor_id))
    if done.is_too_old:
        raise MergeTooOld
    halves = await lock(change, survivor_id, other_id)
    survivor, merged = halves[survivor_id], halves[other_id]
    given = msgspec.json.decode(done.given)
    leads = await _going_back(change, done, given)
    await change.connection.one(
        record, RESTORE_MERGED, dealership_id=change.dealership_id, merged_id=other_id, now=change.now
    )
    moved = await move_leads(change, leads, from_id=survivor_id, to_id=other_id, rule="unmerge")
    after = _before_merge(survivor, done)
    await _write_survivor(change, after)
    await change.connection.run(
        TAKE_BACK,
        dealership_id=change.dealership_id,
        survivor_id=survivor_id,
        merged_id=other_id,
        survivor_contact_id=survivor.contact_id,
        merged_contact_id=merged.contact_id,
        merge_id=done.id,
        since=done.merged_at,
        now=change.now,
        points=msgspec.json.encode(given["points"]).decode(),
        car_ids=given["car_ids"],
        appointment_ids=given["appointment_ids"],
        activity_ids=given["activity_ids"],
        suggested_ids=given["suggested_ids"],
    )
    await change.connection.run(
        DATE_CLUSTERS, dealership_id=change.dealership_id, ids=[survivor_id, other_id]
    )
    await keep_waiting(change.connection, change.dealership_id, [survivor_id, other_id])
    told = {f"lead_cluster.{name}": pair for name, pair in _differences(survivor, after).items()}
    told["leads"] = {"from": moved, "to": None}
    return await _told(change, "lead_cluster.unmerged", survivor_id, other_id, told)


MERGE = Operation(PERMISSION, in_path, MergeIn, merge)
UNMERGE = Operation(PERMISSION, in_path, MergeIn, unmerge)


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


def _after(survivor: Half, merged: Half, picked: Mapping[str, int]) -> Half:
    """The survivor as the merge makes it."""
    newer, older = (
        (merged, survivor)
        if merged.last_lead_created_at > survivor.last_lead_created_at
        else (survivor, merged)
    )
    halves = {survivor.id: survivor, merged.id: merged}
    values: dict[str, Any] = {}
    for name in (*_OF_CLUSTER, *_OF_CONTACT):
        if name in picked:
            values[name] = getattr(halves[LeadClusterId(picked[name])], name)
        elif name in _EITHER:
            values[name] = getattr(newer, name) or getattr(older, name)
        else:
            value = getattr(newer, name)
            values[name] = getattr(older, name) if value is None else value
    state_of = next(half for half in (survivor, newer, older) if half.state == values["state"])
    return msgspec.structs.replace(
        survivor,
        **values,
        lead_status_option_id=state_of.lead_status_option_id,
        closed_at=state_of.closed_at,
        tags=survivor.tags + [tag for tag in merged.tags if tag not in survivor.tags],
    )


_RESTORED = (*_OF_CLUSTER, *_OF_CONTACT, "lead_status_option_id", "closed_at", "tags")


def _differences(before: Half, after: Half) -> dict[str, Any]:
    return {
        name: {"from": getattr(before, name), "to": getattr(after, name)}
        for name in _RESTORED
        if getattr(before, name) != getattr(after, name)
    }


def _before_merge(survivor: Half, done: MergeInForce) -> Half:
    """The survivor with its old values, but for what was changed since."""
    changes = msgspec.json.decode(done.changes)
    current = msgspec.to_builtins(survivor)
    restored = {
        name: pair["from"] for name, pair in changes.items() if name != "tags" and current[name] == pair["to"]
    }
    if "tags" in changes:
        came = set(changes["tags"]["to"]) - set(changes["tags"]["from"])
        restored["tags"] = [tag for tag in survivor.tags if tag not in came]
    # The status option stands under the state: both go back, or neither.
    if ("state" in changes) != ("state" in restored):
        restored.pop("lead_status_option_id", None)
        restored.pop("closed_at", None)
    return msgspec.convert(current | restored, Half)


async def _lead_ids(change: Change, lead_cluster_id: LeadClusterId) -> list[int]:
    rows = await change.connection.every(
        record, LEADS_OF, dealership_id=change.dealership_id, lead_cluster_id=lead_cluster_id
    )
    return [row["id"] for row in rows]


async def _going_back(change: Change, done: MergeInForce, given: dict[str, Any]) -> list[int]:
    """The leads that came with the merged cluster, and later ones that only its contact points brought here."""
    rows = await change.connection.every(
        record, LEADS_OF, dealership_id=change.dealership_id, lead_cluster_id=done.survivor_id
    )
    came = set(done.lead_ids)
    points = {point["value"] for point in given["points"]}
    stayed = {
        value
        for row in rows
        if row["id"] not in came and row["created_at"] < done.merged_at
        for value in (row["email_normalised"], row["phone_e164"])
    }
    back = []
    for row in rows:
        own = {row["email_normalised"], row["phone_e164"]} - {None}
        later = row["created_at"] >= done.merged_at
        if row["id"] in came or (later and own & points and not own & stayed):
            back.append(row["id"])
    return back


async def move_leads(
    change: Change, lead_ids: list[int], *, from_id: LeadClusterId, to_id: LeadClusterId, rule: str
) -> list[int]:
    """Move leads to another cluster; each gets a version, an event and *rule* as its reason."""
    if not lead_ids:
        return []
    rows = await change.connection.every(
        record,
        MOVE_LEADS,
        dealership_id=change.dealership_id,
        from_id=from_id,
        to_id=to_id,
        lead_ids=lead_ids,
        rule=rule,
        now=change.now,
        api_key_id=change.api_key_id,
        request_id=change.request_id,
    )
    return [row["id"] for row in rows]


async def _write_survivor(change: Change, after: Half) -> None:
    await change.connection.one(
        record,
        WRITE_SURVIVOR,
        **msgspec.structs.asdict(after),
        dealership_id=change.dealership_id,
        now=change.now,
        api_key_id=change.api_key_id,
        request_id=change.request_id,
    )


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
    given["points"] = msgspec.json.decode(given["points"])
    return given


async def _told(
    change: Change, kind: str, survivor_id: LeadClusterId, other_id: LeadClusterId, changes: dict[str, Any]
) -> Outcome:
    for own, other in ((survivor_id, other_id), (other_id, survivor_id)):
        await record_event(change, kind, own, changes, other_lead_cluster_id=other)
    told = await find.one(change.connection, change.dealership_id, survivor_id)
    return Outcome(body=told, version=told.version, changes=changes)


def _why_not(done: MergeInForce | None, survivor_id: LeadClusterId) -> str:
    if done is None:
        return "no merge of that cluster is in force"
    if done.survivor_id == survivor_id:
        return "it was merged otherwise"
    return f"it was merged into lead cluster {done.survivor_id}, which was merged further: undo the later merge first"
