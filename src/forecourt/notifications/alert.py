"""What a dealership is told of its own: a webhook fails or was switched off, a source has gone quiet, what a template is."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from forecourt.access.roles import PERMISSIONS_OF
from forecourt.deliveries.records import Claimed, Ended, cancelled
from forecourt.messages import letter
from forecourt.messages.built_in import ALERTS as WORDINGS
from forecourt.messages.facts import shown_moment
from forecourt.messages.going import Going, Mail
from forecourt.messages.letter import Letter
from forecourt.notifications.alert_queries import ALERTS, TELL_EVERY_USER
from forecourt.notifications.specimen import TOPIC as SPECIMEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.deliveries.channel import Ready
    from forecourt.infra.database import Connection, Database
    from forecourt.messages.sender import Sender
    from forecourt.messages.transport import Mails


_REPORTS_READ_BY = [role for role, allowed in PERMISSIONS_OF.items() if "read:report" in allowed]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """What is to go out, as ``ALERTS`` reads it.

    Attributes:
        address: None where the dealership has none of its own.
        subject: of what is written already, as ``body_text`` and ``body_html``.
    """

    delivery_id: int
    dealership_name: str
    sender_name: str | None
    timezone: str
    address: str | None
    url: str | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None
    deleted_at: datetime | None
    source: str | None
    silent_since: datetime | None
    expected: float | None
    heard_again: bool
    subject: str | None
    body_text: str | None
    body_html: str | None


class Alerts:
    """The channel ``alert``: ``webhook.failing``, ``webhook.disabled``; ``source.silent``; specimens of templates."""

    def __init__(self, database: Database, mails: Mails, sender: Sender) -> None:
        """Mail by *mails*, as *sender*."""
        self._going = Going(database, mails, sender, at_most_once=False)

    async def prepare(self, connection: Connection, claimed: Sequence[Claimed]) -> list[Ready | Ended]:
        """Read the endpoints and sources as they are now."""
        rows = await connection.every(
            Alert,
            ALERTS,
            dealership_ids=[one.dealership_id for one in claimed],
            delivery_ids=[one.id for one in claimed],
        )
        by_id = {row.delivery_id: row for row in rows}
        return [await self._step(connection, one, by_id[one.id]) for one in claimed]

    async def ended(self, connection: Connection, ended: Sequence[Ended]) -> None:
        """Nothing follows."""

    async def _step(self, connection: Connection, claimed: Claimed, row: Alert) -> Ready | Ended:
        if claimed.topic == SPECIMEN:
            return partial(self._going.hand_over, claimed, _specimen(row))
        why = _why_not(claimed.topic, row)
        if why is not None:
            return cancelled(claimed, why)
        if row.address is None:
            users = await connection.run(
                TELL_EVERY_USER,
                dealership_id=claimed.dealership_id,
                delivery_id=claimed.id,
                reports_read_by=_REPORTS_READ_BY,
            )
            if users:
                return cancelled(claimed, f"each of the dealership's {users} users is told instead")
            why = "nobody can be told: the dealership has no e-mail address and no users"
            return Ended(delivery=claimed, state="failed", reason=why)
        mail = Mail(
            purpose="alert",
            letter=letter.mail(WORDINGS[claimed.topic], _values(row), dealership=row.dealership_name),
            sender_name=row.sender_name or row.dealership_name,
            recipient=row.address,
            reply_to=None,
            automatic="auto-generated",
        )
        return partial(self._going.hand_over, claimed, mail)


def _values(row: Alert) -> dict[str, dict[str, object]]:
    def since(moment: datetime | None) -> str:
        return shown_moment(moment, row.timezone) if moment else "a while ago"

    return {
        "dealership": {"name": row.dealership_name},
        "webhook": {
            "url": (row.url or "").partition("?")[0],
            "since": since(row.failing_since),
            "because": row.disabled_because,
        },
        "source": {
            "name": row.source,
            "since": since(row.silent_since),
            "expected": f"{row.expected or 0:.0f}",
        },
    }


def _specimen(row: Alert) -> Mail:
    return Mail(
        purpose="test",
        letter=Letter(subject=row.subject or "", text=row.body_text or "", html=row.body_html),
        sender_name=row.sender_name or row.dealership_name,
        recipient=row.address or "",
        reply_to=None,
        automatic="auto-generated",
    )


def _why_not(topic: str, row: Alert) -> str | None:
    if topic not in WORDINGS:
        return f"nothing is known to be said about {topic}"
    if topic == "source.silent":
        return "something has come since" if row.heard_again else None
    if row.url is None or row.deleted_at is not None:
        return "the webhook is gone"
    if topic == "webhook.failing" and row.failing_since is None:
        return "the webhook works again"
    if topic == "webhook.disabled" and row.disabled_at is None:
        return "the webhook was switched on again"
    return None
