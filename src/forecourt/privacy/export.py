"""Handing out all that is known about a person: one ZIP archive, with a JSON document and the files."""

from __future__ import annotations

import asyncio
import secrets
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters import find
from forecourt.clusters.answers import LeadClusterOut
from forecourt.events.record import record_event
from forecourt.files.store import FileLost
from forecourt.infra.database import record
from forecourt.leads.answers import LeadOut
from forecourt.leads.find import lead_of_row
from forecourt.privacy import export_queries as queries

if TYPE_CHECKING:
    from pathlib import Path

    from forecourt.dealerships.operation import Change
    from forecourt.files.store import FileStore
    from forecourt.privacy.person import Person

PERMISSION = "read:contact"


class FileOfPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the archive.

    Attributes:
        path: where it is in the archive; null where the file store has lost it.
    """

    id: int
    lead_id: int
    filename: str
    content_type: str
    size: int
    sha256: str
    path: str | None


class PersonOut(msgspec.Struct, frozen=True, kw_only=True):
    """All that a dealership knows about a person: ``person.json`` of the archive.

    Attributes:
        lead_clusters: with the contact of each.
        drafts: what staff have begun to write to them.
        messages: all that was written to the person, and to the dealership about them.
        events: everything that happened, the earliest in front.
        adf_documents: that brought leads of this person and of nobody else, while they are kept, in base64.
        adf_held: what waits in the holding inbox with an address or a number of theirs.
        webhook_deliveries: which webhooks were told of it, when.
    """

    exported_at: datetime
    dealership: dict[str, Any]
    lead_clusters: list[LeadClusterOut]
    leads: list[LeadOut]
    appointments: msgspec.Raw
    activities: msgspec.Raw
    drafts: msgspec.Raw
    consents: msgspec.Raw
    messages: msgspec.Raw
    events: msgspec.Raw
    adf_documents: msgspec.Raw
    adf_held: msgspec.Raw
    webhook_deliveries: msgspec.Raw
    files: list[FileOfPerson]


async def export(store: FileStore, change: Change, person: Person) -> Path:
    """Write the archive about *person* to the file store's spool, and log that it was handed out; where it is.

    Whoever asked removes it. Of somebody who was erased it holds what stays.
    """
    whole: dict[str, Any] = {"dealership_id": change.dealership_id, "lead_ids": person.lead_ids}
    stored = await change.connection.every(record, queries.FILES, **whole)
    told = await _gathered(change, person)
    changes = {
        "leads": {"from": None, "to": person.lead_ids},
        "files": {"from": None, "to": len(stored)},
    }
    await record_event(change, "contact.exported", person.lead_cluster_id, changes)
    archive = store.spool / secrets.token_hex(16)
    try:
        await _write(store, archive, told, stored)
    except BaseException:
        archive.unlink(missing_ok=True)
        raise
    return archive


async def _gathered(change: Change, person: Person) -> dict[str, Any]:
    connection, dealership = change.connection, change.standing.dealership
    of_leads: dict[str, Any] = {"dealership_id": dealership.id, "lead_ids": person.lead_ids}
    of_clusters: dict[str, Any] = {"dealership_id": dealership.id, "cluster_ids": person.lead_cluster_ids}
    leads = await connection.every(record, queries.LEADS, **of_leads)
    raw = {
        name: await connection.one(record, query, **given)
        for name, query, given in (
            ("appointments", queries.APPOINTMENTS, of_clusters),
            ("activities", queries.ACTIVITIES, of_clusters),
            ("drafts", queries.DRAFTS, of_clusters),
            ("consents", queries.CONSENTS, of_clusters),
            ("messages", queries.MESSAGES, of_leads | of_clusters),
            ("events", queries.EVENTS, of_leads | of_clusters),
            ("adf_documents", queries.ADF_DOCUMENTS, of_leads),
            ("adf_held", queries.ADF_HELD, of_clusters),
            ("webhook_deliveries", queries.WEBHOOK_DELIVERIES, of_leads | of_clusters),
        )
    }
    return {
        "exported_at": datetime.now(UTC),
        "dealership": {"id": dealership.id, "slug": dealership.slug, "name": dealership.name},
        "lead_clusters": [await find.one(connection, dealership.id, one) for one in person.lead_cluster_ids],
        "leads": [lead_of_row(row) for row in leads],
    } | {name: msgspec.Raw(row["told"].encode()) for name, row in raw.items()}


async def _write(store: FileStore, archive: Path, told: dict[str, Any], stored: list[dict[str, Any]]) -> None:
    """The archive, its files one at a time; the document last, for it tells which files are there."""
    files = []
    with zipfile.ZipFile(archive, "x", zipfile.ZIP_DEFLATED) as written:
        for row in stored:
            name: str | None = f"files/{row['id']}-{row['filename']}"
            try:
                content = await store.read(row.pop("stored_name"))
                await asyncio.to_thread(written.writestr, str(name), content)
            except FileLost:
                name = None
            files.append(FileOfPerson(**row, path=name))
        document = PersonOut(**told, files=files)
        written.writestr("person.json", msgspec.json.format(msgspec.json.encode(document), indent=2))
