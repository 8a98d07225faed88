"""Events: what there are for others to hear of, and the latest with what they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from forecourt.clusters.find import PERMISSION as READ
from forecourt.dealerships.desk import MAX_ID, id_in
from forecourt.screens.developers.place import SECTION, page, place, places
from forecourt.screens.developers.queries import ONE_EVENT, events_query
from forecourt.screens.developers.records import ShownEvent
from forecourt.screens.developers.shown_json import json_lines
from forecourt.screens.screen import Screen
from forecourt.undo.take_back import EventNotFound
from forecourt.webhooks.topics import CATALOGUE

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

# Who may see a dealership's settings change.
_AUDIT = "read:audit"
_IDS = ("lead_id", "lead_cluster_id")
_SIZE = 50


async def get_events(visit: Visit) -> Answer:
    """A page of them, the latest in front."""
    at = place(visit, READ)
    given: dict[str, str] = {}
    values: dict[str, Any] = {}
    kind = visit.parameters.get("kind", "").strip()[:100]
    if kind:
        given["kind"] = values["kind"] = kind
    for name in _IDS:
        number = _number(visit.parameters.get(name, ""))
        if number is not None:
            given[name], values[name] = str(number), number
    before = _number(visit.parameters.get("cursor", ""))
    async with visit.database.connection() as connection:
        rows = await connection.every(
            ShownEvent,
            events_query(frozenset(values)),
            **values,
            **_seen(at),
            before=before or MAX_ID,
            size=_SIZE + 1,
        )
    shown = rows[:_SIZE]
    kept = given | {"dealership": at.slug}
    more = f"/developers/events?{urlencode(kept | {'cursor': shown[-1].id})}" if len(rows) > _SIZE else None
    return page(
        visit,
        "events.html",
        "Events",
        place=at,
        places=places(visit, READ),
        events=shown,
        more=more,
        given=dict.fromkeys(("kind", *_IDS), "") | given,
        is_filtered=bool(given),
        topics=CATALOGUE,
        json=json_lines,
    )


async def get_event(visit: Visit) -> Answer:
    """One event."""
    at = place(visit, READ, visit.call.path["dealership"])
    event_id = id_in(visit.call.path, "event_id", EventNotFound)
    async with visit.database.connection() as connection:
        found = await connection.one_or_none(ShownEvent, ONE_EVENT, **_seen(at), event_id=event_id)
    if found is None:
        raise EventNotFound
    return page(
        visit, "event.html", "Events", place=at, places=places(visit, READ), event=found, json=json_lines
    )


def _seen(at: Membership) -> dict[str, Any]:
    return {"dealership_id": at.dealership_id, "audit": at.may(_AUDIT)}


def _number(said: str) -> int | None:
    said = said.strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None  # noqa: PLR2004


SCREENS = (
    Screen("GET", "/developers/events", get_events, SECTION),
    Screen("GET", "/developers/events/{dealership}/{event_id}", get_event, SECTION),
)
