"""A worker's loop: claim what is due, do it, write down how it ended.

What is due is claimed in batches under a lease, and the attempt is counted before it begins. Nothing is held in the
database while a stranger takes its time. Results are written in groups, and each only where the attempt is still this
worker's. A worker that dies loses nothing: its lease runs out.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from forecourt.deliveries import queries
from forecourt.deliveries.outcomes import Outcomes
from forecourt.deliveries.pace import USUAL
from forecourt.deliveries.records import MISHAPS_ALLOWED, Claimed, Ended, mishap, put_off
from forecourt.infra.database import DatabaseUnavailable, OvertakenByAnother, record

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from forecourt.deliveries.channel import Channel, Ready
    from forecourt.deliveries.pace import Pace
    from forecourt.infra.database import Connection, Database

log = structlog.get_logger()

_IN_FLIGHT = 256
_PER_LANE = 16
_PER_FAILING_LANE = 2
_FLOOR_EVERY = 15.0
# Longer than any transaction that plans: what it plans is due at its own beginning.
_FLOOR_MARGIN = timedelta(seconds=60)
# Enough to tell what the table is going to look like.
_ANALYZED_AFTER = 300
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Deliverer:
    """One worker's deliveries under way."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        channels_of_tests: Mapping[str, Channel] | None = None,
        pace: Pace = USUAL,
    ) -> None:
        """Nothing under way.

        Args:
            database: where the deliveries are.
            channels: by their names.
            channels_of_tests: likewise, for what is about a customer of test mode; the same where there are none.
            pace: how long it waits for what.
        """
        self._database = database
        self._channels = channels
        self._of_tests = channels if channels_of_tests is None else channels_of_tests
        self._pace = pace
        self._wake = asyncio.Event()
        self._outcomes = Outcomes(database, self._channel_of, pace)
        # What this worker has claimed and has not written down yet, and the tasks that work on it.
        self._held: dict[int, Claimed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._floor = _LONG_AGO
        self._floor_found_at = -_FLOOR_EVERY
        self._claimed = 0

    def wake(self) -> None:
        """Something may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is under way then has a few seconds, and the rest is handed back."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._claim_on())
                group.create_task(self._write_on())
                group.create_task(self._reap_on())
        finally:
            await asyncio.shield(self._hand_back())

    async def _claim_on(self) -> None:
        while True:
            self._wake.clear()
            try:
                claimed = await self._claim(_IN_FLIGHT - len(self._held))
            except (DatabaseUnavailable, OvertakenByAnother):
                await asyncio.sleep(self._pace.poll)
                continue
            if claimed:
                self._begin(claimed)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.poll):
                    await self._wake.wait()

    async def _claim(self, size: int) -> list[Claimed]:
        if size <= 0:
            return []
        async with self._database.connection() as connection:
            await self._find_floor(connection)
            claimed = await connection.every(
                Claimed,
                queries.CLAIM,
                per_lane=_PER_LANE,
                per_failing_lane=_PER_FAILING_LANE,
                floor=self._floor,
                suspects=0 if any(one.is_suspect for one in self._held.values()) else 1,
                size=size,
                lease=timedelta(seconds=self._pace.lease),
                channels=list(self._channels),
            )
            if self._claimed < _ANALYZED_AFTER <= self._claimed + len(claimed):
                await _analyze(connection)
            self._claimed += len(claimed)
            return claimed

    async def _find_floor(self, connection: Connection) -> None:
        if time.monotonic() - self._floor_found_at < _FLOOR_EVERY:
            return
        self._floor_found_at = time.monotonic()
        first = (await connection.one(record, queries.FLOOR))["due_at"]
        self._floor = first - _FLOOR_MARGIN

    def _begin(self, claimed: Sequence[Claimed]) -> None:
        by_channel: dict[Channel, list[Claimed]] = {}
        for delivery in claimed:
            self._held[delivery.id] = delivery
            by_channel.setdefault(self._channel_of(delivery), []).append(delivery)
        for channel, some in by_channel.items():
            self._start(self._prepare(channel, some))

    def _channel_of(self, delivery: Claimed) -> Channel:
        return (self._of_tests if delivery.test else self._channels)[delivery.channel]

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepare(self, channel: Channel, claimed: Sequence[Claimed]) -> None:
        try:
            async with self._database.connection() as connection:
                prepared = await channel.prepare(connection, claimed)
        except (DatabaseUnavailable, OvertakenByAnother):
            # No fault of theirs.
            for delivery in claimed:
                self._outcomes.add(put_off(delivery, "the database could not be asked"))
            return
        except Exception as error:  # noqa: BLE001 - a delivery that cannot be prepared must not take others along
            if len(claimed) > 1:
                for delivery in claimed:
                    self._start(self._prepare(channel, [delivery]))
                return
            log.warning("delivery.not_prepared", delivery_id=claimed[0].id, error=type(error).__name__)
            self._outcomes.add(mishap(claimed[0], f"it could not be prepared: {type(error).__name__}"))
            return
        for delivery, step in zip(claimed, prepared, strict=True):
            if isinstance(step, Ended):
                self._outcomes.add(step)
            else:
                self._start(self._deliver(delivery, step))

    async def _deliver(self, delivery: Claimed, ready: Ready) -> None:
        try:
            async with asyncio.timeout(self._pace.patience):
                ended = await ready()
        except Exception as error:  # noqa: BLE001 - likewise
            log.warning("delivery.failed", delivery_id=delivery.id, error=type(error).__name__)
            ended = mishap(delivery, f"it went wrong on our side: {type(error).__name__}")
        self._outcomes.add(ended)

    async def _write_on(self) -> None:
        while True:
            for one in await self._outcomes.write_next():
                self._held.pop(one.delivery.id, None)
            self._wake.set()

    async def _reap_on(self) -> None:
        while True:
            with suppress(DatabaseUnavailable, OvertakenByAnother):
                async with self._database.connection() as connection:
                    reaped = await connection.run(queries.REAP, mishaps_allowed=MISHAPS_ALLOWED)
                if reaped:
                    log.warning("deliveries.reaped", deliveries=reaped)
                    self.wake()
            await asyncio.sleep(self._pace.reaping)

    async def _hand_back(self) -> None:
        """Give what is under way a few seconds; what does not end by then is handed back or left to its lease."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=self._pace.grace)
        for task in self._tasks:
            task.cancel()
        with suppress(DatabaseUnavailable, TimeoutError):
            async with asyncio.timeout(self._pace.grace):
                for one in await self._outcomes.write_rest():
                    self._held.pop(one.delivery.id, None)
                await self._give_back(list(self._held.values()))
        self._held.clear()

    async def _give_back(self, held: Sequence[Claimed]) -> None:
        async with self._database.connection() as connection:
            await connection.run(
                queries.HAND_BACK,
                dealership_ids=[one.dealership_id for one in held],
                ids=[one.id for one in held],
                attempts=[one.attempts for one in held],
            )


async def _analyze(connection: Connection) -> None:
    if (await connection.one(record, queries.NEVER_ANALYZED))["so"]:
        await connection.run(queries.ANALYZE)
