"""What staff wrote, going out: once at most, and an activity of the cluster's as soon as it has gone."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from forecourt.access.caller import Caller
from forecourt.activities.log import ActivityIn, log_activity
from forecourt.dealerships.operation import Change, Dealership, Standing
from forecourt.deliveries.records import Claimed, Ended, cancelled, put_off
from forecourt.ids import ApiKeyId, DealershipId, LeadClusterId
from forecourt.infra.database import DatabaseUnavailable, OvertakenByAnother, record
from forecourt.messages.going import Going, Mail, attempt_of, ended_by
from forecourt.messages.going_queries import GO_AS_WRITTEN
from forecourt.messages.letter import Letter
from forecourt.messages.queries import IS_ACTIVITY, SENT, WRITTEN
from forecourt.messages.transport import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.deliveries.channel import Ready
    from forecourt.infra.database import Connection, Database
    from forecourt.messages.sender import Sender
    from forecourt.messages.transport import Mails, Texts

# Between two attempts at writing down that something has gone.
_SHORTEST_PAUSE = 0.2
_LONGEST_PAUSE = 3.0


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What is to go out, as ``WRITTEN`` reads it.

    Attributes:
        lead_cluster_id: the survivor, where it was merged.
        user_id: who wrote it; None where they have left the dealership.
        recipient: None once the person was erased.
        api_key_id: the key by which it was written, as ``request_id`` is the request.
    """

    delivery_id: int
    message_id: int
    medium: str
    sender: str
    recipient: str | None
    subject: str | None
    body_text: str | None
    body_html: str | None
    marketing: bool
    unsubscribe_token: str | None
    lead_cluster_id: int
    user_id: int | None
    erased_at: datetime | None
    opt_in_to_marketing: bool | None
    api_key_id: int | None
    request_id: str
    dealership_id: int
    slug: str
    name: str
    timezone: str
    country: str
    sender_name: str | None
    reply_to: str | None
    threads: list[str]


class StaffMessages:
    """The channel ``message``."""

    def __init__(self, database: Database, mails: Mails, texts: Texts, sender: Sender) -> None:
        """Mail by *mails* and text messages by *texts*, as *sender*."""
        self._database = database
        self._texts = texts
        self._going = Going(database, mails, sender, at_most_once=True, go=GO_AS_WRITTEN)

    async def prepare(self, connection: Connection, claimed: Sequence[Claimed]) -> list[Ready | Ended]:
        """Read what was written, and whether it may still go."""
        rows = await connection.every(
            Written,
            WRITTEN,
            dealership_ids=[one.dealership_id for one in claimed],
            delivery_ids=[one.id for one in claimed],
        )
        by_id = {row.delivery_id: row for row in rows}
        return [self._step(one, by_id[one.id]) for one in claimed]

    async def ended(self, connection: Connection, ended: Sequence[Ended]) -> None:
        """What follows was written down with the end itself."""

    def _step(self, claimed: Claimed, row: Written) -> Ready | Ended:
        if row.erased_at is not None or row.recipient is None:
            return cancelled(claimed, "the person was erased")
        if row.marketing and not row.opt_in_to_marketing:
            return cancelled(claimed, "the customer has called offers off")
        return partial(self._go, claimed, row)

    async def _go(self, claimed: Claimed, row: Written) -> Ended:
        if row.medium == "sms":
            ended, reference = await self._text(claimed, row)
        else:
            ended, reference = await self._going.hand_over(claimed, _mail(row)), None
        if ended.state == "sent":
            await self._write_down(claimed, row, ended, reference)
        return ended

    async def _text(self, claimed: Claimed, row: Written) -> tuple[Ended, str | None]:
        text = Text(
            sender=row.sender,
            to=row.recipient or "",
            text=row.body_text or "",
            id=f"message-{row.message_id}",
        )

        async def may_go() -> bool:
            async with self._database.connection() as connection:
                gone = await connection.one_or_none(
                    record,
                    GO_AS_WRITTEN,
                    dealership_id=claimed.dealership_id,
                    delivery_id=claimed.id,
                    attempt=claimed.attempts,
                    handing_over=True,
                    sender=row.sender,
                    reply_to=None,
                    headers="{}",
                    reference=None,
                    transport=self._texts.name,
                )
            return gone is not None

        began = time.monotonic()
        try:
            handed, reference = await self._texts.hand_over(text, may_go)
        except (DatabaseUnavailable, OvertakenByAnother):
            # Nothing was sent.
            return put_off(claimed, "the database could not be asked as it was to go out"), None
        attempt = attempt_of(handed, text.to, time.monotonic() - began)
        return ended_by(claimed, handed, attempt, at_most_once=True), reference

    async def _write_down(self, claimed: Claimed, row: Written, ended: Ended, reference: str | None) -> None:
        """Write down that it has gone, and the activity that it is, in one; as soon as the database can be asked.

        For as long as the worker has patience with it: whoever ends it then leaves it unknown.
        """
        pause = _SHORTEST_PAUSE
        while True:
            try:
                await self._sent(claimed, row, ended, reference)
            except (DatabaseUnavailable, OvertakenByAnother):
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return

    async def _sent(self, claimed: Claimed, row: Written, ended: Ended, reference: str | None) -> None:
        attempt = ended.attempt
        assert attempt is not None  # noqa: S101 - something was sent
        async with self._database.connection() as connection, connection.transaction():
            sent = await connection.one_or_none(
                record,
                SENT,
                dealership_id=claimed.dealership_id,
                delivery_id=claimed.id,
                attempt=claimed.attempts,
                milliseconds=attempt.milliseconds,
                outcome=attempt.outcome,
                status=attempt.status,
                response_body=attempt.response_body,
                reference=reference,
            )
            if sent is None:
                return
            outcome = await log_activity(
                _change(connection, row, sent["now"]),
                LeadClusterId(row.lead_cluster_id),
                ActivityIn(kind=row.medium, direction="out", body=row.body_text, user_id=row.user_id),
            )
            await connection.run(
                IS_ACTIVITY,
                dealership_id=claimed.dealership_id,
                message_id=row.message_id,
                activity_id=outcome.changes["activity.id"]["to"],
            )


def _mail(row: Written) -> Mail:
    return Mail(
        purpose="message",
        letter=Letter(subject=row.subject or "", text=row.body_text or "", html=row.body_html),
        sender_name=row.sender_name or row.name,
        recipient=row.recipient or "",
        reply_to=row.reply_to,
        threads=tuple(reversed(row.threads)),
        unsubscribe_token=row.unsubscribe_token,
    )


def _change(connection: Connection, row: Written, now: datetime) -> Change:
    """The write that logs it, on behalf of whoever wrote the message."""
    standing = Standing(
        caller=Caller(ApiKeyId(row.api_key_id) if row.api_key_id is not None else None, ()),
        dealership=Dealership(
            id=DealershipId(row.dealership_id),
            slug=row.slug,
            name=row.name,
            timezone=row.timezone,
            country=row.country,
        ),
        now=now,
    )
    return Change(connection=connection, standing=standing, path={}, request_id=row.request_id, dry_run=False)
