"""What the commands about requests do: they see all lines, those of unknown keys too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.requests import find
from forecourt.requests.filters import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.infra.database import Database
    from forecourt.requests.answers import RequestDetails, RequestPage


async def list_requests(database: Database, asked: Mapping[str, object]) -> RequestPage:
    """A page of requests; *asked* are the filters of the API, those that are None left out.

    Raises:
        BadQuery: one does not fit.
    """
    query = {name: [str(value)] for name, value in asked.items() if value is not None}
    async with database.connection() as connection:
        return await find.page(connection, read(query), None)


async def show_request(database: Database, word: str) -> RequestDetails:
    """One request, by its id or its ``X-Request-Id``.

    Raises:
        RequestNotFound: there is none.
    """
    async with database.connection() as connection:
        return await find.one(connection, word, None)
