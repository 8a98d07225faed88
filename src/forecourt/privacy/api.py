"""The door to a person's data: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.operation import Change
from forecourt.dealerships.parameters import DEALERSHIP, WRITING
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route
from forecourt.privacy import erase, export, retention
from forecourt.privacy.person import contact_in, the_person

if TYPE_CHECKING:
    from pathlib import Path

    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call

_CONTACT = "/api/v1/dealerships/{dealership}/contacts/{contact_id}"
_RETENTION = "/api/v1/dealerships/{dealership}/retention_settings"
_RETAIN = """
Whoever has been lost or invalid for `erase_closed_after_days`, and of whom nothing was heard since, is erased by itself, some at
a time, each as *Erase a Contact* does. A dry run tells in `due` how many it would be. Null, as it begins: nobody is.
"""
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

    async def get_retention(self, call: Call) -> Answer:
        """Get the Retention Settings."""
        call.query(())
        found = await self._desk.read(call, retention.READ, retention.retention_settings)
        return Answer(200, msgspec.json.encode(found))

    async def put_retention(self, call: Call) -> Answer:
        """Change the Retention Settings."""
        return await self._desk.write(call, retention.OPERATION)

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", _RETENTION, self.get_retention, "get_retention_settings", "Get the Retention Settings",
                permission=retention.READ, parameters=(DEALERSHIP,), answers={200: (retention.RetentionSettingsOut,)},
            ),
            Route(
                "PUT", _RETENTION, self.put_retention, "update_retention_settings", "Change the Retention Settings",
                _RETAIN, permission=erase.PERMISSION, parameters=(DEALERSHIP, *WRITING),
                body=retention.RetentionSettingsIn, answers={200: (retention.RetentionSettingsOut, DryRunOut)},
            ),
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
