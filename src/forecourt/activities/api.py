"""The activities' door: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.activities import log
from forecourt.activities.log import ActivityBody, ActivityOut, ActivityPage
from forecourt.clusters.refusals import LeadClusterNotFound
from forecourt.clusters.routes import CLUSTER_ID
from forecourt.dealerships.desk import DryRunOut, id_in
from forecourt.dealerships.parameters import CURSOR, DEALERSHIP, LIMIT, WRITING
from forecourt.ids import LeadClusterId
from forecourt.infra.http import Answer
from forecourt.infra.routes import Route

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call

_AT = "/api/v1/dealerships/{dealership}/lead_clusters/{id}/activities"


class Activities:
    """Serves the activities."""

    def __init__(self, desk: Desk) -> None:
        """The routes at *desk*."""
        self._desk = desk

    async def get_activities(self, call: Call) -> Answer:
        """List a Lead Cluster's Activities."""

        async def found(connection: Connection, standing: Standing) -> ActivityPage:
            asked = LeadClusterId(id_in(call.path, "id", LeadClusterNotFound))
            return await log.activities(connection, standing, asked, call.query(("limit", "cursor")))

        return Answer(200, msgspec.json.encode(await self._desk.read(call, log.READ, found)))

    async def post_activity(self, call: Call) -> Answer:
        """Log an Activity."""
        return await self._desk.write(call, log.OPERATION)

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", _AT, self.get_activities, "list_activities", "List a Lead Cluster's Activities",
                "Calls, messages, visits and notes, the latest in front.", permission=log.READ,
                parameters=(DEALERSHIP, CLUSTER_ID, LIMIT, CURSOR), answers={200: (ActivityPage,)},
            ),
            Route(
                "POST", _AT, self.post_activity, "log_activity", "Log an Activity",
                "A call, message or visit of staff answers the customer; the customer's own message asks anew.",
                permission=log.UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING), body=ActivityBody,
                answers={200: (DryRunOut,), 201: (ActivityOut,)},
            ),
        ]  # fmt: skip
