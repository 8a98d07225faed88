"""Webhooks: what there are and how they do, made and changed, with secrets that are shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.database import record
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Invalid, Problem, Refusal
from forecourt.screens.developers.place import page, place, places, text, words
from forecourt.screens.developers.queries import HEALTH
from forecourt.screens.developers.records import Health
from forecourt.screens.developers.shown_json import body_lines
from forecourt.screens.screen import Screen
from forecourt.webhooks.bodies import SCHEMAS
from forecourt.webhooks.desk import (
    MANAGE,
    READ,
    REMOVE,
    ROTATE,
    adding,
    changing,
    every_webhook,
    the_webhook,
    told,
)
from forecourt.webhooks.records import Occasion
from forecourt.webhooks.redeliver import SEND_TEST
from forecourt.webhooks.refusals import WebhookSwitchedOff
from forecourt.webhooks.schema import TOKEN_HEADERS
from forecourt.webhooks.topics import ALL, CATALOGUE

if TYPE_CHECKING:
    from markupsafe import Markup

    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit
    from forecourt.webhooks.schema import WebhookMade, WebhookOut

_ABOUT = {
    "v1": "the platform's lead export, first version",
    "v2": "v1 with car, location, payments, files",
    "v3": "v2 with test drives",
    "cluster": "the platform's lead cluster webhook",
    "event": "what changed, from what to what, by whom",
    "adf": "ADF 1.0, as other programs of the trade read it",
}
ONE = "/developers/webhooks/{dealership}/{webhook_id}"


async def get_webhooks(visit: Visit) -> Answer:
    """All of a dealership's, each with how it does."""
    at = place(visit, READ)
    async with visit.database.connection() as connection:
        webhooks = await every_webhook(connection, at.dealership_id)  # type: ignore[arg-type]
        rows = await connection.every(record, HEALTH, dealership_id=at.dealership_id)
    health = {row["webhook_id"]: Health(**row) for row in rows}
    return page(
        visit,
        "webhooks.html",
        "Webhooks",
        place=at,
        places=places(visit, READ),
        webhooks=webhooks,
        health=health,
        may_manage=at.may(MANAGE),
    )


async def get_new(visit: Visit) -> Answer:
    """The form of a new one."""
    at = place(visit, MANAGE)
    return _form(visit, at, {"events": ["lead.created", "lead.updated"], "schema": "event"})


async def post_new(visit: Visit) -> Answer:
    """Make one; its secret is shown this once."""
    form = await visit.form()
    at = place(visit, MANAGE, text(form, "dealership"))
    tree = _tree(form)
    operation = adding(private_too=visit.building.settings.allow_private_webhooks)
    try:
        done = await visit.act(at.slug, operation, tree)
    except Invalid as refusal:
        return _form(visit, at, tree, refusal=refusal)
    return _secret(visit, at, done.outcome.body)  # type: ignore[arg-type]


async def get_edit(visit: Visit) -> Answer:
    """The form of one that is there."""
    at = place(visit, MANAGE, visit.call.path["dealership"])
    webhook = await read_webhook(visit, at)
    return _form(visit, at, msgspec.structs.asdict(webhook), webhook=webhook)


async def post_edit(visit: Visit) -> Answer:
    """Change one."""
    form = await visit.form()
    at = place(visit, MANAGE, visit.call.path["dealership"])
    tree = _tree(form)
    try:
        await _change(visit, at, tree)
    except Invalid as refusal:
        return _form(visit, at, tree, refusal=refusal, webhook=await read_webhook(visit, at))
    return visit.to(f"{address_of(visit, at)}?said=webhook_changed")


async def post_switch(visit: Visit) -> Answer:
    """Switch one off, or on again."""
    form = await visit.form()
    at = place(visit, MANAGE, visit.call.path["dealership"])
    on = text(form, "enabled") == "on"
    await _change(visit, at, {"enabled": on})
    return visit.to(f"{address_of(visit, at)}?said={'webhook_on' if on else 'webhook_off'}")


async def post_secret(visit: Visit) -> Answer:
    """Give one a new secret, shown this once; the old one is good for some hours more."""
    form = await visit.form()
    at = place(visit, MANAGE, visit.call.path["dealership"])
    hours = text(form, "overlap_hours")
    tree = {"overlap_hours": int(hours)} if hours.isascii() and hours.isdigit() else {}
    done = await visit.act(at.slug, ROTATE, tree, webhook_id=visit.call.path["webhook_id"])
    return _secret(visit, at, done.outcome.body)  # type: ignore[arg-type]


