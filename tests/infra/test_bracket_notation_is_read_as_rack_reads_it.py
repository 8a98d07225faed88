"""A form in bracket notation gives the tree that Ruby's Rack 2.2 gives, members in the same order.

Asked of Rack itself where it is installed, and everywhere of the answers that it once gave (``rack_answers.json``).
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.infra.bodies import indexed, nested
from forecourt.infra.bodies.form_text import urlencoded_pairs
from forecourt.infra.refusals import Refusal
from tests.infra.rack import ANSWERS, CONFLICT, ask_rack, some_forms


def read(form: str) -> Any:
    """The tree in a list of one, or the name of the refusal: the form in which Rack's answers are kept."""
    try:
        return [nested(urlencoded_pairs(form.encode()))]
    except Refusal as refusal:
        return type(refusal).__name__


def assert_as_rack(form: str, racks: Any) -> None:
    ours = read(form)
    if not _is_utf8(form) or "\0" in form:
        # Rack hands on whatever bytes there are.
        assert isinstance(ours, str), form
    elif racks == CONFLICT:
        assert ours in {"ConflictingNames", "BadPercentEncoding"}, form
    elif isinstance(racks, str):
        assert isinstance(ours, str), form
    else:
        assert json.dumps(ours) == json.dumps(racks), form


def _is_utf8(form: str) -> bool:
    try:
        unquote_to_bytes(form).decode()
    except UnicodeDecodeError:
        return False
    return True


def test_as_rack_once_answered() -> None:
    answers = json.loads(ANSWERS.read_text())

    assert len(answers) >= 2_000
    for form, racks in answers:
        assert_as_rack(form, racks)


def test_as_rack_answers_here() -> None:
    forms = some_forms(6_000, seed=23)
    answers = ask_rack(forms)
    if answers is None:
        pytest.skip("Ruby's Rack 2.2 is not on this machine (Debian: ruby-rack)")

    for form, racks in zip(forms, answers, strict=True):
        assert_as_rack(form, racks)


@pytest.mark.parametrize(
    ("form", "tree"),
    [
        ("lead[address_attributes][city]=Darwin", {"lead": {"address_attributes": {"city": "Darwin"}}}),
        ("lead[tags][]=a&lead[tags][]=b", {"lead": {"tags": ["a", "b"]}}),
        (
            "files[][type]=resume&files[][name]=cv&files[][type]=other",
            {"files": [{"type": "resume", "name": "cv"}, {"type": "other"}]},
        ),
        ("files[0][type]=a&files[1][type]=b", {"files": {"0": {"type": "a"}, "1": {"type": "b"}}}),
        ("fields%5Bbudget%5D=30%20000+%2B+GST", {"fields": {"budget": "30 000 + GST"}}),
        ("a[][b][c]=1&a[][b][d]=2&a[][b][c]=3", {"a": [{"b": {"c": "1", "d": "2"}}, {"b": {"c": "3"}}]}),
        ("a[][b][]=1&a[][b][]=2", {"a": [{"b": ["1", "2"]}]}),
        ("a[][]=1&a[][]=2", {"a": [["1"], ["2"]]}),
        ("a=1&a=2", {"a": "2"}),
        ("a&b=&c[]", {"a": None, "b": "", "c": [None]}),
        ("a=b=c&=d&&[]=e", {"a": "b=c"}),
        ("a[=1&b]=2&[c]=3&d[[e]=4", {"a[": "1", "b": "2", "c": "3", "d": {"e": "4"}}),
        (" a=1& b=2", {" a": "1", "b": "2"}),
        ("]" * 500 + "=1&" + "[]" * 30 + "=2", {}),
        ("", {}),
    ],
)
def test_in_examples(form: str, tree: dict[str, Any]) -> None:
    assert read(form) == [tree]


@given(st.binary(max_size=60))
def test_percent_encoding_is_undone_byte_by_byte(raw: bytes) -> None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "\0"
    written = quote_from_bytes(raw, safe=" ").replace(" ", "+")

    assert read(f"a={written}") == ("NotUtf8" if "\0" in text else [{"a": text}])


_KEYS = st.sampled_from(["a", "b", "0", "é", " ", "a=b", "&", "%41", "+", "😀", "a\tb"])
_TREES = st.recursive(
    st.sampled_from(["", "x", "y z"]),
    lambda inner: st.dictionaries(_KEYS, inner, min_size=1, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(_KEYS, _TREES, max_size=4))
def test_any_tree_of_objects_comes_back_from_its_names(tree: dict[str, Any]) -> None:
    assert nested(_written(tree)) == tree


def _written(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}[{key}]" if prefix else key
        pairs += _written(value, name) if isinstance(value, dict) else [(name, value)]
    return pairs


def test_attributes_that_are_numbered_are_a_list() -> None:
    assert indexed({"1": "b", "0": "a", "10": "c"}) == ["a", "b", "c"]
    assert indexed({"1700000000001": "a"}) == ["a"]


@pytest.mark.parametrize(
    "value", [{"0": "a", "x": "b"}, {"-1": "a"}, {"٣": "a"}, {"": "a"}, {}, ["a"], "a", None]
)
def test_whatever_else_attributes_are_they_stay(value: Any) -> None:
    assert indexed(value) == value
