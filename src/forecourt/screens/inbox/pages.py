"""The inbox's screens: the list, rows that changed, the sidebar's counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.events.reader_queries import END_OF_LOG
from forecourt.infra.database import record
from forecourt.screens.inbox.page import empty_words, read_counts, read_page, read_rows, wanted
from forecourt.screens.inbox.saved import counts as saved_counts
from forecourt.screens.inbox.saved import saved_views
from forecourt.screens.inbox.views import SORTS, VIEWS
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.access.sessions import Membership
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_MOST_IDS = 200


async def get_inbox(visit: Visit) -> Answer:
    """The list, or its next page where the list asks for it."""
    want = wanted(visit)
    if visit.is_fragment and want.after is not None:
        async with visit.database.connection() as connection:
            page = await read_page(connection, visit.who.user_id, want)
        return visit.page("inbox/more.html", page=page, query=want.address()[1:])
    return visit.page("inbox/inbox.html", **await around(visit))


async def around(visit: Visit, **pane: Any) -> dict[str, Any]:  # noqa: ANN401 - what a template shows
    """What the inbox's template shows: the list that the address asks for, beside a *pane* where there is one."""
    want = wanted(visit)
    me = visit.who.user_id
    async with visit.database.connection() as connection:
        after_event = (await connection.one(record, END_OF_LOG))["id"]
        page = await read_page(connection, me, want)
        saved = await _saved(connection, visit, want.places)
    return {
        "page": page,
        "query": want.address()[1:],
        "after_event": after_event,
        "sorts": SORTS,
        "view_name": VIEWS[want.view][0],
        "current_view": want.view,
        "counts": counts_of(page.counts),
        "views": True,
        "section": "Inbox",
        "nothing": empty_words(page, visit.who.now),
        "pane": None,
        "pane_title": None,
        "open_id": None,
        "back": want.address(),
        **saved,
        **pane,
    }


async def get_rows(visit: Visit) -> Answer:
    """The rows of some customers, those that the view at the address still holds."""
    want = wanted(visit)
    said = visit.parameters.get("ids", "")
    ids = [int(one) for one in said.split(",") if one.isascii() and one.isdigit() and len(one) < 19]  # noqa: PLR2004
    async with visit.database.connection() as connection:
        rows = await read_rows(connection, visit.who.user_id, want, ids[:_MOST_IDS])
    return visit.page("inbox/rows.html", rows=rows, query=want.address()[1:])


async def get_views(visit: Visit) -> Answer:
    """The views with their counts, for the sidebar of every page."""
    return visit.page("frame/views.html", **await views_told(visit))


async def views_told(visit: Visit) -> dict[str, Any]:
    """The counts of the views, and the saved ones with theirs."""
    places = visit.places("read:lead_cluster")
    async with visit.database.connection() as connection:
        counts = await read_counts(connection, visit.who.user_id, places)
        saved = await _saved(connection, visit, places)
    return {"counts": counts_of(counts), **saved}


async def _saved(connection: Connection, visit: Visit, places: Sequence[Membership]) -> dict[str, Any]:
    """The saved views with their counts, as the sidebar shows them."""
    me = visit.who.user_id
    views = await saved_views(connection, me)
    ids = [place.dealership_id for place in places]
    return {"saved_views": views, "saved_counts": await saved_counts(connection, me, ids, views)}


def counts_of(counts: object) -> dict[str, int]:
    """Counts by view."""
    return {view: getattr(counts, view, 0) for view in VIEWS}


SCREENS = (
    Screen("GET", "/", get_inbox, "read:lead_cluster"),
    Screen("GET", "/rows", get_rows, "read:lead_cluster"),
    Screen("GET", "/views", get_views, "read:lead_cluster"),
)
