"""Multipart forms: the tree of any form, each limit with its own refusal, and nothing guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from forecourt.infra.bodies import Body, Upload, nested
from forecourt.infra.refusals import BadBody, BodyTooLarge, Refusal, UnsupportedBody
from tests.infra.sending import END, MULTIPART, file, files_in, part, send

if TYPE_CHECKING:
    from pathlib import Path

MIB = 2**20


async def refusal_of(body: bytes, spool: Path, content_type: str = MULTIPART) -> Refusal:
    with pytest.raises((BadBody, BodyTooLarge, UnsupportedBody)) as refused:
        await send(body, content_type, spool, size=4_099)
    assert files_in(spool) == []
    return refused.value


def disposition(header: str, content: bytes = b"1") -> bytes:
    return b"--xx\r\nContent-Disposition: " + header.encode() + b"\r\n\r\n" + content + b"\r\n" + END


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1 << 20])
async def test_however_it_is_cut_it_is_the_same_tree(size: int, tmp_path: Path) -> None:
    form = (
        part("lead[email]", b"mia@example.com")
        + part("lead[tags][]", b"a\r\n--x\r\n-")
        + part("lead[tags][]", "ü".encode(), headers="Content-Type: text/plain; charset=UTF-8\r\n")
        + part("lead[lead_files_attributes][0][file_type]", b"resume")
        + file("lead[lead_files_attributes][0][file]", b"%PDF-1.4\r\n--x")
        + part("lead[untouched]", b"", '; filename=""', "Content-Type: application/octet-stream\r\n")
        + END
        + b"and whatever follows"
    )

    body = await send(form, MULTIPART, tmp_path, size=size)

    upload = body.tree["lead"]["lead_files_attributes"]["0"].pop("file")
    assert body.tree == {
        "lead": {
            "email": "mia@example.com",
            "tags": ["a\r\n--x\r\n-", "ü"],
            "lead_files_attributes": {"0": {"file_type": "resume"}},
        }
    }
    assert not body.typed
    assert body.uploads == [upload]
    assert isinstance(upload, Upload)
    assert (upload.filename, upload.content_type, upload.size) == ("cv.pdf", "application/pdf", 13)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('form-data; name="lead[email]"', "lead[email]"),
        ('Form-Data;name="a"', "a"),
        ("form-data; name=a", "a"),
        ('form-data; name="a";', "a"),
        ('form-data; name="é"', "é"),
        ('form-data; name="a%22b"', 'a"b'),
        ('form-data; name="a\\"b"', 'a"b'),
        ('form-data; name="a;b"', "a;b"),
        ('form-data; name="a"; size=3', "a"),
    ],
)
async def test_a_name_is_read_however_clients_write_it(header: str, name: str, tmp_path: Path) -> None:
    body = await send(disposition(header), MULTIPART, tmp_path)

    assert body.tree == nested([(name, "1")])


@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ("cv.pdf", "cv.pdf"),
        ("Lebenslauf Ü.pdf", "Lebenslauf Ü.pdf"),
        ("a%22b.pdf", 'a"b.pdf'),
        ("C:\\Documents\\cv.pdf", "cv.pdf"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("<script>.pdf", "<script>.pdf"),
    ],
)
async def test_a_filename_is_data(filename: str, kept: str, tmp_path: Path) -> None:
    body = await send(file("f", b"x", filename) + END, MULTIPART, tmp_path)

    (upload,) = body.uploads
    assert upload.filename == kept
    assert upload.path.parent == tmp_path
    assert upload.path.name.isalnum()


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("form-data", "bad-multipart"),
        ('form-data; name=""', "bad-multipart"),
        ('form-data; filename="a.pdf"', "bad-multipart"),
        ('attachment; name="a"', "bad-multipart"),
        ("", "bad-multipart"),
        ('form-data; name="a"; name="b"', "bad-multipart"),
        ('form-data; name="a"; NAME="b"', "bad-multipart"),
        ('form-data; name="a"; filename="a"; filename="b"', "bad-multipart"),
        ("form-data; name=\"a\"; filename*=UTF-8''cv.pdf", "bad-multipart"),
        ('form-data; name="a"; filename="a"; filename*=UTF-8\'\'b', "bad-multipart"),
        ("form-data; name*=UTF-8''a", "bad-multipart"),
        ('form-data; name="a', "bad-multipart"),
        ('form-data; name="a" nonsense', "bad-multipart"),
        ('form-data; name="a"\r\nContent-Disposition: form-data; name="b"', "bad-multipart"),
        ('form-data; name="a"\r\nContent-Type: text/plain\r\nContent-Type: text/html', "bad-multipart"),
        ('form-data; name="a"\r\nContent-Transfer-Encoding: base64', "bad-multipart"),
        ('form-data; name="a"\r\nContent-Length: -1', "bad-multipart"),
        ('form-data; name="a"\r\nContent-Length: 2', "bad-multipart"),
        ('form-data; name="a"\r\nContent-Length: ' + "9" * 4_000, "bad-multipart"),
        ('form-data; name="a"\r\n folded', "bad-multipart"),
        ('form-data; name="a"\r\nno colon', "bad-multipart"),
        ('form-data; name="a"\r\nContent-Type: text/plain; charset=utf-7', "unsupported-media-type"),
        ('form-data; name="a"\r\nContent-Type: text/plain; charset=martian', "unsupported-media-type"),
        ('form-data; name="a"\r\nContent-Type: text', "unsupported-media-type"),
        ('form-data; name="a\0b"', "not-utf-8"),
        ('form-data; name="a%0Ab"', "bad-name"),
        ('form-data; name="' + "k" * 129 + '"', "key-too-long"),
        ('form-data; name="' + "[k]" * 400 + '"', "too-deep"),
    ],
)
async def test_headers_that_leave_something_open_are_refused(header: str, code: str, tmp_path: Path) -> None:
    assert (await refusal_of(disposition(header), tmp_path)).code == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b"--xx", "truncated-body"),
        (b"--xx\r\n", "truncated-body"),
        (part("a", b"1"), "truncated-body"),
        (part("a", b"1") + b"--xx", "truncated-body"),
        (part("a", b"1") + b"--xx-", "truncated-body"),
        (file("f", b"x" * 5_000), "truncated-body"),
        (file("f", b"x" * 5_000)[:-100], "truncated-body"),
        (b"nonsense that is longer than the boundary", "bad-multipart"),
        (b"preamble\r\n" + part("a", b"1") + END, "bad-multipart"),
        (b"x" * 10 * MIB + b"\r\n" + part("a", b"1") + END, "bad-multipart"),
        (part("a", b"1").replace(b"--xx", b"--yy") + b"--yy--", "bad-multipart"),
        (part("a", b"1").replace(b"\r\n", b"\n") + b"--xx--", "bad-multipart"),
        (part("a", b"1") + b"--xxyy\r\n" + END, "bad-multipart"),
        (part("a", b"\xff") + END, "not-utf-8"),
        (part("a", b"a\0b") + END, "not-utf-8"),
        (b'--xx\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n1\r\n' + END, "bad-multipart"),
        (part("a", b"content", '; filename=""') + END, "bad-multipart"),
        (part("a", b"1") + part("a[b]", b"1") + END, "conflicting-names"),
        (file("a", b"1") + part("a[b]", b"1") + END, "conflicting-names"),
        (part("a", b"1") + file("f", b"x") + part("a[]", b"1") + END, "conflicting-names"),
    ],
)
async def test_a_body_against_the_grammar_leaves_nothing_behind(
    body: bytes, code: str, tmp_path: Path
) -> None:
    assert (await refusal_of(body, tmp_path)).code == code


@pytest.mark.parametrize(
    ("just_right", "too_much", "code", "told"),
    [
        (part("a", b"1") * 50, part("a", b"1") * 51, "too-many-parts", "50 parts"),
        (file("f[]", b"x") * 10, file("f[]", b"x") * 11, "too-many-files", "10 files"),
        (file("f", b"x" * 10 * MIB), file("f", b"x" * (10 * MIB + 1)), "file-too-large", "10 MiB a file"),
        (part("a", b"x" * 65_536), part("a", b"x" * 65_537), "string-too-long", "64 KiB"),
        (part("a", b"x" * 65_536) * 16, part("a", b"x" * 62_000) * 17, "body-too-large", "1 MiB"),
        (
            part("a", b"1", headers="X-A: b\r\n" * 7),
            part("a", b"1", headers="X-A: b\r\n" * 8),
            "part-headers-too-large",
            "8 headers",
        ),
        (
            part("a", b"1", headers=f"X-A: {'b' * 4_091}\r\n"),
            part("a", b"1", headers=f"X-A: {'b' * 4_092}\r\n"),
            "part-headers-too-large",
            "4 KiB",
        ),
        (part("a" + "[b]" * 31, b"1"), part("a" + "[b]" * 32, b"1"), "too-deep", "32 levels"),
        (part("k" * 128, b"1"), part("k" * 129, b"1"), "key-too-long", "128 characters"),
    ],
    ids=["parts", "files", "file", "text", "texts", "headers", "header", "depth", "key"],
)
async def test_a_limit_is_exact_and_names_itself(
    just_right: bytes, too_much: bytes, code: str, told: str, tmp_path: Path
) -> None:
    body = await _read(just_right + END, tmp_path)
    body.discard()

    refusal = await refusal_of(too_much + END, tmp_path)

    assert body.tree
    assert refusal.code == code
    assert told in str(refusal)


async def _read(body: bytes, spool: Path) -> Body:
    # The same header several times would be another refusal.
    for number in range(8):
        body = body.replace(b"X-A: b\r\n", b"X-%d: b\r\n" % number, 1)
    return await send(body, MULTIPART, spool, size=65_536)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        'multipart/form-data; boundary=""',
        "multipart/form-data; boundary=" + "x" * 71,
        "multipart/form-data; boundary=" + "x" * 300,
        'multipart/form-data; boundary="x "',
        'multipart/form-data; boundary="x\ty"',
        'multipart/form-data; boundary="é"',
    ],
)
async def test_a_boundary_that_is_none_is_refused(content_type: str, tmp_path: Path) -> None:
    assert (await refusal_of(part("a", b"1") + END, tmp_path, content_type)).code == "bad-multipart"


@pytest.mark.parametrize(
    "boundary", ["x" * 70, "----WebKitFormBoundaryAbC123", "----=_Part_1.2", '"a b:c?"', "0", "'x'"]
)
async def test_the_boundaries_of_all_clients_are_read(boundary: str, tmp_path: Path) -> None:
    form = (part("a", b"1") + END).replace(b"--xx", b"--" + boundary.strip('"').encode())

    body = await send(form, f"Multipart/Form-Data; Boundary={boundary}", tmp_path, size=5)

    assert body.tree == {"a": "1"}


async def test_an_endless_epilogue_is_cut_off(tmp_path: Path) -> None:
    refusal = await refusal_of(part("a", b"1") + END + b"x" * 110 * MIB, tmp_path)

    assert refusal.code == "body-too-large"


async def test_a_retry_with_another_boundary_has_the_same_fingerprint(tmp_path: Path) -> None:
    form = part("a", b"1") + file("f", b"x") + END
    first = await send(form, MULTIPART, tmp_path)

    again = await send(form.replace(b"--xx", b"--yy"), MULTIPART.replace("xx", "yy"), tmp_path, size=10)
    others = [
        await send(form.replace(old, new), MULTIPART, tmp_path)
        for old, new in ((b"\n1", b"\n2"), (b"\nx", b"\ny"), (b"cv.", b"vc."), (b'"a"', b'"b"'))
    ]

    assert again.fingerprint() == first.fingerprint()
    assert first.fingerprint() not in {other.fingerprint() for other in others}
