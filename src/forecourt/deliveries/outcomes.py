"""Writing down how attempts ended: in groups, each only where the attempt is still this worker's, none ever dropped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import structlog

from forecourt.deliveries.queries import FINISH
from forecourt.deliveries.records import MISHAPS_ALLOWED, Ended, mishap
from forecourt.infra.database import DatabaseUnavailable, OvertakenByAnother, record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from forecourt.deliveries.channel import Channel
    from forecourt.deliveries.pace import Pace
    from forecourt.deliveries.records import Claimed
    from forecourt.infra.database import Database

log = structlog.get_logger()


class Outcomes:
    """How attempts ended, on its way into the database."""

    def __init__(self, database: Database, channel_of: Callable[[Claimed], Channel], pace: Pace) -> None:
        """Nothing to write down; the channel of each delivery is told what was."""
        self._database = database
        self._channel_of = channel_of
        self._pace = pace
        self._waiting: asyncio.Queue[Ended] = asyncio.Queue()
        # What is being written. Whether it was, is unknown where the worker is told to end meanwhile.
        self._writing: list[Ended] = []

    def add(self, ended: Ended) -> None:
        """An attempt has ended."""
        self._waiting.put_nowait(ended)

    async def write_next(self) -> list[Ended]:
        """Wait until there is something, and write all that there is then."""
        self._writing = [await self._waiting.get()]
        return await self.write_rest()

    async def write_rest(self) -> list[Ended]:
        """Write all that there is, what may have been written before included: the second time it changes nothing."""
        self._writing += [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
        if self._writing:
            await self._write(self._writing)
        written, self._writing = self._writing, []
        return written

    async def _write(self, ended: Sequence[Ended]) -> None:
        """Write *ended* down, as soon as the database can be asked; whose lease ran out meanwhile is another's."""
        while True:
            try:
                await self._write_once(ended)
            except (DatabaseUnavailable, OvertakenByAnother):
                await asyncio.sleep(self._pace.poll)
            except Exception as error:  # noqa: BLE001 - what cannot be written must not take others along
                await self._write_apart(ended, error)
                return
            else:
                return

    async def _write_once(self, ended: Sequence[Ended]) -> None:
        async with self._database.connection() as connection:
            finished = await connection.every(record, FINISH, **_columns(ended))
            own = {(row["delivery_id"], row["number"]) for row in finished}
            by_channel: dict[Channel, list[Ended]] = {}
            for one in ended:
                if (one.delivery.id, one.delivery.attempts) in own:
                    by_channel.setdefault(self._channel_of(one.delivery), []).append(one)
            for channel, some in by_channel.items():
                await channel.ended(connection, some)

    async def _write_apart(self, ended: Sequence[Ended], error: Exception) -> None:
        """Each alone; of one that cannot be written as it is, no more than that."""
        if len(ended) > 1:
            for one in ended:
                await self._write([one])
            return
        [one] = ended
        log.error("delivery.not_written", delivery_id=one.delivery.id, error=type(error).__name__)
        if not one.mishap:
            await self._write(
                [mishap(one.delivery, f"its outcome could not be written: {type(error).__name__}")]
            )


def _columns(ended: Sequence[Ended]) -> dict[str, object]:
    """*ended* as the parameters of ``FINISH``: a list a column."""
    attempts = [one.attempt for one in ended]
    return {
        "dealership_ids": [one.delivery.dealership_id for one in ended],
        "ids": [one.delivery.id for one in ended],
        "attempts": [one.delivery.attempts for one in ended],
        "states": [one.state for one in ended],
        "agains": [one.again_in for one in ended],
        "reasons": [one.reason for one in ended],
        "mishaps": [one.mishap for one in ended],
        "mishaps_allowed": MISHAPS_ALLOWED,
        "changed_by_event_ids": [one.changed_by_event_id for one in ended],
        "outcomes": [one and one.outcome for one in attempts],
        "milliseconds": [one.milliseconds if one else 0 for one in attempts],
        "statuses": [one and one.status for one in attempts],
        "request_headers": [_json(one and one.request_headers) for one in attempts],
        "request_bodies": [one and one.request_body for one in attempts],
        "response_headers": [_json(one and one.response_headers) for one in attempts],
        "response_bodies": [one and one.response_body for one in attempts],
    }


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
