"""Whatever bytes come, in whatever pieces: a tree or a refusal, soon, and nothing left behind."""

from __future__ import annotations

import json
import tracemalloc
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecourt.infra.bodies import Body, Upload, decode_json
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Refusal
from tests.infra.sending import END, FORM, JSON, MULTIPART, file, files_in, part, send

MIB = 2**20

_JSON_BITS = st.sampled_from(
    [b'{"', b'":', b'"', b",", b"{", b"}", b"[", b"]", b"1", b"-", b"0.5", b"e9", b"null", b"tru", b"\\", b"\\u00",
     b"\\ud83d", b"00", b"\xc3", b"\xa9", b" ", b"\0", b"file", b"data:"]
)  # fmt: skip
_FORM_BITS = st.sampled_from(
    [b"a", b"b", b"[", b"]", b"[]", b"=", b"&", b"%", b"%5B", b"%5D", b"4", b"+", b"\xff", b"%00"]
)
_MULTIPART_BITS = st.sampled_from(
    [b"--xx", b"--", b"\r\n", b"\r", b"\n", b"Content-Disposition: form-data", b'; name="a"', b"; name=", b'; filename="f"',
     b'; filename=""', b"Content-Type: text/plain", b"; charset=", b"utf-8", b"Content-Length: 3", b"abc", b"[", b"\xff", b"\0",
     part("a", b"1"), part("a[b]", b"2"), file("f", b"x"), END]
)  # fmt: skip


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in leaves(member)]
    if isinstance(value, list):
        return [leaf for member in value for leaf in leaves(member)]
    return [value]


def assert_well_formed(body: Body) -> None:
    kinds = {type(leaf) for leaf in leaves(body.tree)}
    assert kinds <= ({bool, int, Decimal, str, type(None)} if body.typed else {str, type(None), Upload})
    assert len(body.fingerprint()) == 32


def decoded_or_status(raw: bytes) -> dict[str, Any] | int:
    try:
        return decode_json(raw)
    except Refusal as refusal:
        return status_of(refusal)


async def read_or_refused(raw: bytes, content_type: str | None, size: int) -> str:
    """The code of the refusal, or an empty text; in either case the spool is as empty as it was."""
    with TemporaryDirectory() as folder:
        try:
            body = await send(raw, content_type, Path(folder), size=size)
        except Refusal as refusal:
            code, status = refusal.code, status_of(refusal)
        else:
            code, status = "", 400
            assert_well_formed(body)
            body.discard()
        assert files_in(Path(folder)) == []
        assert 400 <= status < 500
        return code


@given(st.binary(max_size=200) | st.lists(_JSON_BITS, max_size=30).map(b"".join))
@example(b'{"file":"data:')
@settings(max_examples=1_000)
def test_json(raw: bytes) -> None:
    found = decoded_or_status(raw)

    assert isinstance(found, dict) or 400 <= found < 500


@given(st.lists(_JSON_BITS, max_size=30).map(b"".join))
@settings(max_examples=500)
def test_whatever_is_taken_the_plain_decoder_takes_too(raw: bytes) -> None:
    taken = decoded_or_status(raw)

    assert isinstance(taken, int) or json.loads(raw) == json.loads(json.dumps(taken, default=float))


@given(
    st.binary(max_size=200) | st.lists(_JSON_BITS | _FORM_BITS | _MULTIPART_BITS, max_size=15).map(b"".join),
    st.sampled_from([JSON, FORM, MULTIPART, None, "", "multipart/form-data", "application/json; charset"]),
    st.integers(1, 70),
)
@settings(max_examples=300)
async def test_any_body(raw: bytes, content_type: str | None, size: int) -> None:
    await read_or_refused(raw, content_type, size)


@given(st.lists(_FORM_BITS, max_size=30).map(b"".join))
@settings(max_examples=200)
async def test_any_form(raw: bytes) -> None:
    await read_or_refused(raw, FORM, 1 << 20)


@given(
    st.lists(_MULTIPART_BITS, max_size=12).map(b"".join).map(lambda middle: part("a", b"1") + middle + END)
)
@settings(max_examples=300)
async def test_any_multipart_form_is_the_same_in_any_pieces(raw: bytes) -> None:
    whole = await read_or_refused(raw, MULTIPART, 1 << 20)

    for size in (1, 5, 33):
        assert await read_or_refused(raw, MULTIPART, size) == whole


@given(st.text(max_size=60))
@settings(max_examples=300)
async def test_any_content_type(content_type: str) -> None:
    await read_or_refused(b"{}", content_type, 1 << 20)


