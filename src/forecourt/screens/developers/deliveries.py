"""What a webhook was told and how that went: the list, one delivery with its whole schedule, and sending it once more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from forecourt.infra.http import BadQuery
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Invalid, Problem, Refusal
from forecourt.screens.developers.place import page, place, places, text
from forecourt.screens.developers.queries import HEALTH, ROUND
from forecourt.screens.developers.records import Health, Round
from forecourt.screens.developers.shown_json import body_lines
from forecourt.screens.developers.timetable import ATTEMPTS, timetable
from forecourt.screens.developers.webhooks import ONE, address_of, host_of, read_webhook
from forecourt.screens.screen import Screen
from forecourt.webhooks import find
from forecourt.webhooks.desk import MANAGE, READ
from forecourt.webhooks.redeliver import REDELIVER_ALL_FAILED, REDELIVER_ONE
from forecourt.webhooks.refusals import DeliveryUnderWay, WebhookSwitchedOff
from forecourt.webhooks.schema import STATES
from forecourt.webhooks.topics import CATALOGUE

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_FILTERS = ("state", "topic", "event_id", "cursor")
# An attempt that comes within this is waited for by a page that is open.
_SOON = timedelta(minutes=1)
_USUALLY_SINCE = timedelta(days=1)


async def get_webhook(visit: Visit) -> Answer:
    """One webhook, and its deliveries."""
    return await _webhook(visit, place(visit, READ, visit.call.path["dealership"]))


async def post_redeliver_failed(visit: Visit) -> Answer:
    """Send all once more that failed since a moment."""
    form = await visit.form()
    at = place(visit, MANAGE, visit.call.path["dealership"])
    try:
        since = _moment(text(form, "failed_since"), at)
        tree = {"failed_since": since.isoformat()}
        done = await visit.act(at.slug, REDELIVER_ALL_FAILED, tree, webhook_id=visit.call.path["webhook_id"])
    except (Invalid, WebhookSwitchedOff) as refusal:
        return await _webhook(visit, at, refusal=refusal)
    count = done.outcome.body.redelivered  # type: ignore[attr-defined]
    return visit.to(f"{address_of(visit, at)}?said=redelivered&n={min(count, 999)}")


async def get_delivery(visit: Visit) -> Answer:
    """One delivery: every attempt, and those to come."""
    return await _delivery(visit, place(visit, READ, visit.call.path["dealership"]))


async def post_redeliver(visit: Visit) -> Answer:
    """Send it once more."""
    at = place(visit, MANAGE, visit.call.path["dealership"])
    try:
        await visit.act(
            at.slug,
            REDELIVER_ONE,
            {},
            webhook_id=visit.call.path["webhook_id"],
            delivery_id=visit.call.path["delivery_id"],
        )
    except (DeliveryUnderWay, WebhookSwitchedOff) as refusal:
        return await _delivery(visit, at, refusal=refusal)
    here = f"{address_of(visit, at)}/deliveries/{visit.call.path['delivery_id']}"
    return visit.to(f"{here}?said=redelivered")


async def _webhook(visit: Visit, at: Membership, *, refusal: Refusal | None = None) -> Answer:
    webhook = await read_webhook(visit, at)
    given = {name: visit.parameters[name] for name in _FILTERS if visit.parameters.get(name)}
    async with visit.database.connection() as connection:
        asked = {name: [value] for name, value in given.items()}
        try:
            found = await find.page(connection, at.dealership_id, visit.call.path, lambda: asked)  # type: ignore[arg-type]
        except BadQuery:
            found = await find.page(connection, at.dealership_id, visit.call.path, dict)  # type: ignore[arg-type]
            given = {}
        rows = await connection.every(Health, HEALTH, dealership_id=at.dealership_id)
    kept = {name: value for name, value in given.items() if name != "cursor"}
    more = urlencode(kept | {"cursor": found.next_cursor}) if found.next_cursor else None
    since = webhook.failing_since or visit.who.now - _USUALLY_SINCE
    return page(
        visit,
        "webhook.html",
        "Webhooks",
        status_of(refusal) if refusal else 200,
        place=at,
        places=places(visit, READ),
        webhook=webhook,
        host=host_of(webhook),
        here=address_of(visit, at),
        health=next(row for row in rows if row.webhook_id == webhook.id),
        deliveries=found.deliveries,
        more=more,
        given=dict.fromkeys(_FILTERS, "") | given,
        is_filtered=bool(given),
        states=STATES,
        topics=CATALOGUE,
        since=since.astimezone(ZoneInfo(at.timezone)).strftime("%Y-%m-%dT%H:%M"),
        may_manage=at.may(MANAGE),
        refusal=refusal,
    )


async def _delivery(visit: Visit, at: Membership, *, refusal: Refusal | None = None) -> Answer:
    webhook = await read_webhook(visit, at)
    own = {"dealership_id": at.dealership_id, "delivery_id": visit.call.path["delivery_id"]}
    async with visit.database.connection() as connection:
        delivery = await find.one(connection, at.dealership_id, visit.call.path)  # type: ignore[arg-type]
        of_round = await connection.one(Round, ROUND, **own | {"delivery_id": delivery.id})
    steps = timetable(
        delivery.all_attempts,
        attempts_before=of_round.attempts_before,
        state=delivery.state,
        due_at=delivery.due_at,
    )
    is_soon = delivery.state == "sending" or (
        delivery.state == "waiting" and delivery.due_at - visit.who.now < _SOON
    )
    shown: dict[str, Any] = {
        "place": at,
        "webhook": webhook,
        "host": host_of(webhook),
        "here": address_of(visit, at),
        "delivery": delivery,
        "of_round": of_round,
        "attempts": list(reversed(delivery.all_attempts)),
        "steps": steps,
        "most": ATTEMPTS,
        "refreshes": is_soon and refusal is None,
        "lines": body_lines,
        "may_manage": at.may(MANAGE),
    }
    if visit.is_fragment:
        return visit.page("developers/delivery_went.html", **shown)
    status = status_of(refusal) if refusal else 200
    return page(
        visit, "delivery.html", "Webhooks", status, places=places(visit, READ), refusal=refusal, **shown
    )


def _moment(said: str, at: Membership) -> datetime:
    """What was chosen, by the dealership's clock.

    Raises:
        Invalid: it is no moment.
    """
    try:
        return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(at.timezone))
    except ValueError:
        raise Invalid(problems=(Problem("failed_since", "must be a day and a time"),)) from None


SCREENS = (
    Screen("GET", ONE, get_webhook, READ),
    Screen("POST", f"{ONE}/redeliver", post_redeliver_failed, MANAGE),
    Screen("GET", f"{ONE}/deliveries/{{delivery_id}}", get_delivery, READ),
    Screen("POST", f"{ONE}/deliveries/{{delivery_id}}/redeliver", post_redeliver, MANAGE),
)
