"""A message on its way out: written down, handed over, and what became of it.

What a customer gets is handed over at most once: the mark that it was is committed before the first byte of it leaves, and
where nobody can know what happened after that, it stays ``unknown``. What staff get may come twice, with the same Message-ID.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.contacts.email import NotAnEmail, read_email
from forecourt.deliveries import schedule
from forecourt.deliveries.records import Attempt, Ended, put_off
from forecourt.infra.database import DatabaseUnavailable, OvertakenByAnother, record
from forecourt.infra.mail import NO_ADDRESS, HandedOver, composed
from forecourt.messages.going_queries import GO
from forecourt.messages.letter import Letter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import EmailMessage

    from forecourt.deliveries.records import Claimed
    from forecourt.infra.database import Database, Query
    from forecourt.messages.sender import Sender
    from forecourt.messages.transport import Mails

_MOST_WORDS = 500
_AT_ONCE = timedelta(0)
# References to so many earlier mails of a thread.
MOST_REFERENCES = 10


class NoWayThere(ValueError):
    """The recipient is no address that mail can go to; the message says why."""


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is to go out.

    Attributes:
        purpose: why it is written, as ``customer_email``.
        sender_name: shown with the address it comes from.
        recipient: an address, as it is stored.
        threads: Message-IDs of earlier mails of the same conversation, the oldest first.
        automatic: what Auto-Submitted says (RFC 3834); None where a human wrote it.
        lead_version: the version of the lead that it tells of: once the lead has another one, it is not handed over.
        most_a_day: how many automatic mails the recipient may have.
        unsubscribe_token: of one that is marketing.
    """

    purpose: str
    letter: Letter
    sender_name: str
    recipient: str
    reply_to: str | None
    threads: tuple[str, ...] = ()
    automatic: str | None = None
    lead_id: int | None = None
    lead_cluster_id: int | None = None
    lead_version: int | None = None
    most_a_day: int | None = None
    unsubscribe_token: str | None = None


class Going:
    """Hands mail over and says how it ended."""

    def __init__(
        self, database: Database, mails: Mails, sender: Sender, *, at_most_once: bool, go: Query = GO
    ) -> None:
        """Mail by *mails*, as *sender*; *go* is the statement that writes down that one goes."""
        self._database = database
        self._go = go
        self._mails = mails
        self._sender = sender
        self._at_most_once = at_most_once

    async def hand_over(self, claimed: Claimed, mail: Mail, changed_by_event_id: int | None = None) -> Ended:
        """Hand *mail* over, as *claimed* asks for; how it ended."""
        try:
            recipient = deliverable(mail.recipient)
            message = envelope(claimed, mail, self._sender, recipient)
        except NO_ADDRESS as error:
            why = str(error) if isinstance(error, NoWayThere) else "it cannot be put into a mail"
            return Ended(delivery=claimed, state="failed", reason=why)
        written = _columns(claimed, mail, message, self._sender, self._mails.name)
        asked = False

        async def may_go() -> bool:
            nonlocal asked
            asked = True
            return await self._write(written, handing_over=True)

        began = time.monotonic()
        try:
            handed = await self._mails.hand_over(message, recipient, may_go)
            if not asked:
                # What never got as far is to be seen all the same.
                await self._write(written, handing_over=False)
        except (DatabaseUnavailable, OvertakenByAnother):
            # Nothing was sent: whoever cannot write down that a mail goes does not let it go.
            return put_off(claimed, "the database could not be asked as it was to go out")
        attempt = attempt_of(handed, recipient, time.monotonic() - began)
        return ended_by(
            claimed,
            handed,
            attempt,
            at_most_once=self._at_most_once,
            changed_by_event_id=changed_by_event_id,
        )

    async def _write(self, written: Mapping[str, Any], *, handing_over: bool) -> bool:
        async with self._database.connection() as connection:
            row = await connection.one_or_none(record, self._go, **written, handing_over=handing_over)
        return row is not None


def deliverable(address: str) -> str:
    """*address* as a mail server takes it: the name as it was given, the domain in ASCII.

    Raises:
        NoWayThere: it is no address, or its name has letters that not every server takes.
    """
    try:
        read = read_email(address)
    except NotAnEmail:
        raise NoWayThere("the recipient is no e-mail address") from None
    local = read.given.rpartition("@")[0]
    if not local.isascii():
        raise NoWayThere("the recipient's address has letters that mail cannot be sent to")
    return f"{local}@{read.normalised.rpartition('@')[2]}"


