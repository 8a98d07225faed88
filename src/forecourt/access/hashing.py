"""Hashing passwords: Argon2id, slow on purpose, so never more at once than two and never a long queue."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import argon2

from forecourt.access.passwords import normalised
from forecourt.access.refusals import TooBusy

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

# OWASP's first choice: 19 MiB, two passes, one lane.
_ARGON2 = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_THREADS = 2
_QUEUE = 20
_NICE = 10
# What a password is held against where there is none to hold it against: the answer takes as long.
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$vKldUJxvCTlt+nJpS/5a0A$A3E0WzmlHoE2/Yss3fl7hvlgV2U7SReH0HOgVDvCENU"


class Hasher:
    """Hashes and checks passwords, away from the event loop."""

    def __init__(self) -> None:
        """Threads start with the first password."""
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2", initializer=_stand_back)
        self._under_way = 0

    async def hash(self, password: str) -> str:
        """*password* as it is kept.

        Raises:
            TooBusy: too many wait already.
        """
        return await self._in_turn(lambda: _ARGON2.hash(normalised(password)))

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether *password* is the one that was hashed; never where there is none, and that takes as long.

        Raises:
            TooBusy: too many wait already.
        """
        return await self._in_turn(lambda: _fits(normalised(password), password_hash or _NOBODYS))

    def refuse_if_full(self) -> None:
        """Go on only where there is room: in a flood nothing else is done for whoever would not be heard anyway.

        Raises:
            TooBusy: too many wait already.
        """
        if self._under_way >= _THREADS + _QUEUE:
            raise TooBusy

    def close(self) -> None:
        """No password is checked any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(self, work: Callable[[], Result]) -> Result:
        self.refuse_if_full()
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other costs than those of today."""
    return _ARGON2.check_needs_rehash(password_hash)


def _stand_back() -> None:
    """Whoever hashes lets those go first who answer: Linux knows a priority for each thread."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def _fits(password: str, password_hash: str) -> bool:
    try:
        return _ARGON2.verify(password_hash, password) and password_hash is not _NOBODYS
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
