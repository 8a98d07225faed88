"""Reading a list to its end, a page at a time, while others go on writing.

No transaction and no connection is held from one page to the next, so a page may come as late as a slow client takes the
one before. What that costs is that the rows of a list may move meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

# A transaction writes the time at which it began, and may be seen only when it ends; none lasts so long (see the
# session's time-outs in infra/database.py).
_LATE = timedelta(seconds=15)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Place(NamedTuple):
    """Where a row stands in its list."""

    at: datetime
    id: int


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """Whose list it is, and who reads it.

    Attributes:
        dealerships: the slugs of those that were asked for.
        zone: by whose clock the day is told.
        api_key_id: None for a command.
    """

    dealerships: tuple[str, ...]
    zone: ZoneInfo
    api_key_id: int | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list.

    Attributes:
        rows: each with ``at`` and ``id``, its place.
        more: whether there are rows behind it.
        moves: whether a row that is written to moves to where the newest are.
        newest_first: the order.
    """

    whose: Whose
    rows: list[dict[str, Any]]
    more: bool
    moves: bool
    newest_first: bool


# Brings the page behind a place, the first one behind None.
Read: TypeAlias = Callable[[Place | None], Awaitable[Page]]


async def walk(page: Page, read: Read) -> AsyncGenerator[list[dict[str, Any]]]:
    """Every row once, page by page, from the first *page* on; a page may be empty.

    Whatever was there all the time is in it, wherever it moved. In a list that is walked from the newest on, what moves
    goes behind the back of whoever walks: so the newest part is read again at the end, until nothing has come to it. Of a
    list whose rows move the ids are kept in mind, some tens of bytes each.
    """
    yield page.rows
    if not page.moves:
        while page.more:
            page = await read(_last(page))
            yield page.rows
        return
    seen = _Seen(page)
    while page.more:
        page = await read(_last(page))
        yield seen.new(page.rows)
    came = seen.any
    while came:
        came = False
        async for rows in _since(seen.newest - _LATE, read, newest_first=page.newest_first):
            new = seen.new(rows)
            came = came or bool(new)
            yield new


async def _since(moment: datetime, read: Read, *, newest_first: bool) -> AsyncGenerator[list[dict[str, Any]]]:
    """The part of a list that is as new as that, page by page."""
    page = await read(None if newest_first else Place(moment, -1))
    while page.rows:
        yield [row for row in page.rows if row["at"] >= moment]
        if not page.more or page.rows[-1]["at"] < moment:
            return
        page = await read(_last(page))


class _Seen:
    """What has been handed out of a list whose rows move.

    Attributes:
        newest: the place of the newest row.
    """

    def __init__(self, first: Page) -> None:
        self.newest = max((row["at"] for row in first.rows), default=_NEVER)
        self._ids = {row["id"] for row in first.rows}

    @property
    def any(self) -> bool:
        """Whether there has been a row."""
        return bool(self._ids)

    def new(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of *rows* that have not been handed out; now they are."""
        fresh = [row for row in rows if row["id"] not in self._ids]
        self._ids.update(row["id"] for row in fresh)
        self.newest = max([self.newest, *(row["at"] for row in fresh)])
        return fresh


def _last(page: Page) -> Place:
    return Place(page.rows[-1]["at"], page.rows[-1]["id"])
