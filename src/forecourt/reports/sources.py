"""The sources of a dealership and how they stand; noticing those that have gone quiet."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec

from forecourt import vocabulary
from forecourt.infra.database import record
from forecourt.reports.silence import STOPPED_AFTER, Flow, Judged, judged
from forecourt.reports.silence_queries import CALLS, END, EVERY_DEALERSHIP, FLOWS, NOTE, SILENT_NOW
from forecourt.requests.moments import first_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Connection, Database


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """The API key that brought the last enquiry: where to look when nothing comes.

    Attributes:
        hint: how its token ends.
    """

    id: int
    name: str
    hint: str
    last_used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a key's calls since the last enquiry.

    Attributes:
        last_good_at: of those that were answered well.
        refused: how many were not, after that.
        status: with which most of them were refused.
    """

    last_good_at: datetime | None
    refused: int
    status: int | None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A source of a dealership, and how it stands.

    Attributes:
        is_open: whether the dealership is, or one of its locations.
        sender: None where the last enquiry came with no key.
    """

    dealership_id: int
    dealership_slug: str
    dealership_name: str
    now: datetime
    is_open: bool
    flow: Flow
    judged: Judged
    sender: Sender | None


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """A source that was noticed to be quiet, and from which nothing has come since."""

    source: str
    silent_since: datetime
    expected: float
    slug: str
    dealership_name: str
    timezone: str


async def sources(connection: Connection, dealership_ids: Sequence[int]) -> list[Source]:
    """Every source from which something came in eight weeks."""
    rows = await connection.every(
        record, FLOWS, dealership_ids=list(dealership_ids), sources=list(vocabulary.SOURCES)
    )
    found = []
    for row in rows:
        flow = Flow(
            source=row["source"],
            timezone=row["timezone"],
            hours=msgspec.json.decode(row["hours"], type=list[tuple[int, int, int]]),
            weeks=row["weeks"],
            last_at=row["last_at"],
            today=row["today"],
        )
        closed: list[date] = row["closed_days"]
        sender = {name: row[f"key_{name}"] for name in Sender.__struct_fields__}
        found.append(
            Source(
                dealership_id=row["dealership_id"],
                dealership_slug=row["slug"],
                dealership_name=row["dealership_name"],
                now=row["now"],
                is_open=row["is_open"],
                flow=flow,
                judged=judged(flow, row["now"], closed),
                sender=Sender(**sender) if sender["id"] is not None else None,
            )
        )
    return found


async def calls_since(connection: Connection, source: Source) -> Calls | None:
    """What became of the calls of the key that brought the last enquiry; None where it came with none."""
    if source.sender is None:
        return None
    return await connection.one(
        Calls,
        CALLS,
        dealership_id=source.dealership_id,
        api_key_id=source.sender.id,
        from_id=first_id(source.flow.last_at),
    )


async def silent_now(connection: Connection, dealership_ids: Sequence[int]) -> list[Silence]:
    """Which sources were noticed to be quiet and still are: one look at a table, nothing is learnt anew."""
    return await connection.every(Silence, SILENT_NOW, dealership_ids=list(dealership_ids))


async def watch_sources(database: Database) -> int:
    """Notice which sources have gone quiet, and which have not any more; how many were told.

    Each silence is told once, as the event ``source.silent``, and only while the dealership is open: somebody can do
    something about it then. Any number of servers may watch at once.

    Raises:
        DatabaseUnavailable: what was noticed until then stays so.
    """
    told = 0
    async with database.connection() as connection:
        await connection.run(END, stopped_after=STOPPED_AFTER)
        for dealership in await connection.every(record, EVERY_DEALERSHIP):
            for source in await sources(connection, [dealership["id"]]):
                if source.judged.state != "quiet" or not source.is_open:
                    continue
                told += await connection.run(
                    NOTE,
                    dealership_id=source.dealership_id,
                    source=source.flow.source,
                    silent_since=source.flow.last_at,
                    expected=round(source.judged.expected, 1),
                )
    return told
