"""Files of a multipart body: on disk, hashed, private; and never left behind by a body that was not taken."""

from __future__ import annotations

import asyncio
import hashlib
import random
import resource
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from forecourt.infra.bodies import BodyTooSlow, ClientGone, StorageFull, read_body
from forecourt.infra.refusals import Refusal
from tests.infra.sending import END, MULTIPART, arriving, cut, file, files_in, part, send

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

CONTENT = random.Random(7).randbytes(300_000)


@contextmanager
def disk_with_room_for(size: int) -> Generator[None]:
    """No file can grow beyond *size* bytes: the kernel refuses, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [997, 65_536, 1 << 30])
async def test_a_file_lies_in_the_spool_whole_and_hashed(size: int, tmp_path: Path) -> None:
    body = await send(file("f", CONTENT) + file("g", b"") + END, MULTIPART, tmp_path, size=size)

    large, empty = body.tree["f"], body.tree["g"]
    assert large.path.read_bytes() == CONTENT
    assert (large.size, large.sha256) == (300_000, hashlib.sha256(CONTENT).hexdigest())
    assert (empty.size, empty.sha256) == (0, hashlib.sha256().hexdigest())
    assert files_in(tmp_path) == sorted([large.path, empty.path])


async def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    body = await send(file("f", CONTENT) + END, MULTIPART, tmp_path)

    assert stat.S_IMODE(body.tree["f"].path.stat().st_mode) == 0o600


async def test_what_nobody_kept_is_discarded_and_what_was_kept_stays(tmp_path: Path) -> None:
    body = await send(file("kept", b"a") + file("left", b"b") + END, MULTIPART, tmp_path)
    body.tree["kept"].path.rename(tmp_path / "kept")

    body.discard()
    body.discard()

    assert files_in(tmp_path) == [tmp_path / "kept"]


@pytest.mark.parametrize(
    "form",
    [
        file("f", CONTENT),
        file("f", CONTENT) + part("f[a]", b"1") + END,
        file("f", CONTENT) + part("a", b"\xff") + END,
        file("f", CONTENT) + part("", b"1") + END,
        file("f", CONTENT) * 2 + file("f", b"x" * (10 * 2**20 + 1)) + END,
    ],
    ids=["truncated", "conflicting", "not utf-8", "nameless", "too large"],
)
async def test_a_refused_body_leaves_no_file(form: bytes, tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        await send(form, MULTIPART, tmp_path, size=65_536)

    assert files_in(tmp_path) == []


@pytest.mark.parametrize("sent", [1, 5])
async def test_a_client_that_leaves_leaves_no_file(sent: int, tmp_path: Path) -> None:
    pieces = cut(file("e", b"x") + file("f", CONTENT), 65_536)[:sent]

    with pytest.raises(ClientGone):
        await read_body(
            content_type=MULTIPART,
            content_length=None,
            receive=arriving(pieces, then="leave"),
            spool=tmp_path,
        )

    assert files_in(tmp_path) == []


async def test_a_client_that_stalls_leaves_no_file(tmp_path: Path) -> None:
    pieces = cut(file("e", b"x") + file("f", CONTENT), 65_536)[:3]

    with pytest.raises(BodyTooSlow):
        await read_body(
            content_type=MULTIPART,
            content_length=None,
            receive=arriving(pieces, then="stall"),
            spool=tmp_path,
            seconds=0.02,
        )

    assert files_in(tmp_path) == []


async def test_a_server_that_stops_leaves_no_file(tmp_path: Path) -> None:
    pieces = cut(file("e", b"x") + file("f", CONTENT), 65_536)[:3]
    stalled = asyncio.Event()
    receive = arriving(pieces, then="stall", stalled=stalled)
    reading = asyncio.create_task(
        read_body(content_type=MULTIPART, content_length=None, receive=receive, spool=tmp_path)
    )
    await stalled.wait()
    assert len(files_in(tmp_path)) == 2

    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert files_in(tmp_path) == []


async def test_a_full_disk_is_told_and_leaves_no_file(tmp_path: Path) -> None:
    form = file("e", b"x") + file("f", CONTENT) + END

    with disk_with_room_for(100_000), pytest.raises(StorageFull):
        await send(form, MULTIPART, tmp_path, size=65_536)

    assert files_in(tmp_path) == []
