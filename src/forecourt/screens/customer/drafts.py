"""Drafts: what somebody is writing, kept until it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.infra.http import Answer
from forecourt.infra.refusals import Invalid, Problem
from forecourt.screens.customer.answers import After, answered
from forecourt.screens.customer.compose import MEDIA
from forecourt.screens.customer.compose_queries import DROP, KEEP, PUT_BACK
from forecourt.screens.customer.pane import WRITE, cluster_in, place_in
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.access.sessions import Membership
    from forecourt.screens.visit import Visit

_MOST = 20_000


async def post_draft(visit: Visit) -> Answer:
    """Keep what is written; a page with scripts does so while somebody writes, and goes on."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    medium = medium_in(form)
    await keep(visit, place, medium, str(form.get("subject", "")), str(form.get("body", "")))
    if visit.call.headers.get("sec-fetch-mode") in {"cors", "same-origin"} or visit.is_fragment:
        return Answer(204, b"")
    return await answered(visit, place, After(word="kept_draft", composed=medium))


async def keep(visit: Visit, place: Membership, medium: str, subject: str, body: str) -> None:
    """Keep a draft; an empty one is none."""
    if not (subject.strip() or body.strip()):
        await drop(visit, place, medium)
        return
    async with visit.database.connection() as connection:
        await connection.run(
            KEEP,
            **_own(visit, place),
            medium=medium,
            subject=subject[:255] or None,
            body=body.replace("\0", "")[:_MOST],
        )


async def put_back(visit: Visit, place: Membership, medium: str, subject: str, body: str) -> None:
    """Put what was written before into the draft, in front of what was begun since."""
    async with visit.database.connection() as connection:
        await connection.run(
            PUT_BACK,
            **_own(visit, place),
            medium=medium,
            subject=subject[:255] or None,
            body=body[:_MOST],
            most=_MOST,
        )


async def drop(visit: Visit, place: Membership, medium: str) -> None:
    """Forget a draft: it was sent, or nothing is left of it."""
    async with visit.database.connection() as connection:
        await connection.run(DROP, **_own(visit, place), medium=medium)


def medium_in(form: Mapping[str, Any]) -> str:
    """What is being written.

    Raises:
        Invalid: nobody knows such a thing.
    """
    medium = form.get("medium")
    if medium not in MEDIA:
        raise Invalid(problems=(Problem("medium", "is not a medium", MEDIA),))
    return str(medium)


def _own(visit: Visit, place: Membership) -> dict[str, Any]:
    return {
        "dealership_id": place.dealership_id,
        "lead_cluster_id": cluster_in(visit),
        "me": visit.who.user_id,
    }


SCREENS = (Screen("POST", "/dealerships/{dealership}/lead_clusters/{id}/draft", post_draft, WRITE),)
