"""The keeper: a small process that runs one data folder's server for as long as somebody holds it.

Run as ``python -m forecourt.infra.embedded.keeper DATA_DIR``. It has a session of its own, so that a terminal's
Ctrl+C reaches the application first, which then lets go.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from forecourt.infra.embedded.place import EmbeddedRefused, Place, binaries, place_of
from forecourt.infra.embedded.server import Server

# The process that started the keeper has this long to take hold.
_FIRST_HOLDER_SECONDS = 30.0
_TICK_SECONDS = 0.2
_LINE_BYTES = 64
_RESTART_PAUSE_SECONDS = 0.5


class Keeper:
    """Holders on one side, the server on the other."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._server = Server(place, binaries())
        self._holders: dict[socket.socket, float] = {}
        self._last: list[socket.socket] = []
        self._stay_until = time.monotonic() + _FIRST_HOLDER_SECONDS
        self._linger = 0.0
        self._selector = selectors.DefaultSelector()
        self._door = self._listen()

    def run(self) -> None:
        """Serve until nobody holds the server any more."""
        try:
            self._server.start()
            while self._wanted():
                for key, _ in self._selector.select(_TICK_SECONDS):
                    if key.fileobj is self._door:
                        self._welcome()
                    else:
                        self._part(key.fileobj)  # type: ignore[arg-type]  # only sockets are registered
                if self._server.died():
                    self._again()
        except EmbeddedRefused as refused:
            self._refuse(str(refused))
        finally:
            # First nobody can join any more, then the server ends.
            with suppress(OSError):
                os.unlink(self._place.keeper_socket)  # noqa: PTH108
            self._door.close()
            self._server.stop()

    def _listen(self) -> socket.socket:
        self._place.run.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileNotFoundError):
            os.unlink(self._place.keeper_socket)  # noqa: PTH108
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        door.bind(self._place.keeper_socket)
        door.listen(128)
        self._selector.register(door, selectors.EVENT_READ)
        return door

    def _welcome(self) -> None:
        """A new holder says in one line for how many seconds the server is to stay after everybody has left."""
        holder, _ = self._door.accept()
        holder.settimeout(1)
        try:
            linger = float(holder.recv(_LINE_BYTES).decode("ascii").strip() or 0)
            holder.sendall(b"ready\n")
        except (OSError, ValueError):
            holder.close()
            return
        self._linger = max(self._linger, linger)
        self._holders[holder] = linger
        self._selector.register(holder, selectors.EVENT_READ)

    def _part(self, holder: socket.socket) -> None:
        with suppress(OSError):
            if holder.recv(_LINE_BYTES):
                return
        self._selector.unregister(holder)
        del self._holders[holder]
        self._stay_until = time.monotonic() + self._linger
        if self._wanted():
            holder.close()
        else:
            # It waits until the server is gone, and so until we are.
            self._last.append(holder)

    def _wanted(self) -> bool:
        if self._holders:
            return True
        if self._linger and self._server.clients():
            self._stay_until = time.monotonic() + self._linger
        return time.monotonic() < self._stay_until

    def _again(self) -> None:
        """The server died by itself: start it again, for as long as somebody wants it."""
        while self._wanted():
            with suppress(EmbeddedRefused):
                self._server.start()
                return
            time.sleep(_RESTART_PAUSE_SECONDS)

    def _refuse(self, message: str) -> None:
        """Tell whoever waits at the door why there is no server."""
        self._door.settimeout(_TICK_SECONDS)
        with suppress(OSError):
            while True:
                waiting, _ = self._door.accept()
                waiting.sendall(f"refused {message}\n".encode())
                waiting.close()


def main() -> None:
    """Keep the server of the data folder in the first argument, unless somebody keeps it already."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    place = place_of(Path(sys.argv[1]))
    with (place.root / "keeper.lock").open("w") as lock:
        if _locked(lock.fileno(), place):
            keeper = Keeper(place)
            keeper.run()
            # The last holder waits for its connection to close: nothing of us is left by then.
            os._exit(0)


def _locked(lock: int, place: Place) -> bool:
    """Whether the lock was got; another keeper that is only just ending is waited for."""
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, suppress(OSError):
                probe.connect(place.keeper_socket)
                return False
            time.sleep(_TICK_SECONDS / 10)
        else:
            return True


if __name__ == "__main__":
    main()
