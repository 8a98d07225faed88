"""The breakdown of a lead's charges: a total, its parts, or both. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,14})?")


def check_charge_breakdown(breakdown: dict[str, Any], path: str) -> list[Problem]:
    """What is wrong with a breakdown.

    It holds ``total`` (an object whose ``amount`` is a number), ``charges`` (a list of objects, each with a
    ``name`` and an ``amount``), or both. Further members are kept. Amounts may be negative, as discounts are,
    and are never changed.
    """
    return list(_problems(breakdown, path))


def _problems(breakdown: dict[str, Any], path: str) -> Iterator[Problem]:
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
    elif isinstance(owner.get("amount"), bool) or not isinstance(owner.get("amount"), (int, Decimal)):
        yield Problem(f"{path}.amount", "is required, as a number")


def numbers_from_text(breakdown: dict[str, Any]) -> dict[str, Any]:
    """A breakdown from a form, its amounts read from their text; what is no number stays text."""
    read = dict(breakdown)
    if isinstance(read.get("total"), dict):
        read["total"] = _with_number(read["total"])
    if isinstance(read.get("charges"), list):
        read["charges"] = [_with_number(one) if isinstance(one, dict) else one for one in read["charges"]]
    return read


def _with_number(owner: dict[str, Any]) -> dict[str, Any]:
    text = owner.get("amount")
    if isinstance(text, str) and _NUMBER.fullmatch(text):
        return owner | {"amount": Decimal(text) if "." in text else int(text)}
    return owner