async def post_test(visit: Visit) -> Answer:
    """Send a test, and lead to how it goes."""
    at = place(visit, MANAGE, visit.call.path["dealership"])
    try:
        done = await visit.act(at.slug, SEND_TEST, {}, webhook_id=visit.call.path["webhook_id"])
    except WebhookSwitchedOff:
        return visit.to(f"{address_of(visit, at)}?said=webhook_is_off")
    delivery_id = done.outcome.body.delivery_id  # type: ignore[attr-defined]
    return visit.to(f"{address_of(visit, at)}/deliveries/{delivery_id}?said=test_sent")


async def post_removal(visit: Visit) -> Answer:
    """Remove one, for good; its host has to be typed."""
    form = await visit.form()
    at = place(visit, MANAGE, visit.call.path["dealership"])
    webhook = await read_webhook(visit, at)
    if text(form, "host").strip() != host_of(webhook):
        raise Invalid(problems=(Problem("host", "is not the webhook's; type it as it is shown"),))
    await visit.act(at.slug, REMOVE, {}, webhook_id=visit.call.path["webhook_id"])
    return visit.to(f"/developers/webhooks?dealership={at.slug}&said=webhook_removed")


async def read_webhook(visit: Visit, at: Membership) -> WebhookOut:
    """The webhook that the address names.

    Raises:
        WebhookNotFound: there is none such.
    """
    async with visit.database.connection() as connection:
        return told(await the_webhook(connection, at.dealership_id, visit.call.path))  # type: ignore[arg-type]


def address_of(visit: Visit, at: Membership) -> str:
    """The webhook's page."""
    return f"/developers/webhooks/{at.slug}/{visit.call.path['webhook_id']}"


def host_of(webhook: WebhookOut) -> str:
    """Where it goes, for short."""
    return webhook.url.partition("://")[2].partition("/")[0]


async def _change(visit: Visit, at: Membership, tree: dict[str, Any]) -> None:
    operation = changing(private_too=visit.building.settings.allow_private_webhooks)
    await visit.act(at.slug, operation, tree, webhook_id=visit.call.path["webhook_id"])


def _tree(form: dict[str, Any]) -> dict[str, Any]:
    """The form as the API would be sent it; a token that was not typed stays as it is."""
    tree: dict[str, Any] = {
        "url": text(form, "url")[:2_048],
        "events": words(form, "events"),
        "schema": text(form, "schema"),
    }
    for name in ("provider", "token_header"):
        tree |= {name: text(form, name).strip()} if text(form, name).strip() else {}
    token = text(form, "token")
    if text(form, "no_token") == "on":
        return tree | {"token": None}
    return tree | ({"token": token} if token else {})


def _form(
    visit: Visit,
    at: Membership,
    given: dict[str, Any],
    *,
    refusal: Refusal | None = None,
    webhook: WebhookOut | None = None,
) -> Answer:
    usual = {"url": "", "schema": "", "provider": "", "token_header": TOKEN_HEADERS[0]}
    has_token = webhook is not None and webhook.has_token
    return page(
        visit,
        "webhook_form.html",
        "Webhooks",
        status_of(refusal) if refusal else 200,
        place=at,
        places=places(visit, MANAGE),
        given=usual | given,
        has_token=has_token,
        refusal=refusal,
        webhook=webhook,
        everything=ALL,
        topics=CATALOGUE,
        schemas=[(schema, _ABOUT[schema], _sample(at, schema)) for schema in SCHEMAS],
        token_headers=TOKEN_HEADERS,
        private_too=visit.building.settings.allow_private_webhooks,
    )


def _secret(visit: Visit, at: Membership, webhook: WebhookMade) -> Answer:
    return page(
        visit, "webhook_secret.html", "Webhooks", place=at, places=places(visit, READ), webhook=webhook
    )


def _sample(at: Membership, schema: str) -> Markup:
    occasion = Occasion(
        dealership_id=at.dealership_id,
        dealership_slug=at.slug,
        event_id=1_025,
        topic="test",
        lead_id=None,
        lead_cluster_id=None,
        schema=schema,
        provider="Forecourt",
    )
    return body_lines(SCHEMAS[schema].sample(occasion).decode())


SCREENS = (
    Screen("GET", "/developers/webhooks", get_webhooks, READ),
    Screen("GET", "/developers/webhooks/new", get_new, MANAGE),
    Screen("POST", "/developers/webhooks", post_new, MANAGE),
    Screen("GET", f"{ONE}/edit", get_edit, MANAGE),
    Screen("POST", f"{ONE}/edit", post_edit, MANAGE),
    Screen("POST", f"{ONE}/switch", post_switch, MANAGE),
    Screen("POST", f"{ONE}/secret", post_secret, MANAGE),
    Screen("POST", f"{ONE}/test", post_test, MANAGE),
    Screen("POST", f"{ONE}/remove", post_removal, MANAGE),
)
