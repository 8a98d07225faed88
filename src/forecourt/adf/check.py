"""Checking a document without a database: what the server would repair, warn about, and make of it. Pure."""

from __future__ import annotations

import msgspec

from forecourt.adf.documents import read_document
from forecourt.adf.envelope import looks_like_a_letter
from forecourt.adf.mapping import Recipient, Stock, mapped
from forecourt.adf.report import Deviation, Repair


class CheckedProspect(msgspec.Struct, frozen=True, kw_only=True):
    """What a prospect would be as a lead; nothing of the customer."""

    path: str
    category: str
    source: str
    vendor: str | None
    provider: str | None
    provider_id: str | None


class CheckOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said of a document.

    Attributes:
        accepted: whether there is a prospect in it.
    """

    accepted: bool
    prospects: list[CheckedProspect]
    repairs: list[Repair]
    warnings: list[Deviation]


def check(content: bytes, *, is_letter: bool, country: str) -> CheckOut:
    """Read *content* as the server would.

    Args:
        content: an ADF document, or a letter.
        is_letter: whether it is known to be one; else its beginning tells.
        country: where telephone numbers are read.

    Raises:
        DoctypeRefused, TooManyElements, TooManyProspects, NestedTooDeep: what is never read.
    """
    media = "message/rfc822" if is_letter or looks_like_a_letter(content) else "application/xml"
    reading = read_document(content, media, None)
    # A dealership like any other: its stock is not known here.
    anybody = Recipient(id=0, slug="", name="", country=country, timezone="UTC")
    warnings = list(reading.warnings)
    prospects = []
    for prospect in reading.prospects:
        lead = mapped(prospect, anybody, Stock())
        warnings += lead.warnings
        prospects.append(
            CheckedProspect(
                path=prospect.path,
                category=str(lead.values["category"]),
                source=str(lead.values["source"]),
                vendor=prospect.vendor.name if prospect.vendor else None,
                provider=lead.values.get("provider"),
                provider_id=lead.values.get("provider_id"),
            )
        )
    return CheckOut(
        accepted=bool(prospects), prospects=prospects, repairs=list(reading.repairs), warnings=warnings
    )
