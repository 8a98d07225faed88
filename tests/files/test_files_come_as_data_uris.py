"""A file inside JSON is a base64 data URI, read strictly, of 10 MiB at most."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.files.accept import FILE_BYTES
from forecourt.files.data_uri import DataUri, NotADataUri, read_data_uri

CONTENT = b"%PDF-1.7\n"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = base64.b64encode(CONTENT).decode()


@given(st.binary(max_size=200), st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_a_files_bytes_and_name_come_through(content: bytes, name: str) -> None:
    text = f"data:application/pdf;name={quote(name, safe='')};base64,{base64.b64encode(content).decode()}"

    assert read_data_uri(text) == DataUri("application/pdf", name, content)


@pytest.mark.parametrize(
    ("head", "content_type", "filename"),
    [
        ("data:application/pdf;base64", "application/pdf", None),
        ("data:;base64", None, None),
        ("DATA:Application/PDF;BASE64", "Application/PDF", None),
        ("data:text/plain;charset=utf-8;base64", "text/plain", None),
        ("data:application/pdf;name=cv.pdf;base64", "application/pdf", "cv.pdf"),
        ("data:application/pdf;filename=cv.pdf;base64", "application/pdf", "cv.pdf"),
        ("data:application/pdf;name=a.pdf;filename=b.pdf;base64", "application/pdf", "b.pdf"),
        ("data:application/pdf;Name=cv.pdf;base64", "application/pdf", "cv.pdf"),
        ('data:application/pdf;name="my cv.pdf";base64', "application/pdf", "my cv.pdf"),
        ("data:application/pdf;name=Mia%20W%C3%B6ng.pdf;base64", "application/pdf", "Mia W\u00f6ng.pdf"),
        ("data:application/pdf;name=;base64", "application/pdf", None),
        (f"data:{WORD};base64", WORD, None),
    ],
)
def test_the_head_tells_kind_and_name(head: str, content_type: str | None, filename: str | None) -> None:
    assert read_data_uri(f"{head},{TEXT}") == DataUri(content_type, filename, CONTENT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        TEXT,
        "data:",
        "data:,hello",
        f"data:application/pdf,{TEXT}",
        f"data:application/pdf;base64{TEXT}",
        f" data:application/pdf;base64,{TEXT}",
        f"data:application/pdf;base64;name=a,{TEXT}",
        f"data:pdf;base64,{TEXT}",
        f"data:a/b;name=a,b;base64,{TEXT}",
        f"data:a/b;{'x=y;' * 9}base64,{TEXT}",
        f"data:a/b;name={'x' * 2_000};base64,{TEXT}",
        f"http://example.com/a.pdf;base64,{TEXT}",
        f"data:a/b;base64,{TEXT}=",
        f"data:a/b;base64,{TEXT}\n",
        f"data:a/b;base64, {TEXT}",
        f"data:a/b;base64,{TEXT[:4]}\r\n{TEXT[4:]}",
        f"data:a/b;base64,{TEXT[:-1]}",
        "data:a/b;base64,A",
        "data:a/b;base64,AA",
        "data:a/b;base64,AAA",
        "data:a/b;base64,AA=A",
        "data:a/b;base64,====",
        "data:a/b;base64,AAAA====",
        "data:a/b;base64,AA======",
        "data:a/b;base64,AA==AA==",
        "data:a/b;base64,=",
        "data:a/b;base64,__--",
        "data:a/b;base64,AA%3D%3D",
        "data:a/b;base64,????",
        "data:a/b;base64,AAA\u00e9",
        "data:a/b;base64,AAA\ud800",
        "data:a/b;base64,AAA\x00",
        "data:a/b;base64," + "A" * 1001,
    ],
)
def test_what_is_no_strict_data_uri_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(NotADataUri, match="must be"):
        read_data_uri(text)


@pytest.mark.parametrize("more", [-2, -1, 0])
def test_a_file_of_ten_mebibytes_is_read(more: int) -> None:
    content = bytes(FILE_BYTES + more)

    assert read_data_uri(f"data:a/b;base64,{base64.b64encode(content).decode()}").content == content


@pytest.mark.parametrize("more", [1, 2, 3, FILE_BYTES])
def test_a_file_of_one_byte_more_is_refused(more: int) -> None:
    text = f"data:a/b;base64,{base64.b64encode(bytes(FILE_BYTES + more)).decode()}"

    with pytest.raises(NotADataUri, match="at most 10 MiB"):
        read_data_uri(text)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("evil", ["data:", ";", ";a=", "=", ";name=a", "a%", "%", "-", "A=", ";base64", ","])
def test_ten_million_evil_characters_are_refused_in_no_time(evil: str) -> None:
    for head in ("", "data:", "data:a/b;", "data:a/b;name=", "data:a/b;base64,"):
        text = head + evil * (10**7 // len(evil))
        with pytest.raises(NotADataUri):
            read_data_uri(text)
