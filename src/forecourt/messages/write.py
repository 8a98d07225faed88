"""Writing to a customer: the message waits for a moment, in which it can be called back, and then goes out once."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt.clusters import find
from forecourt.contacts.email import loose_email
from forecourt.contacts.phone import loose_phone, takes_texts
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.ids import LeadClusterId
from forecourt.infra.database import record
from forecourt.infra.mail import one_line
from forecourt.infra.refusals import Erased, Invalid, Problem
from forecourt.messages import letter, outbox
from forecourt.messages.built_in import Wording
from forecourt.messages.facts import Facts, values_of
from forecourt.messages.facts_queries import FACTS_OF_LEAD
from forecourt.messages.language import BadTemplate
from forecourt.messages.queries import CALL_BACK, CUSTOMER, QUEUE
from forecourt.messages.refusals import MessageHasGone
from forecourt.messages.schema import HOLD_SECONDS, MEDIA, MessageIn, MessageOut, WholeMessageOut
from forecourt.messages.segments import segments_of

if TYPE_CHECKING:
    from forecourt.messages.letter import Letter
    from forecourt.messages.sender import Sender

UPDATE = "update:lead_cluster"

_MOST_SEGMENTS = 10
_MOST_TEXT = 20_000
_POINT = {"email": "email", "sms": "phone"}


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a message goes to, who writes it, and by which template.

    Attributes:
        points: how the customer is reached by the medium, the latest first.
        lead_id: their latest enquiry.
    """

    erased_at: datetime | None
    opt_in_to_marketing: bool | None
    points: list[str]
    lead_id: int | None
    user_id: int | None
    user_name: str | None
    user_email: str | None
    template_id: int | None
    template_kind: str | None
    template_subject: str | None
    template_body: str | None
    template_marketing: bool | None


async def queue_message(
    sender: Sender, change: Change, lead_cluster_id: LeadClusterId, sent: MessageIn
) -> Outcome:
    """Queue a message to the customer of a cluster that the transaction has locked.

    Raises:
        Invalid: what was sent does not fit; every problem is named.
        Erased: the person was erased.
    """
    medium = sent.medium if isinstance(sent.medium, str) else None
    if medium not in MEDIA:
        said = "is missing" if medium is None else "is not a medium"
        raise Invalid(problems=(Problem("medium", said, MEDIA),))
    customer = await change.connection.one(
        Customer,
        CUSTOMER,
        dealership_id=change.dealership_id,
        lead_cluster_id=lead_cluster_id,
        kind=_POINT[medium],
        user_id=_given(sent.user_id),
        template_id=_given(sent.template_id),
    )
    if customer.erased_at is not None:
        raise Erased
    marketing = bool(_given(sent.marketing) or customer.template_marketing)
    problems = _problems(sent, medium, customer, marketing=marketing)
    recipient = _recipient(sent, medium, customer, change.standing.dealership.country, problems)
    if problems:
        raise Invalid(problems=tuple(problems))
    token = secrets.token_urlsafe(24) if marketing else None
    written = await _written(sender, change, customer, sent, medium, token)
    segments = segments_of(written.text) if medium == "sms" else None
    if segments is not None and segments.count > _MOST_SEGMENTS:
        said = f"would be {segments.count} text messages ({segments.encoding}); at most {_MOST_SEGMENTS} are sent"
        raise Invalid(problems=(Problem("body", said),))
    row = await change.connection.one(
        record,
        QUEUE,
        dealership_id=change.dealership_id,
        lead_cluster_id=lead_cluster_id,
        medium=medium,
        sender=sender.mail_from if medium == "email" else sender.sms_sender,
        recipient=recipient,
        subject=written.subject or None,
        body_text=written.text,
        body_html=written.html,
        segments=segments.count if segments else None,
        user_id=customer.user_id,
        marketing=marketing,
        unsubscribe_token=token,
        hold_seconds=HOLD_SECONDS if _given(sent.hold_seconds) is None else sent.hold_seconds,
        now=change.now,
        api_key_id=change.api_key_id,
        request_id=change.request_id,
    )
    told = await outbox.message(change.connection, change.standing, row["id"])
    return Outcome(
        body=_shown(told),
        status=201,
        changes={"message.id": {"from": None, "to": told.id}},
        lead_cluster_id=lead_cluster_id,
    )


async def call_back(change: Change, message: WholeMessageOut, _: Nothing) -> Outcome:
    """Call a message back that has not been handed over.

    Raises:
        MessageHasGone: it has been, or it was called back before.
    """
    row = await change.connection.one_or_none(
        record, CALL_BACK, dealership_id=change.dealership_id, message_id=message.id
    )
    if row is None:
        raise MessageHasGone(f"it is {message.state}")
    at = LeadClusterId(message.lead_cluster_id) if message.lead_cluster_id is not None else None
    changes = {"message.id": {"from": message.id, "to": None}}
    await record_event(change, "message.called_back", at, changes)
    told = await outbox.message(change.connection, change.standing, message.id)
    return Outcome(body=_shown(told), changes=changes, lead_cluster_id=at)


