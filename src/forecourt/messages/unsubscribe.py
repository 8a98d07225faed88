"""Calling offers off: one click, no login, for as long as the message is kept (Spam Act 2003; RFC 8058)."""

from __future__ import annotations

import html
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from forecourt.access.caller import Caller
from forecourt.dealerships.operation import Change, Dealership, Standing
from forecourt.events.record import record_event
from forecourt.ids import DealershipId, LeadClusterId
from forecourt.infra.database import record
from forecourt.messages.unsubscribe_queries import BY_TOKEN, CALL_OFFERS_OFF

if TYPE_CHECKING:
    from forecourt.infra.database import Connection

_LONGEST_TOKEN = 100

_PAGE = """<!doctype html>
<html lang="en-AU">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto 0; padding: 0 1.25rem; }}
button {{ font: inherit; padding: 0.6rem 1.2rem; cursor: pointer; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{said}</p>
{form}
</main>
</body>
</html>
"""
_FORM = '<form method="post"><button type="submit" name="List-Unsubscribe" value="One-Click">{button}</button></form>'


class Offers(msgspec.Struct, frozen=True, kw_only=True):
    """Whose offers a token is about.

    Attributes:
        message_id: the message that the token came with.
        wanted: whether any of the person's contacts has still agreed.
    """

    dealership_id: int
    slug: str
    name: str
    timezone: str
    country: str
    now: datetime
    message_id: int
    wanted: bool


async def offers_of(connection: Connection, token: str) -> Offers | None:
    """Whose offers *token* is about; None where nothing was ever sent with it."""
    if not token.isascii() or "\0" in token or len(token) > _LONGEST_TOKEN:
        return None
    return await connection.one_or_none(Offers, BY_TOKEN, token=token)


async def call_offers_off(connection: Connection, offers: Offers, request_id: str) -> None:
    """Write down that none are wanted, everywhere that the person is known at the dealership; a second time does nothing."""
    standing = Standing(
        caller=Caller(None, ()),
        dealership=Dealership(
            id=DealershipId(offers.dealership_id),
            slug=offers.slug,
            name=offers.name,
            timezone=offers.timezone,
            country=offers.country,
        ),
        now=offers.now,
    )
    change = Change(connection=connection, standing=standing, path={}, request_id=request_id, dry_run=False)
    rows = await connection.every(
        record,
        CALL_OFFERS_OFF,
        dealership_id=offers.dealership_id,
        message_id=offers.message_id,
        now=offers.now,
    )
    # A merged cluster's contact is called off with its survivor's, should they part again; told of the survivor's.
    survivors = {row["lead_cluster_id"] for row in rows}
    for row in rows:
        if row["merged_into_id"] in survivors:
            continue
        await record_event(
            change,
            "contact.unsubscribed",
            LeadClusterId(row["lead_cluster_id"]),
            {"contact.opt_in_to_marketing": {"from": row["before"], "to": False}},
            lead_cluster_version=row["version"],
        )


def page(offers: Offers | None) -> str:
    """What whoever follows the link sees."""
    if offers is None:
        return _written(
            "This link is not known", "It may be incomplete. Try to open it from the message again."
        )
    name = html.escape(offers.name)
    if not offers.wanted:
        return done(offers)
    said = f"Do you want no more offers from {name}? Answers to your own enquiries still reach you."
    return _written("Unsubscribe", said, _FORM.format(button="Unsubscribe"))


def done(offers: Offers) -> str:
    """What they see then."""
    return _written("You are unsubscribed", f"{html.escape(offers.name)} sends you no more offers.")


def _written(title: str, said: str, form: str = "") -> str:
    return _PAGE.format(title=title, said=said, form=form)
