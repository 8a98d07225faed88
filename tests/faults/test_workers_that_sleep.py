"""Workers that stand still and go on later: what was taken from them stays so, and nothing is late or early for it."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import pytest

from forecourt.deliveries.pace import Pace
from tests.clusters.asking import enquiry, update_lead
from tests.conftest import bearer, serving
from tests.faults.processes import Nursery, a_nursery
from tests.faults.sizes import report, size
from tests.faults.telling import SALES, broken, nothing_left, tell_everybody, wrongs
from tests.messages.asking import deliveries, settled, until
from tests.messages.sink import Sink, a_sink
from tests.webhooks.receiving import Receiver, receiver
from tests.webhooks.receiving import until as until_holds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.world import World

ENQUIRIES = 8
ROUNDS = size(1, 7)
PACE = Pace(lease=3, patience=2.5, request=2, mail=2, mail_step=2, reaping=0.1, poll=0.1)


@pytest.fixture
async def sink() -> AsyncGenerator[Sink]:
    async with a_sink() as running:
        yield running


@pytest.fixture
async def got() -> AsyncGenerator[Receiver]:
    async with receiver() as running:
        yield running


@pytest.fixture
async def nursery(database_url: str, sink: Sink, tmp_path: Path) -> AsyncGenerator[Nursery]:
    async with a_nursery(
        tmp_path, database_url, PACE, smtp_url=sink.url, allow_private_webhooks=True
    ) as nursery:
        yield nursery


@pytest.fixture
async def api(database_url: str, world: World, tmp_path: Path) -> AsyncGenerator[httpx.AsyncClient]:
    async with (
        serving(database_url, tmp_path / "served", allow_private_webhooks=True) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(world.token), timeout=60) as client,
    ):
        yield client


async def test_whoever_wakes_when_its_work_was_taken_over_changes_nothing(
    api: httpx.AsyncClient, world: World, nursery: Nursery, sink: Sink, got: Receiver
) -> None:
    await tell_everybody(api, got, "hook")
    for number in range(ROUNDS):
        await _taken_over(api, world, nursery, sink, got, number)

    rows = await deliveries(world)
    assert {row["state"] for row in rows} == {"sent"}
    # Of each attempt at most one outcome was written, and of a customer's mail none but the last one's.
    written = await world.rows("select delivery_id, outcome from delivery_attempt")
    outcomes = Counter((row["delivery_id"], row["outcome"]) for row in written)
    assert max(outcomes.values()) == 1
    assert await wrongs(world, sink, got) == []
    came = Counter(one.message_id for one in got.requests)
    report("webhooks that came, deliveries of webhooks", (sum(came.values()), len(came)))


async def _taken_over(
    api: httpx.AsyncClient, world: World, nursery: Nursery, sink: Sink, got: Receiver, number: int
) -> None:
    """A worker that has begun everything falls asleep, another one does all of it, and the first one wakes."""
    addresses = [f"customer{number}-{one}@asleep.example" for one in range(ENQUIRIES)]
    sink.held |= {address: asyncio.Event() for address in addresses}
    got.waits_for = asyncio.Event()
    before = len(got.requests)
    sleeper = nursery.process("worker")
    leads = [await enquiry(api, email=address, send_customer_email=True) for address in addresses]
    await until_holds(lambda: len(got.requests) >= before + ENQUIRIES and set(addresses) <= set(sink.asked))

    sleeper.send(signal.SIGSTOP)
    first_ids = {one.message_id for one in got.requests[before:]}
    sink_before = len(sink.journal)
    got.waits_for.set()
    for address in addresses:
        sink.held[address].set()
    successor = nursery.process("worker")
    await nothing_left(world)
    done = await deliveries(world)
    assert {row["state"] for row in done} == {"sent"}
    # Everything was with the sleeper as it fell asleep, and so with two workers at least.
    assert all(
        row["attempts"] >= 2
        for row in done
        if row["channel"] in {"customer_email", "webhook"} and row["lead_id"] in {one["id"] for one in leads}
    )
    assert len([one for one in sink.journal[sink_before:] if one.recipients[0] in addresses]) == ENQUIRIES
    await successor.kill()

    # It wakes, and has come through what it had begun when it has done something new.
    sleeper.send(signal.SIGCONT)
    lead = await enquiry(api)
    await until(
        world,
        "select 1 from delivery where lead_id = $1 and state = 'sent' and channel = 'webhook'",
        lead["id"],
    )
    await nothing_left(world)
    now = {row["id"]: row for row in await deliveries(world)}
    assert [now[row["id"]] for row in done] == done
    assert first_ids <= {one.message_id for one in got.requests[before + ENQUIRIES :]}
    await sleeper.kill()


async def test_nothing_is_early_and_nothing_lost_when_all_were_asleep_as_it_came_due(
    api: httpx.AsyncClient, world: World, nursery: Nursery, sink: Sink
) -> None:
    worker = nursery.process("worker")
    leads = [
        await enquiry(api, send_customer_email=True, delay_customer_email_minutes=5)
        for _ in range(size(12, 200))
    ]
    ids = [lead["id"] for lead in leads]
    await until(
        world,
        "select 1 from delivery where channel = 'customer_email' and lead_id = any ($1) having count(*) = $2",
        ids,
        len(ids),
    )
    # Minutes are seconds, each mail's its own.
    await world.run(
        """
        update delivery set due_at = now() + (id % 20) * interval '0.1 seconds'
        where channel = 'customer_email' and lead_id = any ($1)
        """,
        ids,
    )
    worker.send(signal.SIGSTOP)
    await update_lead(api, leads[0], send_customer_email=False)
    await asyncio.sleep(1)
    worker.send(signal.SIGCONT)
    await until(
        world,
        """
        select 1 from delivery
        where channel = 'customer_email' and lead_id = any ($1) and state in ('sent', 'cancelled')
        having count(*) = $2
        """,
        ids,
        len(ids),
    )

    rows = await settled(world, channel="customer_email")

    rows = [row for row in rows if row["lead_id"] in ids]
    assert Counter(row["state"] for row in rows) == {"sent": len(ids) - 1, "cancelled": 1}
    assert all(row["handed_over_at"] >= row["due_at"] for row in rows if row["state"] == "sent")
    got_it = Counter(one.recipients[0] for one in sink.journal if one.recipients != [SALES])
    assert got_it == Counter(lead["email"] for lead in leads[1:])
    assert await broken(world) == []
    late = max(row["handed_over_at"] - row["due_at"] for row in rows if row["state"] == "sent")
    report("latest mail after a second of sleep", late)
    await worker.kill()
