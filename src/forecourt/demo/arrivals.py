"""New enquiries, for as long as the demo runs: sent to its own server as a website would send them."""

from __future__ import annotations

import threading
import urllib.request
from random import Random
from typing import TYPE_CHECKING
from urllib.error import URLError

import msgspec

from forecourt.demo.enquiries import next_enquiry

if TYPE_CHECKING:
    from forecourt.demo.enquiries import Yard

# Seconds between two of them, at least and at most.
_PAUSE = (14.0, 26.0)
_FIRST_AFTER = 6.0


class Arrivals:
    """Sends an enquiry about every twenty seconds, from a thread of its own, until it is stopped."""

    def __init__(self, address: str, token: str, yards: list[Yard]) -> None:
        """Enquiries to the server at *address*, under the key *token*, at one of *yards* each."""
        self._address = address
        self._token = token
        self._yards = yards
        self._random = Random()  # noqa: S311 - nothing secret is drawn
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is under way is finished."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        pause = _FIRST_AFTER
        while not self._stopped.wait(pause):
            self._send(msgspec.json.encode({"lead": next_enquiry(self._yards, self._random)}))
            pause = self._random.uniform(*_PAUSE)

    def _send(self, body: bytes) -> None:
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self._address}/api/v1/leads",
            data=body,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - likewise
        except (URLError, OSError):
            # The server is busy, or ends: the next one comes soon, or none is needed any more.
            return
