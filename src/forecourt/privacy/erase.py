"""Erasing a person: what could name them is gone from every row; what counts and what belongs together stays."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters.halves_queries import LOCK_CLUSTERS, LOCK_POINTS
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.infra.database import OvertakenByAnother, record
from forecourt.privacy import erase_queries as queries
from forecourt.privacy.erase_settings_queries import BLANK_STOP_LIST_EVENTS
from forecourt.privacy.person import Person, contact_in, the_person
from forecourt.response.waiting import keep_waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.files.store import FileStore
    from forecourt.ids import LeadClusterId

PERMISSION = "erase:contact"

# What an event may go on telling, besides ids: how a lead stood, never who it was about.
TOLD_STILL = (
    "ai_generated",
    "approved",
    "category",
    "certified",
    "closed_at",
    "direction",
    "disable_strict_validation",
    "erased_at",
    "files",
    "golden",
    "kind",
    "lead_state",
    "leads",
    "length_in_minutes",
    "opt_in_to_marketing",
    "possible_duplicate",
    "purpose",
    "reason",
    "sms_verified",
    "snoozed_until",
    "source",
    "starts_at",
    "state",
    "status",
    "stocknum",
    "tags",
    "time_on_site_seconds",
    "time_to_submit_seconds",
)


class ErasedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased.

    Attributes:
        lead_cluster_ids: every cluster of the person, those that were merged included.
        leads: how many enquiries lost what could name the person; 0 where it was gone before.
        files: how many files are gone.
    """

    contact_id: int
    lead_cluster_ids: list[int]
    leads: int
    files: int
    erased_at: datetime


async def find(change: Change) -> Person:
    """The person that a write's path names.

    Raises:
        ContactNotFound: there is no such contact.
    """
    return await the_person(change.connection, change.standing, contact_in(change.path))


async def erase(store: FileStore, change: Change, person: Person, _: Nothing) -> Outcome:
    """Erase *person* from leads, contacts, events, files and stored answers; a second time does nothing.

    The files' bytes go after the transaction. Should the server die before, the sweep finds them.

    Raises:
        OvertakenByAnother: another cluster became the person's while the locks were waited for.
    """
    clusters = person.not_erased
    if not clusters:
        return Outcome(body=await _told(change, person, leads=0, files=0))
    await lock(change, clusters)
    # Read again: what came while the locks were waited for belongs to the person too.
    person = await the_person(change.connection, change.standing, person.contact_id)
    if person.not_erased != clusters:
        raise OvertakenByAnother
    stored_names = await _erase(change, person, clusters)
    changes = {
        "contact.erased_at": {"from": None, "to": change.now},
        "leads": {"from": None, "to": person.lead_ids},
        "files": {"from": len(stored_names), "to": 0},
    }
    await record_event(change, "contact.erased", person.lead_cluster_id, changes)
    await keep_waiting(change.connection, change.dealership_id, clusters)

    async def remove_files() -> None:
        for name in stored_names:
            await store.remove(name)

    told = await _told(change, person, leads=len(person.lead_ids), files=len(stored_names))
    return Outcome(body=told, changes=changes, afterwards=remove_files)


def operation(store: FileStore) -> Operation[Person, Nothing]:
    """The operation that erases, with the files in *store*."""
    return Operation(PERMISSION, find, Nothing, partial(erase, store))


async def lock(change: Change, clusters: Sequence[LeadClusterId]) -> None:
    """Keep *clusters* as they are until the transaction ends."""
    own: dict[str, Any] = {"dealership_id": change.dealership_id, "ids": sorted(clusters)}
    await change.connection.run(LOCK_POINTS, **own)
    await change.connection.run(LOCK_CLUSTERS, **own, own_id=min(clusters, default=None))


async def _erase(change: Change, person: Person, clusters: Sequence[LeadClusterId]) -> list[str]:
    """Every statement of an erasure; the stored names of the files."""
    connection = change.connection
    clusters_erased: dict[str, Any] = {"dealership_id": change.dealership_id, "cluster_ids": list(clusters)}
    leads_erased: dict[str, Any] = {"dealership_id": change.dealership_id, "lead_ids": person.lead_ids}
    both = clusters_erased | leads_erased
    # Updates that are under way hold their lead and nothing else: what they write is there for all that follows.
    await connection.run(queries.LOCK_LEADS, **leads_erased)
    await connection.run(queries.FORGET_ANSWERS, **both)
    told = await connection.every(record, queries.FORGET_DELIVERIES, **both)
    await connection.run(
        queries.BLANK_ATTEMPTS,
        dealership_id=change.dealership_id,
        delivery_ids=[row["id"] for row in told],
    )
    await connection.run(queries.FORGET_POSSIBLE_DUPLICATES, **both)
    await connection.run(queries.BLANK_EVENTS_ELSEWHERE, **both)
    await connection.run(queries.BLANK_EVENTS, **both, told_still=list(TOLD_STILL))
    await connection.run(queries.BLANK_MERGES, **clusters_erased)
    await connection.run(queries.BLANK_MEMBERSHIPS, **leads_erased)
    await connection.run(queries.BLANK_WHAT_STAFF_WROTE, **clusters_erased)
    await connection.run(queries.CALL_OFF_DELIVERIES, **both, now=change.now)
    await connection.run(queries.BLANK_MESSAGES, **both)
    await connection.run(queries.FORGET_ADF, **both, now=change.now, api_key_id=change.api_key_id)
    await connection.run(BLANK_STOP_LIST_EVENTS, **clusters_erased)
    stored = await connection.every(record, queries.DELETE_FILES, **leads_erased)
    await connection.run(
        queries.BLANK_LEADS,
        **leads_erased,
        now=change.now,
        api_key_id=change.api_key_id,
        request_id=change.request_id,
    )
    await connection.run(queries.BLANK_CONTACTS, **clusters_erased, now=change.now)
    return [row["stored_name"] for row in stored]


async def _told(change: Change, person: Person, *, leads: int, files: int) -> ErasedOut:
    row = await change.connection.one(
        record, queries.ERASED_AT, dealership_id=change.dealership_id, contact_id=person.contact_id
    )
    return ErasedOut(
        contact_id=person.contact_id,
        lead_cluster_ids=[int(one) for one in person.lead_cluster_ids],
        leads=leads,
        files=files,
        erased_at=row["erased_at"],
    )
