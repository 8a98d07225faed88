"""Writing to the customer: a preview as they will see it, and sending, which waits ten seconds for second thoughts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.dealerships.desk import id_in
from forecourt.infra.database import record
from forecourt.infra.refusals import Erased, Invalid, Problem
from forecourt.messages import write as messages
from forecourt.messages.built_in import BUILT_IN, Wording
from forecourt.messages.facts import Facts, values_of
from forecourt.messages.facts_queries import FACTS_OF_LEAD
from forecourt.messages.refusals import MessageNotFound
from forecourt.messages.schema import MEDIA
from forecourt.screens.customer import compose
from forecourt.screens.customer.answers import After, answered
from forecourt.screens.customer.compose_queries import LATEST_LEAD, MESSAGE, MESSAGE_OF, TEMPLATES
from forecourt.screens.customer.drafts import drop, keep, put_back
from forecourt.screens.customer.pane import WRITE, cluster_in, place_in
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.messages.sender import Sender
    from forecourt.screens.visit import Visit

_AT = "/dealerships/{dealership}/lead_clusters/{id}"
_TEXTS = {"email": "The e-mail goes in ten seconds", "sms": "The text message goes in ten seconds"}


async def post_preview(visit: Visit) -> Answer:
    """The message as the customer will see it."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    medium, wording = _medium(form), _wording(form)
    shown = None
    if wording.body.strip() and not wording.body.startswith("/"):
        shown = compose.preview(medium, wording, await _values(visit, place))
    return visit.page("customer/preview.html", preview=shown)


async def post_message(visit: Visit) -> Answer:
    """Send what was written, by the room that sends messages; the draft stays until that has taken it."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    medium, wording = _medium(form), _wording(form)
    if not visit.is_fragment:
        await keep(visit, place, medium, wording.subject or "", wording.body)
    if not wording.body.strip():
        raise Invalid(problems=(Problem("body", "is missing"),))
    written = compose.write(medium, wording, await _values(visit, place))
    tree: dict[str, Any] = {
        "medium": medium,
        "body": written.body,
        "user_id": visit.who.user_id,
        "marketing": form.get("marketing") == "on",
    }
    if medium == "email":
        tree["subject"] = written.subject
    if form.get("to"):
        tree["to"] = str(form["to"])
    if str(form.get("template_id", "")).isdigit():
        tree["template_id"] = int(form["template_id"])
    sender: Sender = visit.building.sender
    done = await visit.act(place.slug, messages.queue_operation(sender), tree, id=visit.call.path["id"])
    await drop(visit, place, medium)
    sent_id = done.outcome.changes["message.id"]["to"]
    after = After(word="queued", text=_TEXTS[medium], composed=medium, sent_id=sent_id)
    return await answered(visit, place, after)


async def post_call_back(visit: Visit) -> Answer:
    """Call a message back that has not gone, and put it back where it was written."""
    place = place_in(visit, WRITE)
    message_id = id_in(visit.call.path, "message_id", MessageNotFound)
    await visit.act(place.slug, messages.CALL_BACK_OPERATION, {}, message_id=str(message_id))
    async with visit.database.connection() as connection:
        row = await connection.one_or_none(
            record, MESSAGE, dealership_id=place.dealership_id, message_id=message_id, me=visit.who.user_id
        )
    if row is not None and row["body"]:
        await put_back(visit, place, row["medium"], row["subject"] or "", row["body"])
    composed = row["medium"] if row is not None else None
    return await answered(visit, place, After(word="called_back", composed=composed))


async def post_again(visit: Visit) -> Answer:
    """Put a message that did not arrive back where it was written, for another try or another way."""
    place = place_in(visit, WRITE)
    message_id = id_in(visit.call.path, "message_id", MessageNotFound)
    async with visit.database.connection() as connection:
        row = await connection.one_or_none(
            record,
            MESSAGE_OF,
            dealership_id=place.dealership_id,
            lead_cluster_id=cluster_in(visit),
            message_id=message_id,
        )
    if row is None:
        raise MessageNotFound
    await put_back(visit, place, row["medium"], row["subject"] or "", row["body"])
    return await answered(visit, place, After(word="again", composed=row["medium"]))


async def post_template(visit: Visit) -> Answer:
    """Begin with a template, for a browser without scripts."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    medium, chosen = _medium(form), str(form.get("template", ""))
    async with visit.database.connection() as connection:
        own = await connection.every(compose.Template, TEMPLATES, dealership_id=place.dealership_id)
    wording = next(
        (
            Wording(subject=one.subject, body=one.body)
            for one in own
            if str(one.id) == chosen and one.kind == medium
        ),
        BUILT_IN[medium] if chosen == "standard" else None,
    )
    if wording is None:
        raise Invalid(problems=(Problem("template", "is not one of this dealership's"),))
    await keep(visit, place, medium, wording.subject or "", wording.body)
    return await answered(visit, place, After(word="kept_draft", composed=medium))


async def _values(visit: Visit, place: Membership) -> dict[str, dict[str, object]]:
    """What the variables stand for: the customer's latest enquiry, and whoever writes.

    Raises:
        Erased: there is nobody to write to.
    """
    own = {"dealership_id": place.dealership_id}
    async with visit.database.connection() as connection:
        lead = await connection.one_or_none(record, LATEST_LEAD, **own, lead_cluster_id=cluster_in(visit))
        facts = None
        if lead is not None:
            facts = await connection.one_or_none(Facts, FACTS_OF_LEAD, **own, lead_id=lead["id"])
    if facts is None or facts.erased_at is not None:
        raise Erased
    facts = msgspec.structs.replace(facts, user_name=visit.who.name, user_email=visit.who.email)
    sender: Sender = visit.building.sender
    return values_of(facts, sender)


def _medium(form: Mapping[str, Any]) -> str:
    medium = form.get("medium")
    if medium not in MEDIA:
        raise Invalid(problems=(Problem("medium", "is not a medium", MEDIA),))
    return str(medium)


def _wording(form: Mapping[str, Any]) -> Wording:
    subject, body = form.get("subject", ""), form.get("body", "")
    return Wording(
        subject=subject if isinstance(subject, str) else "",
        body=body.replace("\r\n", "\n") if isinstance(body, str) else "",
    )


SCREENS = (
    Screen("POST", f"{_AT}/preview", post_preview, WRITE),
    Screen("POST", f"{_AT}/message", post_message, WRITE),
    Screen("POST", f"{_AT}/template", post_template, WRITE),
    Screen("POST", f"{_AT}/messages/{{message_id}}/call_back", post_call_back, WRITE),
    Screen("POST", f"{_AT}/messages/{{message_id}}/again", post_again, WRITE),
)
