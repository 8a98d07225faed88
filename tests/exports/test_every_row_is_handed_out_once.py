"""A list is read to its end while others write: what was there all the time is handed out, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecourt.exports.walk import Page, Place, Whose, walk

LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
WHOSE = Whose(dealerships=(), zone=ZoneInfo("UTC"), api_key_id=None)


class Shelf:
    """A list in which a row that is written to moves to where the newest are; a page is a look at it as it is then."""

    def __init__(self, rows: int, size: int, *, newest_first: bool) -> None:
        self.at = {ident: LONG_AGO + timedelta(minutes=ident % 7) for ident in range(rows)}
        self.size = size
        self.newest_first = newest_first
        self.clock = NOW

    def touch(self, ident: int, late: int) -> None:
        """Write to a row, or make it, in a transaction that began so many seconds ago."""
        self.clock += timedelta(seconds=1)
        self.at[ident] = self.clock - timedelta(seconds=late)

    async def page(self, after: Place | None) -> Page:
        places = sorted(((at, ident) for ident, at in self.at.items()), reverse=self.newest_first)
        beyond = [
            place
            for place in places
            if after is None or (place < tuple(after) if self.newest_first else place > tuple(after))
        ]
        rows = [{"at": at, "id": ident} for at, ident in beyond[: self.size]]
        return Page(
            whose=WHOSE, rows=rows, more=len(beyond) > self.size, moves=True, newest_first=self.newest_first
        )


touches = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)), max_size=3)


@settings(max_examples=500)
@given(
    rows=st.integers(0, 25),
    size=st.integers(1, 6),
    newest_first=st.booleans(),
    between=st.lists(touches, max_size=8),
)
# The last row of all moves, and nothing is left behind the page before.
@example(rows=2, size=1, newest_first=True, between=[[(0, 0)]])
def test_whatever_moves_while_it_is_walked(
    rows: int, size: int, newest_first: bool, between: list[list[tuple[int, int]]]
) -> None:
    async def walked() -> list[dict[str, Any]]:
        shelf = Shelf(rows, size, newest_first=newest_first)
        waiting = iter(between)
        found: list[dict[str, Any]] = []
        async for page in walk(await shelf.page(None), shelf.page):
            found += page
            for ident, late in next(waiting, ()):
                shelf.touch(ident, late)
        return found

    ids = [row["id"] for row in asyncio.run(walked())]

    assert len(ids) == len(set(ids))
    assert set(range(rows)) <= set(ids)


async def test_a_list_that_stays_is_read_once_and_nothing_of_it_is_remembered() -> None:
    asked: list[Place | None] = []

    async def read(after: Place | None) -> Page:
        asked.append(after)
        number = 0 if after is None else after.id + 1
        rows = [{"at": NOW, "id": number}]
        return Page(whose=WHOSE, rows=rows, more=number < 3, moves=False, newest_first=True)

    pages = [page async for page in walk(await read(None), read)]

    assert [row["id"] for page in pages for row in page] == [0, 1, 2, 3]
    assert asked == [None, *(Place(NOW, ident) for ident in range(3))]
