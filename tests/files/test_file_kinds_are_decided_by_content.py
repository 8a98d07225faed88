"""What a file is, its bytes say: good files are taken under any name, others are refused under every name."""

from __future__ import annotations

import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecourt.files.accept import FILE_BYTES, TAKEN, Accepted, FileRefused, decide
from tests.files import samples

if TYPE_CHECKING:
    from pathlib import Path

PNG, PDF, DOCX, XLSX, ODT = samples.png(), samples.pdf(), samples.docx(), samples.xlsx(), samples.odt()
DOC = samples.compound("WordDocument", "1Table")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01\x00;"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
RTF = rb"{\rtf1\ansi Dear Sir\par}"
CSV = b"name,phone\r\nMia,0412 345 678\r\n"

GOOD = [
    (PDF, "cv.pdf", "application/pdf"),
    (b"\xef\xbb\xbf" + PDF, "cv.pdf", "application/pdf"),
    (b"\r\n" + PDF, "scan", "application/pdf"),
    (PNG, "licence.png", "image/png"),
    (PNG, "licence.jpg", "image/png"),
    (JPEG, "licence.jpeg", "image/jpeg"),
    (b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM", "IMG_0001.JPG", "image/jpeg"),
    (GIF, "car.gif", "image/gif"),
    (b"GIF87a" + GIF[6:], "car.gif", "image/gif"),
    (WEBP, "car.webp", "image/webp"),
    (HEIC, "IMG_0002.HEIC", "image/heic"),
    (HEIC.replace(b"ftypheic", b"ftypmif1"), "IMG_0003.jpg", "image/heic"),
    (HEIC.replace(b"ftypheic", b"ftyphevc"), "IMG_0004.heif", "image/heic"),
    (DOC, "letter.doc", "application/msword"),
    (DOC, "letter", "application/msword"),
    (DOCX, "letter.docx", f"{samples.OOXML}.wordprocessingml.document"),
    (DOCX, "letter.doc", f"{samples.OOXML}.wordprocessingml.document"),
    (samples.docx(("word/media/image1.png", PNG)), "x", f"{samples.OOXML}.wordprocessingml.document"),
    (XLSX, "offer.xlsx", f"{samples.OOXML}.spreadsheetml.sheet"),
    (ODT, "letter.odt", "application/vnd.oasis.opendocument.text"),
    (RTF, "letter.rtf", "application/rtf"),
    (CSV, "cars.csv", "text/csv; charset=utf-8"),
    (b"\xef\xbb\xbf" + CSV, "CARS.CSV", "text/csv; charset=utf-8"),
    ("r\u00e9sum\u00e9;\u20ac 5".encode("cp1252"), "offer.csv", "text/csv"),
    ("\u0164\u0179\u0165;5".encode("cp1250"), "offer.csv", "text/csv"),
    (CSV.decode().encode("utf-16"), "cars.csv", "text/csv; charset=utf-16"),
    (b"hello", "note.txt", "text/plain; charset=utf-8"),
    (b"hello", "note", "text/plain; charset=utf-8"),
    (b"hello", "cv.2026", "text/plain; charset=utf-8"),
    (b"hello", "Letter of Dr. J. Smith", "text/plain; charset=utf-8"),
    (b"hello", "cv.pdf", "text/plain; charset=utf-8"),
    ("\u4f60\u597d\n".encode(), "\u4f60\u597d.txt", "text/plain; charset=utf-8"),
    ("Mia\u2019s trade-in < 5 years".encode(), "note.txt", "text/plain; charset=utf-8"),
    (b"<mia@example.com> wrote:\n> hello", "mail.txt", "text/plain; charset=utf-8"),
    (b"a\tb\x0c\r\nc", "note.md", "text/plain; charset=utf-8"),
]

PAGES = [
    b"<!DOCTYPE html><p>hello",
    b"<html><body>hello",
    b"\xef\xbb\xbf<html>",
    b"\n\t <HTML lang=en>",
    b"<!-- hello --><html>",
    b"<script>alert(1)</script>",
    b"hello <ScRiPt src=x></script>",
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    b'<?xml version="1.0"?><svg/>',
    b"<?php system($_GET[0]);",
    b"<%@ page %>",
    b"<img src=x onerror=alert(1)>",
    b"<a href=x>hello</a>",
    b"<b>hello</b>",
    b"hello <iframe src=x>",
    b"%!PS-Adobe-3.0\n",
    "<html>hello".encode("utf-16"),
    "<script>hello</script>".encode("utf-16-be").join([b"\xfe\xff", b""]),
]
PROGRAMS = [
    b"#!/bin/sh\nrm -rf /\n",
    b"@echo off\r\ndel *\r\n",
    b"MZ\x90\x00\x03\x00\x00\x00\x04\x00",
    b"\x7fELF\x02\x01\x01" + bytes(57),
    b"\xcf\xfa\xed\xfe" + bytes(28),
    b"\xca\xfe\xba\xbe\x00\x00\x00\x34",
    b"\x00asm\x01\x00\x00\x00",
    b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(68),
]
OTHERS = [
    bytes(100),
    bytes(range(256)),
    b"hello\x00",
    b"\x1b]0;hello\x07",
    b"RIFF\x00\x00\x00\x00WAVEfmt ",
    b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00",
    b"\x1f\x8b\x08\x00" + bytes(20),
    b"7z\xbc\xaf\x27\x1c\x00\x04",
    b"Rar!\x1a\x07\x01\x00",
    b"BZh91AY&SY\x00",
    b"II*\x00\x08\x00\x00\x00",
    b"BM\x46\x00\x00\x00",
    samples.compound("Workbook"),
    samples.compound("EncryptionInfo", "EncryptedPackage"),
    samples.compound("WordDocument", "Macros", "VBA", "_VBA_PROJECT"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
]
ARCHIVES = [
    b"PK\x03\x04garbage",
    b"PK\x05\x06" + bytes(18),
    samples.archive(("cv.pdf", PDF)),
    samples.archive(("a.zip", samples.archive(("b", bytes(10**6))))),
    samples.archive(("word/document.xml", b"<w/>")),
    samples.archive(("mimetype", samples.ODT), packed=zipfile.ZIP_LZMA),
    samples.archive(samples.types(samples.DOCX_PART), packed=zipfile.ZIP_BZIP2),
    samples.docx(("word/vbaProject.bin", b"x")),
    samples.docx(("word/VBAPROJECT.BIN", b"x")),
    samples.docx(part="application/vnd.ms-word.document.macroEnabled.main+xml"),
    samples.docx(part=f"{samples.OOXML}.wordprocessingml.template.main+xml"),
    samples.docx(part=f"{samples.OOXML}.presentationml.presentation.main+xml"),
    samples.xlsx(part="application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
    samples.odt(("Basic/Standard/Module1.xml", b"x")),
    samples.odt(("Scripts/python/x.py", b"x")),
    samples.odt(kind=b"application/epub+zip"),
    samples.odt(kind=samples.ODT + b"-template"),
    samples.archive(("content.xml", b"<c/>"), ("mimetype", samples.ODT)),
    DOCX[: len(DOCX) // 2],
    DOCX[:-1],
    samples.directory_of(200_000),
]
PROGRAM_EXTENSIONS = [
    "exe",
    "pdf.exe",
    "exe.",
    "exe ",
    "txt:exe",
    "bat",
    "CMD",
    "com",
    "js",
    "vbs",
    "ps1",
    "hta",
    "x",
]
PAGE_EXTENSIONS = ["html", "svg", "url", "lnk", "library-ms", "desktop", "command", "\u0130nf"]
NAMES = ["cv.pdf", "cv.docx", "cv.txt", "cv.html.pdf", "cv"]


@pytest.mark.parametrize(("content", "name", "content_type"), GOOD)
def test_a_good_file_is_taken_for_what_it_is(
    content: bytes, name: str, content_type: str, tmp_path: Path
) -> None:
    spooled = tmp_path / "spooled"
    spooled.write_bytes(content)

    accepted = decide(content, name)

    assert accepted.content_type == content_type
    assert decide(spooled, name) == accepted


@pytest.mark.parametrize("content", [*PAGES, *PROGRAMS, *OTHERS, *ARCHIVES])
def test_a_file_of_no_kind_that_is_taken_is_refused_under_every_name(content: bytes) -> None:
    for name in NAMES:
        with pytest.raises(FileRefused) as refused:
            decide(content, name)

        assert TAKEN in str(refused.value)


@pytest.mark.parametrize("name", [f"cv.{extension}" for extension in PROGRAM_EXTENSIONS + PAGE_EXTENSIONS])
def test_text_under_the_name_of_a_program_is_refused(name: str) -> None:
    with pytest.raises(FileRefused, match="under the name of another kind"):
        decide(b"hello", name)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    for content in (b"", tmp_path / "empty"):
        with pytest.raises(FileRefused, match="is empty"):
            decide(content, "cv.pdf")


def test_a_file_that_is_two_things_is_what_it_begins_as() -> None:
    script = b"*/=1;alert(1)//<script>alert(1)</script>"

    assert decide(b"GIF89a/" + script, "a.js") == Accepted("image/gif", "gif")
    assert decide(PDF + samples.docx(), "a.docx") == Accepted("application/pdf", "pdf")
    assert decide(PNG + b"<html>", "a.html") == Accepted("image/png", "png")


def test_a_document_with_a_comment_behind_it_is_still_one() -> None:
    content = samples.archive(
        samples.types(samples.DOCX_PART), ("word/document.xml", b""), comment=b"x" * 65_535
    )

    assert decide(content, "a.docx").extension == "docx"


def test_a_bomb_is_not_unpacked() -> None:
    """Where the kind of the document should stand are 128 MiB of zeros; a fraction of them is read."""
    bomb = samples.archive(("[Content_Types].xml", bytes(2**27)), ("word/document.xml", b""))
    tracemalloc.start()

    with pytest.raises(FileRefused):
        decide(bomb, "a.docx")

    _, most_memory = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_memory < 4 * 2**20


def extension_or_refusal(content: bytes, name: str) -> str:
    try:
        return decide(content, name).extension
    except FileRefused as refused:
        return str(refused)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "piece",
    [b"<", b" ", b"<a", b"hello\n", b"\xff", b"\xc3\xa9", b"PK\x05\x06", b"PK\x03\x04", b"\x00", b"%PDF"],
)
def test_ten_mebibytes_of_anything_are_decided_in_no_time(piece: bytes) -> None:
    for head in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"):
        said = extension_or_refusal(head + piece * (FILE_BYTES // len(piece)), "a.txt")

        assert said in {"txt", "pdf"} or TAKEN in said


@given(st.sampled_from([PDF, PNG, DOC, DOCX, XLSX, ODT, RTF, CSV, samples.directory_of(3)]), st.data())
@settings(max_examples=400)
def test_a_damaged_file_is_taken_or_refused_and_never_a_fault(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content)))
    rest = content[place + data.draw(st.integers(0, 40)) :]
    damaged = content[:place] + data.draw(st.binary(max_size=8)) + rest

    said = extension_or_refusal(damaged, data.draw(st.sampled_from(NAMES)))

    assert len(said) <= len("docx") or TAKEN in said or said == "is empty"
