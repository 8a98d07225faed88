"""Reading the log as a whole, in the order of its ids, without missing an event and without making writers wait.

An event's id is drawn before its transaction commits: when event 9 can be read, event 8 may still be under way, or may
never come. So a reader remembers the gaps that it passed and looks into them again, until no transaction runs any more
that began before the gap was noticed: whatever is not there then was undone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from forecourt.events.reader_queries import CLOCK, OLDEST_TRANSACTION, READ
from forecourt.infra.database import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecourt.infra.database import Connection

# A gap that is younger is not asked about.
_YOUNG = timedelta(seconds=2)


class Gap(msgspec.Struct, frozen=True):
    """Ids that had no event when the reader passed them, from *first* to *last*."""

    first: int
    last: int
    noticed_at: datetime


class Place(msgspec.Struct, frozen=True):
    """How far a reader has read: everything up to an id, but for the gaps."""

    read_up_to: int
    gaps: tuple[Gap, ...] = ()


class LoggedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as its readers see it first."""

    id: int
    dealership_id: int
    kind: str
    lead_cluster_id: int | None
    other_lead_cluster_id: int | None
    lead_id: int | None
    lead_version: int | None
    occurred_at: datetime


async def read(connection: Connection, place: Place, size: int) -> tuple[list[LoggedEvent], Place]:
    """At most *size* events after *place*, those that came late into its gaps included, and the place after them."""
    events = await connection.every(
        LoggedEvent,
        READ,
        read_up_to=place.read_up_to,
        firsts=[gap.first for gap in place.gaps],
        lasts=[gap.last for gap in place.gaps],
        size=size,
    )
    if not events and not place.gaps:
        return events, place
    noticed_at = (await connection.one(record, CLOCK))["now"]
    after = passed(place, (event.id for event in events), noticed_at)
    if any(noticed_at - gap.noticed_at > _YOUNG for gap in after.gaps):
        oldest = (await connection.one(record, OLDEST_TRANSACTION))["began_at"]
        after = settled(after, oldest)
    return events, after


def passed(place: Place, ids: Iterable[int], noticed_at: datetime) -> Place:
    """The place after the events with *ids* were read; what is missing between them are gaps, noticed now."""
    seen = sorted(ids)
    late = [ident for ident in seen if ident <= place.read_up_to]
    gaps = [part for gap in place.gaps for part in _without(gap, late)]
    end = place.read_up_to
    for ident in seen[len(late) :]:
        if ident > end + 1:
            gaps.append(Gap(end + 1, ident - 1, noticed_at))
        end = ident
    return Place(end, tuple(gaps))


def settled(place: Place, oldest: datetime | None) -> Place:
    """*place* without the gaps that nothing can fill any more.

    Args:
        place: as it is.
        oldest: when the oldest transaction that still runs began; None where none does.
    """
    gaps = () if oldest is None else tuple(gap for gap in place.gaps if oldest <= gap.noticed_at)
    return Place(place.read_up_to, gaps)


def _without(gap: Gap, ids: list[int]) -> list[Gap]:
    """What is left of a gap into which events came."""
    left, first = [], gap.first
    for ident in ids:
        if first <= ident <= gap.last:
            if ident > first:
                left.append(Gap(first, ident - 1, gap.noticed_at))
            first = ident + 1
    if first <= gap.last:
        left.append(Gap(first, gap.last, gap.noticed_at))
    return left
