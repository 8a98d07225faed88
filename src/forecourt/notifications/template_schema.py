"""What travels about templates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Meta

from forecourt.infra.sent import Id, Line, Sent
from forecourt.messages.built_in import KINDS

Kind: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": list(KINDS)})]
Body: TypeAlias = Annotated[str, Meta(max_length=20_000)]


class MessageTemplateIn(msgspec.Struct, kw_only=True, frozen=True):
    """A template as it is sent. In a change, what is left out stays.

    Attributes:
        kind: the automatic reply ``customer_email``, the notice to staff ``notification``, and what staff write with:
            ``email``, ``sms``.
        name: unlike that of any other template of the kind; of a new one the category or the kind, where it is left out.
        category: of the first two kinds, the leads that it is for; null for all that have none of their own.
        subject: with variables; not of a text message.
        body: Markdown with variables; of a text message plain text with variables.
        marketing: whether it is not purely factual: it then goes only to who has agreed.
        enabled: true unless it is said otherwise.
    """

    kind: Sent[Kind] = UNSET
    name: Sent[Line] = UNSET
    category: Sent[Line] = UNSET
    subject: Sent[Line] = UNSET
    body: Sent[Body] = UNSET
    marketing: Sent[bool] = UNSET
    enabled: Sent[bool] = UNSET


class MessageTemplateOut(msgspec.Struct, frozen=True, kw_only=True):
    """A template.

    Attributes:
        version: counted up with every change; the ETag.
    """

    id: int
    version: int
    kind: str
    name: str
    category: str | None
    subject: str | None
    body: str
    marketing: bool
    enabled: bool
    created_at: datetime
    updated_at: datetime


class BuiltInOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is used where a dealership has no template of the kind."""

    kind: str
    subject: str | None
    body: str


class VariableOut(msgspec.Struct, frozen=True):
    """What a template can ask for, as ``{{ customer.first_name }}``."""

    name: str
    meaning: str


class MessageTemplateList(msgspec.Struct, frozen=True, kw_only=True):
    """The templates of a dealership, and all that goes into one."""

    message_templates: list[MessageTemplateOut]
    built_in: list[BuiltInOut]
    variables: list[VariableOut]
    filters: list[str]


class PreviewIn(msgspec.Struct, kw_only=True, frozen=True):
    """A template to be seen before it is kept.

    Attributes:
        lead_id: the lead that it is written for; left out, an example.
    """

    kind: Sent[Kind] = UNSET
    subject: Sent[Line] = UNSET
    body: Sent[Body] = UNSET
    marketing: Sent[bool] = UNSET
    lead_id: Sent[Id] = UNSET


class PreviewOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a template comes to.

    Attributes:
        html: a whole page; null of a text message.
        missing: the variables that have nothing to say and no default.
        segments: how many text messages it is.
    """

    subject: str | None
    html: str | None
    text: str
    missing: list[str]
    segments: int | None