def message_id_of(claimed: Claimed, sender: Sender) -> str:
    """The same however often a delivery is tried."""
    return f"{claimed.channel}.{claimed.dealership_id}.{claimed.id}@{sender.domain}"


def envelope(claimed: Claimed, mail: Mail, sender: Sender, recipient: str) -> EmailMessage:
    """*mail* with all its headers."""
    headers = {}
    if mail.threads:
        headers["In-Reply-To"] = mail.threads[-1]
        headers["References"] = " ".join(mail.threads)
    if mail.automatic is not None:
        headers["Auto-Submitted"] = mail.automatic
        headers["X-Auto-Response-Suppress"] = "All"
    if mail.unsubscribe_token is not None:
        headers["List-Unsubscribe"] = f"<{sender.unsubscribe_link(mail.unsubscribe_token)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return composed(
        sender=(mail.sender_name, sender.mail_from),
        recipient=recipient,
        reply_to=_reply_to(mail.reply_to),
        subject=mail.letter.subject,
        text=mail.letter.text,
        html=mail.letter.html,
        message_id=message_id_of(claimed, sender),
        headers=headers,
    )


def _reply_to(address: str | None) -> str | None:
    try:
        return deliverable(address) if address else None
    except NoWayThere:
        return None


def _columns(
    claimed: Claimed, mail: Mail, message: EmailMessage, sender: Sender, transport: str
) -> dict[str, Any]:
    """What ``GO`` writes, but for whether it hands over."""
    return {
        "dealership_id": claimed.dealership_id,
        "delivery_id": claimed.id,
        "attempt": claimed.attempts,
        "lead_id": mail.lead_id,
        "lead_cluster_id": mail.lead_cluster_id,
        "lead_version": mail.lead_version,
        "most_a_day": mail.most_a_day,
        "purpose": mail.purpose,
        "sender": sender.mail_from,
        "reply_to": message["Reply-To"] and str(message["Reply-To"]),
        "recipient": mail.recipient,
        "subject": mail.letter.subject,
        "body_text": mail.letter.text,
        "body_html": mail.letter.html,
        "headers": headers_of(message),
        "reference": str(message["Message-ID"]),
        "transport": transport,
        "marketing": mail.unsubscribe_token is not None,
        "unsubscribe_token": mail.unsubscribe_token,
    }


def headers_of(message: EmailMessage) -> str:
    """The headers, as JSON, but for those that say how the body is written."""
    told = {
        name: str(value) for name, value in message.items() if name not in {"MIME-Version", "Content-Type"}
    }
    return msgspec.json.encode(told).decode()


def attempt_of(handed: HandedOver, recipient: str, seconds: float) -> Attempt:
    """What is kept of an attempt: the other side's words, but not whom they name."""
    words = handed.reply.replace(recipient, "the recipient").replace(recipient.lower(), "the recipient")
    return Attempt(
        outcome=handed.outcome,
        milliseconds=int(seconds * 1_000),
        status=handed.code,
        response_body=words[:_MOST_WORDS] or None,
    )


def ended_by(
    claimed: Claimed,
    handed: HandedOver,
    attempt: Attempt,
    *,
    at_most_once: bool,
    changed_by_event_id: int | None = None,
) -> Ended:
    """What follows from how a message was handed over.

    Args:
        claimed: its delivery.
        handed: how it went.
        attempt: what is kept of it.
        at_most_once: whether it is rather lost than told twice.
        changed_by_event_id: the update that changed what it says.
    """
    told: dict[str, Any] = {
        "delivery": claimed,
        "attempt": attempt,
        "changed_by_event_id": changed_by_event_id,
    }
    said = f"{handed.outcome} {handed.code}" if handed.code else f"{handed.outcome} {handed.reply}".rstrip()
    if handed.outcome == "accepted":
        return Ended(state="sent", **told)
    if handed.outcome == "refused":
        return Ended(state="failed", reason=f"the other side refused it for good ({said})", **told)
    if handed.outcome == "called_back":
        told["attempt"] = None
        return Ended(
            state="waiting", again_in=_AT_ONCE, reason="something changed as it was to go out", **told
        )
    if handed.outcome == "unknown" and at_most_once:
        why = "it was handed over, and nobody can know whether it arrived; it is not sent again by itself"
        return Ended(state="unknown", reason=why, **told)
    pause = schedule.next_pause(schedule.MAIL, claimed.tries, chance=random.random())  # noqa: S311 - no secret
    if pause is None:
        why = f"given up after {claimed.tries} attempts ({said})"
        return Ended(state="failed", reason=why, **told)
    return Ended(state="waiting", again_in=pause, reason=f"to be tried again ({said})", **told)
