"""JSON is read strictly: one meaning or a refusal, numbers with their digits, every limit at its exact place."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.infra.bodies import decode_json
from forecourt.infra.refusals import BadBody, BodyTooLarge, Refusal


def refusal_of(raw: bytes) -> Refusal:
    with pytest.raises((BadBody, BodyTooLarge)) as refused:
        decode_json(raw)
    return refused.value


def value_of(literal: str) -> Any:
    return decode_json(f'{{"value": {literal}}}'.encode())["value"]


def deep(levels: int) -> bytes:
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_every_kind_of_value_arrives() -> None:
    raw = ' {"a":null,"b":[true,false],\t"c":{"d":-0,"é":"\\u00e9\\n\\/\\ud83d\\ude00"},\r\n"":""} '

    assert decode_json(raw.encode()) == {"a": None, "b": [True, False], "c": {"d": 0, "é": "é\n/😀"}, "": ""}


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"null",
        b'"text"',
        b"1",
        b"{",
        b'{"a"',
        b'{"a":1',
        b'{"a":1}{',
        b'{"a":1},',
        b'{"a":1,}',
        b'{"a":[1,]}',
        b"{a:1}",
        b"{'a':1}",
        b"{1:1}",
        b'{"a":01}',
        b'{"a":+1}',
        b'{"a":.5}',
        b'{"a":5.}',
        b'{"a":1e}',
        b'{"a":0x10}',
        b'{"a":1_000}',
        b'{"a":-}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":nan}',
        b'{"a":True}',
        b'{"a":undefined}',
        b'{"a":"\\x41"}',
        b'{"a":"\\u12"}',
        b'{"a":"line\nbreak"}',
        b'{"a":1} // said',
        b'{"a":1 /* said */}',
        '{"a":\u00a01}'.encode(),
        '{"a":\u0663}'.encode(),
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    assert refusal_of(raw).code == "not-json"


@pytest.mark.parametrize("raw", [b"", b" \r\n\t"])
def test_an_empty_body_is_told_what_is_expected(raw: bytes) -> None:
    refusal = refusal_of(raw)

    assert (refusal.code, refusal.detail) == ("empty-body", "a JSON object is expected")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":"\xff"}',
        b'{"a":"\xc3"}',
        b'{"a":"\xc0\xaf"}',
        b'{"a":"\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-16-le"),
        '{"a":1}'.encode("utf-32-be"),
        b'{"a":"\x00"}',
        b'{"a":"\\u0000"}',
        b'{"\\u0000":1}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\uDFFF"}',
        b'{"a":"\\ud83d \\ude00"}',
        b'{"a":["\\ude00\\ud83d"]}',
        b'{"\\ud800":1}',
    ],
)
def test_text_that_is_not_clean_is_refused(raw: bytes) -> None:
    assert refusal_of(raw).code == "not-utf-8"


def test_a_backslash_before_a_u_is_no_escape() -> None:
    assert decode_json(rb'{"a":"\\u0000 \\ud800"}') == {"a": r"\u0000 \ud800"}


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b'{"email":1,"email":1}', "'email'"),
        (b'{"lead":[{"email":1,"name":2,"email":3}]}', "'email'"),
        (b'{"a":1,"\\u0061":2}', "'a'"),
        ('{"é":1,"é":2}'.encode(), r"'\xe9'"),
    ],
)
def test_a_key_that_stands_twice_is_refused_by_name(raw: bytes, key: str) -> None:
    refusal = refusal_of(raw)

    assert (refusal.code, refusal.detail) == ("duplicate-key", f"the key {key} stands twice")


@pytest.mark.parametrize(
    "literal",
    ["0", "-1", "123456789012345", "-999999999999999", "1000000000000000", "-1000000000000000"],
)
def test_an_integer_is_an_integer(literal: str) -> None:
    value = value_of(literal)

    assert (type(value), str(value)) == (int, literal)


@pytest.mark.parametrize(
    ("literal", "kept"),
    [
        ("1234.50", "1234.50"),
        ("0.0", "0.0"),
        ("-0.10", "-0.10"),
        ("1E2", "1E+2"),
        ("1.5e3", "1.5E+3"),
        ("1e15", "1E+15"),
        ("-1e+15", "-1E+15"),
        ("1e-15", "1E-15"),
        ("99999999999999.9", "99999999999999.9"),
        ("0.123456789012345", "0.123456789012345"),
        ("1.00000000000000", "1.00000000000000"),
    ],
)
def test_any_other_number_keeps_the_digits_that_were_sent(literal: str, kept: str) -> None:
    value = value_of(literal)

    assert (type(value), str(value)) == (Decimal, kept)


@pytest.mark.parametrize(
    "literal",
    [
        "1000000000000001",
        "-1234567890123456",
        "10000000000000000",
        "9" * 5_000,
        "-" + "9" * 900_000,
        "1.234567890123456",
        "1.000000000000000",
        "0.30000000000000004",
        "1.1e15",
        "1e16",
        "1e400",
        "1e-400",
        "1e130000",
        "-1e-130000",
        "0e99",
        "0e-99",
        "1e-16",
        "1e" + "9" * 5_000,
        "1e-" + "9" * 5_000,
        "0." + "0" * 5_000,
        "1." + "0" * 900_000,
        "18446744073709551616",
    ],
)
def test_a_number_out_of_range_is_refused(literal: str) -> None:
    raw = f'{{"value": [{literal}]}}'.encode()

    assert refusal_of(raw).code == "number-out-of-range"


@pytest.mark.parametrize(
    ("just_right", "too_much", "code", "told"),
    [
        (deep(32), deep(33), "too-deep", "32 levels"),
        (
            b'{"a":[' + b"0," * 4_998 + b"0]}",
            b'{"a":[' + b"0," * 4_999 + b"0]}",
            "too-many-values",
            "5,000 values",
        ),
        (
            b'{"a":[' + b"[]," * 4_998 + b"{}]}",
            b'{"a":[' + b"[]," * 4_999 + b"{}]}",
            "too-many-values",
            "5,000 values",
        ),
        (b'{"a":"' + b"x" * 65_536 + b'"}', b'{"a":"' + b"x" * 65_537 + b'"}', "string-too-long", "64 KiB"),
        (
            ('{"a":"' + "é" * 32_768 + '"}').encode(),
            ('{"a":"' + "é" * 32_769 + '"}').encode(),
            "string-too-long",
            "64 KiB",
        ),
        (
            b'{"a":"' + rb"\u00e9" * 32_768 + b'"}',
            b'{"a":"' + rb"\u00e9" * 32_769 + b'"}',
            "string-too-long",
            "64 KiB",
        ),
        (b'{"' + b"k" * 128 + b'":1}', b'{"' + b"k" * 129 + b'":1}', "key-too-long", "128 characters"),
        (
            b'{"a":1' + b" " * (2**20 - 7) + b"}",
            b'{"a":1' + b" " * (2**20 - 6) + b"}",
            "body-too-large",
            "1 MiB",
        ),
    ],
    ids=["depth", "numbers", "lists", "bytes", "letters", "escapes", "key", "body"],
)
def test_a_limit_is_exact_and_names_itself(just_right: bytes, too_much: bytes, code: str, told: str) -> None:
    refusal = refusal_of(too_much)

    assert decode_json(just_right)
    assert refusal.code == code
    assert told in str(refusal)


def test_brackets_and_commas_in_a_text_are_text() -> None:
    text = '[{"' * 5_000 + "," * 20_000 + '\\"]}'

    assert decode_json(json.dumps({"message": text}).encode()) == {"message": text}


def test_only_a_file_may_be_longer_than_other_strings() -> None:
    uri = "data:application/pdf;base64," + "A" * 70_000

    assert decode_json(json.dumps({"files": [{"file": uri}]}).encode()) == {"files": [{"file": uri}]}
    for other in ({"file": uri[5:]}, {"name": uri}, {"file": [uri]}, {"file": {"file ": uri}}):
        assert refusal_of(json.dumps(other).encode()).code == "string-too-long"


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**15), 10**15)
        | st.decimals(-(10**11), 10**11, places=3)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        lambda children: (
            st.lists(children, max_size=4) | st.dictionaries(st.text("abcé😀"), children, max_size=4)
        ),
        max_leaves=20,
    ),
    st.booleans(),
)
def test_whatever_is_written_is_read_back(value: Any, ascii_only: bool) -> None:
    # A decimal is written with its own digits and not with those of the nearest float.
    written = json.dumps({"value": value}, default=lambda decimal: f"<{decimal}>", ensure_ascii=ascii_only)

    assert decode_json(_unquoted(written).encode()) == {"value": value}


def _unquoted(written: str) -> str:
    return re.sub(r'"<(-?[0-9.]+)>"', r"\1", written)
