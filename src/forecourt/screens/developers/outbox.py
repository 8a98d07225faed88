"""The outbox: everything that was written to customers and staff, why, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from forecourt.infra.database import record
from forecourt.infra.http import Answer, BadQuery
from forecourt.messages import outbox
from forecourt.screens.developers.place import SECTION, page, place, places
from forecourt.screens.developers.queries import OF_TEST, WHY
from forecourt.screens.developers.records import Why
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.access.sessions import Membership
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.refusals import Problem
    from forecourt.messages.schema import MessageOut, MessagePage, WholeMessageOut
    from forecourt.screens.visit import Visit

_FILTERS = (*outbox.FILTERS, *outbox.IDS, "recipient", "cursor")
_ONE = "/developers/outbox/{dealership}/{message_id}"
# A mail is shown as it is and does nothing: no scripts, no forms, no pictures or styles from anywhere, no way out.
_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'self'; sandbox"
)
_ALONE = ((b"content-security-policy", _POLICY), (b"referrer-policy", b"no-referrer"))


async def get_outbox(visit: Visit) -> Answer:
    """A page of it, the latest in front."""
    at = place(visit, outbox.READ)
    given = {
        name: visit.parameters[name].strip() for name in _FILTERS if visit.parameters.get(name, "").strip()
    }
    async with visit.database.connection() as connection:
        found, problems = await _found(
            connection, visit.standing(at), {name: [value] for name, value in given.items()}
        )
        of_test = await _of_test(connection, at, found.messages)
    kept = {name: value for name, value in given.items() if name != "cursor"} | {"dealership": at.slug}
    settings = visit.building.settings
    return page(
        visit,
        "outbox.html",
        "Outbox",
        place=at,
        places=places(visit, outbox.READ),
        messages=found.messages,
        of_test=of_test,
        more=f"/developers/outbox?{urlencode(kept | {'cursor': found.next_cursor})}"
        if found.next_cursor
        else None,
        given=dict.fromkeys(_FILTERS, "") | given,
        is_filtered=bool(given),
        filters=outbox.FILTERS,
        problems=problems,
        mail_leaves=settings.smtp_url is not None,
        texts_leave=settings.sms_url is not None,
    )


async def _found(
    connection: Connection, by: Standing, asked: dict[str, list[str]]
) -> tuple[MessagePage, list[Problem]]:
    """What is asked for; what does not fit is told and left out, for a link must lead somewhere."""
    problems: list[Problem] = []
    while True:
        try:
            return await outbox.outbox(connection, by, asked), problems
        except BadQuery as refused:
            wrong = {problem.field for problem in refused.problems}
            if not wrong & asked.keys():
                raise
            problems += refused.problems
            asked = {name: value for name, value in asked.items() if name not in wrong}


async def _of_test(
    connection: Connection, at: Membership, messages: Sequence[MessageOut]
) -> frozenset[int | None]:
    """The customers of *messages* who are of test mode."""
    ids = [one.lead_cluster_id for one in messages if one.lead_cluster_id is not None]
    rows = await connection.every(record, OF_TEST, dealership_id=at.dealership_id, lead_cluster_ids=ids)
    return frozenset(row["id"] for row in rows)


async def get_message(visit: Visit) -> Answer:
    """One message, whole."""
    at = place(visit, outbox.READ, visit.call.path["dealership"])
    message = await _message(visit, at)
    async with visit.database.connection() as connection:
        why = await connection.one(record, WHY, dealership_id=at.dealership_id, message_id=message.id)
        of_test = await _of_test(connection, at, [message])
    return page(
        visit,
        "message.html",
        "Outbox",
        place=at,
        places=places(visit, outbox.READ),
        message=message,
        is_test=message.lead_cluster_id in of_test,
        why=Why(**why),
        customer=f"/dealerships/{at.slug}/lead_clusters/{message.lead_cluster_id}",
    )


async def get_html(visit: Visit) -> Answer:
    """A mail's HTML alone, for the frame that shows it."""
    at = place(visit, outbox.READ, visit.call.path["dealership"])
    message = await _message(visit, at)
    return Answer(200, (message.html or "").encode(), b"text/html; charset=utf-8", _ALONE)


async def _message(visit: Visit, at: Membership) -> WholeMessageOut:
    async with visit.database.connection() as connection:
        return await outbox.message(connection, visit.standing(at), outbox.message_in(visit.call.path))


SCREENS = (
    Screen("GET", "/developers/outbox", get_outbox, SECTION),
    Screen("GET", _ONE, get_message, SECTION),
    Screen("GET", f"{_ONE}/html", get_html, SECTION),
)
