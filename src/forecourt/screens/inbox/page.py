"""The inbox as it is asked for: a view, what was typed, an order, and the rows that fit."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from forecourt.access.sessions import Membership
from forecourt.clusters.search import SEARCH_IDS, asked
from forecourt.infra.database import record
from forecourt.screens.inbox.queries import COUNTS, page_query, rows_query
from forecourt.screens.inbox.records import Counts, Row
from forecourt.screens.inbox.views import SORTS, VIEWS, Filtered, conditions_of, read_filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Connection
    from forecourt.screens.visit import Visit

SIZE = 50
# The name of a reason, and the filters beside it.
_MOST_LETTERS = 400
_PARAMETERS = ("view", "q", "sort", "dealership", "after", "open", "done")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the address asks for.

    Attributes:
        typed: the search field's text, filters included.
        places: the dealerships whose customers are shown.
        after: place and id of the row after which the page begins.
    """

    view: str
    typed: str
    sort: str
    places: list[Membership]
    dealership: str | None
    after: tuple[datetime, int] | None
    filtered: Filtered

    @property
    def conditions(self) -> frozenset[str]:
        """All that must hold of a cluster."""
        return conditions_of(self.view, self.filtered)

    def address(self, **changed: str | None) -> str:
        """The inbox with something *changed*; what is as it is by itself is left out."""
        parts: dict[str, str | None] = {
            "view": self.view if self.view != "waiting" else None,
            "q": self.typed or None,
            "sort": self.sort if self.sort != own_sort(self.view) else None,
            "dealership": self.dealership,
        } | changed
        said = urlencode({name: value for name, value in parts.items() if value})
        return f"/?{said}" if said else "/"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the inbox shows."""

    wanted: Wanted
    rows: list[Row]
    counts: Counts
    more: str | None


def own_sort(view: str) -> str:
    """The order of a view where nobody asks for another."""
    return "urgency" if view in {"waiting", "overdue"} else "newest"


def wanted(visit: Visit) -> Wanted:
    """Read the address; what does not fit is as if it were not there, for a link must lead somewhere."""
    query = visit.parameters
    view = query.get("view", "waiting")
    view = view if view in VIEWS else "waiting"
    sort = query.get("sort", own_sort(view))
    sort = sort if sort in SORTS else own_sort(view)
    places = visit.places("read:lead_cluster")
    asked_for = query.get("dealership")
    chosen = [place for place in places if place.slug == asked_for]
    return Wanted(
        view=view,
        typed=query.get("q", "").strip()[:_MOST_LETTERS],
        sort=sort,
        places=chosen or places,
        dealership=asked_for if chosen else None,
        after=_place_in(query.get("after")),
        filtered=read_filters(query.get("q", "")[:_MOST_LETTERS]),
    )


async def read_page(connection: Connection, me: int, want: Wanted) -> Page:
    """The rows that the address asks for, and what the sidebar counts: two statements, three with a search."""
    counts = await read_counts(connection, me, want.places)
    if want.filtered.text:
        return Page(wanted=want, rows=await _found(connection, me, want), counts=counts, more=None)
    at, ident = want.after or (None, None)
    rows = await connection.every(
        Row,
        page_query(want.conditions, want.sort, after=want.after is not None and want.sort != "urgency"),
        dealership_ids=_ids(want.places),
        me=me,
        size=SIZE + 1,
        at=at,
        id=ident,
        **want.filtered.values,
    )
    shown = rows[:SIZE]
    more = _place_of(shown[-1]) if len(rows) > SIZE and want.sort != "urgency" else None
    return Page(wanted=want, rows=shown, counts=counts, more=more)


async def read_rows(connection: Connection, me: int, want: Wanted, ids: Sequence[int]) -> list[Row]:
    """Those of the clusters with *ids* that the address asks for."""
    return await connection.every(
        Row,
        rows_query(want.conditions),
        dealership_ids=_ids(want.places),
        ids=list(ids),
        me=me,
        **want.filtered.values,
    )


async def read_counts(connection: Connection, me: int, places: Sequence[Membership]) -> Counts:
    """What the sidebar counts."""
    return await connection.one(Counts, COUNTS, dealership_ids=_ids(places), me=me)


async def _found(connection: Connection, me: int, want: Wanted) -> list[Row]:
    """What a search finds, within the filters that were typed with it; the likeliest in front, whatever the view."""
    ids: list[int] = []
    for place in want.places:
        typed = asked(want.filtered.text, place.dealership_id, place.country, SIZE)  # type: ignore[arg-type]
        ids += [row["id"] for row in await connection.every(record, SEARCH_IDS, **typed)]
    everywhere = msgspec.structs.replace(want, view="all")
    rows = await read_rows(connection, me, everywhere, ids)
    return sorted(rows, key=lambda row: ids.index(row.id))[:SIZE]


def _ids(places: Sequence[Membership]) -> list[int]:
    return [place.dealership_id for place in places]


def _place_of(row: Row) -> str:
    return base64.urlsafe_b64encode(f"{row.id} {row.place.isoformat()}".encode()).decode()


def _place_in(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    try:
        ident, at = base64.urlsafe_b64decode(cursor.encode()).decode("ascii").split(" ")
        return datetime.fromisoformat(at), int(ident)
    except (ValueError, binascii.Error):
        return None


def empty_words(page: Page, now: datetime) -> dict[str, Any]:
    """What is said where there is no row: why, and what to do about it."""
    want = page.wanted
    if want.typed:
        return {
            "title": "Nothing fits",
            "text": f"No customer fits “{want.typed}”.",
            "clear": want.address(q=None),
        }
    said = {
        "waiting": (
            "Nobody is waiting",
            "Every customer has had an answer. New enquiries appear here by themselves.",
        ),
        "mine": ("Nothing is yours", "Customers who are given to you appear here."),
        "unassigned": ("Everybody has somebody", "No open customer is without a salesperson."),
        "golden": ("No golden customers", "Mark a customer with the star to find them here."),
        "overdue": ("Nobody is overdue", "Every customer has been answered in time."),
        "snoozed": ("Nothing is put off", "Customers that you snooze wait here until their time."),
        "mentions": (
            "Nobody has mentioned you",
            "Notes that name you with @ appear here until you open them.",
        ),
        "all": (
            "No enquiries yet",
            "They appear here the moment a website, a marketplace or a person sends one.",
        ),
        "test": ("No test data", "What is sent with a key of test mode appears here, and nowhere else."),
    }[want.view]
    return {"title": said[0], "text": said[1], "clear": None, "now": now}
