"""Reading the request log: a page of it, or one request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from forecourt.infra.database import record
from forecourt.requests.answers import RequestDetails, RequestPage, request_details, request_out
from forecourt.requests.find_queries import BY_ID, BY_REQUEST, page_query
from forecourt.requests.moments import id_in
from forecourt.requests.refusals import RequestNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection
    from forecourt.requests.filters import Asked

# What an id or an X-Request-Id can be.
_WORD = re.compile(r"[A-Za-z0-9._:-]{1,128}", re.ASCII)
PERMISSION = "read:request_log"


async def page(connection: Connection, asked: Asked, held: Sequence[DealershipId] | None) -> RequestPage:
    """A page of the requests that were for *held* dealerships only; of all where that is None."""
    query = page_query(asked.conditions, everybodys=held is None)
    rows = await connection.every(record, query, **asked.values, held=held, size=asked.limit + 1)
    found = [request_out(row) for row in rows[: asked.limit]]
    return RequestPage(found, found[-1].id if len(rows) > asked.limit else None)


async def one(connection: Connection, word: str, held: Sequence[DealershipId] | None) -> RequestDetails:
    """The request whose id *word* is, or the latest with this ``X-Request-Id``.

    Raises:
        RequestNotFound: there is none, or it was for others than the *held* dealerships.
    """
    if not _WORD.fullmatch(word):
        raise RequestNotFound
    ident = id_in(word)
    if ident is not None:
        row = await connection.one_or_none(record, BY_ID, id=ident, held=held)
    else:
        row = await connection.one_or_none(record, BY_REQUEST, request_id=word, held=held)
    if row is None:
        raise RequestNotFound
    return request_details(row)
