"""Which update changed what a mail says, while it waited. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.messages import language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecourt.messages.built_in import Wording

# Variable of a template -> the fields of a lead that change it.
_FIELDS = {
    "customer.first_name": ("name",),
    "customer.name": ("name", "last_name"),
    "customer.email": ("email",),
    "customer.phone": ("phone",),
    "lead.category": ("category",),
    "lead.source": ("source",),
    "lead.message": ("message",),
    "lead.car": ("car_id", "model_id", "model_variant_id"),
    "lead.stocknum": ("stocknum", "car_id"),
    "lead.golden": ("golden",),
    "location.name": ("location_id",),
    "location.phone": ("location_id",),
    "location.email": ("location_id",),
    "location.address": ("location_id",),
    "links.call": ("phone",),
}


class _Update(msgspec.Struct, frozen=True):
    """An update of a lead, and which fields it changed."""

    id: int
    fields: list[str]


def last_change(updates: str | None, fields: Iterable[str] | None) -> int | None:
    """The last of *updates*, as ``facts_queries.UPDATES`` tells them, that changed one of *fields*; None for any field."""
    told = msgspec.json.decode(updates or "[]", type=list[_Update])
    if fields is None:
        return told[-1].id if told else None
    wanted = set(fields)
    return next((one.id for one in reversed(told) if wanted.intersection(one.fields)), None)


def fields_of(wording: Wording) -> frozenset[str]:
    """The fields of a lead that a mail of this *wording* tells of.

    Raises:
        BadTemplate: it cannot be read.
    """
    asked = language.variables_in(language.read_markdown(wording.body)) | language.variables_in(
        language.read_line(wording.subject or "")
    )
    return frozenset(field for name in asked for field in _FIELDS.get(name, ()))
