"""How long what is kept: for owners, who alone may have people erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.infra.refusals import Invalid, Problem
from forecourt.privacy import retention
from forecourt.screens.screen import Screen
from forecourt.screens.settings.fields import line, number
from forecourt.screens.settings.page import TOLD, place_of, reading, shown

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

_AT = "/settings/retention"
NEEDS = "erase:contact"


async def get_retention(visit: Visit) -> Answer:
    """The page; with ``days``, whom these would erase."""
    place = place_of(visit, visit.parameters.get("dealership"), NEEDS)
    days = number(visit.parameters, "days")
    asked = days if isinstance(days, int) and retention.LEAST_DAYS <= days <= retention.MOST_DAYS else None
    refusal = None
    if days is not None and asked is None:
        said = f"must be from {retention.LEAST_DAYS} to {retention.MOST_DAYS}"
        refusal = Invalid(problems=(Problem("days", said),))
    return await _page(visit, place, asked, refusal)


async def post_retention(visit: Visit) -> Answer:
    """Keep it. Whoever has people erased says the dealership's name; keeping everybody asks for nothing."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), NEEDS)
    days = number(form, "days")
    if isinstance(days, int) and (line(form, "name") or "").casefold() != place.name.casefold():
        said = "must be the dealership's name: nobody brings back who is erased"
        return await _page(visit, place, days, Invalid(problems=(Problem("name", said),)))
    try:
        done = await visit.act(place.slug, retention.OPERATION, {"erase_closed_after_days": days})
    except TOLD as refusal:
        return await _page(visit, place, None, refusal)
    # Not to be taken back with a click: whoever was erased meanwhile stays so.
    return visit.done("saved" if done.event_ids else "nothing", [], to=f"{_AT}?dealership={place.slug}")


async def _page(visit: Visit, place: Membership, asked: int | None, refusal: Refusal | None = None) -> Answer:
    async with reading(visit, place) as (connection, standing):
        now = await retention.retention_settings(connection, standing)
        due: Any = None if asked is None else await retention.due_after(connection, standing, asked)
    return shown(
        visit,
        "retention",
        place,
        _AT,
        refusal=refusal,
        now=now,
        asked=asked,
        due=due,
        most=retention.MOST_COUNTED,
        least_days=retention.LEAST_DAYS,
        most_days=retention.MOST_DAYS,
        request_log_days=visit.building.settings.request_log_days,
    )


SCREENS = (
    Screen("GET", _AT, get_retention, NEEDS),
    Screen("POST", _AT, post_retention, NEEDS),
)
