"""What a form of the settings says: numbers as numbers, nothing as nothing, and all else as it was typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from forecourt.screens.settings.fields import line, moment, number, numbers, rows, words

ANYTHING = some.recursive(
    some.none() | some.text(), lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner)
)


@given(some.integers(-(10**18) + 1, 10**18 - 1), some.sampled_from(["", " ", "\t"]))
def test_a_number_is_that_number(value: int, space: str) -> None:
    assert number({"it": f"{space}{value}{space}"}, "it") == value


@given(some.text())
def test_what_is_no_number_stays_to_be_refused(text: str) -> None:
    read = number({"it": text}, "it")
    assert read == (text.strip() or None) if not isinstance(read, int) else read == int(text)


@given(ANYTHING)
def test_whatever_is_sent_is_read_without_an_error(value: object) -> None:
    form = {"it": value}
    assert line(form, "it") != ""
    assert all(isinstance(one, str) and one for one in words(form, "it"))
    assert len(numbers(form, "it")) == len(words(form, "it"))
    assert all(isinstance(row, dict) for row in rows(form, "it"))
    assert isinstance(moment(form, "it", "Australia/Brisbane"), str | None)


def test_a_moment_is_one_by_the_dealerships_clock() -> None:
    assert moment({"it": "2026-11-23T08:30"}, "it", "Australia/Brisbane") == "2026-11-23T08:30:00+10:00"
    assert moment({"it": "tomorrow"}, "it", "Australia/Brisbane") == "tomorrow"
