"""Webhooks delivered by one worker process to a receiver on this machine, against a loop written for nothing else.

Both plan and deliver the same events from the same log to the same eight endpoints, in turns, forwards and backwards, and
leave the same rows behind; what counts are the ratios turn by turn. Then both get fifty events a second, and then the
worker gets nothing.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from bench.contestants import cpu_seconds, free_port, postmaster, running
from bench.figures import Figure, at_least, table
from bench.world import fill
from forecourt.infra.embedded import hold

if TYPE_CHECKING:
    from collections.abc import Generator

ENDPOINTS = 8
A_SECOND = 50
# The server's signal tells other processes no more often.
_TOLD_EVERY = 0.05
_PATIENCE_SECONDS = 120.0

_OURS = [sys.executable, "-m", "forecourt", "worker"]
_REFERENCE = [sys.executable, "-m", "bench.delivery_reference"]

_ADD_ENDPOINTS = """
insert into webhook_endpoint (dealership_id, url, events, schema, secret)
select i, $1 || i, array['lead.updated'], 'v1', 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
from generate_series(1, $2::int) as i
"""
_HAPPEN = """
insert into event (dealership_id, lead_cluster_id, lead_id, kind, occurred_at, request_id, changes)
select dealership_id, lead_cluster_id, id, 'lead.updated', now(), 'bench', '{"message": {"from": "a", "to": "b"}}'
from lead where dealership_id <= $1 order by id limit $2
"""
_HAPPEN_ONCE = """
insert into event (dealership_id, lead_cluster_id, lead_id, kind, occurred_at, request_id, changes)
select dealership_id, lead_cluster_id, id, 'lead.updated', now(), 'bench', '{"message": {"from": "a", "to": "b"}}'
from lead where dealership_id = $1 order by id limit 1
returning id
"""
_PLACE = """
update event_reader set read_up_to = (select max(id) from event), gaps = '[]' where name = 'deliveries'
"""


class Contestant(NamedTuple):
    """One that takes turns: how its process is started."""

    name: str
    words: list[str]


class Turn(NamedTuple):
    """So many events at once.

    Attributes:
        own: milliseconds of processor time a delivery.
        database: the same of PostgreSQL.
    """

    per_second: float
    own: float
    database: float


class Bench(NamedTuple):
    """Where the contestants meet."""

    url: str
    folder: Path
    receiver: str


def main(*, events: int = 8_000, rounds: int = 3, seconds: int = 10) -> list[Figure]:
    """Run it, print what each did, and return what it comes to."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        fill(held.url, max(20_000, 3 * events))
        port = free_port()
        words = [sys.executable, "-m", "bench.delivery_receiver", str(port)]
        with running(words, port, "/livez") as receiver:
            bench = Bench(held.url, Path(folder), receiver.url)
            _run(bench, _ADD_ENDPOINTS, f"{receiver.url}/endpoint", ENDPOINTS)
            return _compete(bench, events, rounds) + _late(bench, seconds) + _idle(bench, 2 * seconds)


def _compete(bench: Bench, events: int, rounds: int) -> list[Figure]:
    contestants = [Contestant("forecourt worker", _OURS), Contestant("asyncpg and httpx2", _REFERENCE)]
    turns: dict[str, list[Turn]] = {one.name: [] for one in contestants}
    for number in range(rounds + 1):
        for one in contestants if number % 2 == 0 else reversed(contestants):
            turn = _turn(bench, one, events)
            # The first is not counted: the tables fill, and their statistics are made.
            if number:
                turns[one.name].append(turn)
                print(f"  round {number}: {one.name:18} {_told(turn)}", flush=True)
        if not number:
            _run(bench, "vacuum analyze")
    ours, theirs = turns.values()
    ratio = statistics.median(
        our.per_second / their.per_second for our, their in zip(ours, theirs, strict=True)
    )
    return [
        at_least("delivery: forecourt worker / asyncpg and httpx2", ratio, 0.7),
        Figure(
            "delivery: one worker, a second",
            f"{statistics.median(one.per_second for one in ours):,.0f}",
        ),
    ]


def _told(turn: Turn) -> str:
    return f"{turn.per_second:8,.0f}/s  {turn.own:.2f} ms of processor its own  {turn.database:.2f} ms PostgreSQL's"