_BOMBS = {
    "deep lists": (JSON, b"[" * MIB),
    "deep objects": (JSON, b'{"a":' * (MIB // 5)),
    "deep inside": (JSON, b'{"a":' + b"[" * 400_000 + b"]" * 400_000 + b"}"),
    "wide": (JSON, b'{"a":[' + b"0," * (MIB // 2 - 10) + b"0]}"),
    "wide and empty": (JSON, b'{"a":[' + b"[]," * (MIB // 3 - 10) + b"[]]}"),
    "wide and deep": (JSON, b'{"a":[' + (b"[" * 30 + b"]" * 30 + b",") * 4_998 + b"0]}"),
    "many keys": (JSON, b"{" + b",".join(b'"%d":1' % number for number in range(90_000)) + b"}"),
    "the same key": (JSON, b"{" + b'"a":1,' * 170_000 + b'"a":1}'),
    "a long integer": (JSON, b'{"a":' + b"9" * (MIB - 10) + b"}"),
    "a long fraction": (JSON, b'{"a":0.' + b"9" * (MIB - 10) + b"}"),
    "a long exponent": (JSON, b'{"a":1e' + b"9" * (MIB - 10) + b"}"),
    "big exponents": (JSON, b'{"a":[' + b"1e130000," * 4_900 + b"0]}"),
    "huge exponents": (JSON, b'{"a":[' + b"1e1000000000," * 4_900 + b"0]}"),
    "quotes": (JSON, b'"' * MIB),
    "quoted quotes": (JSON, b'{"a":"' + b'\\"' * (MIB // 2 - 10) + b'"}'),
    "backslashes": (JSON, b'{"a":"' + b"\\" * (MIB - 10)),
    "escapes": (JSON, b'{"a":"' + b"\\u0041" * (MIB // 6 - 10) + b'"}'),
    "surrogates": (JSON, b'{"a":"' + b"\\ud800" * (MIB // 6 - 10) + b'"}'),
    "NUL": (JSON, b"\0" * MIB),
    "spaces": (JSON, b" " * MIB),
    "line breaks": (JSON, b"\n" * MIB),
    "commas": (JSON, b'{"a":[' + b"," * (MIB - 10)),
    "colons": (JSON, b'{"a"' + b":" * (MIB - 10)),
    "minuses": (JSON, b'{"a":' + b"-" * (MIB - 10)),
    "a long key": (JSON, b'{"' + b"k" * (MIB - 10) + b'":1}'),
    "over-long UTF-8": (JSON, b'{"a":"' + b"\xc0\x80" * 500_000 + b'"}'),
    "a bait": (JSON, b'{"file":"data:","a":[' + b"0," * 2 * MIB),
    "many baits": (JSON, b'{"a":[' + b'"data:",' * 400_000),
    "baits in a row": (JSON, b'"data:' * 400_000),
    "escaped baits": (JSON, b'{"a":"' + b'\\"data:' * 400_000),
    "a file of quotes": (JSON, b'{"file":"data:' + b'\\"' * 2 * MIB),
    "many small files": (JSON, b'{"a":[' + b'{"file":"data:,"},' * 100_000 + b"0]}"),
    "ampersands": (FORM, b"&" * MIB),
    "equal signs": (FORM, b"=" * MIB),
    "spaces between": (FORM, b"& " * (MIB // 2)),
    "brackets": (FORM, b"[" * (MIB - 3) + b"=1"),
    "closing brackets": (FORM, b"a" + b"]" * (MIB - 3) + b"=1"),
    "a deep name": (FORM, b"a" + b"[b]" * 300_000 + b"=1"),
    "many deep names": (FORM, b"&".join(b"a" + b"[b]" * 30 + b"[%d]=1" % number for number in range(4_900))),
    "many deep lists": (
        FORM,
        b"&".join(b"a" + b"[][b]" * 15 + b"[%d]=1" % number for number in range(4_900)),
    ),
    "deep and apart": (FORM, b"&".join(b"%d" % number + b"[b]" * 30 + b"=1" for number in range(4_900))),
    "a long list": (FORM, b"a[]=&" * 20_000),
    "lists in lists": (FORM, b"a[][][]=1&" * 4_900),
    "percents": (FORM, b"a=" + b"%" * (MIB - 2)),
    "percent-encoded": (FORM, b"&".join([b"a=" + b"%41" * 65_000] * 5)),
    "pluses": (FORM, b"a=" + b"+" * (MIB - 2)),
    "a preamble": (MULTIPART, b"x" * 10 * MIB + b"\r\n" + part("a", b"1") + END),
    "tiny parts": (MULTIPART, part("a", b"") * 15_000 + END),
    "tiny files": (MULTIPART, file("a", b"") * 15_000 + END),
    "a long header": (MULTIPART, part("a", b"1", headers="X: " + "y" * MIB + "\r\n") + END),
    "many headers": (MULTIPART, part("a", b"1", headers="X: y\r\n" * 200_000) + END),
    "a header without end": (MULTIPART, b"--xx\r\n" + b"X" * MIB),
    "quotes in a header": (
        MULTIPART,
        b'--xx\r\nContent-Disposition: form-data; name="' + b'\\"' * 2_000 + b"\r\n\r\n",
    ),
    "parameters": (MULTIPART, b"--xx\r\nContent-Disposition: form-data" + b"; a=b" * 800 + b"\r\n\r\n"),
    "carriage returns": (MULTIPART, part("a", b"\r" * 60_000) + END),
    "almost boundaries": (MULTIPART, file("a", b"\r\n--x" * 200_000) + END),
    "boundaries alone": (MULTIPART, b"--xx\r\n" * 100_000),
    "an epilogue": (MULTIPART, part("a", b"1") + END + b"\r\n--xx" * 100_000),
    "a large part": (MULTIPART, part("a", b"x" * 5 * MIB) + END),
    "a deep part": (MULTIPART, part("a" + "[b]" * 1_300, b"1") + END),
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("size", [65_536, 1 << 30], ids=["in pieces", "at once"])
@pytest.mark.parametrize("name", _BOMBS)
async def test_a_bomb_is_a_tree_or_a_refusal_in_little_memory(name: str, size: int) -> None:
    content_type, raw = _BOMBS[name]

    tracemalloc.start()
    try:
        await read_or_refused(raw, content_type, size)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 20 * MIB + 2 * len(raw)
