"""A server process by itself: how long until it serves, and how much memory it holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Run it and print the figures."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder:
        for name in ("first start (with a new database)", "later start"):
            seconds, memory = _serve(Path(folder))
            print(f"forecourt serve, {name}: {seconds:.2f} s to ready; memory of the worker {memory}")
    for name in ("first", "again"):
        print(f"forecourt demo, {name}: {_demo():.2f} s to its request to paste (to reach: 10 cold, 3 warm)")


def _serve(data_dir: Path) -> tuple[float, str]:
    started = time.monotonic()
    server = subprocess.Popen(
        [sys.executable, "-m", "forecourt", "serve", "--port", "0", "--json"],
        env=os.environ | {"FORECOURT_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    json.loads(server.stdout.readline())
    seconds = time.monotonic() - started
    memory = _memory(server.pid)
    server.terminate()
    server.wait(30)
    return seconds, memory


def _demo() -> float:
    started = time.monotonic()
    demo = subprocess.Popen(
        [sys.executable, "-m", "forecourt", "demo", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout
    json.loads(demo.stdout.readline())
    seconds = time.monotonic() - started
    demo.terminate()
    demo.wait(30)
    return seconds


def _memory(pid: int) -> str:
    """Resident and proportional set size, where the system tells."""
    file = Path(f"/proc/{pid}/smaps_rollup")
    if not file.exists():
        return "unknown here"
    sizes = {
        line.split(":")[0]: int(line.split()[1]) / 1_024
        for line in file.read_text().splitlines()[1:]
        if ":" in line
    }
    return f"{sizes['Rss']:.0f} MiB resident, {sizes['Pss']:.0f} MiB of it its own share"


if __name__ == "__main__":
    main()
