"""Servers and workers are killed at random moments while everybody writes: nothing is lost, and nobody is written to twice."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
import socket
import time
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from forecourt.deliveries.pace import Pace
from tests.conftest import bearer
from tests.faults.clients import Scribe
from tests.faults.processes import Nursery, Process, a_nursery
from tests.faults.sizes import report, size
from tests.faults.telling import nothing_left, states, tell_everybody, wrongs
from tests.files.samples import png
from tests.messages.asking import AT
from tests.messages.sink import Sink, a_sink
from tests.webhooks.receiving import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.world import World

KILLS = size(40, 200)
CLIENTS = 4
# Between two kills. The longer, the more has begun by the next one.
PAUSE = (0.02, size(40, 100) / 100)
# What dies leaves its leases behind; nothing that lives ever runs out of its own.
PACE = Pace(lease=6, patience=5, request=4, mail=4, mail_step=4, reaping=0.2, poll=0.1)
FILE = f"data:image/png;name=car.png;base64,{base64.b64encode(png()).decode()}"


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
        tmp_path, database_url, PACE, worker=False, smtp_url=sink.url, allow_private_webhooks=True
    ) as nursery:
        yield nursery


def a_port(chance: random.Random) -> int:
    """A port that stays free while its server is dead: none of those that outgoing connections are given."""
    while True:
        port = chance.randint(15_000, 30_000)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


async def test_nothing_acknowledged_is_lost_and_nobody_is_written_to_twice(
    nursery: Nursery, world: World, sink: Sink, got: Receiver, tmp_path: Path
) -> None:
    chance = random.Random(34)
    scribe = Scribe()
    servers = [nursery.process("server", a_port(random.Random()), database_connections=4) for _ in range(2)]
    workers = [nursery.process("worker", database_connections=4) for _ in range(2)]
    supervising = [asyncio.create_task(one.kept_alive()) for one in (*servers, *workers)]
    async with AsyncExitStack() as open_clients:
        apis = [
            await open_clients.enter_async_context(
                httpx.AsyncClient(base_url=server.address, headers=bearer(world.token), timeout=20)
            )
            for server in servers
        ]
        await asyncio.gather(*(server.ready() for server in servers))
        await tell_everybody(apis[0], got, "first", "second")
        ended = asyncio.Event()
        writing = [asyncio.create_task(_write_on(scribe, apis, client, ended)) for client in range(CLIENTS)]
        back = await _kill(servers, workers, chance)
        ended.set()
        await asyncio.gather(*writing)
        await nothing_left(world)
        unknown = (await apis[0].get(f"{AT}/messages", params={"state": "unknown", "limit": 200})).json()
    for one in supervising:
        one.cancel()

    assert await scribe.wrongs(world) == []
    assert await wrongs(world, sink, got) == []
    assert await _lost_files(world, tmp_path / "files") == []
    told = await states(world)
    # Notices and webhooks are told at least once; of a customer's mail it may be unknown whether it arrived.
    assert {state for channel, state in told if channel in {"notification", "webhook"}} == {"sent"}
    assert {state for _, state in told} <= {"sent", "unknown"}
    of_customers = sum(count for (_, state), count in told.items() if state == "unknown")
    assert len(unknown["messages"]) == of_customers <= sum(len(worker.deaths) for worker in workers)
    assert sum(len(one.deaths) for one in (*servers, *workers)) == KILLS
    acknowledged = [op for op in scribe.journal if op.outcome == "ok"]
    assert len(acknowledged) > KILLS
    report("kills of servers and workers", [len(one.deaths) for one in (*servers, *workers)])
    report("writes, acknowledged ones", (len(scribe.journal), len(acknowledged)))
    report("requests without an answer, answered as unknown", (scribe.unanswered, scribe.unknown))
    report("deliveries", dict(told))
    report(
        "seconds until a killed server serves again, median and worst",
        (sorted(back)[len(back) // 2], max(back)),
    )


async def _kill(servers: list[Process], workers: list[Process], chance: random.Random) -> list[float]:
    """Kill one after the other, at a random moment after the one before is back; how long it took each server to serve."""
    back: list[float] = []
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(*PAUSE))
        one = chance.choice([*servers, *workers])
        await one.kill()
        died = time.monotonic()
        if one in servers:
            await one.ready()
            back.append(time.monotonic() - died)
    return back


async def _write_on(scribe: Scribe, apis: list[httpx.AsyncClient], client: int, ended: asyncio.Event) -> None:
    """Create and update leads with and without files, write to customers, at either server."""
    chance = random.Random(client)
    lead: dict[str, Any] | None = None
    number = 0
    while not ended.is_set():
        number += 1
        mark = f"client {client} write {number}"
        order = apis if chance.random() < 0.5 else apis[::-1]
        what = chance.random()
        if lead is None or what < 0.3:
            lead = await scribe.insist(order, mark, send_customer_email=True) or lead
        elif what < 0.5:
            file = {"file_type": "other", "file": FILE}
            lead = await scribe.insist(order, mark, lead=lead, lead_files_attributes=[file]) or lead
        elif what < 0.6:
            await scribe.write_to(order, mark, lead)
        else:
            # Every other one gives up where it gets no answer.
            tries = {"tries": 1} if number % 2 else {}
            lead = await scribe.insist(order, mark, lead=lead, **tries) or lead
        await asyncio.sleep(chance.uniform(0, 0.1))


async def _lost_files(world: World, folder: Path) -> list[str]:
    """The files that the database knows and the disk has not, or has otherwise."""
    rows = await world.rows("select stored_name, sha256 from lead_file")
    assert rows
    return [
        row["stored_name"]
        for row in rows
        if hashlib.sha256((folder / row["stored_name"][:2] / row["stored_name"]).read_bytes()).digest()
        != row["sha256"]
    ]
