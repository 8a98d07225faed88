"""How many rows a list has, as far as a progress bar wants to know: counted up to a bound, and no further.

The planner's own expectation costs nothing and is often wrong by a factor of twenty (several dealerships, two filters that
go together). A count of a hundred thousand walks the page's index in a tenth of a second.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from forecourt.infra.database import DatabaseUnavailable, Query, record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.infra.database import Connection

_MOST = 100_000


async def rows_expected(connection: Connection, page: Query, parameters: Mapping[str, Any]) -> int | None:
    """How many rows the statement of a page would bring, if a page were as long as the list; None for too many.

    Nobody who only wants to know is worth a failure: a count that takes too long is None as well.
    """
    try:
        row = await connection.one(record, _counting(page), **{**parameters, "size": _MOST + 1})
    except DatabaseUnavailable:
        return None
    return row["counted"] if row["counted"] <= _MOST else None


@lru_cache(maxsize=64)
def _counting(page: Query) -> Query:
    # What is told of each row is not looked up: PostgreSQL leaves out what nobody reads.
    return Query(f"select count(listed.id) as counted from ({page.source}) as listed")
