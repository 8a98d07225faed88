"""How long people's data is kept: a dealership may have whoever was lost or invalid long enough erased by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import structlog
from msgspec import UNSET, Meta

from forecourt.dealerships.by_command import change_by_command
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.infra.database import OvertakenByAnother, record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Sent
from forecourt.privacy.erase import PERMISSION, erase, lock
from forecourt.privacy.person import the_person
from forecourt.privacy.retention_queries import (
    CHANGE_SETTINGS,
    DEALERSHIPS_THAT_ERASE,
    IS_OVER,
    OVER,
    SETTINGS,
)

if TYPE_CHECKING:
    from forecourt.dealerships.operation import Standing
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Connection, Database

log = structlog.get_logger()

READ = "read:dealership"
LEAST_DAYS, MOST_DAYS = 30, 3_650
# So many are counted when somebody asks how many it would be.
MOST_COUNTED = 1_000
# So many of a dealership are erased at a time: the rest wait for the next.
BATCH = 50


class RetentionSettingsIn(msgspec.Struct, kw_only=True, frozen=True):
    """How long people's data is kept. What is left out stays.

    Attributes:
        erase_closed_after_days: whoever was lost or invalid for so long, and of whom nothing was heard since, is erased
            for good; null for nobody.
    """

    erase_closed_after_days: Sent[Annotated[int, Meta(ge=LEAST_DAYS, le=MOST_DAYS)]] = UNSET


class RetentionSettingsOut(msgspec.Struct, frozen=True):
    """How long people's data is kept.

    Attributes:
        due: how many people's time is over, and who will be erased within the hour; a thousand for more.
    """

    erase_closed_after_days: int | None
    due: int


async def retention_settings(connection: Connection, standing: Standing) -> RetentionSettingsOut:
    """The dealership's settings."""
    row = await connection.one(record, SETTINGS, dealership_id=standing.dealership.id)
    days = row["erase_closed_after_days"]
    return RetentionSettingsOut(days, 0 if days is None else await due_after(connection, standing, days))


async def due_after(connection: Connection, standing: Standing, days: int) -> int:
    """How many people would be erased if the dealership kept them for *days*."""
    over = await _over(connection, standing.dealership.id, days, MOST_COUNTED)
    return len(over)


async def _current(change: Change) -> RetentionSettingsOut:
    return await retention_settings(change.connection, change.standing)


async def _change(change: Change, before: RetentionSettingsOut, sent: RetentionSettingsIn) -> Outcome:
    days = sent.erase_closed_after_days
    if days is UNSET:
        raise Invalid(problems=(Problem("erase_closed_after_days", "is missing; null keeps everybody"),))
    if days == before.erase_closed_after_days:
        return Outcome(body=before)
    await change.connection.run(
        CHANGE_SETTINGS, dealership_id=change.dealership_id, erase_closed_after_days=days
    )
    changes = {"erase_closed_after_days": {"from": before.erase_closed_after_days, "to": days}}
    await record_event(change, "retention_settings.updated", None, changes)
    return Outcome(body=await _current(change), changes=changes)


# Whoever may erase one person may have many erased.
OPERATION = Operation(PERMISSION, _current, RetentionSettingsIn, _change)


async def erase_what_is_over(database: Database, store: FileStore) -> int:
    """Erase those whose time is over, some of each dealership; how many there were.

    Each is an erasure of its own, as if somebody had asked for it, and an event. Any number of servers may do so at once.

    Raises:
        DatabaseUnavailable: it cannot be asked.
    """
    erased = 0
    async with database.connection() as connection:
        dealerships = await connection.every(record, DEALERSHIPS_THAT_ERASE)
    for dealership in dealerships:
        async with database.connection() as connection:
            change = await change_by_command(connection, dealership["slug"], "retention")
            people = await _over(connection, change.dealership_id, dealership["days"], BATCH)
        for contact_id in people:
            erased += await _erase(database, store, dealership, contact_id)
    return erased


async def _over(connection: Connection, dealership_id: int, days: int, size: int) -> list[int]:
    rows = await connection.every(record, OVER, dealership_id=dealership_id, days=days, size=size)
    return [row["contact_id"] for row in rows]


async def _erase(database: Database, store: FileStore, dealership: dict[str, Any], contact_id: int) -> int:
    """Erase one whose time is still over; 0 where somebody has turned to them meanwhile."""
    days = dealership["days"]
    try:
        async with database.connection() as connection, connection.transaction():
            change = await change_by_command(connection, dealership["slug"], "retention")
            change = replace(change, request_id="housekeeping")
            person = await the_person(connection, change.standing, contact_id)
            await lock(change, person.not_erased)
            still = await connection.one_or_none(
                record, IS_OVER, dealership_id=change.dealership_id, days=days, contact_id=contact_id
            )
            if still is None:
                return 0
            outcome = await erase(store, change, person, Nothing())
    except OvertakenByAnother:
        return 0
    if outcome.afterwards is not None:
        await outcome.afterwards()
    return 1
