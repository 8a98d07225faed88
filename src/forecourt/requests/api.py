"""The request log's routes: who asks, what of, and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.access.caller import token_hash
from forecourt.dealerships.parameters import CURSOR, LIMIT
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route
from forecourt.leads.find import known_key
from forecourt.requests import filters, find
from forecourt.requests.answers import RequestDetails, RequestPage

if TYPE_CHECKING:
    from forecourt.infra.database import Database
    from forecourt.infra.http import Call
    from forecourt.requests.recording import Recorder

_TIME = {"type": "string", "format": "date-time"}
_INTEGER = {"type": "integer"}
_ID = Parameter(
    "id",
    "The request's id, or the `X-Request-Id` of its answer (the latest that has it).",
    {"type": "string"},
    "path",
)
_FILTERS = (
    Parameter("lead_id", "About this lead.", _INTEGER),
    Parameter("lead_cluster_id", "About this lead cluster.", _INTEGER),
    Parameter("request_id", "With this `X-Request-Id`.", {"type": "string"}),
    Parameter("route", "Of this route, as `/api/v1/leads/{id}`.", {"type": "string"}),
    Parameter("path", "With a path that begins so; looked for in the latest 5,000.", {"type": "string"}),
    Parameter(
        "text",
        "With this in the path, the query, the problem, the warnings or a masked body; looked for in the latest 5,000.",
        {"type": "string"},
    ),
    Parameter("method", "", {"type": "string", "enum": list(filters.METHODS)}),
    Parameter(
        "status",
        "A status (`422`) or a class (`4xx`).",
        {"type": "string", "pattern": "^[1-5]([0-9]{2}|xx)$"},
    ),
    Parameter("api_key_id", "By this key.", _INTEGER),
    Parameter("from", "Answered then or later.", _TIME),
    Parameter("to", "Answered before.", _TIME),
    LIMIT,
    CURSOR,
)
_LIST = """
Every call of the API that was for dealerships which the key holds, refused ones included, newest first, for as long as they
are kept. A call that cannot be told to be for one dealership (a list, one that was refused early) was for all that its key
held; it is shown to keys that hold all of those. Personal data is masked before it is stored.
"""


class Requests:
    """The handlers of the request log's routes."""

    def __init__(self, database: Database, recorder: Recorder) -> None:
        """The routes; *recorder* writes down what this process has still in memory before it is looked for."""
        self._database = database
        self._recorder = recorder

    async def get_requests(self, call: Call) -> Answer:
        """List Requests."""
        key = await known_key(self._database, token_hash(call))
        key.caller.require(find.PERMISSION)
        asked = filters.read(call.query(filters.PARAMETERS))
        await self._recorder.write_down()
        async with self._database.connection() as connection:
            page = await find.page(connection, asked, key.dealership_ids)
        return Answer(200, msgspec.json.encode(page))

    async def get_request(self, call: Call) -> Answer:
        """Get Request."""
        key = await known_key(self._database, token_hash(call))
        await self._recorder.write_down()
        async with self._database.connection() as connection:
            found = await find.one(connection, call.path["id"], key.dealership_ids)
        key.caller.require(find.PERMISSION)
        return Answer(200, msgspec.json.encode(found))

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", "/api/v1/requests", self.get_requests, "list_requests", "List Requests", _LIST,
                permission=find.PERMISSION, parameters=_FILTERS, answers={200: (RequestPage,)},
            ),
            Route(
                "GET", "/api/v1/requests/{id}", self.get_request, "get_request", "Get Request",
                "With the headers and bodies of the call, masked.",
                permission=find.PERMISSION, parameters=(_ID,), answers={200: (RequestDetails,)},
            ),
        ]  # fmt: skip
