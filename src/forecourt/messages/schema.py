"""What travels: messages that staff write, and the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from forecourt.infra.sent import Id, Line, Sent, Text

MEDIA = ("email", "sms")
PURPOSES = ("customer_email", "notification", "message", "alert", "test")
STATES = ("waiting", "sending", "sent", "cancelled", "failed", "unknown")
HOLD_SECONDS = 10
_MOST_HOLD = 3_600


class MessageIn(msgspec.Struct, kw_only=True, frozen=True):
    """A message to a customer.

    Attributes:
        medium: ``email`` or ``sms``.
        to: one of the customer's addresses or numbers; left out, the latest.
        subject: of a mail; the template's where it is left out.
        body: of a mail in Markdown, of a text message as it is; the template's, filled in, where it is left out.
        template_id: a template of the kind ``email`` or ``sms``.
        marketing: whether it is not purely factual; it is where the template is.
        user_id: the user of the staff who writes.
        hold_seconds: so long it waits and can be called back.
    """

    medium: Sent[Annotated[str, Meta(extra_json_schema={"enum": list(MEDIA)})]] = UNSET
    to: Sent[Line] = UNSET
    subject: Sent[Line] = UNSET
    body: Sent[Text] = UNSET
    template_id: Sent[Id] = UNSET
    marketing: Sent[bool] = UNSET
    user_id: Sent[Id] = UNSET
    hold_seconds: Sent[Annotated[int, Meta(ge=0, le=_MOST_HOLD)]] = UNSET


class MessageOut(msgspec.Struct, frozen=True, kw_only=True):
    """A message, and how it stands.

    Attributes:
        purpose: why it was written: ``customer_email``, ``notification``, ``message`` by staff, ``alert``, ``test``
            of a template, to staff.
        state: ``waiting``, ``sending``, ``sent``, ``cancelled``, ``failed``; ``unknown`` where it was handed over and nobody
            can know whether it arrived.
        reason: why it stands so, where it was not just sent.
        recipient: null, as what it said, once the person was erased.
        segments: how many text messages it is paid as.
        transport: ``smtp``, ``http``, or ``outbox`` where nothing leaves; null before it goes.
        activity_id: the activity that it became once it was sent, of a message by staff.
        due_at: when it goes, or went, out.
    """

    id: int
    medium: str
    purpose: str
    state: str
    reason: str | None
    sender: str
    reply_to: str | None
    recipient: str | None
    subject: str | None
    text: str | None
    segments: int | None
    transport: str | None
    marketing: bool
    user_id: int | None
    lead_id: int | None
    lead_cluster_id: int | None
    activity_id: int | None
    due_at: datetime
    handed_over_at: datetime | None
    ended_at: datetime | None
    created_at: datetime


class AttemptOut(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt to deliver something.

    Attributes:
        outcome: ``accepted``, ``answered``, or the way in which it failed.
        status: the other side's code.
        request_bytes: how much was sent.
        response: the other side's words, of a message.
        response_bytes: how much came back.
    """

    number: int
    started_at: datetime
    milliseconds: int
    outcome: str
    status: int | None = None
    request_bytes: int | None = None
    response: str | None = None
    response_bytes: int | None = None


class DeliveryOfMessage(msgspec.Struct, frozen=True, kw_only=True):
    """How a message is delivered.

    Attributes:
        changed_by_event_id: the update that changed what it says while it waited.
    """

    id: int
    channel: str
    changed_by_event_id: int | None
    attempts: list[AttemptOut]


class WholeMessageOut(MessageOut, frozen=True, kw_only=True):
    """A message with everything.

    Attributes:
        html: of a mail.
        headers: of a mail, as it was handed over.
        reference: of a mail the Message-ID, of a text message the gateway's id.
    """

    html: str | None
    headers: dict[str, Any]
    reference: str | None
    delivery: DeliveryOfMessage


class MessagePage(msgspec.Struct, frozen=True):
    """A page of messages, the latest in front."""

    messages: list[MessageOut]
    next_cursor: str | None
