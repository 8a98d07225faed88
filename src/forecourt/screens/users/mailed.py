"""Sending a one-time link by mail, past the outbox: what is kept there can be read, and whoever reads the link is in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from forecourt.infra.mail import NO_ADDRESS, composed, hand_over, server_of

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.screens.visit import Visit

_TEXT = """\
Hi,

{who} has made a link for you to Forecourt, where {where} answers its leads:

{address}

It works once, for {lasts}. Nobody will ask you for it. If you expect nothing of the kind, leave it be.
"""


async def is_mailed(visit: Visit, place: Membership, link: dict[str, str]) -> bool:
    """Send *link* to its ``email``; False where no server takes it, and somebody has to send it by hand."""
    url, sender = visit.building.settings.smtp_url, visit.building.sender
    if url is None:
        return False
    try:
        message = composed(
            sender=(place.name, sender.mail_from),
            recipient=link["email"],
            reply_to=visit.who.email,
            subject=f"Your way into Forecourt at {place.name}",
            text=_TEXT.format(
                who=visit.who.name, where=place.name, address=link["address"], lasts=link["lasts"]
            ),
            html=None,
            message_id=f"{secrets.token_hex(16)}@{sender.domain}",
            headers={"Auto-Submitted": "auto-generated"},
        )
    except NO_ADDRESS:
        return False
    ended = await hand_over(server_of(url), message, link["email"], may_go=_now)
    return ended.outcome == "accepted"


async def _now() -> bool:
    """Nobody calls it back."""
    return True
