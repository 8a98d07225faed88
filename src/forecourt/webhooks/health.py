"""When an endpoint is switched off: it said so, or nothing has reached it for days. It is never deleted for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from forecourt.infra.database import DatabaseUnavailable, OvertakenByAnother
from forecourt.webhooks.health_queries import GIVE_UP, HEAR, NOTICE, SWITCH_OFF
from forecourt.webhooks.verdict import GONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.deliveries.records import Ended
    from forecourt.infra.database import Connection, Database

log = structlog.get_logger()

# Of nothing but failures; the notices on the first and the fourth day come before.
PATIENCE = timedelta(days=5)
_LOOKED_AFTER_EVERY = 60.0


async def hear(connection: Connection, ended: Sequence[Ended]) -> None:
    """Note which endpoints answer and which fail; switch off, and tell somebody, where it is time to."""
    heard = [
        (one.delivery.dealership_id, one.delivery.lane, one.state == "sent", one.attempt.status == GONE)
        for one in ended
        if one.attempt is not None
    ]
    if not heard:
        return
    await connection.run(
        HEAR,
        dealership_ids=[dealership for dealership, _, _, _ in heard],
        ids=[ident for _, ident, _, _ in heard],
        arrived=[arrived for _, _, arrived, _ in heard],
    )
    failed = {ident: dealership for dealership, ident, arrived, _ in heard if not arrived}
    if failed:
        await connection.run(
            SWITCH_OFF,
            dealership_ids=list(set(failed.values())),
            ids=list(failed),
            gone=[ident for _, ident, _, gone in heard if gone],
            patience=PATIENCE,
        )
        await connection.run(NOTICE)
        await connection.run(GIVE_UP, ids=list(failed))


async def look_after(database: Database) -> None:
    """Tell of endpoints that have failed for days, also where nothing is sent to them now, until cancelled."""
    while True:
        try:
            async with database.connection() as connection:
                noticed = await connection.run(NOTICE)
                await connection.run(GIVE_UP, ids=None)
            if noticed:
                log.warning("webhooks.failing", webhooks=noticed)
        except (DatabaseUnavailable, OvertakenByAnother):
            log.warning("webhooks.not_looked_after")
        await asyncio.sleep(_LOOKED_AFTER_EVERY)
