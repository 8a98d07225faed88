"""The response settings' door: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.parameters import DEALERSHIP, WRITING
from forecourt.infra.http import Answer
from forecourt.infra.routes import Route
from forecourt.response import settings

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.infra.http import Call

_AT = "/api/v1/dealerships/{dealership}/response_settings"


class Response:
    """Serves the response settings."""

    def __init__(self, desk: Desk) -> None:
        """The routes at *desk*."""
        self._desk = desk

    async def get_settings(self, call: Call) -> Answer:
        """Get the Response Settings."""
        call.query(())
        found = await self._desk.read(call, settings.READ, settings.settings)
        return Answer(200, msgspec.json.encode(found))

    async def put_settings(self, call: Call) -> Answer:
        """Change the Response Settings."""
        return await self._desk.write(call, settings.OPERATION)

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", _AT, self.get_settings, "get_response_settings", "Get the Response Settings",
                "Opening hours, holidays, and how soon customers are to be answered.",
                permission=settings.READ, parameters=(DEALERSHIP,), answers={200: (settings.ResponseSettingsOut,)},
            ),
            Route(
                "PUT", _AT, self.put_settings, "update_response_settings", "Change the Response Settings",
                "What is left out stays; each list is replaced as a whole.",
                permission=settings.MANAGE, parameters=(DEALERSHIP, *WRITING), body=settings.ResponseSettingsBody,
                answers={200: (settings.ResponseSettingsOut, DryRunOut)},
            ),
        ]  # fmt: skip
