"""How mail to customers is signed, and where their answers go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.notifications import mail_settings
from forecourt.screens.screen import Screen
from forecourt.screens.settings.fields import line
from forecourt.screens.settings.page import MANAGE, READ, TOLD, place_of, reading, saved, shown

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

_AT = "/settings/mail"


async def get_mail(visit: Visit) -> Answer:
    """The page."""
    return await _page(visit, place_of(visit, visit.parameters.get("dealership")))


async def post_mail(visit: Visit) -> Answer:
    """Keep it."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    given = {name: line(form, name) for name in ("sender_name", "reply_to")}
    try:
        done = await visit.act(place.slug, mail_settings.operation(visit.building.sender), given)
    except TOLD as refusal:
        return await _page(visit, place, given, refusal)
    return saved(visit, place, done, _AT)


async def _page(
    visit: Visit, place: Membership, given: dict[str, Any] | None = None, refusal: Refusal | None = None
) -> Answer:
    async with reading(visit, place) as (connection, standing):
        told = await mail_settings.mail_settings(visit.building.sender, connection, standing.dealership.id)
    server = visit.building.settings
    return shown(
        visit,
        "mail",
        place,
        _AT,
        refusal=refusal,
        told=told,
        given=given or {"sender_name": told.sender_name, "reply_to": told.reply_to},
        sends_mail=server.smtp_url is not None,
        sends_sms=server.sms_url is not None,
    )


SCREENS = (
    Screen("GET", _AT, get_mail, READ),
    Screen("POST", _AT, post_mail, MANAGE),
)
