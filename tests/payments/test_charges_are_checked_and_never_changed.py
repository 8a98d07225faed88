"""The breakdown of charges: what is wrong with one is told where it is, and its numbers stay to the digit."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.payments.charges import check_charge_breakdown, numbers_from_text

PATH = "lead.charge_breakdown"
AMOUNTS = st.integers(-(10**15), 10**15) | st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**14), 10**14), st.integers(1, 2)
)
MORE = st.dictionaries(
    st.sampled_from(["currency", "taxed", "note"]),
    st.integers() | st.text() | st.none() | st.lists(st.text()),
)
NAMES = st.text(min_size=1).filter(str.strip)
TOTALS = st.builds(lambda amount, more: more | {"amount": amount}, AMOUNTS, MORE)
CHARGES = st.builds(lambda name, amount, more: more | {"name": name, "amount": amount}, NAMES, AMOUNTS, MORE)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["total", "charges", "amount", "name", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def fields(breakdown: object) -> list[str]:
    return [problem.field for problem in check_charge_breakdown(breakdown, PATH)]


@given(st.fixed_dictionaries({}, optional={"total": TOTALS, "charges": st.lists(CHARGES, max_size=4)}), MORE)
def test_a_total_or_charges_or_both_are_enough(breakdown: dict[str, Any], more: dict[str, Any]) -> None:
    sent = breakdown | more
    before = copy.deepcopy(sent)

    assert fields(sent) == ([] if breakdown else [PATH])
    assert sent == before


@pytest.mark.parametrize(
    ("breakdown", "places"),
    [
        (None, [""]),
        ([], [""]),
        ("50", [""]),
        (True, [""]),
        ({}, [""]),
        ({"total": None}, [""]),
        ({"total": None, "charges": None}, [""]),
        ({"amount": 50}, [""]),
        ({"total": 50}, [".total"]),
        ({"total": []}, [".total"]),
        ({"total": {}}, [".total.amount"]),
        ({"total": {"amount": None}}, [".total.amount"]),
        ({"total": {"amount": "50"}}, [".total.amount"]),
        ({"total": {"amount": True}}, [".total.amount"]),
        ({"total": {"amount": [50]}}, [".total.amount"]),
        ({"total": {"amount": Decimal("NaN")}}, [".total.amount"]),
        ({"total": {"amount": Decimal("-Infinity")}}, [".total.amount"]),
        ({"total": {"amount": 10**15 + 1}}, [".total.amount"]),
        ({"total": {"amount": Decimal("1.000000000000001")}}, [".total.amount"]),
        ({"total": {"amount": Decimal("1E-99")}}, [".total.amount"]),
        ({"total": {"amount": Decimal("1E+99")}}, [".total.amount"]),
        ({"charges": {}}, [".charges"]),
        ({"charges": "fee"}, [".charges"]),
        ({"charges": [1, None]}, [".charges[0]", ".charges[1]"]),
        ({"charges": [{"name": "Fee", "amount": 1}, {"name": "Fee"}]}, [".charges[1].amount"]),
        ({"charges": [{}]}, [".charges[0].amount", ".charges[0].name"]),
        ({"charges": [{"amount": 1, "name": " "}]}, [".charges[0].name"]),
        ({"charges": [{"amount": 1, "name": 7}]}, [".charges[0].name"]),
        ({"total": {}, "charges": [{"name": "Fee"}]}, [".total.amount", ".charges[0].amount"]),
    ],
)
def test_every_problem_is_told_at_its_place(breakdown: object, places: list[str]) -> None:
    assert fields(breakdown) == [PATH + place for place in places]


@given(JSON_VALUES)
def test_any_value_is_a_breakdown_or_has_problems_that_are_told_at_its_places(value: object) -> None:
    assert all(place.startswith(PATH) for place in fields(value))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("50", 50),
        (" 50 ", 50),
        ("-12.50", Decimal("-12.50")),
        ("0.10", Decimal("0.10")),
        ("1e2", Decimal("1E+2")),
        ("0", 0),
        ("999999999999999", 999_999_999_999_999),
    ],
)
def test_a_forms_amounts_become_numbers_with_their_digits(text: str, amount: int | Decimal) -> None:
    sent = {"total": {"amount": text, "note": "5"}, "charges": [{"name": "3", "amount": text}], "x": "7"}

    read = numbers_from_text(sent)

    assert read == {
        "total": {"amount": amount, "note": "5"},
        "charges": [{"name": "3", "amount": amount}],
        "x": "7",
    }
    assert [type(read["total"]["amount"]), str(read["total"]["amount"])] == [type(amount), str(amount)]
    assert sent["total"] == {"amount": text, "note": "5"}
    assert fields(read) == []


NO_NUMBERS = (
    " ",
    "ten",
    "1,000",
    "$5",
    "007",
    "+5",
    ".5",
    "5.",
    "1_000",
    "0x10",
    "NaN",
    "\u0663",
    "--1",
    "1\x00",
)
FAR_TOO_MUCH = ("9" * 100_000, "0." + "0" * 100_000, "1e999", "1e99999999", "Infinity")


@pytest.mark.parametrize("text", ["", *NO_NUMBERS, *FAR_TOO_MUCH])
def test_text_that_is_no_number_stays_text_and_is_refused(text: str) -> None:
    read = numbers_from_text({"total": {"amount": text}})

    assert read == {"total": {"amount": text}}
    assert fields(read) == [f"{PATH}.total.amount"]


@given(AMOUNTS)
def test_a_form_says_what_json_says(amount: int | Decimal) -> None:
    text = f"{amount}"

    [typed, read] = [json.loads(text, parse_float=Decimal), numbers_from_text({"total": {"amount": text}})]

    assert read["total"]["amount"] == typed
    assert str(read["total"]["amount"]) == str(typed)


@given(JSON_VALUES)
def test_any_tree_of_a_form_is_read_without_a_fault(value: object) -> None:
    if isinstance(value, dict):
        assert set(numbers_from_text(value)) == set(value)