async def _in_path(change: Change) -> WholeMessageOut:
    return await outbox.message(change.connection, change.standing, outbox.message_in(change.path))


def queue_operation(sender: Sender) -> Operation[LeadClusterId, MessageIn]:
    """The operation that queues a message, as *sender*."""
    return Operation(UPDATE, find.locked_in_path, MessageIn, partial(queue_message, sender))


CALL_BACK_OPERATION = Operation(UPDATE, _in_path, Nothing, call_back)


def _problems(sent: MessageIn, medium: str, customer: Customer, *, marketing: bool) -> list[Problem]:
    """What is wrong with a message, but for whom it goes to."""
    problems = []
    template = _given(sent.template_id)
    if template is not None and customer.template_kind != medium:
        said = f"is not a template of the kind {medium} that this dealership has in use"
        problems.append(Problem("template_id", said))
    templated = customer.template_kind == medium and customer.lead_id is not None
    if not templated and not (_given(sent.body) or "").strip():
        problems.append(Problem("body", "is missing"))
    elif len(_given(sent.body) or "") > _MOST_TEXT:
        problems.append(Problem("body", f"must not be longer than {_MOST_TEXT} characters"))
    if medium == "sms" and _given(sent.subject) is not None:
        problems.append(Problem("subject", "goes with a mail only"))
    if medium == "email" and not templated and not (_given(sent.subject) or "").strip():
        problems.append(Problem("subject", "is missing"))
    if _given(sent.user_id) != customer.user_id:
        problems.append(Problem("user_id", "is not a user of this dealership"))
    if marketing and not customer.opt_in_to_marketing:
        field = "template_id" if customer.template_marketing else "marketing"
        said = (
            "the customer has not agreed to offers, or called them off; what is purely factual may be written"
        )
        problems.append(Problem(field, said))
    return problems


def _recipient(
    sent: MessageIn, medium: str, customer: Customer, country: str, problems: list[Problem]
) -> str | None:
    """To which of the customer's addresses or numbers it goes; only to those that are stored."""
    fits = takes_texts if medium == "sms" else bool
    asked = _given(sent.to)
    if asked is not None:
        found = loose_email(asked) if medium == "email" else loose_phone(asked, country)
        if found is None:
            problems.append(Problem("to", f"is not {_NAMED[medium]}"))
        elif found not in customer.points:
            problems.append(Problem("to", "is not how this customer is reached: it must be theirs already"))
        elif not fits(found):
            problems.append(Problem("to", "is not a number that takes text messages: it is no mobile's"))
        return found
    recipient = next((point for point in customer.points if fits(point)), None)
    if recipient is None:
        problems.append(Problem("to", f"the customer has no {_WAY[medium]}"))
    return recipient


_NAMED = {"email": "an e-mail address", "sms": "a telephone number"}
_WAY = {"email": "e-mail address", "sms": "mobile number"}


async def _written(
    sender: Sender, change: Change, customer: Customer, sent: MessageIn, medium: str, token: str | None
) -> Letter:
    """The message: what staff wrote, or the template with what there is to say.

    Raises:
        Invalid: the template asks for something that there is not.
    """
    link = sender.unsubscribe_link(token) if token else None
    dealership = change.standing.dealership.name
    body, subject = _given(sent.body), _given(sent.subject)
    if medium == "sms" and body is not None:
        return letter.Letter(subject="", text=letter.with_way_out(body.strip(), link), html=None)
    if body is not None and subject is not None:
        return letter.set_out(subject, body, dealership=dealership, unsubscribe=link)
    filled = await _filled(sender, change, customer, medium, link)
    if body is not None:
        return letter.set_out(filled.subject, body, dealership=dealership, unsubscribe=link)
    if filled.missing:
        said = f"asks for what is not known: {', '.join(filled.missing)}; write the body, or give a default"
        raise Invalid(problems=(Problem("template_id", said),))
    return filled if subject is None else msgspec.structs.replace(filled, subject=one_line(subject))


async def _filled(
    sender: Sender, change: Change, customer: Customer, medium: str, link: str | None
) -> Letter:
    """The template, with the customer's latest enquiry and whoever writes."""
    facts = await change.connection.one(
        Facts, FACTS_OF_LEAD, dealership_id=change.dealership_id, lead_id=customer.lead_id
    )
    if customer.user_id is not None:
        facts = msgspec.structs.replace(facts, user_name=customer.user_name, user_email=customer.user_email)
    values = values_of(facts, sender, unsubscribe=link)
    wording = Wording(subject=customer.template_subject, body=customer.template_body or "")
    try:
        if medium == "sms":
            return letter.text_message(wording, values, unsubscribe=link)
        return letter.mail(wording, values, dealership=change.standing.dealership.name, unsubscribe=link)
    except BadTemplate as error:
        raise Invalid(problems=(Problem("template_id", f"cannot be used: {error}"),)) from None


def _shown(message: WholeMessageOut) -> MessageOut:
    return MessageOut(**{name: getattr(message, name) for name in MessageOut.__struct_fields__})


def _given(value: Any) -> Any:  # noqa: ANN401 - of any field
    return None if value is UNSET else value
