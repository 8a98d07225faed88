"""An amount is taken to the cent, or refused: never rounded."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.payments.money import MOST, NotMoney, cents


@given(st.integers(0, 10**9))
def test_every_number_of_cents_is_taken_as_it_is(number: int) -> None:
    sent = Decimal(number).scaleb(-2)

    amount = cents(sent)

    assert amount == sent
    assert str(amount) == f"{number // 100}.{number % 100:02}"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (50, "50.00"),
        (0, "0.00"),
        (Decimal("-0"), "0.00"),
        (Decimal("1E+2"), "100.00"),
        (Decimal("1.10"), "1.10"),
        (Decimal("1." + "0" * 40), "1.00"),
        (10_000_000, "10000000.00"),
    ],
)
def test_an_amount_has_two_decimals_however_it_was_written(sent: Decimal | int, told: str) -> None:
    assert str(cents(sent)) == told


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_any_number_is_an_amount_to_the_cent_or_refused(sent: Decimal) -> None:
    try:
        amount = cents(sent)
    except NotMoney:
        return
    assert amount == sent
    assert 0 <= amount <= MOST
    assert amount.as_tuple().exponent == -2


BETWEEN_CENTS = ("0.001", "0.009", "1.999", "1E-999999", "0.01" + "0" * 40 + "1")
OUT_OF_RANGE = (
    "-0.01",
    "-1",
    "10000000.01",
    "1E+9",
    "1E+999999",
    "9" * 60,
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
)


@pytest.mark.parametrize("sent", [*BETWEEN_CENTS, *OUT_OF_RANGE])
def test_what_nobody_can_pay_is_refused(sent: str) -> None:
    with pytest.raises(NotMoney, match="must"):
        cents(Decimal(sent))
