"""The door to test data: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.parameters import DEALERSHIP, WRITING
from forecourt.infra.routes import Route
from forecourt.test_data import clear

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.infra.http import Answer, Call

_TOLD = """
Everything that keys of the mode `test` have written at the dealership: leads, lead clusters, and all that hangs on them. What
live keys wrote is not touched. It cannot be undone; `dry_run=true` tells how much there is.
"""


class TestData:
    """Serves the clearing of test data."""

    def __init__(self, desk: Desk) -> None:
        """The route at *desk*."""
        self._desk = desk

    async def delete(self, call: Call) -> Answer:
        """Clear Test Data."""
        return await self._desk.write(call, clear.OPERATION)

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "DELETE",
                "/api/v1/dealerships/{dealership}/test_data",
                self.delete,
                "clear_test_data",
                "Clear Test Data",
                _TOLD,
                permission=clear.PERMISSION,
                parameters=(DEALERSHIP, *WRITING),
                answers={200: (clear.ClearedOut, DryRunOut)},
            )
        ]