def _turn(bench: Bench, contestant: Contestant, events: int) -> Turn:
    with _started(bench, contestant) as pid:
        before = cpu_seconds(pid), cpu_seconds(postmaster(bench.folder))
        _run(bench, _HAPPEN, ENDPOINTS, events)
        began = time.monotonic()
        _run(bench, "select pg_notify('forecourt_log', '')")
        last = max(_arrivals(bench, events).values())
        spent = cpu_seconds(pid) - before[0], cpu_seconds(postmaster(bench.folder)) - before[1]
    return Turn(events / (last - began), *(1_000 * one / events for one in spent))


@contextmanager
def _started(bench: Bench, contestant: Contestant) -> Generator[int]:
    """The contestant as a process that waits for what happens from now on; its id."""
    _run(bench, _PLACE)
    _get(bench, "/arrivals")
    environment = {
        "FORECOURT_DATABASE_URL": bench.url,
        "BENCH_DATABASE_URL": bench.url,
        "FORECOURT_DATA_DIR": str(bench.folder / "worker"),
        "FORECOURT_ALLOW_PRIVATE_WEBHOOKS": "1",
        "PATH": "",
    }
    process = subprocess.Popen(contestant.words, env=environment, stderr=subprocess.DEVNULL)
    try:
        # Until it has its connections.
        time.sleep(3)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _arrivals(bench: Bench, events: int) -> dict[str, float]:
    """When each of so many messages came first."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while int(_get(bench, "/count")) < events:
        if time.monotonic() > deadline:
            raise RuntimeError(f"of {events} events only {_get(bench, '/count').decode()} came")
        time.sleep(0.05)
    # The last results may still have to be written down.
    time.sleep(0.5)
    came: dict[str, float] = {}
    for message, moment in json.loads(_get(bench, "/arrivals")):
        came.setdefault(message, moment)
    return came


def _late(bench: Bench, seconds: int) -> list[Figure]:
    """How long an event takes to be delivered, at fifty a second."""
    figures = []
    for one in (Contestant("forecourt worker", _OURS), Contestant("asyncpg and httpx2", _REFERENCE)):
        with _started(bench, one):
            happened = asyncio.run(_happen(bench.url, seconds * A_SECOND))
            came = _arrivals(bench, len(happened))
            rows = _run(bench, "select id, event_id from delivery where event_id >= $1", min(happened))
        taken = sorted(
            1_000 * (came[f"msg_{row['id']}"] - happened[row["event_id"]])
            for row in rows
            if row["event_id"] in happened
        )
        p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
        figures.append(
            Figure(f"delivery: after {A_SECOND}/s, {one.name}", f"p50 {p50:.0f}, p99 {p99:.0f} ms")
        )
    return figures


async def _happen(url: str, events: int) -> dict[int, float]:
    """Let events happen, fifty a second, and say so as a server does; event -> when it was committed."""
    connection = await asyncpg.connect(url)
    happened: dict[int, float] = {}
    began, told_at = time.monotonic(), 0.0
    for number in range(events):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        event_id = await connection.fetchval(_HAPPEN_ONCE, 1 + number % ENDPOINTS)
        happened[event_id] = time.monotonic()
        if happened[event_id] - told_at >= _TOLD_EVERY:
            told_at = happened[event_id]
            await connection.execute("select pg_notify('forecourt_log', '')")
    await connection.execute("select pg_notify('forecourt_log', '')")
    await connection.close()
    return happened


def _idle(bench: Bench, seconds: int) -> list[Figure]:
    """What a worker costs that has nothing to do."""
    with _started(bench, Contestant("forecourt worker", _OURS)) as pid:
        pids = (pid, postmaster(bench.folder))
        before = [cpu_seconds(one) for one in pids]
        time.sleep(seconds)
        own, database = (
            60 * (cpu_seconds(one) - used) / seconds for one, used in zip(pids, before, strict=True)
        )
    told = f"{own:.2f} s, PostgreSQL {database:.2f} s"
    return [Figure("delivery: processor of a waiting worker, a minute", told)]


def _get(bench: Bench, path: str) -> bytes:
    with urllib.request.urlopen(bench.receiver + path) as answer:
        content: bytes = answer.read()
    return content


def _run(bench: Bench, query: str, *values: object) -> list[asyncpg.Record]:
    async def run() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(bench.url)
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    return asyncio.run(run())


if __name__ == "__main__":
    print(table(main()))
