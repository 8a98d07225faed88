"""Amounts of money. Pure."""

from __future__ import annotations

from decimal import Decimal

MOST = Decimal(10_000_000)
_CENT = Decimal("0.01")


class NotMoney(ValueError):
    """The number is no amount that can be paid."""


def cents(amount: Decimal | int) -> Decimal:
    """*amount* with exactly two decimals: never rounded.

    Raises:
        NotMoney: it has more than two decimals, or is not between 0 and 10,000,000.
    """
    sent = Decimal(amount)
    if not sent.is_finite() or not 0 <= sent <= MOST:
        raise NotMoney(f"must be from 0 to {MOST:,}")
    exact = sent.quantize(_CENT)
    if exact != sent:
        raise NotMoney("must have at most two decimals")
    # Minus zero is zero.
    return abs(exact)
