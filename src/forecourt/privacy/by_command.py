"""What the commands about people do."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec

from forecourt.dealerships.by_command import change_by_command
from forecourt.dealerships.operation import Nothing
from forecourt.infra.database import DatabaseUnavailable, OvertakenByAnother
from forecourt.privacy.erase import ErasedOut, erase
from forecourt.privacy.export import export
from forecourt.privacy.person import people_like, the_person

if TYPE_CHECKING:
    from pathlib import Path

    from forecourt.clusters.answers import LeadClusterOut
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Database

_ATTEMPTS = 4


class ExportedOut(msgspec.Struct, frozen=True):
    """What was handed out: how many clusters, leads and bytes, and where the archive is."""

    contact_id: int
    lead_clusters: int
    leads: int
    size: int
    file: str


async def find_contacts(database: Database, dealership: str, words: str) -> list[LeadClusterOut]:
    """The clusters that *words* find.

    Raises:
        DealershipNotFound: there is no such dealership.
    """
    async with database.connection() as connection:
        change = await change_by_command(connection, dealership, "contacts find")
        return await people_like(connection, change.standing.dealership, words)


async def export_contact(
    database: Database, store: FileStore, dealership: str, contact_id: int, to: Path
) -> ExportedOut:
    """Write the archive about a person to the file *to*.

    Raises:
        DealershipNotFound, ContactNotFound: there is none.
    """
    async with database.connection() as connection, connection.transaction():
        change = await change_by_command(connection, dealership, "contacts export")
        person = await the_person(connection, change.standing, contact_id)
        archive = await export(store, change, person)
        size = archive.stat().st_size
        shutil.move(archive, to)
    return ExportedOut(contact_id, len(person.lead_cluster_ids), len(person.lead_ids), size, str(to))


async def erase_contact(
    database: Database, store: FileStore, dealership: str, contact_id: int, *, dry_run: bool
) -> ErasedOut:
    """Erase a person, or tell what would be; tried again where another stood in its way.

    Raises:
        DealershipNotFound, ContactNotFound: there is none.
    """
    for _ in range(_ATTEMPTS):
        try:
            return await _erase_contact(database, store, dealership, contact_id, dry_run=dry_run)
        except OvertakenByAnother:
            continue
    raise DatabaseUnavailable("too many writers at once")


async def _erase_contact(
    database: Database, store: FileStore, dealership: str, contact_id: int, *, dry_run: bool
) -> ErasedOut:
    async with database.connection() as connection, connection.transaction(undone=dry_run):
        change = await change_by_command(connection, dealership, "contacts erase", dry_run=dry_run)
        person = await the_person(connection, change.standing, contact_id)
        outcome = await erase(store, change, person, Nothing())
    if outcome.afterwards is not None and not dry_run:
        await outcome.afterwards()
    assert isinstance(outcome.body, ErasedOut)  # noqa: S101
    return outcome.body
