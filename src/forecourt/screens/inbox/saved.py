"""Saved views: a list that somebody looks at again and again, under a name, for themselves or for all."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import msgspec

from forecourt.infra.database import Query, record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.screens.inbox.queries import count_query
from forecourt.screens.inbox.views import VIEWS, conditions_of, read_filters
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Connection
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_KEPT = ("view", "q", "sort", "dealership")
_MOST = 30

SAVED = Query("""
select saved.id, saved.name, saved.query, saved.shared, saved.user_id = :me as own
from saved_view as saved
where saved.user_id = :me
    or saved.shared and exists (
        select from role_at_dealership as theirs
        join role_at_dealership as mine on mine.dealership_id = theirs.dealership_id
        where theirs.user_id = saved.user_id and mine.user_id = :me
    )
order by saved.position, lower(saved.name), saved.id
limit 30
""")

SAVE = Query("""
insert into saved_view (user_id, name, query, shared) values (:me, :name, :said, :shared)
on conflict (user_id, name) do update set query = excluded.query, shared = excluded.shared
""")

REMOVE = Query("""
delete from saved_view where id = :id and user_id = :me
""")


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view.

    Attributes:
        query: the address's query, as ``q=source%3Acarsales&sort=oldest``.
        own: whether it is the visitor's own; others' are shared ones.
    """

    id: int
    name: str
    query: str
    shared: bool
    own: bool

    def conditions(self) -> tuple[frozenset[str], dict[str, object]]:
        """What it asks of a cluster, for its count."""
        said = dict(parse_qsl(self.query))
        filtered = read_filters(said.get("q", ""))
        view = said.get("view", "waiting")
        return conditions_of(view if view in VIEWS else "all", filtered), filtered.values


async def saved_views(connection: Connection, me: int) -> list[SavedView]:
    """The visitor's own and those that colleagues share."""
    return await connection.every(SavedView, SAVED, me=me)


async def post_view(visit: Visit) -> Answer:
    """Save the list that is open under a name."""
    form = await visit.form()
    name = str(form.get("name", "")).strip()
    if not 1 <= len(name) <= 60:  # noqa: PLR2004
        raise Invalid(problems=(Problem("name", "must have 1 to 60 characters"),))
    said = dict(parse_qsl(str(form.get("query", "")).lstrip("?/")))
    query = urlencode({key: said[key] for key in _KEPT if said.get(key)})
    async with visit.database.connection() as connection:
        await connection.run(
            SAVE, me=visit.who.user_id, name=name, said=query[:1000], shared=form.get("shared") == "on"
        )
    return visit.done("view_saved", [], to=f"/?{query}")


async def post_remove(visit: Visit) -> Answer:
    """Remove one of the visitor's own views."""
    ident = visit.call.path["id"]
    if ident.isascii() and ident.isdigit() and len(ident) < 19:  # noqa: PLR2004
        async with visit.database.connection() as connection:
            await connection.run(REMOVE, id=int(ident), me=visit.who.user_id)
    return visit.done("view_removed", [], to="/")


async def counts(
    connection: Connection, me: int, dealership_ids: Sequence[int], views: Sequence[SavedView]
) -> dict[int, int]:
    """How many customers each holds, to a hundred."""
    found: dict[int, int] = {}
    for view in views[:_MOST]:
        conditions, values = view.conditions()
        row = await connection.one(
            record, count_query(conditions), dealership_ids=list(dealership_ids), me=me, **values
        )
        found[view.id] = row["held"]
    return found


SCREENS = (
    Screen("POST", "/saved-views", post_view, "read:lead_cluster"),
    Screen("POST", "/saved-views/{id}/remove", post_remove, "read:lead_cluster"),
)
