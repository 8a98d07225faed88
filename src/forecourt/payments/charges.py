"""The breakdown of a lead's charges: a total, its parts, or both. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

DIGITS = 15
_LARGEST = 10**15
# A number as JSON writes it; of bounded length, for a conversion takes longer the more digits there are.
_NUMBER = re.compile(
    r"-?(?:0|[1-9][0-9]{0,15})(?P<fraction>(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?)", re.ASCII
)


def check_charge_breakdown(breakdown: object, path: str) -> list[Problem]:
    """What is wrong with a breakdown: every problem, each at its own path.

    It holds ``total`` (an object whose ``amount`` is a number), ``charges`` (a list of objects, each with a
    ``name`` and an ``amount``), or both; null is as good as absent. Further members are kept. Amounts have at most
    15 significant digits, may be negative, as discounts are, and are never changed: ``total`` need not be the sum.

    Args:
        breakdown: numbers in it are int or Decimal.
        path: its own place in the body, as ``lead.charge_breakdown``.
    """
    return list(_problems(breakdown, path))


def _problems(breakdown: object, path: str) -> Iterator[Problem]:
    if not isinstance(breakdown, dict):
        yield Problem(path, "must be an object with total, charges, or both")
        return
    total, charges = breakdown.get("total"), breakdown.get("charges")
    if total is None and charges is None:
        yield Problem(path, "must include total, charges, or both")
    if total is not None:
        yield from _amount_of(total, f"{path}.total")
    if charges is None:
        return
    if not isinstance(charges, list):
        yield Problem(f"{path}.charges", "must be a list")
        return
    for index, charge in enumerate(charges):
        place = f"{path}.charges[{index}]"
        yield from _amount_of(charge, place)
        if isinstance(charge, dict):
            name = charge.get("name")
            if not isinstance(name, str) or not name.strip():
                yield Problem(f"{place}.name", "is required, as text")


def _amount_of(owner: object, path: str) -> Iterator[Problem]:
    if not isinstance(owner, dict):
        yield Problem(path, "must be an object")
        return
    amount = owner.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, (int, Decimal)):
        yield Problem(f"{path}.amount", "is required, as a number")
    elif not _is_exact(amount):
        yield Problem(f"{path}.amount", f"must have at most {DIGITS} significant digits")


def _is_exact(amount: int | Decimal) -> bool:
    """Whether any reader of JSON gets the same number, also one that knows floats only."""
    if isinstance(amount, int):
        return abs(amount) <= _LARGEST
    return (
        amount.is_finite()
        and len(amount.as_tuple().digits) <= DIGITS
        and -DIGITS <= amount.adjusted() <= DIGITS
    )


def numbers_from_text(breakdown: dict[str, Any]) -> dict[str, Any]:
    """A breakdown from a form, its amounts read from their text; what is no number stays as it is."""
    read = dict(breakdown)
    if isinstance(read.get("total"), dict):
        read["total"] = _with_number(read["total"])
    if isinstance(read.get("charges"), list):
        read["charges"] = [_with_number(one) if isinstance(one, dict) else one for one in read["charges"]]
    return read


def _with_number(owner: dict[str, Any]) -> dict[str, Any]:
    text = owner.get("amount")
    number = _NUMBER.fullmatch(text.strip()) if isinstance(text, str) else None
    if number is None:
        return owner
    return owner | {"amount": Decimal(number[0]) if number["fraction"] else int(number[0])}
