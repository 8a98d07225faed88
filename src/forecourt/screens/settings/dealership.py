"""The first page of the settings: what the dealership is called, by which clock it works, how it is reached itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.clusters import own
from forecourt.premises import particulars
from forecourt.screens.screen import Screen
from forecourt.screens.settings.fields import line
from forecourt.screens.settings.page import MANAGE, READ, kept, place_of, reading, shown
from forecourt.screens.whereabouts import COUNTRIES, ZONES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.access.sessions import Membership
    from forecourt.dealerships.operation import Operation
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

_AT = "/settings"


async def get_dealership(visit: Visit) -> Answer:
    """The page."""
    return await _page(visit, place_of(visit, visit.parameters.get("dealership")))


async def post_dealership(visit: Visit) -> Answer:
    """Keep name, time zone and country."""
    form = await visit.form()
    given = {name: line(form, name) for name in ("name", "timezone", "country")}
    return await _keep(
        visit, form, particulars.CHANGE, {name: said or "" for name, said in given.items()}, given
    )


async def post_own(visit: Visit) -> Answer:
    """Keep the dealership's own number and address."""
    form = await visit.form()
    given = {name: line(form, name) for name in ("phone", "email")}
    return await _keep(visit, form, own.OPERATION, {"lead_cluster_settings": given}, given)


async def _keep(
    visit: Visit,
    form: Mapping[str, Any],
    operation: Operation[Any, Any],
    tree: dict[str, Any],
    given: dict[str, Any],
) -> Answer:
    return await kept(
        visit, form, operation, tree, _AT, lambda place, refusal: _page(visit, place, given, refusal)
    )


async def _page(
    visit: Visit, place: Membership, given: Mapping[str, Any] | None = None, refusal: Refusal | None = None
) -> Answer:
    async with reading(visit, place) as (connection, standing):
        now = await particulars.particulars(connection, standing)
        reached = await own.settings(connection, standing)
    fields = {name: getattr(now, name) for name in ("name", "timezone", "country")}
    fields |= {name: getattr(reached, name) for name in ("phone", "email")}
    return shown(
        visit,
        "dealership",
        place,
        _AT,
        refusal=refusal,
        now=now,
        given=fields | dict(given or {}),
        zones=ZONES,
        countries=COUNTRIES,
    )


SCREENS = (
    Screen("GET", "/settings", get_dealership, READ),
    Screen("POST", "/settings/dealership", post_dealership, MANAGE),
    Screen("POST", "/settings/own", post_own, MANAGE),
)
