"""The door to taking back: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.parameters import DEALERSHIP, WRITING
from forecourt.infra.routes import Route
from forecourt.undo import take_back

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.infra.http import Answer, Call

_TOLD = """
What the event changed is as it was, as far as nobody has changed it again since; `kept` names what somebody has. The reverse is
an event of its own, and the history keeps both. Updates by hand, assignments, snoozes, activities, appointments, merges, splits
and *not a duplicate* can be taken back; and, with `manage:dealership`, what the dealership has settled.
"""


class Undo:
    """Serves taking back."""

    def __init__(self, desk: Desk) -> None:
        """The route at *desk*."""
        self._desk = desk

    async def post_undo(self, call: Call) -> Answer:
        """Undo an Event."""
        return await self._desk.write(call, take_back.OPERATION)

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "POST",
                "/api/v1/dealerships/{dealership}/undo",
                self.post_undo,
                "undo_event",
                "Undo an Event",
                _TOLD,
                permission=take_back.PERMISSION,
                parameters=(DEALERSHIP, *WRITING),
                body=take_back.UndoIn,
                answers={200: (take_back.UndoneOut, DryRunOut)},
            )
        ]
