"""The worker, put together: what it plans, by which channels it delivers, and what it does every so often."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import structlog

from forecourt.adf.export import adf_of
from forecourt.deliveries.pace import USUAL
from forecourt.deliveries.plan import plan
from forecourt.deliveries.run import Deliverer
from forecourt.events.signal import PAUSE_SECONDS
from forecourt.ids import DealershipId, LeadId
from forecourt.infra.database import DatabaseUnavailable, OvertakenByAnother
from forecourt.infra.kept_up import kept_up
from forecourt.infra.mail import see_address, server_of
from forecourt.infra.outbound import Outbound
from forecourt.messages.by_staff import StaffMessages
from forecourt.messages.sender import Sender
from forecourt.messages.transport import HttpTexts, OutboxMails, OutboxTexts, SmtpMails
from forecourt.notifications.alert import Alerts
from forecourt.notifications.customer_email import CustomerEmails
from forecourt.notifications.notice import Notices
from forecourt.reactions import REACTIONS
from forecourt.webhooks.deliver import WebhookChannel
from forecourt.webhooks.health import look_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.deliveries.channel import Channel
    from forecourt.deliveries.pace import Pace
    from forecourt.events.signal import LogSignal
    from forecourt.infra.database import Connection, Database
    from forecourt.messages.transport import Mails, Texts
    from forecourt.settings import Settings

log = structlog.get_logger()


class Worker:
    """Plans and delivers; any number of them may, each as a process of its own or inside a server."""

    def __init__(self, database: Database, signal: LogSignal, settings: Settings, pace: Pace = USUAL) -> None:
        """Nothing done yet; *signal* wakes it."""
        self._database = database
        self._pace = pace
        self._outbound = Outbound(private_too=settings.allow_private_webhooks, deadline=pace.request)
        # The gateway for text messages is the operator's own choice, wherever it is.
        self._gateway = Outbound(private_too=True, deadline=pace.request)
        channels = partial(_channels, database, self._outbound, self._gateway, settings, pace)
        self._deliverer = Deliverer(database, channels(), channels(test=True), pace)
        self._grown = asyncio.Event()
        signal.heard_by(self._grown.set)

    async def run(self) -> None:
        """Work until cancelled; what is under way is finished or handed back."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(kept_up("planning", self._plan_on))
                group.create_task(kept_up("delivering", self._deliverer.run))
                group.create_task(kept_up("looking after webhooks", lambda: look_after(self._database)))
        finally:
            await self._outbound.close()
            await self._gateway.close()

    async def _plan_on(self) -> None:
        while True:
            self._grown.clear()
            planned = 0
            try:
                planned = await plan(self._database, REACTIONS)
            except (DatabaseUnavailable, OvertakenByAnother):
                log.warning("worker.waits_for_the_database")
                await asyncio.sleep(self._pace.poll)
            self._deliverer.wake()
            if planned:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.poll):
                        await self._grown.wait()


async def _adf_text(connection: Connection, dealership_id: int, lead_id: int) -> str:
    document = await adf_of(connection, DealershipId(dealership_id), LeadId(lead_id), whole=False)
    return document.xml.decode()


def sender_of(settings: Settings) -> Sender:
    """As whom the server of *settings* writes.

    Raises:
        BadMailServer: the address that mail comes from is none, or that of the mail server.
    """
    see_address(settings.mail_from)
    if settings.smtp_url is not None:
        server_of(settings.smtp_url)
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(settings.host, settings.host)  # noqa: S104
    return Sender(
        mail_from=settings.mail_from,
        sms_sender=settings.sms_sender,
        public_url=(settings.public_url or f"http://{host}:{settings.port}").rstrip("/"),
    )


def _channels(
    database: Database,
    outbound: Outbound,
    gateway: Outbound,
    settings: Settings,
    pace: Pace,
    *,
    test: bool = False,
) -> Mapping[str, Channel]:
    """By which ways others are told; what is only a *test* is written, and never leaves."""
    sender = sender_of(settings)
    mails: Mails = OutboxMails()
    texts: Texts = OutboxTexts()
    if settings.smtp_url and not test:
        mails = SmtpMails(server_of(settings.smtp_url), pace.mail, pace.mail_step)
    if settings.sms_url and not test:
        texts = HttpTexts(gateway, settings.sms_url, settings.sms_token)
    return {
        "customer_email": CustomerEmails(database, mails, sender),
        "notification": Notices(database, mails, sender, adf_of=_adf_text),
        "message": StaffMessages(database, mails, texts, sender),
        "alert": Alerts(database, mails, sender),
        # Those of test mode go to the endpoints that were made with its keys, and to no others.
        "webhook": WebhookChannel(outbound),
    }
