"""Processes and their parents."""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """In a worker process: end when the process that started it does, however that goes."""
    parent = multiprocessing.parent_process()
    if parent is None or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent.pid:
        # It was gone before we asked to be told.
        os._exit(0)


@contextmanager
def told_of_end(call: Callable[[], None]) -> Generator[None]:
    """While this is entered, *call* is called as soon as the process is told to end; the server does so much later.

    The web server waits for every connection before it tells the application: one that is meant to stay open would make it
    wait until it gives up.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def end(number: int, frame: Any) -> None:  # noqa: ANN401 - signal's own
        loop.call_soon_threadsafe(call)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
