"""A JSON body may pass 1 MiB by as much as its files take, and by nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecourt.infra.bodies import decode_json, read_body
from forecourt.infra.bodies.json_with_files import JsonWithFiles
from forecourt.infra.refusals import BadBody, BodyTooLarge, Refusal
from tests.infra.sending import JSON, arriving, cut, send

if TYPE_CHECKING:
    from pathlib import Path

MIB = 2**20
URI = "data:application/pdf;name=cv.pdf;base64,"


def files(*sizes: int) -> list[dict[str, str]]:
    return [{"file_type": "other", "file": URI + chr(65 + at) * size} for at, size in enumerate(sizes)]


async def refusal_of(tree: Any, spool: Path) -> Refusal:
    with pytest.raises((BadBody, BodyTooLarge)) as refused:
        await send(json.dumps(tree).encode(), JSON, spool, size=65_536)
    return refused.value


@pytest.mark.parametrize("size", [65_536, 1 << 30, 99_991])
async def test_files_arrive_as_they_were_sent(size: int, tmp_path: Path) -> None:
    tree = {"id": 1, "lead": {"name": "é", "lead_files_attributes": files(3 * MIB, 100, 70_000, 2 * MIB)}}

    body = await send(json.dumps(tree).encode(), JSON, tmp_path, size=size)

    assert body.tree == tree
    assert body.typed


async def test_escapes_in_a_file_are_undone(tmp_path: Path) -> None:
    """PHP escapes slashes, .NET the plus sign, and Ruby breaks base64 into lines."""
    raw = b'{"file":"data:application\\/pdf;base64,' + b"AA\\/\\u002B\\n" * 150_000 + b'"}'

    body = await send(raw, JSON, tmp_path, size=10_007)

    assert body.tree == {"file": "data:application/pdf;base64," + "AA/+\n" * 150_000}


async def test_ten_files_of_ten_mib_are_taken_and_no_more(tmp_path: Path) -> None:
    largest = (10 * MIB + 2) // 3 * 4
    ten = {"lead": {"lead_files_attributes": files(*[largest] + [70_000] * 9)}}
    body = await send(json.dumps(ten).encode(), JSON, tmp_path, size=65_536)

    eleven = await refusal_of({"files": files(*[200_000] * 11)}, tmp_path)
    huge = await refusal_of({"files": files(16 * MIB)}, tmp_path)

    assert body.tree == ten
    assert (eleven.code, eleven.detail) == ("too-many-files", "at most 10 files")
    assert (huge.code, huge.detail) == ("file-too-large", "at most 10 MiB a file")


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ({"a": ["x" * 60_000] * 20}, "body-too-large"),
        ({"a": ["x" * 60_000] * 20, "lead": {"files": files(MIB)}}, "body-too-large"),
        ({"lead": {"files": files(MIB)}, "a": ["x" * 60_000] * 20}, "body-too-large"),
        ({"files": files(*[60_000] * 20)}, "body-too-large"),
        ({"name": URI + "A" * 2 * MIB}, "string-too-long"),
        ({"file": [URI + "A" * 2 * MIB]}, "string-too-long"),
        ({URI + "A" * 2 * MIB: "file"}, "key-too-long"),
        ({"file": URI + "A" * 2 * MIB, "a": "x" * 65_537}, "string-too-long"),
        ({"file": URI + "A" * 2 * MIB, "a": "\0"}, "not-utf-8"),
        ({"file": URI + "A" * 2 * MIB + "\0"}, "not-utf-8"),
        ({"file": URI + "A" * 2 * MIB + "\ud800"}, "not-utf-8"),
        ({"file": URI + '"' + "A" * 2 * MIB}, "body-too-large"),
        ({"file": URI + "A" * 2 * MIB + '"'}, "body-too-large"),
        ({"file": URI + "A" * 2 * MIB, "a": 10**16}, "number-out-of-range"),
        ([{"file": URI + "A" * 2 * MIB}], "not-json"),
    ],
)
async def test_what_is_no_file_keeps_its_limits(tree: Any, code: str, tmp_path: Path) -> None:
    assert (await refusal_of(tree, tmp_path)).code == code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"file":"data:' + b"A" * 2 * MIB, "not-json"),
        (b'{"file":"data:' + b"A" * 2 * MIB + b'"', "not-json"),
        (b'{"file":"data:' + b"A" * 2 * MIB + b'","file":"data:' + b"A" * 2 * MIB + b'"}', "duplicate-key"),
        (b'{"file":"data:' + b"A" * 2 * MIB + b'\n"}', "not-json"),
        (b'{"file":"data:' + b"A" * 2 * MIB + b'\\x"}', "not-json"),
        (b'{"file":"data:' + b"A" * 2 * MIB + b'\xff"}', "not-utf-8"),
        (b'{"a":[' + b'"data:"' * 200_000 + b'"data:' + b"A" * 2 * MIB + b'"]}', "too-many-values"),
        (b'{"file":"data:' + b"\\" * 3 * MIB + b'"}', "body-too-large"),
        (b'{"file":"data:' + b"A" * 2 * MIB + b'","a":' + b"[" * 90_000 + b"}", "too-deep"),
    ],
)
async def test_a_long_body_that_is_no_json_is_refused(raw: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises((BadBody, BodyTooLarge)) as refused:
        await send(raw, JSON, tmp_path, size=65_536)

    assert refused.value.code == code


async def test_a_long_body_without_a_file_is_refused_before_the_rest_arrives(tmp_path: Path) -> None:
    pieces = [b"x" * 65_536] * 100
    receive = arriving([b'{"a":"', *pieces])
    asked = 0

    async def counted() -> Any:
        nonlocal asked
        asked += 1
        return await receive()

    with pytest.raises(BodyTooLarge):
        await read_body(content_type=JSON, content_length=None, receive=counted, spool=tmp_path)
    assert asked == 17


async def test_a_retry_with_the_same_files_has_the_same_fingerprint(tmp_path: Path) -> None:
    raw = json.dumps({"lead": {"files": files(MIB)}}).encode()

    first = await send(raw, JSON, tmp_path, size=65_536)
    again = await send(raw, JSON, tmp_path, size=1 << 30)
    other = await send(raw.replace(b"AAAA", b"BBBB", 1), JSON, tmp_path)

    assert first.fingerprint() == again.fingerprint() != other.fingerprint()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["file", "name"]),
            st.sampled_from(["", "data:", '"data:', "\\", '\\"data:x', "é"]),
        ),
        max_size=6,
    ),
    st.integers(1, 40),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_taken_apart_and_put_together_a_body_is_what_it_was(pairs: list[tuple[str, str]], size: int) -> None:
    """Where texts look like files and are cut anywhere, the tree is that of the plain decoder."""
    tree = {"items": [{key: text + "x" * (index % 3)} for index, (key, text) in enumerate(pairs)]}
    raw = json.dumps(tree).encode()
    apart = JsonWithFiles()

    for piece in cut(raw, size):
        apart.feed(piece)

    assert apart.finish() == decode_json(raw) == tree
