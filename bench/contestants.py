"""Servers under load and pgbench, each as processes: run for some seconds, and what came of it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator

    from forecourt.infra.embedded import Hold

CONNECTIONS = 32
_READY_SECONDS = 60.0
_PROC = Path("/proc")


class Load(NamedTuple):
    """Some seconds of load.

    Attributes:
        requests: how many were answered.
        p50: half of the requests took at most so many milliseconds; for pgbench the mean.
        p99: as p50; None where it is not known.
        errors: answers that are not 2xx, requests without an answer, failed transactions.
    """

    requests: int
    per_second: float
    p50: float
    p99: float | None
    errors: int


class Server(NamedTuple):
    """A server that answers under *url*; *pid* is that of its first process."""

    url: str
    pid: int


def by_wrk(url: str, script: Path | None, seconds: int) -> Load:
    """Load *url* over 32 connections."""
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    if script is not None:
        words += ["-s", str(script)]
    told = subprocess.run([*words, url], capture_output=True, text=True, check=True).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    return Load(
        requests=int(_found(r"(\d+) requests in", told)),
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", told)),
        p50=_milliseconds(told, 50),
        p99=_milliseconds(told, 99),
        errors=(int(refused[1]) if refused else 0) + sum(map(int, broken.groups()) if broken else ()),
    )


def by_pgbench(held: Hold, script: Path, seconds: int) -> Load:
    """Run *script*, prepared and planned once as the servers' statements are, from 32 clients."""
    words = [
        str(held.binaries / "pgbench"),
        "-n",
        "-M",
        "prepared",
        f"-c{CONNECTIONS}",
        "-j1",
        f"-T{seconds}",
    ]
    done = subprocess.run(
        [*words, "-f", str(script), held.url],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PGOPTIONS": "-c plan_cache_mode=force_generic_plan"},
    )
    told = done.stdout
    return Load(
        requests=int(_found(r"actually processed: (\d+)", told)),
        per_second=float(_found(r"tps = ([\d.]+)", told)),
        p50=float(_found(r"latency average = ([\d.]+)", told)),
        p99=None,
        errors=int(_found(r"failed transactions: (\d+)", told)),
    )


def _found(pattern: str, told: str) -> str:
    found = re.search(pattern, told)
    assert found, f"{pattern} is not in: {told}"
    return found[1]


def _milliseconds(told: str, percentile: int) -> float:
    found = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s|m)\b", told)
    assert found, told
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1_000, "m": 60_000}[found[2]]


def free_port() -> int:
    """A port where nobody listens: another server there would be the one that is measured."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(words: list[str], port: int, ready: str, **environment: str) -> Generator[Server]:
    """A server as a process, from when it answers at the path *ready*.

    Raises:
        RuntimeError: it ended, or was not ready in a minute.
    """
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(words, env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(process, url + ready)
        yield Server(url, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(url, timeout=1).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server {process.args!r} does not answer")


def processes(pid: int) -> list[int]:
    """*pid* and all that descend from it; nothing where the system does not tell."""
    found = [pid] if (_PROC / str(pid)).exists() else []
    for one in found:
        with suppress(OSError):
            for task in (_PROC / str(one) / "task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def workers(pid: int) -> list[int]:
    """The processes of the server *pid* that answer requests: its spawned ones, or itself."""
    words = {one: (_PROC / str(one) / "cmdline").read_bytes() for one in processes(pid)[1:]}
    return [one for one, line in words.items() if b"spawn_main" in line] or [pid]


def cpu_seconds(pid: int) -> float:
    """What *pid* and its descendants have used, those included that have ended and were waited for."""
    ticks = 0
    for one in processes(pid):
        with suppress(OSError):
            numbers = (_PROC / str(one) / "stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, numbers[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def postmaster(data_dir: Path) -> int:
    """The first process of the embedded PostgreSQL of *data_dir*."""
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])


def memory(pid: int) -> tuple[float, float] | None:
    """Resident and proportional set size in MiB; None where the system does not tell."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1_024 for line in lines if ":" in line}
    return sizes["Rss"], sizes["Pss"]
