"""What travels about notification rules and the dealership's own mail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Meta

from forecourt.infra.sent import Id, Line, Sent

FORMATS = ("html", "adf")
LAST_LEADS_TRIED = 100

TimeOfDay: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", title="a time of day, as 21:30", examples=["21:30"]),
]
_Addresses = Annotated[list[Line], Meta(max_length=50)]
_Ids = Annotated[list[Id], Meta(max_length=50)]


class NotificationRuleIn(msgspec.Struct, kw_only=True, frozen=True):
    """Who is told of which new leads. In a change, what is left out stays; null clears.

    Attributes:
        addresses: e-mail addresses.
        user_ids: users of the dealership; who is away is passed over, unless all are.
        format: ``html``, or ``adf`` for a program that reads it.
        category: left out or null, any; likewise the next three.
        quiet_from: nobody is told between this time of the dealership's clock and ``quiet_to``, but of golden leads.
    """

    name: Sent[Line] = UNSET
    addresses: Sent[_Addresses] = UNSET
    user_ids: Sent[_Ids] = UNSET
    format: Sent[Annotated[str, Meta(extra_json_schema={"enum": list(FORMATS)})]] = UNSET
    category: Sent[Line] = UNSET
    source: Sent[Line] = UNSET
    location_id: Sent[Id] = UNSET
    website_id: Sent[Id] = UNSET
    quiet_from: Sent[TimeOfDay] = UNSET
    quiet_to: Sent[TimeOfDay] = UNSET
    enabled: Sent[bool] = UNSET


class NotificationRuleOut(msgspec.Struct, frozen=True, kw_only=True):
    """A rule.

    Attributes:
        version: counted up with every change; the ETag.
    """

    id: int
    version: int
    name: str | None
    addresses: list[str]
    user_ids: list[int]
    format: str
    category: str | None
    source: str | None
    location_id: int | None
    website_id: int | None
    quiet_from: str | None
    quiet_to: str | None
    enabled: bool
    created_at: datetime
    updated_at: datetime


class NotificationRuleList(msgspec.Struct, frozen=True):
    """The rules of a dealership, in the order of their ids."""

    notification_rules: list[NotificationRuleOut]


class TryRulesIn(msgspec.Struct, kw_only=True, frozen=True):
    """Which leads to try the rules with.

    Attributes:
        lead_id: one lead; left out, the last 100.
    """

    lead_id: Sent[Id] = UNSET


class WouldBeTold(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who would be told of a lead, by which rule.

    Attributes:
        due_at: when, had the lead come now.
    """

    address: str
    format: str
    notification_rule_id: int
    due_at: datetime


class TriedNoticeLead(msgspec.Struct, frozen=True, kw_only=True):
    """Who would be told of a lead."""

    lead_id: int
    told: list[WouldBeTold]


class TriedRulesOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who would be told of the leads, the latest in front.

    Attributes:
        untold: of how many nobody would be told.
    """

    leads: list[TriedNoticeLead]
    untold: int


class MailSettingsIn(msgspec.Struct, kw_only=True, frozen=True):
    """How the dealership's mail is signed and answered. What is left out stays; null clears.

    Attributes:
        sender_name: shown as the sender; the dealership's name where it is null.
        reply_to: where answers go; the dealership's own address where it is null.
    """

    sender_name: Sent[Annotated[str, Meta(max_length=100)]] = UNSET
    reply_to: Sent[Line] = UNSET


class MailSettingsOut(msgspec.Struct, frozen=True, kw_only=True):
    """The settings as they are.

    Attributes:
        mail_from: the address that mail comes from; the server's own setting, as is ``sms_sender``.
    """

    sender_name: str | None
    reply_to: str | None
    mail_from: str
    sms_sender: str
