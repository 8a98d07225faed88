"""A worker whose connection to the database ends at the worst of moments tells everybody all the same, and nobody twice."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import httpx
import pytest

from forecourt.deliveries.pace import Pace
from tests.clusters.asking import enquiry, update_lead
from tests.conftest import bearer, serving
from tests.faults.proxy import AFTER, AT_ONCE, BEFORE, Proxy, a_proxy
from tests.faults.sizes import report, size
from tests.faults.telling import nothing_left, states, tell_everybody, write_to, wrongs
from tests.messages.sink import Sink, a_sink
from tests.webhooks.receiving import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

ENQUIRIES = size(40, 400)
# Whoever loses a claim with its connection gets it back soon.
PACE = Pace(lease=4, patience=3, request=2, mail=2, reaping=0.2, poll=0.1)


@pytest.fixture
async def proxy(database_url: str) -> AsyncGenerator[Proxy]:
    async with a_proxy(database_url) as running:
        yield running


@pytest.fixture
async def sink() -> AsyncGenerator[Sink]:
    async with a_sink() as running:
        yield running


@pytest.fixture
async def got() -> AsyncGenerator[Receiver]:
    async with receiver() as running:
        yield running


async def test_what_was_to_be_told_is_told_and_nothing_is_left_unknown(
    database_url: str,
    world: World,
    proxy: Proxy,
    sink: Sink,
    got: Receiver,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    chance = random.Random(34)
    async with (
        serving(database_url, tmp_path_factory.mktemp("files"), allow_private_webhooks=True) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(world.token), timeout=60) as api,
        serving(
            proxy.url,
            tmp_path_factory.mktemp("other-files"),
            pace=PACE,
            worker=True,
            smtp_url=sink.url,
            allow_private_webhooks=True,
        ),
    ):
        await tell_everybody(api, got, "hook")
        proxy.fate = lambda: chance.choice([BEFORE, AFTER, AT_ONCE]) if chance.random() < 0.2 else None
        for number in range(ENQUIRIES):
            lead = await enquiry(api, send_customer_email=True)
            await update_lead(api, lead, message="changed")
            if number % 4 == 0:
                await write_to(api, lead, f"It is here, {number}.")
            await asyncio.sleep(0.02)
        await nothing_left(world)

    told = await states(world)
    # A mail that could not be written down as going did not go, so it may go later: a bad network leaves nothing unknown
    # but a message of which it swallowed what became of it.
    assert {state for _, state in told} == {"sent"}
    assert told["customer_email", "sent"] == told["notification", "sent"] == ENQUIRIES
    assert told["message", "sent"] == ENQUIRIES // 4
    assert told["webhook", "sent"] == 2 * ENQUIRIES
    assert await wrongs(world, sink, got) == []
    assert len(proxy.cuts) > ENQUIRIES // 4
    report("commits cut, deliveries", (len(proxy.cuts), sum(told.values())))
