"""Which bodies are read at all: by their type, their announced length, and the time they take."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from forecourt.infra.bodies import BodyTooSlow, ClientGone, read_body
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Refusal
from tests.infra.sending import FORM, JSON, MULTIPART, arriving, send

if TYPE_CHECKING:
    from pathlib import Path

MIB = 2**20


async def refusal_of(body: bytes, content_type: str | None, spool: Path, **how: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await send(body, content_type, spool, **how)
    return refused.value


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "text/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        " application/json ; charset=utf8 ; ",
        "application/json; version=1",
        None,
        "",
    ],
)
async def test_json_is_read_under_its_names_and_without_any(content_type: str | None, tmp_path: Path) -> None:
    body = await send(b' \n{"a": 1.50}', content_type, tmp_path)

    assert str(body.tree["a"]) == "1.50"
    assert body.typed
    assert body.fingerprint() == (await send(b' \n{"a": 1.50}', JSON, tmp_path)).fingerprint()


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/ld+json",
        "application/problem+json",
        "application/jsonx",
        "multipart/mixed; boundary=xx",
        "json",
        "*/*",
        "application/json, text/plain",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-8; charset=utf-16",
        'application/json; charset="utf-8',
        "application/x-www-form-urlencoded; charset=latin1",
        "multipart/form-data; boundary=xx; boundary=yy",
        "application/json" + "; " * 4_000 + ",",
    ],
)
async def test_any_other_type_is_refused_with_those_that_are_read(content_type: str, tmp_path: Path) -> None:
    refusal = await refusal_of(b"{}", content_type, tmp_path)

    assert (refusal.code, status_of(refusal)) == ("unsupported-media-type", 415)


async def test_the_types_that_are_read_are_listed(tmp_path: Path) -> None:
    told = "read are application/json, text/json, application/x-www-form-urlencoded and multipart/form-data, in UTF-8"

    assert str(await refusal_of(b"{}", "text/plain", tmp_path)) == told
    assert str(await refusal_of(b"a=1", None, tmp_path)) == f"the Content-Type is missing; {told}"
    assert str(await refusal_of(b"[1]", None, tmp_path)) == f"the Content-Type is missing; {told}"


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART, None])
@pytest.mark.parametrize("announced", [True, False])
async def test_an_empty_body_is_told_what_is_expected(
    content_type: str | None, announced: bool, tmp_path: Path
) -> None:
    refusal = await refusal_of(b"", content_type, tmp_path, announced=announced)

    assert (refusal.code, str(refusal)) == ("empty-body", "a JSON object is expected")


@pytest.mark.parametrize("body", [b'{"lead": {"email": "mia@example.com"}}', b'{ "a": "b=c" }'])
async def test_json_that_is_sent_as_a_form_is_told_apart(body: bytes, tmp_path: Path) -> None:
    """curl calls everything a form that it is not told otherwise about."""
    refusal = await refusal_of(body, FORM, tmp_path)

    assert status_of(refusal) == 415
    assert "send it as Content-Type: application/json" in str(refusal)


@pytest.mark.parametrize(
    ("content_type", "announced"),
    [(JSON, 200 * MIB), (None, 200 * MIB), (FORM, MIB + 1), (MULTIPART, 110 * MIB), (JSON, 10**17)],
)
async def test_a_body_that_announces_too_much_is_refused_unread(
    content_type: str | None, announced: int, tmp_path: Path
) -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("nobody asked for it")

    with pytest.raises(Refusal) as refused:
        await read_body(
            content_type=content_type, content_length=str(announced), receive=receive, spool=tmp_path
        )

    assert refused.value.code == "body-too-large"


@pytest.mark.parametrize("announced", ["", "-1", "+1", "1_000", "1.0", "0x10", "9" * 5_000, "²", "1, 1"])
async def test_a_length_that_is_no_number_is_refused(announced: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        await read_body(
            content_type=JSON, content_length=announced, receive=arriving([b"{}"]), spool=tmp_path
        )

    assert refused.value.code == "bad-body"


@pytest.mark.parametrize("size", [65_536, 1 << 30])
@pytest.mark.parametrize(
    ("content_type", "body"), [(JSON, b'{"a":1' + b" " * MIB + b"}"), (FORM, b"a=1&" * (MIB // 4) + b"b")]
)
async def test_a_body_over_a_mebibyte_is_refused_also_unannounced(
    content_type: str, body: bytes, size: int, tmp_path: Path
) -> None:
    refusal = await refusal_of(body, content_type, tmp_path, size=size, announced=False)

    assert (refusal.code, str(refusal)) == ("body-too-large", "at most 1 MiB without files")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a=%", "bad-percent-encoding"),
        (b"a=%4", "bad-percent-encoding"),
        (b"a%zz=1", "bad-percent-encoding"),
        (b"a=%%41", "bad-percent-encoding"),
        (b"a=\xff", "not-utf-8"),
        (b"a=%ff", "not-utf-8"),
        (b"a%C3=1", "not-utf-8"),
        (b"a=%ED%A0%80", "not-utf-8"),
        (b"a=\0", "not-utf-8"),
        (b"a%00=1", "not-utf-8"),
        (b"a%0A[b]=1", "bad-name"),
        (b"a=1&a[b]=2", "conflicting-names"),
        (b"a[]=1&a[b]=2", "conflicting-names"),
        (b"a[b]=1&a[]=2", "conflicting-names"),
        (b"a=1&a[]=2", "conflicting-names"),
        (b"a[b][]=1&a[b][c][]=1", "conflicting-names"),
        (b"&" * MIB, "too-many-values"),
        (b"a[]=&" * 20_000, "too-many-values"),
    ],
)
async def test_a_form_that_could_mean_two_things_is_refused(body: bytes, code: str, tmp_path: Path) -> None:
    refusal = await refusal_of(body, FORM, tmp_path)

    assert (refusal.code, status_of(refusal) // 100) == (code, 4)


@pytest.mark.parametrize(
    ("just_right", "too_much", "code", "told"),
    [
        (b"a[]=&" * 4_999, b"a[]=&" * 5_000, "too-many-values", "5,000 values"),
        (b"a=" + b"x" * 65_536, b"a=" + b"x" * 65_537, "string-too-long", "64 KiB"),
        (b"a=" + b"%41" * 65_536, b"a=" + b"%41" * 65_537, "string-too-long", "64 KiB"),
        (b"a" + b"[b]" * 31 + b"=", b"a" + b"[b]" * 32 + b"=", "too-deep", "32 levels"),
        (b"a[" + b"k" * 128 + b"]=", b"a[" + b"k" * 129 + b"]=", "key-too-long", "128 characters"),
        (
            b"a" + (b"[" + b"k" * 91 + b"]") * 11 + b"=",
            b"a" + (b"[" + b"k" * 92 + b"]") * 11 + b"=",
            "key-too-long",
            "1,024 a name",
        ),
    ],
    ids=["values", "bytes", "escapes", "depth", "key", "name"],
)
async def test_a_limit_is_exact_and_names_itself(
    just_right: bytes, too_much: bytes, code: str, told: str, tmp_path: Path
) -> None:
    refusal = await refusal_of(too_much, FORM, tmp_path)

    assert (await send(just_right, FORM, tmp_path)).tree
    assert refusal.code == code
    assert told in str(refusal)


@pytest.mark.parametrize("pieces", [[], [b'{"a":'], [b'{"a"', b":"]])
@pytest.mark.parametrize("content_type", [JSON, FORM, None])
async def test_a_body_that_stalls_is_refused_in_the_end(
    pieces: list[bytes], content_type: str | None, tmp_path: Path
) -> None:
    with pytest.raises(BodyTooSlow) as refused:
        await read_body(
            content_type=content_type,
            content_length="100",
            receive=arriving(pieces, then="stall"),
            spool=tmp_path,
            seconds=0.02,
        )

    assert status_of(refused.value) == 408
    assert str(refused.value) == "a body has 0.02 seconds, and one more for each 100 kB of Content-Length"


@pytest.mark.parametrize("pieces", [[], [b'{"a":']])
@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART, None])
async def test_a_client_that_leaves_is_no_refusal(
    pieces: list[bytes], content_type: str | None, tmp_path: Path
) -> None:
    with pytest.raises(ClientGone):
        await read_body(
            content_type=content_type,
            content_length=None,
            receive=arriving(pieces, then="leave"),
            spool=tmp_path,
        )


async def test_a_body_that_comes_later_is_waited_for(tmp_path: Path) -> None:
    arrived: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    reading = asyncio.create_task(
        read_body(content_type=JSON, content_length="10", receive=arrived.get, spool=tmp_path)
    )
    for body, more in ((b'{"a":', True), (b"", True), (b'"b"}', False)):
        await asyncio.sleep(0)
        arrived.put_nowait({"type": "http.request", "body": body, "more_body": more})

    assert (await reading).tree == {"a": "b"}


async def test_a_server_that_stops_is_obeyed_while_a_body_is_awaited(tmp_path: Path) -> None:
    cleaned_up = False

    async def receive() -> dict[str, Any]:
        nonlocal cleaned_up
        try:
            await asyncio.Event().wait()
        finally:
            cleaned_up = True
        return {}

    reading = asyncio.create_task(
        read_body(content_type=JSON, content_length=None, receive=receive, spool=tmp_path)
    )
    await asyncio.sleep(0)
    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert cleaned_up
