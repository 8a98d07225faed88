"""Appointments on the customer's page: booked, moved, called off, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.appointments.book import BOOK_OPERATION, CHANGE_OPERATION
from forecourt.appointments.schema import AppointmentNotFound, AppointmentOut, CarNotFree
from forecourt.dealerships.desk import id_in
from forecourt.infra.conditional import VersionMismatch
from forecourt.infra.database import record
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Invalid, Problem
from forecourt.screens.customer.answers import After, answered, page_query, parts
from forecourt.screens.customer.booking import Booking, blank, of_appointment, refilled
from forecourt.screens.customer.booking_queries import CAR_BY_STOCKNUM
from forecourt.screens.customer.pane import WRITE, cluster_in, place_in, read_pane
from forecourt.screens.inbox.pages import around
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.screens.customer.pane import Pane
    from forecourt.screens.visit import Visit

_AT = "/dealerships/{dealership}/lead_clusters/{id}/appointments"
_TEXTS = {
    "completed": "Marked as kept",
    "no-show": "Marked as a no-show",
    "cancelled": "Appointment cancelled",
}


async def get_new(visit: Visit) -> Answer:
    """The form, empty."""
    place = place_in(visit, WRITE)
    pane = await read_pane(visit, place, cluster_in(visit), page_query(visit))
    return await _form(visit, place, pane, blank(pane.sheet))


async def get_one(visit: Visit) -> Answer:
    """The form with an appointment that is to be moved."""
    place = place_in(visit, WRITE)
    pane = await read_pane(visit, place, cluster_in(visit), page_query(visit))
    return await _form(visit, place, pane, _of(visit, pane))


async def post_new(visit: Visit) -> Answer:
    """Book."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    try:
        tree = await _tree(visit, place, form)
        done = await visit.act(place.slug, BOOK_OPERATION, tree, id=visit.call.path["id"])
    except (Invalid, CarNotFree) as refusal:
        pane = await read_pane(visit, place, cluster_in(visit), page_query(visit))
        return await _again(visit, place, pane, blank(pane.sheet), form, refusal)
    return await answered(visit, place, _after("booked", done.outcome.body, done.event_ids))


async def post_one(visit: Visit) -> Answer:
    """Move it, or say what became of it."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    ident = str(id_in(visit.call.path, "appointment_id", AppointmentNotFound))
    status = form.get("status")
    if isinstance(status, str) and status:
        done = await visit.act(
            place.slug, CHANGE_OPERATION, {"appointment": {"status": status}}, appointment_id=ident
        )
        after = After(word="rebooked", text=_TEXTS.get(status), undo=done.event_ids, bars=True)
        return await answered(visit, place, after)
    try:
        tree = await _tree(visit, place, form)
        version = _number(str(form.get("version", "")), "version", [])
        done = await visit.act(place.slug, CHANGE_OPERATION, tree, version=version, appointment_id=ident)
    except VersionMismatch:
        pane = await read_pane(visit, place, cluster_in(visit), page_query(visit))
        said = Problem("appointment", "was changed by somebody else meanwhile; this is how it stands now")
        booking = msgspec.structs.replace(_of(visit, pane), problems=(said,))
        return await _form(visit, place, pane, booking, 409)
    except (Invalid, CarNotFree) as refusal:
        pane = await read_pane(visit, place, cluster_in(visit), page_query(visit))
        return await _again(visit, place, pane, _of(visit, pane), form, refusal)
    return await answered(visit, place, _after("rebooked", done.outcome.body, done.event_ids))


async def _tree(visit: Visit, place: Membership, form: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent for what was filled in.

    Raises:
        Invalid: something is no number, or there is no car with that stock number.
    """
    said = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    problems: list[Problem] = []
    ids = {
        name: _number(said.get(name, ""), name, problems) for name in ("length", "user", "location", "car")
    }
    stocknum = said.get("stocknum")
    if stocknum:
        async with visit.database.connection() as connection:
            row = await connection.one_or_none(
                record, CAR_BY_STOCKNUM, dealership_id=place.dealership_id, stocknum=stocknum.lower()
            )
        if row is None:
            problems.append(Problem("stocknum", "is no car's in stock"))
        else:
            ids["car"] = row["id"]
    if problems:
        raise Invalid(problems=tuple(problems))
    starts_at = said.get("starts_at") or f"{said.get('day', '')} {said.get('at', '')}".strip()
    return {
        "appointment": {
            "purpose": said.get("purpose", "Appointment"),
            "starts_at": starts_at,
            "length_in_minutes": ids["length"] or 30,
            "car_id": ids["car"],
            "user_id": ids["user"],
            "location_id": ids["location"],
            "note": said.get("note") or None,
            "by_user_id": visit.who.user_id,
        }
    }


def _number(text: str, name: str, problems: list[Problem]) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 19:  # noqa: PLR2004
        return int(text)
    if text:
        problems.append(Problem(name, "must be a number"))
    return None


def _of(visit: Visit, pane: Pane) -> Booking:
    ident = id_in(visit.call.path, "appointment_id", AppointmentNotFound)
    for one in pane.appointments:
        if one.id == ident:
            return of_appointment(pane.sheet, one)
    raise AppointmentNotFound


async def _again(
    visit: Visit,
    place: Membership,
    pane: Pane,
    booking: Booking,
    form: Mapping[str, Any],
    refusal: Invalid | CarNotFree,
) -> Answer:
    """The form once more, with what was filled in and why that does not do."""
    again = refilled(booking, form, refusal.problems, place.timezone)
    return await _form(visit, place, pane, again, status_of(refusal))


async def _form(visit: Visit, place: Membership, pane: Pane, booking: Booking, status: int = 200) -> Answer:
    if visit.is_fragment:
        return await parts(visit, place, page_query(visit), booking=booking, status=status)
    pane = msgspec.structs.replace(pane, booking=booking, step="book")
    shown = await around(visit, pane=pane, pane_title=pane.sheet.shown_name, open_id=pane.id)
    return visit.page("inbox/inbox.html", status, **shown)


def _after(word: str, told: msgspec.Struct, event_ids: list[int]) -> After:
    assert isinstance(told, AppointmentOut)  # noqa: S101 - what both operations answer with
    what = "Test drive" if told.purpose == "Test Drive" else "Appointment"
    done = "booked" if word == "booked" else "changed"
    warning = f", {told.warnings[0].partition(': ')[2]}" if told.warnings else ""
    return After(word=word, text=f"{what} {done}{warning}", undo=event_ids, bars=True)


SCREENS = (
    Screen("GET", f"{_AT}/new", get_new, WRITE),
    Screen("POST", _AT, post_new, WRITE),
    Screen("GET", f"{_AT}/{{appointment_id}}", get_one, WRITE),
    Screen("POST", f"{_AT}/{{appointment_id}}", post_one, WRITE),
)
