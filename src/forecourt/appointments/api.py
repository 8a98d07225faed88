"""The appointments' door: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.appointments import book, find
from forecourt.appointments.schema import (
    STATUSES,
    AppointmentBody,
    AppointmentNotFound,
    AppointmentOut,
    AppointmentPage,
    AppointmentsOut,
)
from forecourt.clusters.refusals import LeadClusterNotFound
from forecourt.clusters.routes import CLUSTER_ID
from forecourt.dealerships.desk import DryRunOut, id_in
from forecourt.dealerships.parameters import (
    CURSOR,
    DEALERSHIP,
    IF_MATCH,
    IF_NONE_MATCH,
    LIMIT,
    WRITING,
)
from forecourt.ids import LeadClusterId
from forecourt.infra.conditional import entity_tag, entity_tags, matches_weakly
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call

_AT = "/api/v1/dealerships/{dealership}"
_OF_CLUSTER = f"{_AT}/lead_clusters/{{id}}/appointments"
_ONE = f"{_AT}/appointments/{{appointment_id}}"
_ID = Parameter("appointment_id", "The appointment.", {"type": "integer", "minimum": 1}, "path")
_WHEN = {"type": "string"}
_FILTERS = (
    Parameter("from", "Begins then or later, by the dealership's clock or with an offset; today.", _WHEN),
    Parameter("to", "Begins before.", _WHEN),
    Parameter("user_id", "", {"type": "integer"}),
    Parameter("location_id", "", {"type": "integer"}),
    Parameter("car_id", "", {"type": "integer"}),
    Parameter("status", "", {"type": "string", "enum": list(STATUSES)}),
    LIMIT,
    CURSOR,
)


class Appointments:
    """Serves the appointments."""

    def __init__(self, desk: Desk) -> None:
        """The routes at *desk*."""
        self._desk = desk

    async def get_of_cluster(self, call: Call) -> Answer:
        """List a Lead Cluster's Appointments."""
        call.query(())

        async def found(connection: Connection, standing: Standing) -> AppointmentsOut:
            asked = LeadClusterId(id_in(call.path, "id", LeadClusterNotFound))
            return await find.of_cluster(connection, standing, asked)

        return Answer(200, msgspec.json.encode(await self._desk.read(call, book.READ, found)))

    async def post_appointment(self, call: Call) -> Answer:
        """Book an Appointment."""
        return await self._desk.write(call, book.BOOK_OPERATION)

    async def get_diary(self, call: Call) -> Answer:
        """List Appointments."""

        async def found(connection: Connection, standing: Standing) -> AppointmentPage:
            return await find.diary(connection, standing, call.query(find.PARAMETERS))

        return Answer(200, msgspec.json.encode(await self._desk.read(call, book.READ, found)))

    async def get_appointment(self, call: Call) -> Answer:
        """Get an Appointment."""

        async def found(connection: Connection, standing: Standing) -> AppointmentOut:
            call.query(())
            asked = id_in(call.path, "appointment_id", AppointmentNotFound)
            return await find.one(connection, standing, asked)

        told = await self._desk.read(call, book.READ, found)
        headers = ((b"etag", entity_tag(told.version).encode()),)
        unless = entity_tags(call.headers.get("if-none-match"))
        if unless is not None and matches_weakly(unless, told.version):
            return Answer(304, b"", headers=headers)
        return Answer(200, msgspec.json.encode(told), headers=headers)

    async def put_appointment(self, call: Call) -> Answer:
        """Change an Appointment."""
        return await self._desk.write(call, book.CHANGE_OPERATION)

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", _OF_CLUSTER, self.get_of_cluster, "list_lead_cluster_appointments",
                "List a Lead Cluster's Appointments", "All of them, the earliest in front.", permission=book.READ,
                parameters=(DEALERSHIP, CLUSTER_ID), answers={200: (AppointmentsOut,)},
            ),
            Route(
                "POST", _OF_CLUSTER, self.post_appointment, "book_appointment", "Book an Appointment",
                "A car that another customer drives then is refused (409), with the next time at which it is free.",
                permission=book.UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING), body=AppointmentBody,
                answers={200: (DryRunOut,), 201: (AppointmentOut,)},
            ),
            Route(
                "GET", f"{_AT}/appointments", self.get_diary, "list_appointments", "List Appointments",
                "The dealership's diary, the earliest in front, from today on.", permission=book.READ,
                parameters=(DEALERSHIP, *_FILTERS), answers={200: (AppointmentPage,)},
            ),
            Route(
                "GET", _ONE, self.get_appointment, "get_appointment", "Get an Appointment", permission=book.READ,
                parameters=(DEALERSHIP, _ID, IF_NONE_MATCH), answers={200: (AppointmentOut,)},
            ),
            Route(
                "PUT", _ONE, self.put_appointment, "update_appointment", "Change an Appointment",
                "Another `starts_at` reschedules it, the status `cancelled` cancels it, `completed` and `no-show` tell "
                "what came of it.", permission=book.UPDATE, parameters=(DEALERSHIP, _ID, *WRITING, IF_MATCH),
                body=AppointmentBody, answers={200: (AppointmentOut, DryRunOut)},
            ),
        ]  # fmt: skip
