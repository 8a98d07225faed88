"""Server and worker processes that are there at once: each is forked from one that has loaded everything already.

Run as ``python -m tests.faults.nursery``: a line of JSON on stdin asks for a process, a line on stdout tells its id. They
are processes like any other, run what the commands run, and die as those do; they only begin sooner, and so forty of them
can be killed while a test runs. They end with the nursery, and that with its stdin.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any

import uvicorn.protocols.http.httptools_impl
import uvloop

from forecourt import app
from forecourt.cli import serving
from forecourt.cli.working import run_worker
from forecourt.deliveries.pace import Pace
from forecourt.deliveries.run import Deliverer
from forecourt.infra.database import Database
from forecourt.settings import read_settings
from tests.faults.poison import Poison

if TYPE_CHECKING:
    from collections.abc import Callable

assert app
assert uvicorn.protocols.http.httptools_impl


def server(url: str, pace: Pace, port: int) -> None:
    """What ``forecourt serve`` runs, once the database is there."""
    assert url
    assert pace
    serving.run(read_settings(), serving.listen("127.0.0.1", port), when_ready=lambda _: None)


def worker(url: str, pace: Pace, _: int) -> None:
    """What ``forecourt worker`` runs, once the database is there."""
    uvloop.run(run_worker(read_settings(), url, pace))


def poisoned(url: str, pace: Pace, memory: int) -> None:
    """A worker one of whose channels is poison, with so much *memory*."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    async def deliver() -> None:
        database = Database(connections=3)
        await database.open(url)
        await Deliverer(database, {"message": Poison(database)}, pace=pace).run()

    asyncio.run(deliver())


KINDS: dict[str, Callable[[str, Pace, int], None]] = {
    "server": server,
    "worker": worker,
    "poisoned": poisoned,
}


def born(wanted: dict[str, Any]) -> int:
    """A process that does what is *wanted*; its id."""
    pid = os.fork()
    if pid:
        return pid
    # Whoever asks for a process must not wait for its stdout, nor it for somebody else's stdin.
    nowhere = os.open(os.devnull, os.O_RDWR)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, instead in enumerate((nowhere, log, log)):
        os.dup2(instead, number)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(wanted["environment"])
    try:
        KINDS[wanted["kind"]](wanted["url"], Pace(**wanted["pace"]), wanted["number"])
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(0)


def main() -> None:
    """Bear processes until stdin ends; then none of them is left."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    born_here: list[int] = []
    for line in sys.stdin:
        born_here.append(born(json.loads(line)))
        sys.stdout.write(f"{born_here[-1]}\n")
        sys.stdout.flush()
    for pid in born_here:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
