"""Update Lead over HTTP, against pgbench sending the same work, and against a plain ORM server.

All three take turns on one database, forwards and backwards; what counts are the ratios round by round. That they do
the same work is checked: of the requests of each, the same share must have left an event behind.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from bench import contestants, traffic
from bench.contestants import Load, by_pgbench, by_wrk, cpu_seconds, free_port, postmaster, running
from bench.figures import Figure, at_least, table, under
from bench.world import Key, fill
from forecourt.access import tokens
from forecourt.infra.embedded import Hold, hold

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from bench.contestants import Server

WORKERS = 2
HERE = Path(__file__).parent
# Of the requests of each contestant, this share writes; so far off may chance take it, in per cent.
WRITING = 1 - traffic.IDLE / 100
_CHANCE = 2.5


class Contestant(NamedTuple):
    """One that takes turns; *pid* is its first process, None where its processor time is not of interest."""

    run: Callable[[], Load]
    pid: int | None


class Round(NamedTuple):
    """One turn of a contestant.

    Attributes:
        written: events that the turn left behind.
        own: milliseconds of processor time a request; None where the system does not tell.
        database: the same of PostgreSQL.
    """

    load: Load
    written: int
    own: float | None
    database: float | None


def main(*, leads: int = 100_000, seconds: int = 6, rounds: int = 4) -> list[Figure]:
    """Run it, print what each did, and return what it comes to."""
    if shutil.which("wrk") is None:
        sys.exit("the load generator wrk is missing: install Debian's package wrk")
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(f"filling a database with {leads:,} leads …", flush=True)
        keys = fill(held.url, leads)
        prepared = traffic.variants(keys)
        script = traffic.lua(prepared, leads, Path(folder) / "requests.lua")
        single = pgbench_script(keys, prepared, leads, Path(folder) / "update.sql")
        with _ours(Path(folder)) as ours, _plain(held) as plain:
            results = compete(
                {
                    "forecourt": Contestant(lambda: by_wrk(ours.url, script, seconds), ours.pid),
                    "pgbench": Contestant(lambda: by_pgbench(held, single, seconds), None),
                    "orm": Contestant(lambda: by_wrk(plain.url, script, seconds), plain.pid),
                },
                rounds,
                held.url,
                postmaster(Path(folder)),
            )
            return report(results) + _beside(ours)


@contextmanager
def _ours(data_dir: Path) -> Generator[Server]:
    port = free_port()
    words = [sys.executable, "-m", "forecourt", "serve", "--json"]
    words += ["--port", str(port), "--workers", str(WORKERS)]
    with running(words, port, "/readyz", FORECOURT_DATA_DIR=str(data_dir)) as server:
        yield server


@contextmanager
def _plain(held: Hold) -> Generator[Server]:
    port = free_port()
    words = [sys.executable, "-m", "uvicorn", "bench.reference_server:app", "--no-access-log"]
    words += ["--log-level", "error", "--port", str(port), "--workers", str(WORKERS)]
    with running(words, port, "/livez", BENCH_DATABASE_URL=held.url) as server:
        yield server


def pgbench_script(keys: list[Key], prepared: list[traffic.Variant], leads: int, file: Path) -> Path:
    """What the update does, as a transaction of single statements, for random leads."""
    key_hash = tokens.hash_of(keys[0].token)
    assert key_hash
    # What the log says is as long as it is for the servers: two different bodies, one after the other.
    before, after = (json.loads(one.body)["lead"] for one in prepared[-2:])
    before["phone"], after["phone"] = "0410000000", "0419999999"
    changes = {
        name: {"from": before[name], "to": after[name]} for name in after if before[name] != after[name]
    }
    text = (HERE / "update_lead.pgbench.sql").read_text()
    for name, value in (
        ("idle", str(traffic.IDLE_LEADS)),
        ("most", str(traffic.draws(leads))),
        ("hash", key_hash.hex()),
        ("changes", json.dumps(changes, separators=(",", ": "))),
    ):
        text = text.replace(f"@{name}@", value)
    file.write_text(text)
    return file


def compete(entered: dict[str, Contestant], rounds: int, url: str, database: int) -> dict[str, list[Round]]:
    """Each in turn, forwards and backwards; a first, uncounted turn warms all up."""
    results: dict[str, list[Round]] = {name: [] for name in entered}
    for contestant in entered.values():
        contestant.run()
    for number in range(rounds):
        names = list(entered) if number % 2 == 0 else list(reversed(entered))
        for name in names:
            turn = _turn(entered[name], url, database)
            results[name].append(turn)
            print(f"  round {number + 1}: {name:9} {turn.load.per_second:8,.0f}/s", flush=True)
    return results


def _turn(contestant: Contestant, url: str, database: int) -> Round:
    pids = (contestant.pid, database)
    events, used = asyncio.run(_events(url)), [pid and cpu_seconds(pid) for pid in pids]
    load = contestant.run()
    spent = [
        (cpu_seconds(pid) - before) * 1_000 / load.requests if pid and before else None
        for pid, before in zip(pids, used, strict=True)
    ]
    return Round(load, asyncio.run(_events(url)) - events, *spent)


async def _events(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("select last_value from event_id_seq"))
    finally:
        await connection.close()


def report(results: dict[str, list[Round]]) -> list[Figure]:
    """Print what each contestant did; the ratios."""
    for name, rounds in results.items():
        print(_line(name, rounds))
    ours = results["forecourt"]
    figures = [
        at_least(
            f"update_lead: forecourt / {name}",
            statistics.median(
                our.load.per_second / their.load.per_second
                for our, their in zip(ours, results[name], strict=True)
            ),
            target,
        )
        for name, target in (("pgbench", 0.80), ("orm", 6.0))
    ]
    spread = statistics.median(one.load.p99 / one.load.p50 for one in ours if one.load.p99 is not None)
    errors = sum(one.load.errors for rounds in results.values() for one in rounds)
    astray = max(statistics.median(map(_astray, rounds)) for rounds in results.values())
    return [
        *figures,
        under("update_lead: p99 / p50", spread, 4.0),
        Figure("update_lead: errors of all three", str(errors), "none", errors == 0),
        under("update_lead: share that writes, furthest off", astray, _CHANCE, " %"),
    ]


def _astray(one: Round) -> float:
    """How far the share of requests that wrote is from what it should be, in per cent of the requests.

    Those under way when the time was up are not answered; any of them may have written.
    """
    least = WRITING * one.load.requests
    most = WRITING * (one.load.requests + contestants.CONNECTIONS)
    return 100 * max(0.0, least - one.written, one.written - most) / one.load.requests


def _written(rounds: list[Round]) -> float:
    return statistics.median(100 * one.written / one.load.requests for one in rounds)


def _line(name: str, rounds: list[Round]) -> str:
    rates = [one.load.per_second for one in rounds]
    p99s = [one.load.p99 for one in rounds if one.load.p99 is not None]
    told = (
        f"{name:9} {statistics.median(rates):6,.0f}/s ({min(rates):,.0f} to {max(rates):,.0f})  "
        f"{'p50 ' if p99s else 'mean'} {statistics.median(one.load.p50 for one in rounds):5.1f} ms  "
        f"p99 {f'{statistics.median(p99s):6.1f} ms' if p99s else '  unknown'}  "
        f"{_written(rounds):5.1f} % write  errors {sum(one.load.errors for one in rounds)}"
    )
    for part, of in (("own", "its own"), ("database", "PostgreSQL's")):
        if all(getattr(one, part) is not None for one in rounds):
            told += f"  {_median(rounds, part):.2f} ms of processor {of}"
    return told


def _median(rounds: list[Round], part: str) -> float:
    return float(statistics.median(getattr(one, part) for one in rounds))


def _beside(ours: Server) -> list[Figure]:
    """Memory after the load, and what the server does with nothing to do."""
    figures = []
    for number, pid in enumerate(contestants.workers(ours.pid), 1):
        sizes = contestants.memory(pid)
        if sizes:
            told = f"{sizes[0]:.0f} RSS, {sizes[1]:.0f} PSS MiB"
            figures.append(Figure(f"memory of worker {number} after the load", told))
    empty = by_wrk(f"{ours.url}/livez", None, 3)
    return [*figures, Figure("an empty handler, same server", f"{empty.per_second:,.0f}/s")]


if __name__ == "__main__":
    print(table(main()))
