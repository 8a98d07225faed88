"""A specimen of a template: what it comes to, sent to somebody of the staff, to be seen where customers will see it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from forecourt.dealerships.operation import Change, Operation, Outcome, nothing_to_find
from forecourt.infra.database import record
from forecourt.infra.mail import one_line
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Id, Line, Sent
from forecourt.notifications.template_desk import MANAGE, written_as
from forecourt.notifications.template_queries import COLLEAGUE, SEND_SPECIMEN
from forecourt.notifications.template_schema import Body, Kind, PreviewIn

if TYPE_CHECKING:
    from forecourt.messages.sender import Sender

TOPIC = "message_template.tested"


class SpecimenIn(msgspec.Struct, kw_only=True, frozen=True):
    """A template to be sent before it is kept; filled in with an example.

    Attributes:
        user_id: the user of the dealership who gets it; left out, whoever is signed in.
    """

    kind: Sent[Kind] = UNSET
    subject: Sent[Line] = UNSET
    body: Sent[Body] = UNSET
    marketing: Sent[bool] = UNSET
    user_id: Sent[Id] = UNSET


class SpecimenOut(msgspec.Struct, frozen=True):
    """A mail on its way to somebody of the staff.

    Attributes:
        missing: the variables that had nothing to say and no default.
    """

    message_id: int
    recipient: str
    missing: list[str]
    created_at: datetime


async def _send(sender: Sender, change: Change, _: None, sent: SpecimenIn) -> Outcome:
    if sent.kind == "sms":
        raise Invalid(
            problems=(Problem("kind", "only mail is sent to staff; the preview shows a text message"),)
        )
    user_id = sent.user_id if isinstance(sent.user_id, int) else change.user_id
    colleague = await change.connection.one_or_none(
        record, COLLEAGUE, dealership_id=change.dealership_id, user_id=user_id
    )
    if colleague is None:
        said = "is missing" if user_id is None else "is not a user of this dealership"
        raise Invalid(problems=(Problem("user_id", said),))
    written = await written_as(
        sender,
        change,
        PreviewIn(kind=sent.kind, subject=sent.subject, body=sent.body, marketing=sent.marketing),
    )
    row = await change.connection.one(
        record,
        SEND_SPECIMEN,
        dealership_id=change.dealership_id,
        recipient=colleague["email"],
        sender=sender.mail_from,
        subject=one_line(f"Test: {written.subject}")[:200],
        body_text=written.text,
        body_html=written.html,
        kind=sent.kind,
        to_user_id=user_id,
        user_id=change.user_id,
        api_key_id=change.api_key_id,
        request_id=change.request_id,
        now=change.now,
    )
    change.event_ids.append(row["event_id"])
    told = SpecimenOut(row["message_id"], colleague["email"], list(written.missing), change.now)
    return Outcome(body=told, status=201)


def operation(sender: Sender) -> Operation[None, SpecimenIn]:
    """The operation that sends one, as *sender*."""
    return Operation(MANAGE, nothing_to_find, SpecimenIn, partial(_send, sender))
