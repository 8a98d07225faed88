"""The two halves of a merge: how they are named, locked, written, and what differs."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import msgspec
from msgspec import UNSET, Meta

from forecourt.clusters import find
from forecourt.clusters.halves_queries import LOCK_CLUSTERS, LOCK_POINTS, MOVE_LEADS, WRITE_SURVIVOR
from forecourt.clusters.records import as_logged
from forecourt.dealerships.operation import Change, Outcome
from forecourt.events.record import record_event
from forecourt.ids import LeadClusterId
from forecourt.infra.database import OvertakenByAnother, record
from forecourt.infra.refusals import Erased, Invalid, Problem
from forecourt.infra.sent import Id, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping

OF_CLUSTER = ("state", "user_id", "secondary_user_id", "location_id", "golden")
OF_CONTACT = (
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
PICKED = ("lead_state", *OF_CLUSTER[1:], *OF_CONTACT)
# What staff set by hand, field by field, and what stood against it.
MARKS = ("by_hand", "conflicts")


class MergeIn(msgspec.Struct, kw_only=True, frozen=True):
    """A merge, or its undoing.

    Attributes:
        lead_cluster_id: the other cluster; the one in the path survives.
        fields: field -> id of the cluster whose value is taken. Of what is not named, the newest that is not empty.
    """

    lead_cluster_id: Sent[Id] = UNSET
    fields: Sent[Annotated[dict[str, Id], Meta(max_length=len(PICKED))]] = UNSET


class Half(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two clusters, with its contact, locked.

    Attributes:
        by_hand: field -> what staff set, as is ``conflicts``; see ``provenance``.
    """

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
    settled_at: datetime | None
    by_hand: dict[str, Any]
    conflicts: dict[str, Any]
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
    erased_at: datetime | None

    @classmethod
    def of_row(cls, **row: Any) -> Self:  # noqa: ANN401 - a row is what the statement says
        """A row of ``LOCK_CLUSTERS``."""
        marks = {name: msgspec.json.decode(row[name]) for name in MARKS}
        return cls(**row | marks)


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


async def lock(change: Change, own: find.Located, *other_ids: LeadClusterId) -> dict[LeadClusterId, Half]:
    """The cluster that the path names and the others, locked.

    Raises:
        Invalid: one of them is not of the dealership.
        OvertakenByAnother: something happened to the path's cluster while its lock was waited for. It may have been
            merged away: two merges that cross would else leave a ring without a survivor.
        Erased: one of them is a person's who was erased.
    """
    ids = sorted({own.id, *other_ids})
    await change.connection.run(LOCK_POINTS, dealership_id=change.dealership_id, ids=ids)
    rows = await change.connection.every(
        Half.of_row, LOCK_CLUSTERS, dealership_id=change.dealership_id, ids=ids, own_id=own.id
    )
    if len(rows) < len(ids):
        raise Invalid(problems=(Problem("lead_cluster_id", "is not a lead cluster of this dealership"),))
    halves = {half.id: half for half in rows}
    if halves[own.id].version != own.version:
        raise OvertakenByAnother
    if any(half.erased_at is not None for half in rows):
        raise Erased
    return halves


def marked_as(name: str) -> str:
    """Under which name provenance has a column."""
    return f"contact.{name}" if name in OF_CONTACT else name


def plain_value(half: Half, name: str) -> Any:  # noqa: ANN401 - a column's value
    """A column's value as provenance has it: plain JSON."""
    value = getattr(half, name)
    if name == "address_attributes":
        return None if value is None else msgspec.json.decode(value)
    return msgspec.to_builtins(value)


def plain_contact(half: Half) -> dict[str, Any]:
    """The contact's columns, each as ``plain_value`` has it."""
    return {name: plain_value(half, name) for name in OF_CONTACT}


def as_columns(contact: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round."""
    values = dict(contact)
    if values.get("dob") is not None:
        values["dob"] = date.fromisoformat(values["dob"])
    if values.get("address_attributes") is not None:
        values["address_attributes"] = msgspec.json.encode(values["address_attributes"]).decode()
    return values


_CHANGED_BY_MERGE = (
    *OF_CLUSTER, *OF_CONTACT, "lead_status_option_id", "closed_at", "settled_at", "tags", *MARKS,
)  # fmt: skip


def differences(before: Half, after: Half) -> dict[str, Any]:
    """Column -> ``{"from": old, "to": new}``."""
    return {
        name: {"from": getattr(before, name), "to": getattr(after, name)}
        for name in _CHANGED_BY_MERGE
        if getattr(before, name) != getattr(after, name)
    }


def told_of_changes(changes: dict[str, Any]) -> dict[str, Any]:
    """What *differences* found, under the log's names and as the log tells it; not what only the server keeps."""
    return {
        f"contact.{name}" if name in OF_CONTACT else f"lead_cluster.{name}": {
            side: as_logged(name, value) for side, value in pair.items()
        }
        for name, pair in changes.items()
        if name not in {*MARKS, "settled_at"}
    }


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


async def write_survivor(change: Change, after: Half) -> int:
    """Write the surviving cluster and its contact as *after* has them; its version then, which is counted up."""
    row = await change.connection.one(
        record,
        WRITE_SURVIVOR,
        **msgspec.structs.asdict(after)
        | {name: msgspec.json.encode(getattr(after, name)).decode() for name in MARKS},
        dealership_id=change.dealership_id,
        now=change.now,
        api_key_id=change.api_key_id,
        request_id=change.request_id,
    )
    return int(row["version"])


async def told_of_both(
    change: Change, kind: str, survivor_id: LeadClusterId, other_id: LeadClusterId, changes: dict[str, Any]
) -> Outcome:
    """Log an event about both clusters, each naming the other, and answer with the survivor."""
    for own, other in ((survivor_id, other_id), (other_id, survivor_id)):
        await record_event(change, kind, own, changes, other_lead_cluster_id=other)
    told = await find.one(change.connection, change.dealership_id, survivor_id)
    return Outcome(body=told, version=told.version, changes=changes, lead_cluster_id=survivor_id)
