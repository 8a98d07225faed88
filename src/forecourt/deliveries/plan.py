"""From the log to the queue: each event is read once, and what follows from it is written down as deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec
import structlog

from forecourt.deliveries.queries import KEEP_PLACE, TAKE_PLACE
from forecourt.events.reader import Gap, LoggedEvent, Place, read
from forecourt.infra.database import ConstraintBroken, record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from forecourt.infra.database import Connection, Database

log = structlog.get_logger()

_BATCH = 500

# Writes the deliveries that follow from some events, in the transaction of *connection*; may be called again for the same.
Reaction: TypeAlias = "Callable[[Connection, Sequence[LoggedEvent]], Awaitable[None]]"


async def plan(database: Database, reactions: Sequence[Reaction]) -> int:
    """Read what is new in the log and plan what follows; how many events there were.

    One worker at a time does it; for any other there is nothing new.

    Raises:
        DatabaseUnavailable: nothing was planned, and nothing is lost.
    """
    async with database.connection() as connection, connection.transaction():
        place = await _take_place(connection)
        if place is None:
            return 0
        events, after = await read(connection, place, _BATCH)
        if events:
            await _react(connection, reactions, events)
        if after != place:
            await connection.run(
                KEEP_PLACE, read_up_to=after.read_up_to, gaps=msgspec.json.encode(after.gaps).decode()
            )
        return len(events)


async def _take_place(connection: Connection) -> Place | None:
    row = await connection.one_or_none(record, TAKE_PLACE)
    if row is None:
        return None
    return Place(row["read_up_to"], tuple(msgspec.json.decode(row["gaps"], type=list[Gap])))


async def _react(
    connection: Connection, reactions: Sequence[Reaction], events: Sequence[LoggedEvent]
) -> None:
    """All events at once; where one of them cannot be planned, each alone, so that it holds no other up."""
    try:
        async with connection.transaction():
            for reaction in reactions:
                await reaction(connection, events)
    except ConstraintBroken as broken:
        if len(events) == 1:
            log.error("event.not_planned", event_id=events[0].id, constraint=broken.constraint)  # noqa: TRY400
            return
        for event in events:
            await _react(connection, reactions, [event])
