"""ADF: what waits in the holding inbox and why, whose it is, and what would become of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.adf.by_staff import accept_by, dismiss_by, document_for, held_for, report_for
from forecourt.adf.held import STATES
from forecourt.adf.refusals import HeldIsDecided, HeldNotFound
from forecourt.adf.vendor_desk import MANAGE
from forecourt.dealerships.desk import id_in
from forecourt.infra.http import BadQuery
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Refusal
from forecourt.leads.create import PERMISSION as CREATE
from forecourt.leads.find import PERMISSION as READ
from forecourt.screens.developers.place import SECTION, page, places, text
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from forecourt.adf.report import AdfReportOut
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_FILTERS = ("state", "cursor")


async def get_adf(visit: Visit) -> Answer:
    """The holding inbox, and a box to paste a document into."""
    return await _page(visit)


async def post_check(visit: Visit) -> Answer:
    """What would become of a document; nothing is written."""
    form = await visit.form()
    document = text(form, "document")
    try:
        report = await report_for(
            visit.database, visit.building.store, visit.who, document, visit.call.request_id
        )
    except Refusal as refusal:
        return await _page(visit, document=document, refusal=refusal)
    return await _page(visit, document=document, report=report)


async def get_held(visit: Visit) -> Answer:
    """Something that is held."""
    return await _held(visit)


async def post_accept(visit: Visit) -> Answer:
    """Say whose it is: it becomes a lead there."""
    form = await visit.form()
    try:
        accepted = await accept_by(
            visit.database,
            visit.building.store,
            visit.who,
            _held_id(visit),
            slug=text(form, "dealership"),
            remember=text(form, "remember") == "on",
            request_id=visit.call.request_id,
        )
    except HeldNotFound:
        raise
    except Refusal as refusal:
        return await _held(visit, refusal=refusal)
    return visit.to(f"/developers/adf/{accepted.held_id}?said=adf_accepted")


async def post_dismiss(visit: Visit) -> Answer:
    """Say that it is no lead."""
    try:
        await dismiss_by(visit.database, visit.who, _held_id(visit))
    except HeldIsDecided as refusal:
        return await _held(visit, refusal=refusal)
    return visit.to("/developers/adf?said=adf_dismissed")


async def _page(
    visit: Visit, *, document: str = "", report: AdfReportOut | None = None, refusal: Refusal | None = None
) -> Answer:
    given = {name: visit.parameters[name] for name in _FILTERS if visit.parameters.get(name)}
    async with visit.database.connection() as connection:
        try:
            found = await held_for(connection, visit.who, {name: [value] for name, value in given.items()})
        except BadQuery:
            given = {}
            found = await held_for(connection, visit.who, {})
    return page(
        visit,
        "adf.html",
        "ADF",
        status_of(refusal) if refusal else 200,
        place=places(visit, READ)[0],
        held=found.held,
        more=found.next_cursor,
        state=given.get("state", STATES[0]),
        states=STATES,
        document=document,
        report=report,
        refusal=refusal,
    )


async def _held(visit: Visit, *, refusal: Refusal | None = None) -> Answer:
    async with visit.database.connection() as connection:
        found = await document_for(connection, visit.who, _held_id(visit))
    values: dict[str, Any] = {
        "place": places(visit, READ)[0],
        "held": found,
        "deciding": visit.places(CREATE),
        "may_remember": visit.may(MANAGE),
        "is_readable": found.reason != "unreadable",
        "refusal": refusal,
    }
    return page(visit, "held.html", "ADF", status_of(refusal) if refusal else 200, **values)


def _held_id(visit: Visit) -> int:
    return id_in(visit.call.path, "held_id", HeldNotFound)


SCREENS = (
    Screen("GET", "/developers/adf", get_adf, SECTION),
    Screen("POST", "/developers/adf", post_check, SECTION),
    Screen("GET", "/developers/adf/{held_id}", get_held, SECTION),
    Screen("POST", "/developers/adf/{held_id}/accept", post_accept, SECTION),
    Screen("POST", "/developers/adf/{held_id}/dismiss", post_dismiss, SECTION),
)
