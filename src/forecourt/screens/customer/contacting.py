"""Turning to the customer, but for writing: a call's outcome, a visit, a note, and putting it off until later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.activities import log
from forecourt.appointments.clock import moment_of
from forecourt.clusters import snooze
from forecourt.infra.refusals import Invalid, Problem
from forecourt.screens.customer.answers import After, answered
from forecourt.screens.customer.drafts import drop
from forecourt.screens.customer.hours import moment_of_preset
from forecourt.screens.customer.pane import WRITE, place_in
from forecourt.screens.customer.sentences import OUTCOMES
from forecourt.screens.screen import Screen
from forecourt.screens.shown import clock, day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from forecourt.access.sessions import Membership
    from forecourt.dealerships.desk import Done
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_AT = "/dealerships/{dealership}/lead_clusters/{id}"


async def post_call(visit: Visit) -> Answer:
    """How a call went, by one tap; what follows up is asked next."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    outcome = str(form.get("outcome", ""))
    done = await _log(visit, place, kind="call", outcome=outcome or None, body=_body(form))
    text = f"Call logged: {OUTCOMES.get(outcome, outcome)}"
    after = After(word="called", text=text, undo=done.event_ids, step="follow_up", bars=True)
    return await answered(visit, place, after)


async def post_visit(visit: Visit) -> Answer:
    """The customer came by."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    done = await _log(visit, place, kind="walk_in", body=_body(form))
    return await answered(visit, place, After(word="visited", undo=done.event_ids, bars=True))


async def post_note(visit: Visit) -> Answer:
    """A note for colleagues; whoever it names is told."""
    place = place_in(visit, WRITE)
    body = _body(await visit.form())
    if body is None:
        raise Invalid(problems=(Problem("body", "is missing"),))
    done = await _log(visit, place, kind="note", body=body)
    await drop(visit, place, "note")
    named = len(getattr(done.outcome.body, "mentioned_user_ids", ()))
    told = f"; {named} {'colleague is' if named == 1 else 'colleagues are'} told" if named else ""
    after = After(word="noted", text=f"Note saved{told}", undo=done.event_ids, composed="note")
    return await answered(visit, place, after)


async def post_snooze(visit: Visit) -> Answer:
    """Put the customer off: by a preset, until a time of the dealership's clock, or not any more."""
    place = place_in(visit, WRITE)
    until = _until(await visit.form(), visit.who.now, place.timezone)
    tree = {"until": None if until is None else until.isoformat()}
    done = await visit.act(place.slug, snooze.OPERATION, tree, id=visit.call.path["id"])
    text = "Back in the list"
    if until is not None:
        text = f"Put off until {day(until, place.timezone)}, {clock(until, place.timezone)}"
    return await answered(visit, place, After(word="put_off", text=text, undo=done.event_ids, bars=True))


def _until(form: Mapping[str, Any], now: datetime, timezone: str) -> datetime | None:
    """The moment that was chosen; None for now.

    Raises:
        Invalid: it is none.
    """
    preset, at = form.get("until"), form.get("at")
    if isinstance(at, str) and at.strip():
        moment = moment_of(at, timezone, "at")
        if isinstance(moment, Problem):
            raise Invalid(problems=(moment,))
        return moment
    if preset == "":
        return None
    chosen = moment_of_preset(str(preset), now, timezone)
    if chosen is None:
        raise Invalid(problems=(Problem("until", "is missing: when the customer is to be back"),))
    return chosen


async def _log(visit: Visit, place: Membership, **activity: str | None) -> Done:
    tree = {"activity": {name: value for name, value in activity.items() if value is not None}}
    return await visit.act(place.slug, log.OPERATION, tree, id=visit.call.path["id"])


def _body(form: Mapping[str, Any]) -> str | None:
    text = form.get("body", "")
    return text.strip() or None if isinstance(text, str) else None


SCREENS = (
    Screen("POST", f"{_AT}/call", post_call, WRITE),
    Screen("POST", f"{_AT}/visit", post_visit, WRITE),
    Screen("POST", f"{_AT}/note", post_note, WRITE),
    Screen("POST", f"{_AT}/snooze", post_snooze, WRITE),
)
