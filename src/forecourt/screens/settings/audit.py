"""The audit: everything that was done at the dealership, as a page and as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from forecourt.access.caller import Unauthorised
from forecourt.audit import find, sheet
from forecourt.audit.filters import FILTERS
from forecourt.audit.find import PERMISSION, AuditPage
from forecourt.audit.kinds import GROUPS
from forecourt.exports.api import as_csv_file
from forecourt.exports.hand_out import Export
from forecourt.infra.database import record
from forecourt.infra.http import BadQuery
from forecourt.screens.screen import Screen
from forecourt.screens.settings.choices import choices
from forecourt.screens.settings.page import place_of, reading, shown
from forecourt.screens.settings.queries import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecourt.exports.walk import Page, Place
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_AT = "/settings/audit"
_LONGEST = 160
# Of what was changed, what a row needs not say: it stands elsewhere in it.
_SAID = frozenset({"id", "location_id"})


class Changed(msgspec.Struct, frozen=True):
    """A field, from what to what, as a row shows it."""

    field: str
    before: str | None
    after: str | None


async def get_audit(visit: Visit) -> Answer:
    """A page of the audit."""
    place = place_of(visit, visit.parameters.get("dealership"), PERMISSION)
    asked = _asked(visit)
    cursor = visit.parameters.get("cursor")
    refusal, page = None, AuditPage([], None)
    async with reading(visit, place) as (connection, standing):
        there = await choices(connection, standing.dealership.id)
        keys = await connection.every(record, KEYS, dealership_id=standing.dealership.id)
        try:
            query = {name: [said] for name, said in asked.items()} | ({"cursor": [cursor]} if cursor else {})
            page = await find.page(connection, standing, query)
        except BadQuery as bad:
            refusal = bad
    return shown(
        visit,
        "audit",
        place,
        _AT,
        refusal=refusal,
        events=[(event, list(_changed(event.changes))) for event in page.events],
        asked=dict.fromkeys(FILTERS, "") | asked,
        groups=GROUPS,
        users=there.pairs("users"),
        keys=[(key["id"], key["name"]) for key in keys],
        csv=f"{_AT}.csv?{urlencode(asked | {'dealership': place.slug})}",
        older=page.next_cursor
        and f"{_AT}?{urlencode(asked | {'dealership': place.slug, 'cursor': page.next_cursor})}",
        filtered=bool(asked),
    )


async def get_csv(visit: Visit) -> Answer:
    """All that the filters list, as a file that is sent as it is read."""
    place = place_of(visit, visit.parameters.get("dealership"), PERMISSION)
    asked = {name: [said] for name, said in _asked(visit).items()}

    # Whoever is signed out meanwhile gets no other page.
    async def read(after: Place | None) -> Page:
        if not await visit.is_still_signed_in():
            raise Unauthorised
        async with reading(visit, place) as (connection, standing):
            return await sheet.page(connection, standing, asked, after)

    export = Export(sheet.AUDIT, await read(None), read, filters=asked, request_id=visit.call.request_id)
    return as_csv_file(visit.call, export)


def _asked(visit: Visit) -> dict[str, str]:
    """The filters that say something: a form sends the others empty."""
    return {name: visit.parameters[name] for name in FILTERS if visit.parameters.get(name)}


def _changed(changes: dict[str, Any]) -> Iterator[Changed]:
    for name, value in changes.items():
        is_pair = isinstance(value, dict) and value.keys() >= {"from", "to"}
        if name in _SAID and not is_pair:
            continue
        before, after = (value["from"], value["to"]) if is_pair else (None, value)
        if name not in _SAID:
            yield Changed(name, _shown(before), _shown(after))


def _shown(value: Any) -> str | None:  # noqa: ANN401 - of any field
    """A value in a few words; None for none."""
    if value is None or value == []:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, (str, int)) for one in value):
        text = ", ".join(str(one) for one in value)
    else:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


SCREENS = (
    Screen("GET", _AT, get_audit, PERMISSION),
    Screen("GET", f"{_AT}.csv", get_csv, PERMISSION),
)
