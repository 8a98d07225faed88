"""How a dealership's mail is signed and answered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from forecourt.contacts.email import NotAnEmail, read_email
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.mail import one_line
from forecourt.infra.refusals import Invalid, Problem
from forecourt.notifications.rule_queries import CHANGE_MAIL_SETTINGS, MAIL_SETTINGS
from forecourt.notifications.rule_schema import MailSettingsIn, MailSettingsOut

if TYPE_CHECKING:
    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection
    from forecourt.messages.sender import Sender

READ = "read:dealership"
MANAGE = "manage:dealership"


async def mail_settings(
    sender: Sender, connection: Connection, dealership_id: DealershipId
) -> MailSettingsOut:
    """The dealership's settings, and those of the server that go with them."""
    row = await connection.one(record, MAIL_SETTINGS, dealership_id=dealership_id)
    return MailSettingsOut(mail_from=sender.mail_from, sms_sender=sender.sms_sender, **row)


async def _current(sender: Sender, change: Change) -> MailSettingsOut:
    return await mail_settings(sender, change.connection, change.dealership_id)


async def _change(sender: Sender, change: Change, before: MailSettingsOut, sent: MailSettingsIn) -> Outcome:
    values: dict[str, Any] = {
        name: getattr(before, name) if getattr(sent, name) is UNSET else getattr(sent, name) or None
        for name in ("sender_name", "reply_to")
    }
    problems = []
    if values["sender_name"] is not None and one_line(values["sender_name"]) != values["sender_name"]:
        problems.append(Problem("sender_name", "must be one line, without =? and without space around it"))
    if values["reply_to"] is not None:
        try:
            values["reply_to"] = read_email(values["reply_to"]).given
        except NotAnEmail as error:
            problems.append(Problem("reply_to", str(error)))
    if problems:
        raise Invalid(problems=tuple(problems))
    changes = {
        name: {"from": getattr(before, name), "to": value}
        for name, value in values.items()
        if getattr(before, name) != value
    }
    if changes:
        await change.connection.run(CHANGE_MAIL_SETTINGS, dealership_id=change.dealership_id, **values)
        await record_event(change, "mail_settings.updated", None, changes)
    return Outcome(body=await _current(sender, change), changes=changes)


def operation(sender: Sender) -> Operation[MailSettingsOut, MailSettingsIn]:
    """The operation that changes them, where *sender* is as whom the server writes."""
    return Operation(MANAGE, partial(_current, sender), MailSettingsIn, partial(_change, sender))
