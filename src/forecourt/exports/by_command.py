"""What the commands that export do: the same lists, asked for at the server's own command line, where no key is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from forecourt.access.caller import Caller
from forecourt.dealerships.by_command import change_by_command
from forecourt.exports import cluster_pages, lead_pages
from forecourt.exports.hand_out import Export
from forecourt.exports.sheets import LEAD_CLUSTERS, LEADS
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Problem
from forecourt.leads.filters import HeldDealership

if TYPE_CHECKING:
    from forecourt.dealerships.operation import Dealership, Standing
    from forecourt.exports.walk import Page, Place
    from forecourt.infra.database import Connection, Database

# Told how many rows there are, page by page.
Progress: TypeAlias = Callable[[int], None]
# Told once how many there will be, where that is known. None where nobody wants to know: then nobody counts.
Expected: TypeAlias = Callable[[int | None], None]

LEAD_FILTERS = tuple(name for name in lead_pages.PARAMETERS if name not in lead_pages.REPEATED)
CLUSTER_FILTERS = cluster_pages.PARAMETERS
_COMMAND = "command:export"
# What is only a test is no customer.
_CALLER = Caller(None, (), test=False)


async def leads(
    database: Database,
    dealerships: Sequence[str],
    filters: Sequence[str],
    *,
    expected: Expected | None,
    progress: Progress,
) -> Export:
    """The export of the leads of *dealerships*, slugs or ids, that *filters*, each ``name=value``, ask for.

    Raises:
        DealershipNotFound: there is no such dealership.
        BadQuery: a filter does not fit.
    """
    query = _query(filters, LEAD_FILTERS)
    async with database.connection() as connection:
        standings = [await _standing(connection, name) for name in dealerships]
        # Named twice, by slug and by id perhaps, it is one.
        held = list({one.id: _held(one) for one in (standing.dealership for standing in standings)}.values())
        if expected is not None:
            expected(await lead_pages.expected(connection, _CALLER, held, query))

    async def read(after: Place | None) -> Page:
        async with database.connection() as connection:
            return await lead_pages.page(connection, _CALLER, held, query, after)

    return Export(LEADS, await read(None), read, filters=query, request_id=_COMMAND, progress=progress)


async def lead_clusters(
    database: Database,
    dealership: str,
    filters: Sequence[str],
    *,
    expected: Expected | None,
    progress: Progress,
) -> Export:
    """The export of the lead clusters of *dealership*, likewise.

    Raises:
        DealershipNotFound: there is no such dealership.
        BadQuery: a filter does not fit.
    """
    query = _query(filters, CLUSTER_FILTERS)
    async with database.connection() as connection:
        standing = await _standing(connection, dealership)
        if expected is not None:
            expected(await cluster_pages.expected(connection, standing, query))

    async def read(after: Place | None) -> Page:
        async with database.connection() as connection:
            return await cluster_pages.page(connection, standing, query, after)

    return Export(
        LEAD_CLUSTERS, await read(None), read, filters=query, request_id=_COMMAND, progress=progress
    )


def _held(dealership: Dealership) -> HeldDealership:
    return HeldDealership(dealership.id, dealership.slug, dealership.country, dealership.timezone)


async def _standing(connection: Connection, dealership: str) -> Standing:
    change = await change_by_command(connection, dealership, "export")
    return msgspec.structs.replace(change.standing, caller=_CALLER)


def _query(filters: Sequence[str], known: Sequence[str]) -> dict[str, list[str]]:
    """*filters* as a query string's parameters."""
    query: dict[str, list[str]] = {}
    problems = []
    for one in filters:
        name, equals, value = one.partition("=")
        if not equals:
            problems.append(Problem(name, "has no value; write it as name=value"))
        elif name not in known:
            problems.append(Problem(name, f"is no filter of this list; there are {', '.join(known)}"))
        elif name in query:
            problems.append(Problem(name, "was given twice"))
        else:
            query[name] = [value]
    if problems:
        raise BadQuery(problems=tuple(problems))
    return query
