"""A channel in which some deliveries are poison: they raise, hang, eat all memory, or kill their worker."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

from forecourt.deliveries.records import Attempt, Claimed, Ended, sent
from forecourt.infra.database import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.deliveries.channel import Ready
    from forecourt.infra.database import Connection, Database

KINDS = ("raises", "hangs", "eats memory", "kills its worker")
_EATEN = 2**31

_TRIED = Query("insert into tried (delivery_id, attempt, pid) values (:id, :attempt, :pid)")


class Poison:
    """Does what a delivery's target says; every attempt leaves a row in the table ``tried``, before anything else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prepare(self, _: Connection, claimed: Sequence[Claimed]) -> list[Ready | Ended]:
        return [self._ready(one) for one in claimed]

    def _ready(self, delivery: Claimed) -> Ready:
        async def ready() -> Ended:
            async with self._database.connection() as connection:
                await connection.run(_TRIED, id=delivery.id, attempt=delivery.attempts, pid=os.getpid())
            match delivery.target:
                case "raises":
                    raise ZeroDivisionError
                case "hangs":
                    await asyncio.sleep(3_600)
                case "eats memory":
                    bytearray(_EATEN)
                case "kills its worker":
                    os.kill(os.getpid(), signal.SIGKILL)
            return sent(delivery, Attempt(outcome="accepted"))

        return ready

    async def ended(self, _: Connection, ended: Sequence[Ended]) -> None:
        assert ended
