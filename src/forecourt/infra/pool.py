"""Connections that are lent out and come back; who asked first is served first.

The driver's own pool lets newcomers overtake those that wait, which made the slowest of a hundred requests several
times as slow, and starts a task at each release.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg

_QUEUE_PATIENCE = 3

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Pool:
    """At most so many connections, made when they are first needed."""

    def __init__(self, connect: Callable[[], Awaitable[Driver]], *, size: int, patience: float) -> None:
        """An empty pool.

        Args:
            connect: makes a connection.
            size: how many there are at most.
            patience: seconds that somebody waits while nobody gets one. As long as others do, the queue moves on, and one
                may wait three times as long.
        """
        self._connect = connect
        self._size = size
        self._patience = patience
        self._queue = asyncio.Semaphore(size)
        self._idle: list[Driver] = []
        self._lent: set[Driver] = set()
        self._loans = 0

    async def take(self) -> Driver:
        """Borrow a connection.

        Raises:
            TimeoutError: none was free, or could be made, in time.
        """
        await self._turn()
        try:
            async with asyncio.timeout(self._patience):
                driver = await self._free()
        except BaseException:
            self._queue.release()
            raise
        self._loans += 1
        self._lent.add(driver)
        return driver

    async def _turn(self) -> None:
        """Wait until it is one's turn.

        Raises:
            TimeoutError: the queue stood still for too long, or moves too slowly.
        """
        if not self._queue.locked():
            await self._queue.acquire()
            return
        turn = asyncio.ensure_future(self._queue.acquire())
        try:
            await self._wait_for(turn)
        except BaseException:
            if not turn.cancel() and not turn.cancelled():
                self._queue.release()
            raise

    async def _wait_for(self, turn: asyncio.Future[Literal[True]]) -> None:
        for _ in range(_QUEUE_PATIENCE):
            loans = self._loans
            await asyncio.wait({turn}, timeout=self._patience)
            if turn.done():
                return
            if loans == self._loans:
                break
        raise TimeoutError

    async def _free(self) -> Driver:
        while self._idle:
            driver = self._idle.pop()
            if not driver.is_closed():
                return driver
        return await self._connect()

    def give_back(self, driver: Driver) -> None:
        """End the loan. A connection that is not as it was lent is not lent again."""
        self._lent.discard(driver)
        if not driver.is_closed():
            if driver.is_in_transaction():
                driver.terminate()
            else:
                self._idle.append(driver)
        self._queue.release()

    async def close(self, *, within: float) -> None:
        """Close all connections, once those that are lent have come back or *within* seconds have passed."""
        try:
            async with asyncio.timeout(within):
                for _ in range(self._size):
                    await self._queue.acquire()
                for driver in self._idle:
                    await driver.close()
        except TimeoutError:
            for driver in (*self._lent, *self._idle):
                driver.terminate()
