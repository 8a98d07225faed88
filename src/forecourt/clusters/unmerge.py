"""Taking a merge back: everything as it was, later changes where they belong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from forecourt.clusters import find, words
from forecourt.clusters.halves import (
    MARKS,
    Half,
    MergeIn,
    as_columns,
    differences,
    lock,
    marked_as,
    move_leads,
    other_of,
    plain_contact,
    told_of_both,
    told_of_changes,
    write_survivor,
)
from forecourt.clusters.halves_queries import DATE_CLUSTERS, LEADS_OF
from forecourt.clusters.hand import said_of
from forecourt.clusters.merge import PERMISSION
from forecourt.clusters.points import arrays, points_of
from forecourt.clusters.points_queries import PART_POINTS
from forecourt.clusters.refusals import MergeNotFound, MergeTooOld
from forecourt.clusters.unmerge_queries import MERGE_IN_FORCE, RESTORE_MERGED, TAKE_BACK, TELL_CONTACT_BACK
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.ids import LeadClusterId
from forecourt.infra.database import record
from forecourt.response.waiting import keep_waiting


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


async def unmerge(change: Change, found: find.Located, sent: MergeIn) -> Outcome:
    """Take a merge back, within 30 days: everything as it was, later changes where they belong.

    Leads that came with the other cluster go back to it, and so do later ones that were recognised only by what came
    with it. A field of the survivor that the merge had changed gets its old value, unless it was changed since.

    Raises:
        Invalid: the other cluster does not fit.
        MergeNotFound: it was not merged into this one, or only by way of another.
        MergeTooOld: that was more than 30 days ago.
    """
    survivor_id, other_id = found.id, other_of(sent, found.id)
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
    halves = await lock(change, found, other_id)
    survivor, merged = halves[survivor_id], halves[other_id]
    leads = await _going_back(change, done)
    await change.connection.one(
        record, RESTORE_MERGED, dealership_id=change.dealership_id, merged_id=other_id, now=change.now
    )
    moved = await move_leads(change, leads, from_id=survivor_id, to_id=other_id, rule="unmerge")
    after = await _part(change, survivor, merged, done, moved)
    await change.connection.run(
        DATE_CLUSTERS, dealership_id=change.dealership_id, ids=[survivor_id, other_id]
    )
    await keep_waiting(change.connection, change.dealership_id, [survivor_id, other_id])
    told = told_of_changes(differences(survivor, after)) | {"leads": {"from": moved, "to": None}}
    return await told_of_both(change, "lead_cluster.unmerged", survivor_id, other_id, told)


UNMERGE = Operation(PERMISSION, find.in_path, MergeIn, unmerge)


async def _part(change: Change, survivor: Half, merged: Half, done: MergeInForce, moved: list[int]) -> Half:
    """Undo what the merge did to the survivor, and give each contact what its own leads have said since."""
    connection, own = change.connection, {"dealership_id": change.dealership_id}
    given = msgspec.json.decode(done.given)
    ever = await said_of(change, merged.id), await said_of(change, survivor.id)
    since = [await said_of(change, half.id, since=done.merged_at) for half in (merged, survivor)]
    after = _before_merge(survivor, done)
    kept, returned = words.since_the_merge(
        plain_contact(after), given.get("contact") or plain_contact(after), after.by_hand, *since
    )
    after = msgspec.structs.replace(
        after,
        **as_columns(kept),
        by_hand=words.marks_after_leaving(after.by_hand, *ever, since=done.merged_at),
        conflicts={
            field: conflict for field, conflict in after.conflicts.items() if conflict["lead_id"] not in moved
        },
    )
    await write_survivor(change, after)
    back = {name: value for name, value in returned.items() if marked_as(name) not in merged.by_hand}
    await connection.run(
        TELL_CONTACT_BACK,
        **own,
        contact_id=merged.contact_id,
        **dict.fromkeys(words.FIELDS) | as_columns(back),
    )
    staying_points = arrays("staying", await points_of(change, survivor.id))
    both: dict[str, Any] = own | staying_points
    await connection.run(
        PART_POINTS,
        **both,
        from_contact_id=survivor.contact_id,
        to_contact_id=merged.contact_id,
        since=done.merged_at,
        **arrays("gone", await points_of(change, merged.id)),
    )
    await connection.run(
        TAKE_BACK,
        **both,
        survivor_id=survivor.id,
        merged_id=merged.id,
        survivor_contact_id=survivor.contact_id,
        merge_id=done.id,
        now=change.now,
        points=msgspec.json.encode(given["points"]).decode(),
        car_ids=given["car_ids"],
        appointment_ids=given["appointment_ids"],
        activity_ids=given["activity_ids"],
        suggested_ids=given["suggested_ids"],
        decided=msgspec.json.encode(given.get("decided") or {}).decode(),
    )
    return after


def _before_merge(survivor: Half, done: MergeInForce) -> Half:
    """The survivor with its old values, but for what was changed since."""
    changes = msgspec.json.decode(done.changes)
    current = msgspec.to_builtins(survivor)
    restored = {
        name: pair["from"]
        for name, pair in changes.items()
        if name not in {"tags", *MARKS} and current[name] == pair["to"]
    }
    if "tags" in changes:
        came = set(changes["tags"]["to"]) - set(changes["tags"]["from"])
        restored["tags"] = [tag for tag in survivor.tags if tag not in came]
    # The status option stands under the state: both go back, or neither.
    if ("state" in changes) != ("state" in restored):
        restored.pop("lead_status_option_id", None)
        restored.pop("closed_at", None)
    stands = {marked_as(name) for name in changes if name not in restored}
    for name in MARKS:
        if name in changes:
            restored[name] = _marks_before(current[name], changes[name], stands)
    return msgspec.convert(current | restored, Half)


def _marks_before(current: dict[str, Any], pair: dict[str, Any], stands: set[str]) -> dict[str, Any]:
    """What was set by hand before the merge, but for the fields that *stands* names, which were changed since."""
    before = dict(current)
    for field in pair["from"].keys() | pair["to"].keys():
        if field in stands or current.get(field) != pair["to"].get(field):
            continue
        before.pop(field, None)
        if field in pair["from"]:
            before[field] = pair["from"][field]
    return before


async def _going_back(change: Change, done: MergeInForce) -> list[int]:
    """The leads that came with the merged cluster, and later ones that only its contact points brought here."""
    rows = await change.connection.every(
        record, LEADS_OF, dealership_id=change.dealership_id, lead_cluster_id=done.survivor_id
    )
    came = set(done.lead_ids)
    points = {point["value"] for point in msgspec.json.decode(done.given)["points"]}
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


def _why_not(done: MergeInForce | None, survivor_id: LeadClusterId) -> str:
    if done is None:
        return "no merge of that cluster is in force"
    if done.survivor_id == survivor_id:
        return "it was merged otherwise"
    return f"it was merged into lead cluster {done.survivor_id}, which was merged further: undo the later merge first"
