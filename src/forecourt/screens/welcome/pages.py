"""The first run's steps: the dealership, its place and hours, a test lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from forecourt.access.caller import RoleMissing
from forecourt.dealerships.create import BadDealership, SlugTaken
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Invalid, Refusal
from forecourt.premises import locations
from forecourt.response import settings
from forecourt.screens.screen import Screen
from forecourt.screens.welcome.hours import DAYS, hours_in, usual_hours
from forecourt.screens.welcome.test_lead import send_soon, send_test_lead
from forecourt.screens.whereabouts import COUNTRIES, ZONES
from forecourt.users.first_run import dealerships_there, found_dealership, own_dealership

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
MANAGE = "manage:dealership"


async def get_welcome(visit: Visit) -> Answer:
    """The first step: the dealership."""
    _refuse_strangers(visit)
    return await _dealership(visit, {})


async def post_dealership(visit: Visit) -> Answer:
    """Create the dealership, or choose those that are there."""
    _refuse_strangers(visit)
    form = await visit.form()
    given = {name: _text(form, name) for name in ("name", "slug", "timezone", "country")}
    chosen = form.get("chosen", [])
    me = visit.who.user_id
    if chosen:
        for slug in [chosen] if isinstance(chosen, str) else chosen:
            await own_dealership(visit.database, me, str(slug))
        return visit.to("/welcome/place")
    slug = given["slug"] or _NOT_SLUG.sub("-", given["name"].casefold()).strip("-")
    try:
        await found_dealership(
            visit.database,
            me,
            slug=slug,
            name=given["name"],
            timezone=given["timezone"],
            country=given["country"],
        )
    except (BadDealership, SlugTaken) as refusal:
        return await _dealership(visit, given, refusal)
    return visit.to("/welcome/place")


async def get_place(visit: Visit) -> Answer:
    """The second step: a location, and when somebody answers there."""
    return _place(visit, usual_hours())


async def post_place(visit: Visit) -> Answer:
    """Keep the location and the hours."""
    form = await visit.form()
    mine = _mine(visit)
    name, hours = _text(form, "name"), hours_in(form)
    try:
        if name:
            await visit.act(mine.slug, locations.ADD, {"name": name})
        rows = [
            {"weekday": day, "opens": opens, "closes": closes}
            for day, (opens, closes) in hours.items()
            if opens and closes
        ]
        await visit.act(mine.slug, settings.OPERATION, {"response_settings": {"opening_hours": rows}})
    except Invalid as refusal:
        return _place(visit, hours, name, refusal)
    return visit.to("/welcome/test-lead")


async def get_test_lead(visit: Visit) -> Answer:
    """The third step: see a lead come in."""
    return visit.page("welcome/test_lead.html", place=_mine(visit), step=3)


async def post_test_lead(visit: Visit) -> Answer:
    """Send it. A browser that follows the stream is led to the inbox first, to see it drop in."""
    mine = _mine(visit)
    building = visit.building
    if visit.is_fragment:
        send_soon(building.database, building.store, mine)
    else:
        await send_test_lead(building.database, building.store, mine)
    return visit.to("/")


def _mine(visit: Visit) -> Membership:
    """The dealership that the steps are about: that of the address, or the newest of theirs."""
    asked = visit.parameters.get("dealership")
    if asked:
        return visit.place(asked, MANAGE)
    return max(visit.places(MANAGE), key=lambda one: one.dealership_id)


def _refuse_strangers(visit: Visit) -> None:
    """Only whoever set the installation up creates its dealerships.

    Raises:
        RoleMissing: it was somebody else.
    """
    if not visit.who.sets_up:
        raise RoleMissing("Only whoever set this installation up creates dealerships here.")


async def _dealership(visit: Visit, given: dict[str, str], refusal: Refusal | None = None) -> Answer:
    there = await dealerships_there(visit.database)
    mine = {one.slug for one in visit.who.memberships}
    return visit.page(
        "welcome/dealership.html",
        status_of(refusal) if refusal else 200,
        given={"name": "", "slug": "", "timezone": "Australia/Sydney", "country": "AU"} | given,
        there=[one for one in there if one.slug not in mine],
        mine=mine,
        zones=ZONES,
        countries=COUNTRIES,
        refusal=refusal,
        step=1,
    )


def _place(
    visit: Visit, hours: dict[int, tuple[str, str]], name: str = "", refusal: Refusal | None = None
) -> Answer:
    return visit.page(
        "welcome/place.html",
        status_of(refusal) if refusal else 200,
        place=_mine(visit),
        days=DAYS,
        hours=hours,
        name=name,
        refusal=refusal,
        step=2,
    )


def _text(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value.strip()[:255] if isinstance(value, str) else ""


SCREENS = (
    Screen("GET", "/welcome", get_welcome),
    Screen("POST", "/welcome/dealership", post_dealership),
    Screen("GET", "/welcome/place", get_place, MANAGE),
    Screen("POST", "/welcome/place", post_place, MANAGE),
    Screen("GET", "/welcome/test-lead", get_test_lead, MANAGE),
    Screen("POST", "/welcome/test-lead", post_test_lead, MANAGE),
)
