"""The door to a person's data: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.operation import Change
from forecourt.dealerships.parameters import DEALERSHIP, WRITING
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route
from forecourt.privacy import erase, export
from forecourt.privacy.person import contact_in, the_person

if TYPE_CHECKING:
    from pathlib import Path

    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call

_CONTACT = "/api/v1/dealerships/{dealership}/contacts/{contact_id}"
_CONTACT_ID = Parameter(
    "contact_id",
    "The contact: `contact.id` of a lead cluster.",
    {"type": "integer", "minimum": 1},
    "path",
)
_EXPORT = """
A ZIP archive: `person.json` with the contact, every lead, appointment, activity, answer about marketing and event, and
every file. All clusters of the person are in it: those that were merged, and closed ones from before. That it was
handed out is an event, `contact.exported`.
"""
_ERASE = """
Removes what could name the person from leads, contact, events, files, stored answers and notes, in every cluster of
theirs, for good. Ids, times, counts, categories, sources, tags, payments and the log of answers about marketing stay.
An update of one of the leads is refused from then on (410); a new enquiry begins a new cluster.
"""


class Privacy:
    """Serves people's data."""

    def __init__(self, desk: Desk, store: FileStore) -> None:
        """The routes at *desk*, with the files in *store*."""
        self._desk = desk
        self._store = store
        self._erase = erase.operation(store)

    async def get_export(self, call: Call) -> Answer:
        """Export a Contact."""

        async def written(connection: Connection, standing: Standing) -> Path:
            person = await the_person(connection, standing, contact_in(call.path))
            standing.caller.require(export.PERMISSION)
            call.query(())
            change = Change(
                connection=connection,
                standing=standing,
                path=call.path,
                request_id=call.request_id,
                dry_run=False,
            )
            async with connection.transaction():
                return await export.export(self._store, change, person)

        archive = await self._desk.read(call, export.PERMISSION, written)
        name = f'attachment; filename="contact-{contact_in(call.path)}.zip"'
        headers = ((b"content-disposition", name.encode()),)
        return Answer(200, b"", b"application/zip", headers, sent_from=archive)

    async def delete_contact(self, call: Call) -> Answer:
        """Erase a Contact."""
        return await self._desk.write(call, self._erase)

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", f"{_CONTACT}/export", self.get_export, "export_contact", "Export a Contact", _EXPORT,
                permission=export.PERMISSION, parameters=(DEALERSHIP, _CONTACT_ID), answers={200: ()}, media="application/zip",
            ),
            Route(
                "DELETE", _CONTACT, self.delete_contact, "erase_contact", "Erase a Contact", _ERASE,
                permission=erase.PERMISSION, parameters=(DEALERSHIP, _CONTACT_ID, *WRITING),
                answers={200: (erase.ErasedOut, DryRunOut)},
            ),
        ]  # fmt: skip
