"""Every statement of the package is one that the real schema understands."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
from typing import TYPE_CHECKING

import asyncpg
import pytest

import forecourt
from forecourt.clusters import listing
from forecourt.infra.database import Query
from forecourt.leads.create_queries import write_create
from forecourt.leads.effect_queries import Part
from forecourt.leads.filters import SORTS
from forecourt.leads.listing import CONDITIONS, page_query
from forecourt.leads.update_queries import lead_as_seen_by, write_update
from forecourt.messages.queries import FILTERS as OUTBOX_FILTERS
from forecourt.messages.queries import outbox_query
from forecourt.screens.developers.queries import EVENT_FILTERS, events_query

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


def _statements() -> list[tuple[str, Query]]:
    found = []
    for module in pkgutil.walk_packages(forecourt.__path__, "forecourt."):
        if module.name.endswith("__main__"):
            continue
        held = vars(importlib.import_module(module.name))
        found += [
            (f"{module.name}.{name}", query) for name, query in held.items() if isinstance(query, Query)
        ]
    return sorted(dict(found).items())


@pytest.fixture(scope="module")
async def connection(database_url: str) -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


@pytest.mark.parametrize(("name", "query"), _statements(), ids=[name for name, _ in _statements()])
async def test_the_statement_can_be_prepared(
    name: str, query: Query, connection: asyncpg.Connection[asyncpg.Record]
) -> None:
    assert name
    await connection.prepare(query.text)


async def test_every_combination_of_filters_can_be_prepared(
    connection: asyncpg.Connection[asyncpg.Record],
) -> None:
    updates = {"updated_from", "updated_to"}
    for sort, after, one in itertools.product(SORTS, (False, True), (False, True)):
        names = [name for name in CONDITIONS if name not in updates or sort.endswith("updated_at")]
        for pair in itertools.combinations(names, 2):
            if set(pair) != {"golden", "not_golden"}:
                await connection.prepare(
                    page_query(frozenset(pair), sort, after=after, one_dealership=one).text
                )


async def test_every_combination_of_the_clusters_filters_can_be_prepared(
    connection: asyncpg.Connection[asyncpg.Record],
) -> None:
    for sort, after in itertools.product(listing.SORTS, (False, True)):
        for pair in itertools.combinations(listing.CONDITIONS, 2):
            await connection.prepare(listing.page_query(frozenset(pair), sort, after=after).text)


async def test_every_pair_of_the_outboxs_filters_can_be_prepared(
    connection: asyncpg.Connection[asyncpg.Record],
) -> None:
    for pair in itertools.combinations_with_replacement(OUTBOX_FILTERS, 2):
        await connection.prepare(outbox_query(frozenset(pair)).text)


async def test_every_combination_of_the_events_filters_can_be_prepared(
    connection: asyncpg.Connection[asyncpg.Record],
) -> None:
    names = ("kind", *EVENT_FILTERS)
    for count in range(len(names) + 1):
        for chosen in itertools.combinations(names, count):
            await connection.prepare(events_query(frozenset(chosen)).text)


async def test_every_shape_of_an_update_and_a_creation_can_be_prepared(
    connection: asyncpg.Connection[asyncpg.Record],
) -> None:
    for rare, keyed in itertools.product((False, True), repeat=2):
        await connection.prepare(lead_as_seen_by(rare=rare, keyed=keyed).text)
    for first, second in itertools.combinations_with_replacement([Part(0), *Part, ~Part(0)], 2):
        await connection.prepare(write_update(first | second).text)
        await connection.prepare(write_create(first | second | Part.CLUSTER).text)
