"""The dealership's own words under each state; those under lost are the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.clusters import settings as clusters
from forecourt.clusters.vocabulary import STATES
from forecourt.screens.screen import Screen
from forecourt.screens.settings.fields import is_ticked, line, number
from forecourt.screens.settings.page import MANAGE, READ, TOLD, place_of, reading, saved, shown

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

_AT = "/settings/words"


async def get_words(visit: Visit) -> Answer:
    """The page."""
    return await _page(visit, place_of(visit, visit.parameters.get("dealership")))


async def post_word(visit: Visit) -> Answer:
    """Add a word under a state, behind the others."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    given = {
        "state": line(form, "state"),
        "name": line(form, "name") or "",
        "position": number(form, "position") or 0,
    }
    try:
        done = await visit.act(
            place.slug, clusters.ADD_STATUS_OPTION_OPERATION, {"lead_status_option": given}
        )
    except TOLD as refusal:
        return await _page(visit, place, given, refusal)
    return saved(visit, place, done, _AT, "word_added")


async def post_change(visit: Visit) -> Answer:
    """Change a word, its place, or whether it can be taken."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    option = {
        "name": line(form, "name") or "",
        "position": number(form, "position") or 0,
        "enabled": is_ticked(form, "enabled"),
    }
    try:
        done = await visit.act(
            place.slug,
            clusters.CHANGE_STATUS_OPTION_OPERATION,
            {"lead_status_option": option},
            option_id=visit.call.path["option_id"],
        )
    except TOLD as refusal:
        return await _page(visit, place, None, refusal)
    return saved(visit, place, done, _AT)


async def _page(
    visit: Visit, place: Membership, given: dict[str, Any] | None = None, refusal: Refusal | None = None
) -> Answer:
    async with reading(visit, place) as (connection, standing):
        told = await clusters.status_options(connection, standing)
    states = [
        (state, [one for one in told.lead_status_options if one.state == state])
        for state in STATES
        if state != "appointment" or place.uses_appointment_state
    ]
    return shown(
        visit, "words", place, _AT, refusal=refusal, states=states, given=given or {"state": None, "name": ""}
    )


SCREENS = (
    Screen("GET", _AT, get_words, READ),
    Screen("POST", _AT, post_word, MANAGE),
    Screen("POST", f"{_AT}/{{option_id}}", post_change, MANAGE),
)
