"""The door to a dealership's particulars and places: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.parameters import DEALERSHIP, WRITING
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route
from forecourt.premises import locations, particulars
from forecourt.premises.locations import LocationIn, LocationList, LocationOut
from forecourt.premises.particulars import MANAGE, READ, DealershipIn, DealershipOut

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call

_AT = "/api/v1/dealerships/{dealership}"
_LOCATIONS = f"{_AT}/locations"
_LOCATION = f"{_LOCATIONS}/{{location_id}}"
_LOCATION_ID = Parameter("location_id", "The location.", {"type": "integer", "minimum": 1}, "path")

_CHANGE = """
Another time zone or country moves the clocks of all who wait, and tells the state anew whose holidays are kept. Phone numbers
that were read stay as they are. The slug stays for good: integrations send it.
"""


class Premises:
    """Serves them."""

    def __init__(self, desk: Desk) -> None:
        """The routes at *desk*."""
        self._desk = desk

    async def get_dealership(self, call: Call) -> Answer:
        """Get Dealership."""
        call.query(())
        found = await self._desk.read(call, READ, particulars.particulars)
        return Answer(200, msgspec.json.encode(found))

    async def put_dealership(self, call: Call) -> Answer:
        """Update Dealership."""
        return await self._desk.write(call, particulars.CHANGE)

    async def get_locations(self, call: Call) -> Answer:
        """List Locations."""
        call.query(())

        async def find(connection: Connection, standing: Standing) -> LocationList:
            return await locations.locations(connection, standing.dealership.id)

        return Answer(200, msgspec.json.encode(await self._desk.read(call, READ, find)))

    async def post_location(self, call: Call) -> Answer:
        """Add Location."""
        return await self._desk.write(call, locations.ADD)

    async def get_location(self, call: Call) -> Answer:
        """Get Location."""
        call.query(())

        async def find(connection: Connection, standing: Standing) -> LocationOut:
            return await locations.the_location(connection, standing.dealership.id, call.path)

        return Answer(200, msgspec.json.encode(await self._desk.read(call, READ, find)))

    async def put_location(self, call: Call) -> Answer:
        """Update Location."""
        return await self._desk.write(call, locations.CHANGE)

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", _AT, self.get_dealership, "get_dealership", "Get Dealership", permission=READ,
                parameters=(DEALERSHIP,), answers={200: (DealershipOut,)},
            ),
            Route(
                "PUT", _AT, self.put_dealership, "update_dealership", "Update Dealership", _CHANGE,
                permission=MANAGE, parameters=(DEALERSHIP, *WRITING), body=DealershipIn, body_is_optional=True,
                answers={200: (DealershipOut, DryRunOut)},
            ),
            Route(
                "GET", _LOCATIONS, self.get_locations, "list_locations", "List Locations", permission=READ,
                parameters=(DEALERSHIP,), answers={200: (LocationList,)},
            ),
            Route(
                "POST", _LOCATIONS, self.post_location, "add_location", "Add Location", permission=MANAGE,
                parameters=(DEALERSHIP, *WRITING), body=LocationIn,
                answers={200: (DryRunOut,), 201: (LocationOut,)},
            ),
            Route(
                "GET", _LOCATION, self.get_location, "get_location", "Get Location", permission=READ,
                parameters=(DEALERSHIP, _LOCATION_ID), answers={200: (LocationOut,)},
            ),
            Route(
                "PUT", _LOCATION, self.put_location, "update_location", "Update Location",
                "What is left out stays; null clears. Its hours and its state are the response settings'.",
                permission=MANAGE, parameters=(DEALERSHIP, _LOCATION_ID, *WRITING), body=LocationIn,
                body_is_optional=True, answers={200: (LocationOut, DryRunOut)},
            ),
        ]  # fmt: skip
