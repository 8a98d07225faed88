"""A server process by itself: how long until it serves, and how much memory it holds with nothing done yet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench import contestants
from bench.figures import Figure, table, under

if TYPE_CHECKING:
    from collections.abc import Generator

_DEMO_COLD, _DEMO_WARM = 10.0, 3.0


class _Started(NamedTuple):
    pid: int
    seconds: float


def main() -> list[Figure]:
    """Run it and return the figures.

    The first start of each finds no compiled bytecode and, of ``forecourt serve``, no database; the second finds both.
    """
    figures = []
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder:
        data, bytecode = Path(folder) / "data", Path(folder) / "bytecode"
        for name in ("cold", "warm"):
            words = ["serve", "--port", "0", "--workers", "2"]
            with _started(words, bytecode, FORECOURT_DATA_DIR=str(data)) as server:
                figures.append(Figure(f"forecourt serve, {name}: ready", f"{server.seconds:.2f} s"))
                figures += _memory(server.pid) if name == "warm" else []
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder:
        for name, target in (("cold", _DEMO_COLD), ("warm", _DEMO_WARM)):
            with _started(["demo", "--port", "0"], Path(folder)) as demo:
                figures.append(under(f"forecourt demo, {name}: curl printed", demo.seconds, target, " s"))
    return figures


@contextmanager
def _started(words: list[str], bytecode: Path, **environment: str) -> Generator[_Started]:
    """A command that tells, in a line of JSON, when it answers at /readyz."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "forecourt", *words, "--json"],
        env=inherited | {"PYTHONPYCACHEPREFIX": str(bytecode)} | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        json.loads(process.stdout.readline())
        yield _Started(process.pid, time.monotonic() - began)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def _memory(pid: int) -> list[Figure]:
    sizes = [contestants.memory(worker) for worker in contestants.workers(pid)]
    return [
        Figure(f"memory of worker {number}, idle", f"{size[0]:.0f} RSS, {size[1]:.0f} PSS MiB")
        for number, size in enumerate(sizes, 1)
        if size
    ]


if __name__ == "__main__":
    print(table(main()))
