"""The customer's mail: one for each lead that asks for it, ever.

It says what is so when it goes out: an update until then changes it or calls it off.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from forecourt.deliveries.records import Claimed, Ended, cancelled
from forecourt.messages import letter
from forecourt.messages.built_in import BUILT_IN, Wording
from forecourt.messages.facts import Facts, values_of
from forecourt.messages.going import Going, Mail
from forecourt.messages.language import BadTemplate
from forecourt.notifications.changes import fields_of, last_change
from forecourt.notifications.customer_queries import CUSTOMER_MAILS, PLAN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.deliveries.channel import Ready
    from forecourt.events.reader import LoggedEvent
    from forecourt.infra.database import Connection, Database
    from forecourt.messages.sender import Sender
    from forecourt.messages.transport import Mails

# So many automatic mails a recipient gets from a dealership within a day: whoever fills in a form may not be who is written to.
MOST_A_DAY = 3

# These change the mail whatever it says: whether, when, to whom and by which template it goes.
_ALWAYS = frozenset(
    {"send_customer_email", "delay_customer_email_minutes", "email", "category", "lead_state"}
)


async def plan_customer_emails(connection: Connection, events: Sequence[LoggedEvent]) -> None:
    """Plan, move, call off and plan anew what *events* change."""
    told = [event for event in events if event.kind in {"lead.created", "lead.updated"}]
    if told:
        await connection.run(
            PLAN,
            dealership_ids=[event.dealership_id for event in told],
            event_ids=[event.id for event in told],
        )


class CustomerMail(Facts, frozen=True, kw_only=True):
    """What is to go out, as ``CUSTOMER_MAILS`` reads it."""

    delivery_id: int
    send_customer_email: bool | None
    lead_state: str | None
    cluster_state: str
    subject: str | None
    body: str | None
    marketing: bool | None
    updates: str | None
    earlier_lead_id: int | None
    lately: int
    threads: list[str]

    @property
    def wording(self) -> Wording:
        """The dealership's own for the category, or for any; the built-in one where there is none."""
        if self.body is None:
            return BUILT_IN["customer_email"]
        return Wording(subject=self.subject, body=self.body, marketing=bool(self.marketing))


class CustomerEmails:
    """The channel ``customer_email``."""

    def __init__(self, database: Database, mails: Mails, sender: Sender) -> None:
        """Mail by *mails*, as *sender*."""
        self._sender = sender
        self._going = Going(database, mails, sender, at_most_once=True)

    async def prepare(self, connection: Connection, claimed: Sequence[Claimed]) -> list[Ready | Ended]:
        """Read the leads as they are now."""
        rows = await connection.every(
            CustomerMail,
            CUSTOMER_MAILS,
            dealership_ids=[one.dealership_id for one in claimed],
            delivery_ids=[one.id for one in claimed],
        )
        by_id = {row.delivery_id: row for row in rows}
        return [self._step(one, by_id[one.id]) for one in claimed]

    async def ended(self, connection: Connection, ended: Sequence[Ended]) -> None:
        """Nothing follows."""

    def _step(self, claimed: Claimed, row: CustomerMail) -> Ready | Ended:
        why = _why_not(row)
        if why is not None:
            return cancelled(claimed, why, changed_by_event_id=last_change(row.updates, _ALWAYS))
        wording = row.wording
        token = secrets.token_urlsafe(24) if wording.marketing else None
        link = self._sender.unsubscribe_link(token) if token else None
        try:
            written = letter.mail(
                wording,
                values_of(row, self._sender, unsubscribe=link),
                dealership=row.dealership_name,
                unsubscribe=link,
            )
            changed_by = last_change(row.updates, _ALWAYS | fields_of(wording))
        except BadTemplate as error:
            return Ended(delivery=claimed, state="failed", reason=f"the template cannot be used: {error}")
        mail = Mail(
            purpose="customer_email",
            letter=written,
            sender_name=row.sender_name or row.dealership_name,
            recipient=row.email or "",
            reply_to=row.reply_to or row.dealership_email,
            threads=tuple(reversed(row.threads)),
            automatic="auto-replied",
            lead_id=row.lead_id,
            lead_cluster_id=row.lead_cluster_id,
            lead_version=row.lead_version,
            most_a_day=MOST_A_DAY,
            unsubscribe_token=token,
        )
        return partial(self._going.hand_over, claimed, mail, changed_by)


def _why_not(row: CustomerMail) -> str | None:
    """Why the mail does not go out; None where it does."""
    merged_with = (
        f"the customer is written to about lead {row.earlier_lead_id}, with which this one was merged"
    )
    reasons = (
        (row.erased_at is not None, "the person was erased"),
        (not row.send_customer_email, "send_customer_email was taken back"),
        (not (row.email or "").strip(), "the lead has no e-mail address"),
        ("invalid" in {row.lead_state, row.cluster_state}, "the lead is invalid"),
        (row.earlier_lead_id is not None, merged_with),
        (row.lately >= MOST_A_DAY, f"the address has had {row.lately} automatic mails within 24 hours"),
        (
            row.wording.marketing and not row.opt_in_to_marketing,
            "the template is marketing, and the customer has not agreed to that",
        ),
    )
    return next((why for so, why in reasons if so), None)
