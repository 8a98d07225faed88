"""The dealership's notices: whoever its rules name is told of a new lead, by mail, after the lead's delay.

Planned from the log, planned anew while they wait, and held against the rules once more when they go out. Outside the
quiet hours of the rule, but for a golden lead.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from forecourt.deliveries.records import Claimed, Ended, cancelled
from forecourt.infra.database import record
from forecourt.messages import letter
from forecourt.messages.built_in import BUILT_IN, Wording
from forecourt.messages.facts import Facts, values_of
from forecourt.messages.going import Going, Mail
from forecourt.messages.language import BadTemplate
from forecourt.messages.letter import Letter
from forecourt.notifications.changes import fields_of, last_change
from forecourt.notifications.notice_queries import NOTICES, PLAN, TARGETS
from forecourt.notifications.quiet_hours import end_of_quiet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime, time
    from typing import TypeAlias

    from forecourt.deliveries.channel import Ready
    from forecourt.events.reader import LoggedEvent
    from forecourt.infra.database import Connection, Database
    from forecourt.messages.sender import Sender
    from forecourt.messages.transport import Mails

    # A lead as an ADF document: the dealership's id, the lead's.
    AdfOf: TypeAlias = Callable[[Connection, int, int], Awaitable[str]]

# What a notice depends on whatever it says: whom rules tell, and when.
_ALWAYS = frozenset(
    {"category", "source", "location_id", "website_id", "golden", "delay_dealership_notification_minutes"}
)


async def plan_notices(connection: Connection, events: Sequence[LoggedEvent]) -> None:
    """Plan, move and call off what *events* change about who is told, and when."""
    told = [event for event in events if event.kind in {"lead.created", "lead.updated"}]
    if not told:
        return
    rows = await connection.every(
        record,
        TARGETS,
        dealership_ids=[event.dealership_id for event in told],
        event_ids=[event.id for event in told],
    )
    if rows:
        await connection.run(PLAN, **_planned(rows))


def _planned(rows: list[dict[str, Any]]) -> dict[str, object]:
    """*rows* of ``TARGETS`` as the parameters of ``PLAN``."""
    leads = {(row["dealership_id"], row["lead_id"]): row["last_event_id"] for row in rows}
    wanted = [row for row in rows if row["target"] is not None]
    return {
        "of_dealership_ids": [dealership_id for dealership_id, _ in leads],
        "of_lead_ids": [lead_id for _, lead_id in leads],
        "last_event_ids": list(leads.values()),
        "dealership_ids": [row["dealership_id"] for row in wanted],
        "event_ids": [row["event_id"] for row in wanted],
        "lead_cluster_ids": [row["lead_cluster_id"] for row in wanted],
        "lead_ids": [row["lead_id"] for row in wanted],
        "targets": [row["target"] for row in wanted],
        "notification_rule_ids": [row["notification_rule_id"] for row in wanted],
        "due_ats": [
            due_at(
                row["due_at"],
                row["quiet_from"],
                row["quiet_to"],
                row["timezone"],
                golden=row["golden"],
            )
            for row in wanted
        ],
    }


def due_at(
    after_delay: datetime, quiet_from: time | None, quiet_to: time | None, timezone: str, *, golden: bool
) -> datetime:
    """When somebody is told: a golden lead waits for no morning."""
    return after_delay if golden else end_of_quiet(after_delay, quiet_from, quiet_to, timezone)


class Notice(Facts, frozen=True, kw_only=True):
    """What is to go out, as ``NOTICES`` reads it.

    Attributes:
        address: None where no rule asks for it any more.
    """

    delivery_id: int
    now: datetime
    address: str | None
    format: str | None
    quiet_from: time | None
    quiet_to: time | None
    subject: str | None
    body: str | None
    updates: str | None
    threads: list[str]

    @property
    def wording(self) -> Wording:
        """The dealership's own for the category, or for any; the built-in one where there is none."""
        if self.body is None:
            return BUILT_IN["notification"]
        return Wording(subject=self.subject, body=self.body)


class Notices:
    """The channel ``notification``."""

    def __init__(self, database: Database, mails: Mails, sender: Sender, *, adf_of: AdfOf) -> None:
        """Mail by *mails*, as *sender*; *adf_of* writes ADF."""
        self._sender = sender
        self._adf_of = adf_of
        self._going = Going(database, mails, sender, at_most_once=False)

    async def prepare(self, connection: Connection, claimed: Sequence[Claimed]) -> list[Ready | Ended]:
        """Read the leads, and who is told of them, as they are now."""
        rows = await connection.every(
            Notice,
            NOTICES,
            dealership_ids=[one.dealership_id for one in claimed],
            delivery_ids=[one.id for one in claimed],
        )
        by_id = {row.delivery_id: row for row in rows}
        return [await self._step(connection, one, by_id[one.id]) for one in claimed]

    async def ended(self, connection: Connection, ended: Sequence[Ended]) -> None:
        """Nothing follows."""

    async def _step(self, connection: Connection, claimed: Claimed, row: Notice) -> Ready | Ended:
        if row.erased_at is not None:
            return cancelled(claimed, "the person was erased")
        if row.address is None:
            why = "no rule asks for it any more"
            return cancelled(claimed, why, changed_by_event_id=last_change(row.updates, _ALWAYS))
        due = due_at(row.now, row.quiet_from, row.quiet_to, row.timezone, golden=row.golden)
        if due > row.now:
            return Ended(
                delivery=claimed, state="waiting", again_in=due - row.now, reason="the hours are quiet"
            )
        try:
            written, changed_by = await self._written(connection, row)
        except BadTemplate as error:
            return Ended(delivery=claimed, state="failed", reason=f"the template cannot be used: {error}")
        mail = Mail(
            purpose="notification",
            letter=written,
            sender_name=row.sender_name or row.dealership_name,
            recipient=row.address,
            reply_to=row.email,
            threads=tuple(reversed(row.threads)),
            automatic="auto-generated",
            lead_id=row.lead_id,
            lead_cluster_id=row.lead_cluster_id,
            lead_version=row.lead_version,
        )
        return partial(self._going.hand_over, claimed, mail, changed_by)

    async def _written(self, connection: Connection, row: Notice) -> tuple[Letter, int | None]:
        """The notice, and the update that changed what it says."""
        if row.format == "adf":
            document = await self._adf_of(connection, row.dealership_id, row.lead_id)
            # It tells of every field.
            changed_by = last_change(row.updates, None)
            return Letter(subject=f"ADF lead {row.lead_id}", text=document, html=None), changed_by
        wording = row.wording
        written = letter.mail(wording, values_of(row, self._sender), dealership=row.dealership_name)
        return written, last_change(row.updates, _ALWAYS | fields_of(wording))
