"""Two customers side by side: what each says, and whose value a merge keeps where nobody chooses. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.screens.shown import phone, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecourt.clusters.answers import ReasonOut
    from forecourt.screens.customer.records import Sheet

# True on either side is true of the customer (clusters/merge.py).
_EITHER = frozenset({"golden", "sms_verified"})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A field of both.

    Attributes:
        field: as a merge names it.
        ours: as it is shown, as is ``theirs``.
        keeps_theirs: whether a merge keeps theirs where nobody chooses.
        differs: whether there is anything to choose.
    """

    field: str
    label: str
    ours: str
    theirs: str
    keeps_theirs: bool
    differs: bool


def compared(ours: Sheet, theirs: Sheet) -> list[Line]:
    """Every field that can be picked, those that differ in front."""
    lines = [_line(field, label, read, ours, theirs) for field, (label, read) in _FIELDS.items()]
    return sorted(lines, key=lambda line: not line.differs)


def score_of(reason: ReasonOut, country: str) -> str:
    """Why two may be the same: ``same mobile 0412 345 678``, ``name 92 % alike: Mia Chen``."""
    if reason.kind == "phone":
        return f"same number {phone(reason.value, country)}"
    if reason.kind == "email":
        return f"same e-mail {reason.value}"
    alike = f"name {reason.score:.0f} % alike" if reason.score is not None else "the names are alike"
    return f"{alike}: {reason.value}"


def _line(field: str, label: str, read: Callable[[Sheet], Any], ours: Sheet, theirs: Sheet) -> Line:
    own, other = read(ours), read(theirs)
    newer_is_theirs = theirs.cluster.last_lead_created_at > ours.cluster.last_lead_created_at
    newer, older = (other, own) if newer_is_theirs else (own, other)
    keeps_older = bool(older) and not newer if field in _EITHER else newer is None and older is not None
    return Line(
        field=field,
        label=label,
        ours=_shown(own),
        theirs=_shown(other),
        keeps_theirs=newer_is_theirs != keeps_older,
        differs=own != other,
    )


def _shown(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if part)
    return str(value)


_FIELDS: dict[str, tuple[str, Callable[[Sheet], Any]]] = {
    "name": ("Name", lambda sheet: sheet.cluster.contact.name),
    "last_name": ("Last name", lambda sheet: sheet.cluster.contact.last_name),
    "business_name": ("Business", lambda sheet: sheet.cluster.contact.business_name),
    "dob": ("Date of birth", lambda sheet: sheet.cluster.contact.dob),
    "customer_address": ("Address, in one line", lambda sheet: sheet.cluster.contact.customer_address),
    "address_attributes": ("Address", lambda sheet: sheet.cluster.contact.address_attributes),
    "sms_verified": ("SMS verified", lambda sheet: sheet.cluster.contact.sms_verified),
    "opt_in_to_marketing": ("Agreed to offers", lambda sheet: sheet.cluster.contact.opt_in_to_marketing),
    "lead_state": ("State", lambda sheet: words(sheet.cluster.lead_state)),
    "user_id": ("Assigned to", lambda sheet: sheet.colleague(sheet.cluster.user_id)),
    "secondary_user_id": ("Second person", lambda sheet: sheet.colleague(sheet.cluster.secondary_user_id)),
    "location_id": ("Location", lambda sheet: sheet.location),
    "golden": ("Golden", lambda sheet: sheet.cluster.golden),
}
