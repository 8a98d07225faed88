"""Exports of a hundred thousand leads: how fast they are written, and how much memory that takes.

The reference is PostgreSQL's own ``copy … to`` of the very statement that a page of the list is, all of it at once, as
psql would: it looks nothing up beside it, guards no cell and tells no time zone. The command is timed with its start.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import asyncpg

from bench import contestants
from bench.figures import Figure, table, under
from bench.world import Key, fill
from forecourt.infra.embedded import hold
from forecourt.leads.listing import page_query

_FLAT = 1.25
_ONE_IN_FIVE = ("--filter", "source=Carsales")


class Written(NamedTuple):
    """A file that was written: how fast, and the most memory that its writer held, in MiB."""

    rows: int
    seconds: float
    peak: float

    @property
    def per_second(self) -> float:
        """Rows."""
        return self.rows / self.seconds

    def __str__(self) -> str:
        """One line of a report."""
        return f"{self.per_second:,.0f} rows/s, {self.peak:.0f} MiB at the most"


def main(*, leads: int = 100_000) -> list[Figure]:
    """Fill a database, run it, and return what it comes to."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(f"filling a database with {leads:,} leads of one dealership …", flush=True)
        keys = fill(held.url, leads, dealerships=1)
        holder = next(key for key in keys if 1 in key.dealership_ids)
        return run(held.url, Path(folder), leads, holder)


def run(url: str, folder: Path, leads: int, key: Key) -> list[Figure]:
    """Run it on a filled database; prints a line for each contestant."""
    copied = _told("copy", _copied(url, folder, leads))
    csv = _told("CSV", _exported(url, folder, "csv", leads))
    part = _told("CSV of a fifth", _exported(url, folder, "csv", leads // 5, *_ONE_IN_FIVE))
    xlsx = _told("XLSX", _exported(url, folder, "xlsx", leads))
    served = _told("CSV by HTTP", _served(url, folder, leads, key))
    return [
        Figure("export: PostgreSQL's copy of the list", str(copied)),
        Figure("export: CSV by command", str(csv)),
        Figure("export: XLSX by command", str(xlsx)),
        Figure("export: CSV by HTTP", str(served)),
        Figure("export: CSV by command to copy", f"{csv.per_second / copied.per_second:.2f}"),
        under("export: memory for all to that for a fifth", csv.peak / part.peak, _FLAT),
    ]


def _told(name: str, written: Written) -> Written:
    print(f"{name:16} {written.rows:8,} leads, {written}", flush=True)
    return written


def _copied(url: str, folder: Path, leads: int) -> Written:
    return _watched([sys.executable, "-m", "bench.export", "copy", url, str(folder / "copied.csv")], leads)


def _exported(url: str, folder: Path, ending: str, leads: int, *filters: str) -> Written:
    file = folder / f"exported-{len(filters)}.{ending}"
    words = ["export", "leads", "--dealership", "dealer-1", "--output", str(file), *filters]
    where = ["--database-url", url, "--data-dir", str(folder)]
    written = _watched([sys.executable, "-m", "forecourt", *words, *where], leads)
    if ending == "csv":
        # No cell of this world has a line end.
        assert file.read_bytes().count(b"\r\n") == leads + 1
    return written


def _watched(words: list[str], rows: int) -> Written:
    began = time.monotonic()
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    kilobyte = 1_024 if sys.platform != "darwin" else 1_024**2
    return Written(rows, time.monotonic() - began, used.ru_maxrss / kilobyte)


def _served(url: str, folder: Path, leads: int, key: Key) -> Written:
    port = contestants.free_port()
    words = [sys.executable, "-m", "forecourt", "serve", "--port", str(port)]
    where = {
        "FORECOURT_DATABASE_URL": url,
        "FORECOURT_DATA_DIR": str(folder),
        "FORECOURT_LOG_LEVEL": "warning",
    }
    with contestants.running(words, port, "/readyz", **where) as server:
        [worker] = contestants.workers(server.pid)
        began = time.monotonic()
        request = urllib.request.Request(
            f"{server.url}/api/v1/leads.csv?dealership=dealer-1",
            headers={"Authorization": f"Bearer {key.token}"},
        )
        lines = 0
        with urllib.request.urlopen(request) as answer:
            while piece := answer.read(1 << 16):
                lines += piece.count(b"\n")
        assert lines == leads + 1
        return Written(leads, time.monotonic() - began, _peak(worker))


def _peak(pid: int) -> float:
    """The most that *pid* ever held, in MiB; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(status.partition("VmHWM:")[2].split()[0]) / 1_024


async def _copy(url: str, file: Path) -> None:
    connection = await asyncpg.connect(url)
    query = page_query(frozenset(), "-created_at", after=False, one_dealership=True)
    values = {"dealership_ids": [1], "size": None}
    await connection.copy_from_query(
        query.text, *[values[name] for name in query.names], output=file, format="csv", header=True
    )
    await connection.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["copy"]:
        asyncio.run(_copy(sys.argv[2], Path(sys.argv[3])))
    else:
        print(table(main()))
