"""Possible duplicates: told with their reasons, decided by people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from forecourt.clusters import find
from forecourt.clusters.answers import PossibleDuplicateOut, PossibleDuplicatesOut, ReasonOut
from forecourt.clusters.duplicate_queries import ALIKE, NOT_A_DUPLICATE, POSSIBLE_DUPLICATES
from forecourt.clusters.halves import MergeIn, lock, other_of
from forecourt.clusters.merge import PERMISSION
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.infra.database import record

if TYPE_CHECKING:
    from forecourt.ids import DealershipId, LeadClusterId
    from forecourt.infra.database import Connection

# Of 100: how much names must be alike to be worth a look. They only ever suggest.
ALIKE_FROM = 88.0
_MOST_ALIKE = 10
_END = "\U0010ffff"


async def possible_duplicates(
    connection: Connection, dealership_id: DealershipId, lead_cluster_id: LeadClusterId
) -> PossibleDuplicatesOut:
    """What may be the same customer: what was found by contact points, then whose names say much the same."""
    own: dict[str, Any] = {"dealership_id": dealership_id, "lead_cluster_id": lead_cluster_id}
    rows = await connection.every(record, POSSIBLE_DUPLICATES, **own)
    found = [
        PossibleDuplicateOut(**row | {"reasons": msgspec.json.decode(row["reasons"], type=list[ReasonOut])})
        for row in rows
        if row["decision"] != "merged"
    ]
    known = {row["lead_cluster_id"] for row in rows}
    cluster = await find.one(connection, dealership_id, lead_cluster_id)
    name = full_name(cluster.contact.name, cluster.contact.last_name)
    candidates = await connection.every(record, ALIKE, **own, end=_END)
    alike = [
        _alike(row, score)
        for row in candidates
        if row["lead_cluster_id"] not in known
        and (score := likeness(name, full_name(row["name"], row["last_name"]))) >= ALIKE_FROM
    ]
    alike.sort(key=lambda one: (-(one.reasons[0].score or 0), one.lead_cluster_id))
    return PossibleDuplicatesOut(found + alike[:_MOST_ALIKE])


def full_name(name: str | None, last_name: str | None) -> str:
    """First and last name in one, however they were filled in."""
    return " ".join(part for part in (name, last_name) if part)


def likeness(one: str, other: str) -> float:
    """How much two names are alike, from 0 to 100, whatever the order of their words; 0 where one is empty."""
    return fuzz.token_sort_ratio(one, other, processor=default_process) if one and other else 0.0


def _alike(row: dict[str, Any], score: float) -> PossibleDuplicateOut:
    reason = ReasonOut(kind="name", value=full_name(row["name"], row["last_name"]), score=round(score, 1))
    return PossibleDuplicateOut(**row, reasons=[reason], found_at=None, decision=None)


async def not_a_duplicate(change: Change, found: find.Located, sent: MergeIn) -> Outcome:
    """Remember that the two are different customers, whatever matches later.

    Raises:
        Invalid: the other cluster does not fit.
    """
    lead_cluster_id, other_id = found.id, other_of(sent, found.id)
    await lock(change, found, other_id)
    await change.connection.run(
        NOT_A_DUPLICATE,
        dealership_id=change.dealership_id,
        lead_cluster_id=lead_cluster_id,
        other_id=other_id,
        now=change.now,
        api_key_id=change.api_key_id,
    )
    changes = {"possible_duplicate": {"from": None, "to": "not_a_duplicate"}}
    await record_event(
        change, "lead_cluster.not_a_duplicate", lead_cluster_id, changes, other_lead_cluster_id=other_id
    )
    told = await possible_duplicates(change.connection, change.dealership_id, lead_cluster_id)
    return Outcome(body=told, changes=changes, lead_cluster_id=lead_cluster_id)


OPERATION = Operation(PERMISSION, find.in_path, MergeIn, not_a_duplicate)
