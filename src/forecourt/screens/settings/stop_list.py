"""Numbers and addresses by which nobody is recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.clusters import settings as clusters
from forecourt.screens.screen import Screen
from forecourt.screens.settings.fields import line
from forecourt.screens.settings.page import MANAGE, READ, TOLD, place_of, reading, saved, shown

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

_AT = "/settings/stop-list"


async def get_stop_list(visit: Visit) -> Answer:
    """The list."""
    return await _page(visit, place_of(visit, visit.parameters.get("dealership")))


async def post_entry(visit: Visit) -> Answer:
    """Put a number or an address on the list; what has an @ in it is an address."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    value = line(form, "value") or ""
    entry = {"kind": "email" if "@" in value else "phone", "value": value, "note": line(form, "note")}
    try:
        done = await visit.act(place.slug, clusters.STOP_OPERATION, {"stop_list_entry": entry})
    except TOLD as refusal:
        return await _page(visit, place, entry, refusal)
    return saved(visit, place, done, _AT, "stop_added")


async def post_removal(visit: Visit) -> Answer:
    """Take one off the list."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    kind, value = line(form, "kind") or "", line(form, "value") or ""
    done = await visit.act(place.slug, clusters.UNSTOP_OPERATION, {}, kind=kind, value=value)
    return saved(visit, place, done, _AT, "stop_removed")


async def _page(
    visit: Visit, place: Membership, given: dict[str, Any] | None = None, refusal: Refusal | None = None
) -> Answer:
    async with reading(visit, place) as (connection, standing):
        told = await clusters.stop_list(connection, standing)
    given = given or {"value": "", "note": None}
    return shown(visit, "stop_list", place, _AT, refusal=refusal, entries=told.stop_list, given=given)


SCREENS = (
    Screen("GET", _AT, get_stop_list, READ),
    Screen("POST", _AT, post_entry, MANAGE),
    Screen("POST", f"{_AT}/remove", post_removal, MANAGE),
)
