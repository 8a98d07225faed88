"""What the application sees of the embedded server: something to hold, and its address."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from forecourt.infra.embedded.place import EmbeddedRefused, Place, binaries, place_of

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

_PATIENCE_SECONDS = 330.0
_RETRY_SECONDS = 0.02
# A keeper that could not even begin is started again that often.
_SPAWN_EVERY_SECONDS = 2.0
_LINE_BYTES = 64


class Hold:
    """The running server of a data folder; it runs for as long as somebody holds it.

    Attributes:
        url: its address, ``postgresql://…`` on a unix socket.
        binaries: the folder of its programs (psql, pgbench, pg_dump, …).
    """

    def __init__(self, place: Place, linger: float) -> None:
        self._place = place
        self._linger = linger
        self._line: socket.socket | None = None
        self.url = place.url
        self.binaries = binaries()
        self.ensure()

    def ensure(self) -> None:
        """Bring the server back where its keeper is gone; nothing to do where all is well.

        Raises:
            EmbeddedRefused: it does not start.
        """
        if self._line is not None and _is_open(self._line):
            return
        self._drop()
        self._line = _take_hold(self._place, self._linger)

    def close(self) -> None:
        """Let go. The last one to do so ends the server, and waits for it to be gone."""
        if self._line is None:
            return
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
            # The keeper closes its end at once while others hold on, and with its own end else.
            while self._line.recv(_LINE_BYTES):
                pass
        self._line.close()
        self._line = None
        _reap()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def hold(data_dir: Path, *, linger: timedelta | None = None) -> Hold:
    """Start the server of *data_dir*, or join the one that runs; back when it takes connections.

    Args:
        data_dir: its data folder; PostgreSQL's own lies in it.
        linger: how long it is to stay when nobody holds it and no client is connected; not at all by default.

    Raises:
        EmbeddedRefused: it cannot run here; the message says why, in one line.
    """
    return Hold(place_of(data_dir), linger.total_seconds() if linger else 0.0)


def _take_hold(place: Place, linger: float) -> socket.socket:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    spawned = 0.0
    while time.monotonic() < deadline:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(_PATIENCE_SECONDS)
        try:
            line.connect(place.keeper_socket)
            line.sendall(f"{linger}\n".encode())
            answer = line.makefile("rb").readline().decode()
        except (FileNotFoundError, ConnectionError, BlockingIOError):
            answer = ""
        if answer == "ready\n":
            return line
        line.close()
        if answer:
            raise EmbeddedRefused(answer.removeprefix("refused ").strip())
        _reap()
        if time.monotonic() - spawned > _SPAWN_EVERY_SECONDS:
            spawned = time.monotonic()
            _spawn_keeper(place)
        time.sleep(_RETRY_SECONDS)
    raise EmbeddedRefused(f"the embedded server did not get ready in {_PATIENCE_SECONDS:.0f} seconds")


_spawned: set[int] = set()


def _spawn_keeper(place: Place) -> None:
    # In a session of its own: Ctrl+C in the terminal is the application's to answer.
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "forecourt.infra.embedded.keeper", str(place.root)],
            os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, number) for number in range(3)],
            setsid=True,
        )
    finally:
        os.close(nowhere)
    _spawned.add(pid)


def _reap() -> None:
    """Take leave of the keepers of ours that have ended."""
    for pid in list(_spawned):
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                _spawned.discard(pid)
        except ChildProcessError:
            _spawned.discard(pid)


def _is_open(line: socket.socket) -> bool:
    """Whether the keeper is still at the other end: it never says another word, so all there is to read is its end."""
    line.settimeout(0)
    try:
        return line.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        line.settimeout(_PATIENCE_SECONDS)
