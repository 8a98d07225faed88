"""From a body's tree to the lead that was sent: shape only, with everything that does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.bodies import indexed
from forecourt.infra.fitting import what_fits
from forecourt.infra.refusals import Invalid, Problem
from forecourt.leads.answers import Warned
from forecourt.leads.schema import MAX_ID, AddressIn, LeadIn, PaymentIn
from forecourt.payments.charges import numbers_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRAPPER = 'the lead belongs inside a wrapper: {"lead": {"email": …, "phone": …}}'
_KNOWN = frozenset(LeadIn.__struct_fields__)
# Where a form's empty text is an empty text; everywhere else it is null.
_FREE_TEXT = frozenset(
    {
        "name",
        "last_name",
        "email",
        "phone",
        "message",
        "customer_address",
        "dealership_slug",
        "category",
        "source",
        "website_slug",
        "stocknum",
        "provider",
        "provider_id",
        "user_email",
    }
)


class SentLead(msgspec.Struct, frozen=True):
    """A lead as it was sent, as far as it could be read.

    Attributes:
        lead: every field that fits.
        extra: what came under names that the contract does not know, verbatim.
        problems: every field that does not fit.
        warnings: what is odd about the rest.
        reached: further ways to reach the customer, kind and normalised value; bodies of the contract have none.
    """

    lead: LeadIn
    extra: dict[str, Any]
    problems: tuple[Problem, ...]
    warnings: tuple[Warned, ...]
    reached: tuple[tuple[str, str], ...] = ()


def read_lead(tree: dict[str, Any], *, typed: bool, path_id: int | None = None) -> SentLead:
    """Read the body of Create Lead or Update Lead.

    Args:
        tree: the decoded body.
        typed: True for JSON; False for forms, whose values are all text and are read as the schema's types.
        path_id: the id in the path, which one in the body must equal.

    Raises:
        Invalid: the body has no ``lead`` that is an object.
    """
    sent = tree.get("lead")
    if not isinstance(sent, dict):
        raise Invalid(
            problems=(Problem("lead", "must be an object" if "lead" in tree else f"is missing; {_WRAPPER}"),)
        )
    problems = list(_problems_with_id(tree.get("id"), path_id)) if "id" in tree else []
    if not typed:
        sent = _as_form(sent)
    extra, warnings = _unknown(sent, tree)
    try:
        lead = msgspec.convert(sent, LeadIn, strict=typed)
    except msgspec.ValidationError:
        lead, misfits = what_fits(sent, LeadIn, "lead", strict=typed)
        problems += misfits
    return SentLead(lead, extra, tuple(problems), tuple(warnings))


def _problems_with_id(sent: object, path_id: int | None) -> Iterator[Problem]:
    """An id is optional in the body; one that is there is the path's."""
    if isinstance(sent, str) and sent.isascii() and sent.isdigit() and len(sent) <= len(str(MAX_ID)):
        sent = int(sent)
    if isinstance(sent, bool) or not isinstance(sent, int):
        yield Problem("id", "must be an integer")
    elif path_id is not None and sent != path_id:
        yield Problem("id", "is not the id in the path")


def _unknown(sent: dict[str, Any], tree: dict[str, Any]) -> tuple[dict[str, Any], list[Warned]]:
    """What the contract does not know, and a warning for each."""
    extra = {name: sent[name] for name in sent.keys() - _KNOWN}
    for field, struct in (("address_attributes", AddressIn), ("payment_attributes", PaymentIn)):
        nested = sent.get(field)
        if isinstance(nested, dict):
            unknown = nested.keys() - frozenset(struct.__struct_fields__)
            extra |= {f"{field}.{name}": nested[name] for name in unknown}
    kept = [Warned(f"lead.{name}", "is not part of the contract; kept under extra") for name in sorted(extra)]
    ignored = [
        Warned(name, "is not part of the contract; ignored") for name in sorted(tree.keys() - {"id", "lead"})
    ]
    return extra, kept + ignored


def _as_form(sent: dict[str, Any]) -> dict[str, Any]:
    """A form's values, where text cannot say what JSON says: lists by index, null, numbers in free places."""
    read = dict(sent)
    files = read.get("lead_files_attributes")
    if files is not None:
        read["lead_files_attributes"] = indexed(files)
    for name in read.keys() & _KNOWN:
        if read[name] == "" and name not in _FREE_TEXT:
            read[name] = None
    for name in ("address_attributes", "payment_attributes"):
        nested = read.get(name)
        if isinstance(nested, dict):
            read[name] = {key: None if value == "" else value for key, value in nested.items()}
    tags = read.get("tags")
    if isinstance(tags, list):
        # What a form sends to empty a list.
        read["tags"] = [tag for tag in tags if tag != ""]
    breakdown = read.get("charge_breakdown")
    if isinstance(breakdown, dict):
        if "charges" in breakdown:
            breakdown = breakdown | {"charges": indexed(breakdown["charges"])}
        read["charge_breakdown"] = numbers_from_text(breakdown)
    return read
