"""The inbox at 100,000 clusters: how long the server takes for its first page, and what open streams cost.

The page is asked for by one browser after the other, so that what is measured is the server's own time and no queue.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from bench import contestants
from bench.contestants import free_port, running
from bench.figures import Figure, table, under
from bench.world import fill
from forecourt.access.sessions import COOKIE, open_session
from forecourt.infra.database import Database
from forecourt.infra.embedded import hold

if TYPE_CHECKING:
    from bench.contestants import Server

_ASKED = 60
_WARM = 5
_STREAMS = 500
_VIEWS = (
    "/",
    "/?view=mine",
    "/?view=unassigned",
    "/?view=all",
    "/?view=overdue",
    "/?q=source:carsales%20is:golden",
)

# What the filling leaves out because it would take long: since when each waiting customer is late, and opening hours.
_STAFF = """
update lead_cluster
set due_at = waiting_since + interval '15 minutes', overdue_at = waiting_since + interval '2 hours'
where waiting_since is not null;
insert into opening_hours (dealership_id, weekday, opens, closes)
select dealership.id, weekday, '08:30', '17:30' from dealership cross join generate_series(1, 6) as weekday;
insert into dealership_user (dealership_id, user_id, role)
select id, 1, 'owner' from dealership on conflict (dealership_id, user_id) do update set role = 'owner';
analyze;
"""


def main(*, clusters: int = 100_000) -> list[Figure]:
    """Run it, and return what it comes to."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(f"filling a database with {clusters:,} clusters …", flush=True)
        fill(held.url, clusters)
        cookie = asyncio.run(_signed_in(held.url))
        port = free_port()
        words = [sys.executable, "-m", "forecourt", "serve", "--json", "--port", str(port)]
        with running(words, port, "/readyz", FORECOURT_DATA_DIR=folder) as server:
            figures = _pages(server, cookie)
        return figures + asyncio.run(_streams(folder, cookie))


async def _signed_in(url: str) -> str:
    connection = await asyncpg.connect(url)
    await connection.execute(_STAFF)
    await connection.close()
    database = Database(connections=1)
    await database.open(url)
    async with database.connection() as lent:
        cookie = await open_session(lent, 1, user_agent="bench", source="127.0.0.1")
    await database.close()
    return cookie


def _pages(server: Server, cookie: str) -> list[Figure]:
    figures = []
    heaviest = 0
    for view in _VIEWS:
        times = []
        body = b""
        for number in range(_ASKED + _WARM):
            began = time.perf_counter()
            body = _get(server.url + view, cookie)
            # The first ones warm up.
            if number >= _WARM:
                times.append((time.perf_counter() - began) * 1_000)
        p95 = statistics.quantiles(times, n=20)[18]
        print(f"  {view:45} p50 {statistics.median(times):6.1f} ms  p95 {p95:6.1f} ms", flush=True)
        figures.append(under(f"inbox: {view}, p95", p95, 150, " ms"))
        heaviest = max(heaviest, len(gzip.compress(body)))
    figures.append(under("inbox: heaviest first page, gzipped", heaviest / 1_024, 100, " KiB"))
    return figures


def _get(url: str, cookie: str) -> bytes:
    request = urllib.request.Request(url, headers={"Cookie": f"{COOKIE}={cookie}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        body: bytes = answer.read()
    return body


async def _streams(folder: str, cookie: str) -> list[Figure]:
    """What open streams cost in memory, and how long a server with them takes to end."""
    port = free_port()
    words = [sys.executable, "-m", "forecourt", "serve", "--json", "--port", str(port)]
    process = await asyncio.to_thread(_started, words, folder)
    assert process.stdout
    await asyncio.to_thread(process.stdout.readline)
    pid = contestants.workers(process.pid)[0]
    before = contestants.memory(pid)
    opened = [await _open(port, cookie) for _ in range(_STREAMS)]
    await asyncio.sleep(2)
    after = contestants.memory(pid)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait, 60)
    ended = time.monotonic() - began
    for _, writer in opened:
        writer.close()
    figures = [under(f"inbox: SIGTERM to exit with {_STREAMS} streams", ended, 20, " s")]
    if before and after:
        each = (after[0] - before[0]) * 1_024 / _STREAMS
        figures.append(under(f"inbox: memory of a stream, of {_STREAMS}", each, 100, " KiB"))
    return figures


def _started(words: list[str], folder: str) -> subprocess.Popen[str]:
    environment = os.environ | {"FORECOURT_DATA_DIR": folder}
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)


async def _open(port: int, cookie: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: {COOKIE}={cookie}\r\n\r\n".encode())
    await writer.drain()
    await reader.readuntil(b"event: alive")
    return reader, writer


if __name__ == "__main__":
    print(table(main()))
