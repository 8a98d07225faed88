"""How soon is soon enough, when a closed customer begins anew, and whether appointments are a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt import vocabulary
from forecourt.clusters import own
from forecourt.response import settings as response
from forecourt.screens.screen import Screen
from forecourt.screens.settings.fields import is_ticked, line, number, rows
from forecourt.screens.settings.page import MANAGE, READ, kept, place_of, reading, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.access.sessions import Membership
    from forecourt.dealerships.operation import Operation
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

_AT = "/settings/answering"
_EMPTY_ROWS = 2


async def get_answering(visit: Visit) -> Answer:
    """The page."""
    return await _page(visit, place_of(visit, visit.parameters.get("dealership")))


async def post_targets(visit: Visit) -> Answer:
    """Keep how soon is soon enough, and where it is another time; a row that names nothing is gone."""
    form = await visit.form()
    given: dict[str, Any] = {name: number(form, name) for name in ("target_minutes", "overdue_minutes")}
    given["response_targets"] = [
        {
            "category": line(row, "category"),
            "source": line(row, "source"),
            "target_minutes": number(row, "target_minutes"),
            "overdue_minutes": number(row, "overdue_minutes"),
        }
        for row in rows(form, "targets")
        if line(row, "category") or line(row, "source")
    ]
    tree = {name: said for name, said in given.items() if said is not None}
    return await _keep(visit, form, response.OPERATION, {"response_settings": tree}, given)


async def post_states(visit: Visit) -> Answer:
    """Keep when a closed customer begins anew, and whether appointments are a state."""
    form = await visit.form()
    given = {
        "closed_cluster_days": number(form, "closed_cluster_days"),
        "uses_appointment_state": is_ticked(form, "uses_appointment_state"),
    }
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
        clock = await response.settings(connection, standing)
        clusters = await own.settings(connection, standing)
    fields: dict[str, Any] = {
        name: getattr(clock, name) for name in ("target_minutes", "overdue_minutes", "response_targets")
    }
    fields |= {name: getattr(clusters, name) for name in ("closed_cluster_days", "uses_appointment_state")}
    fields |= given or {}
    empty = {"category": None, "source": None, "target_minutes": None, "overdue_minutes": None}
    return shown(
        visit,
        "answering",
        place,
        _AT,
        refusal=refusal,
        given=fields,
        targets=[*fields["response_targets"], *([empty] * _EMPTY_ROWS)],
        categories=[(word, word) for word in vocabulary.CATEGORY.values],
        sources=[(word, word) for word in vocabulary.SOURCE.values],
    )


SCREENS = (
    Screen("GET", _AT, get_answering, READ),
    Screen("POST", _AT, post_targets, MANAGE),
    Screen("POST", "/settings/states", post_states, MANAGE),
)
