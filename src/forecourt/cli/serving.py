"""Running the web server: its sockets, its processes, its end."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from forecourt.cli.output import note
from forecourt.infra.refusals import Refusal
from forecourt.settings import Settings, as_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    import uvicorn

_BACKLOG = 2_048
_READY_WITHIN_SECONDS = 60.0
# Longer than clients and proxies keep connections that nobody uses: one that ends just as a request is sent fails it.
KEEP_ALIVE_SECONDS = 75


class PortTaken(Refusal):
    """The server cannot listen where it was told to."""

    code = "port-taken"
    title = "The server cannot listen there"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "no such port"
        raise PortTaken(f"cannot listen on {host} port {port}: {reason}") from None
    listener.listen(_BACKLOG)
    listener.set_inheritable(True)
    return listener


def address_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


async def set_up_secret(url: str) -> str | None:
    """The secret of a link for the first run; None where somebody can sign in already."""
    from forecourt.access.links import set_up_link  # noqa: PLC0415
    from forecourt.infra.database import Database  # noqa: PLC0415

    database = Database(connections=1)
    await database.open(url)
    try:
        async with database.connection() as connection:
            return await set_up_link(connection)
    finally:
        await database.close()


def invitation_to_set_up(address: str, secret: str) -> str:
    """What the first run is told."""
    from forecourt.access.links import path_of  # noqa: PLC0415

    return f"Nobody can sign in yet. Set it up, once and within 30 minutes: {address.rstrip('/')}{path_of(secret)}"


def run(settings: Settings, listener: socket.socket, *, when_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; every request that is under way may finish within the graceful time-out.

    Args:
        settings: what the server processes will read again from their environment.
        listener: an open socket.
        when_ready: called once with the address, when the server can work.
    """
    import uvicorn  # noqa: PLC0415 - slow to load; only a server needs it

    os.environ.update(as_environment(settings))
    config = uvicorn.Config(
        "forecourt.app:from_environment",
        factory=True,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        workers=settings.workers,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.graceful_timeout,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=_BACKLOG,
    )
    _end_well()
    _tell_when_ready(address_of(listener), when_ready)
    _serve(config, listener)


def _serve(config: uvicorn.Config, listener: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    if config.workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()


def _end_well() -> None:
    """SIGTERM is how a server is told to end: that is no failure."""

    def end(*_: Any) -> None:  # noqa: ANN401
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)


def _tell_when_ready(address: str, tell: Callable[[str], None]) -> None:
    def ask() -> None:
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{address}/readyz", timeout=1):  # noqa: S310 - our own address
                    tell(address)
                    return
            except (OSError, HTTPException):
                time.sleep(0.02)
        note(f"the server is not ready after {_READY_WITHIN_SECONDS:.0f} seconds; see its log")

    threading.Thread(target=ask, daemon=True).start()
