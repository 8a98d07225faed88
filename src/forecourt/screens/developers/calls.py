"""The request log: every call as it comes in, one of them whole, and sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from forecourt.infra.http import BadQuery
from forecourt.infra.problems import status_of
from forecourt.requests import filters, find
from forecourt.requests.curl import curl_of
from forecourt.requests.moments import first_id, id_in, moment_of
from forecourt.requests.refusals import CannotReplay
from forecourt.requests.replay import prepared, replay
from forecourt.screens.developers.place import page, place, places, text
from forecourt.screens.developers.queries import ABOUT, KEYS_TO_CHOOSE
from forecourt.screens.developers.records import About, KeyToChoose
from forecourt.screens.developers.shown_json import json_lines
from forecourt.screens.developers.test_key import own, shown, token_of
from forecourt.screens.screen import Screen
from forecourt.screens.signing_in.cookies import base_address

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.requests.answers import RequestDetails
    from forecourt.requests.replay import Replayed
    from forecourt.screens.visit import Visit

# What the address can ask for, beside the dealership.
_FILTERS = ("api_key_id", "status", "method", "path", "lead_id", "request_id", "text", "cursor")
_SIZE = 50
# A process writes its lines every half second, and busy ones later: a call may come after one that was answered later.
_LATE = timedelta(seconds=5)
_CLASSES = ("2xx", "4xx", "5xx", "422", "401", "404")


async def get_calls(visit: Visit) -> Answer:
    """The list, or its next page where the list asks for it."""
    asked, problems = _asked(visit)
    held, at = _held(visit)
    await visit.building.recorder.write_down()
    async with visit.database.connection() as connection:
        found = await find.page(connection, asked, held)
        keys = await connection.every(KeyToChoose, KEYS_TO_CHOOSE, dealership_ids=held)
    given = {name: visit.parameters[name] for name in _FILTERS if visit.parameters.get(name)}
    kept = {name: value for name, value in given.items() if name != "cursor"}
    if at is not None:
        kept["dealership"] = at.slug
    return page(
        visit,
        "calls.html",
        "Requests",
        place=at or places(visit, find.PERMISSION)[0],
        places=places(visit, find.PERMISSION),
        chosen=at,
        calls=found.requests,
        more=f"/developers/requests?{urlencode(kept | {'cursor': found.next_cursor})}"
        if found.next_cursor
        else None,
        tail=None if "cursor" in given else f"/developers/requests/new?{urlencode(kept)}",
        given=dict.fromkeys(_FILTERS, "") | given,
        is_filtered=bool(kept.keys() - {"dealership"}),
        keys=keys,
        classes=_CLASSES,
        methods=filters.METHODS,
        problems=problems,
        base=base_address(visit),
    )


async def get_new_calls(visit: Visit) -> Answer:
    """Those that came since the last one that an open list shows; some that it has among them."""
    asked, _ = _asked(visit)
    held, at = _held(visit)
    after = id_in(visit.parameters.get("after", "")) or first_id(visit.who.now)
    asked = msgspec.structs.replace(
        asked,
        conditions=asked.conditions | {"from"},
        values=asked.values | {"from_id": first_id(moment_of(after) - _LATE)},
    )
    async with visit.database.connection() as connection:
        found = await find.page(connection, asked, held)
    shown_at = at or places(visit, find.PERMISSION)[0]
    return visit.page("developers/call_rows.html", calls=found.requests, place=shown_at)


async def get_call(visit: Visit) -> Answer:
    """One call, whole."""
    await visit.building.recorder.write_down()
    return await _call(visit)


async def post_replay(visit: Visit) -> Answer:
    """Send it again, with values made up for what is masked, under the visitor's own test key."""
    form = await visit.form()
    held, _ = _held(visit)
    async with visit.database.connection() as connection:
        recorded = await find.one(connection, visit.call.path["id"], held)
    token = await token_of(visit)
    try:
        sent = await replay(
            recorded,
            to=base_address(visit),
            key=token,
            dry_run=text(form, "dry_run") == "on",
            transport=visit.building.own_api,
        )
    except CannotReplay as refusal:
        return await _call(visit, refusal=refusal)
    return await _call(visit, sent=sent)


async def _call(visit: Visit, *, sent: Replayed | None = None, refusal: Refusal | None = None) -> Answer:
    held, _ = _held(visit)
    async with visit.database.connection() as connection:
        found = await find.one(connection, visit.call.path["id"], held)
        about = await _about(connection, found, held)
    token = shown(visit, await own(visit))
    curl, why_not = _curl(found, base_address(visit), token)
    own_places = places(visit, find.PERMISSION)
    return page(
        visit,
        "call.html",
        "Requests",
        status_of(refusal) if refusal else 200,
        place=next((one for one in own_places if one.dealership_id in found.dealership_ids), own_places[0]),
        dealerships=[one for one in own_places if one.dealership_id in found.dealership_ids],
        call=found,
        about=about,
        curl=curl,
        why_not=why_not,
        has_token=token is not None,
        sent=sent,
        refusal=refusal,
        json=json_lines,
    )


async def _about(connection: Connection, call: RequestDetails, held: list[DealershipId]) -> list[About]:
    if not call.lead_ids and call.lead_cluster_id is None:
        return []
    return await connection.every(
        About,
        ABOUT,
        lead_ids=call.lead_ids[:20],
        lead_cluster_id=None if call.lead_ids else call.lead_cluster_id,
        dealership_ids=held,
    )


def _curl(call: RequestDetails, base: str, token: str | None) -> tuple[str | None, str | None]:
    """The command that makes the call again; or why there is none."""
    try:
        return curl_of(prepared(call), base, token), None
    except CannotReplay as refusal:
        return None, refusal.detail


def _asked(visit: Visit) -> tuple[filters.Asked, tuple[Any, ...]]:
    """What the address asks for; what does not fit is told and left out, for a link must lead somewhere."""
    given = {
        name: [visit.parameters[name].strip()] for name in _FILTERS if visit.parameters.get(name, "").strip()
    }
    limit = {"limit": [str(_SIZE)]}
    try:
        return filters.read(given | limit), ()
    except BadQuery as refused:
        wrong = {problem.field for problem in refused.problems}
        fitting = {name: value for name, value in given.items() if name not in wrong}
        return filters.read(fitting | limit), refused.problems


def _held(visit: Visit) -> tuple[list[DealershipId], Membership | None]:
    """The dealerships whose calls are shown: the one that the address names, or all of the visitor's."""
    at = place(visit, find.PERMISSION) if visit.parameters.get("dealership") else None
    chosen = places(visit, find.PERMISSION) if at is None else [at]
    return [one.dealership_id for one in chosen], at  # type: ignore[misc]


SCREENS = (
    Screen("GET", "/developers/requests", get_calls, find.PERMISSION),
    Screen("GET", "/developers/requests/new", get_new_calls, find.PERMISSION),
    Screen("GET", "/developers/requests/{id}", get_call, find.PERMISSION),
    Screen("POST", "/developers/requests/{id}", post_replay, find.PERMISSION),
)
