"""What a customer calls a file is data: it is cleaned, shown, and can neither leave the header nor run anything."""

from __future__ import annotations

import re
import unicodedata
from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecourt.files.accept import HARMLESS_EXTENSIONS, clean_filename, extension_of
from forecourt.files.store import content_disposition

HEADER = re.compile(r"attachment; filename=\"[A-Za-z0-9 ._()-]+\"; filename\*=UTF-8''[A-Za-z0-9._~%-]+")
EVIL = [
    "",
    ".",
    "..",
    "...",
    " ",
    "/",
    "\\",
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "C:\\cv.pdf",
    "\\\\host\\share\\cv.pdf",
    "/dev/null",
    "~/.ssh/id_rsa",
    "cv.pdf\x00.exe",
    "cv.pdf\r\nSet-Cookie: a=b",
    "cv.pdf\nX: y",
    "cv\u2028.pdf",
    "cv\u2029.pdf",
    'cv".pdf',
    'cv"; filename="evil.exe',
    "cv.pdf; filename*=UTF-8''evil.exe",
    "cv\\.pdf",
    "cv%0d%0aX: y.pdf",
    "cv%22.pdf",
    "cv%00.pdf",
    "\u202efdp.exe",
    "cv\u200b.pdf",
    "cv\u200e\u200f\u2066\u2069.pdf",
    "\ufeffcv.pdf",
    "\ud800.pdf",
    "cv\udfff.pdf",
    "\ufffe\uffff.pdf",
    "CON",
    "NUL.txt",
    "COM1.pdf",
    "cv.pdf.",
    "cv.pdf ",
    "cv.exe",
    "cv.pdf.exe",
    "cv.html",
    "cv.\u0130x",
    "a" * 300,
    "a" * 300 + ".pdf",
    "\u4f60" * 300 + ".pdf",
    "e\u0301" * 300 + ".pdf",
    "\u0301" * 10_000,
    "<script>alert(1)</script>.pdf",
    "$(reboot).pdf",
    "`reboot`.pdf",
    "-rf.pdf",
    "=?utf-8?q?evil?=.pdf",
    "\U0001f697.pdf",
    "\U000e0041.pdf",
]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("cv.pdf", "cv.pdf"),
        ("Mia Wong (CV).pdf", "Mia Wong (CV).pdf"),
        ("/home/mia/cv.pdf", "cv.pdf"),
        ("C:\\Users\\mia\\cv.pdf", "cv.pdf"),
        ("../../etc/passwd", "passwd"),
        ("\u4f60\u597d.pdf", "\u4f60\u597d.pdf"),
        ("re\u0301sume\u0301.pdf", "r\u00e9sum\u00e9.pdf"),
        ("cv\u202efdp.exe", "cvfdp.exe"),
        ("cv.pdf\x00\r\n", "cv.pdf"),
        (" cv.pdf. ", "cv.pdf"),
        ("..", "file"),
        ("", "file"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("\U0001f697.pdf", "\U0001f697.pdf"),
    ],
)
def test_a_name_is_shown_without_folders_and_without_tricks(sent: str, shown: str) -> None:
    assert clean_filename(sent) == shown


@given(st.text() | st.text("/\\. \u202e\ud800e\u0301\n", max_size=300))
@settings(max_examples=300)
def test_any_text_becomes_a_name_that_can_be_shown(text: str) -> None:
    name = clean_filename(text)

    assert 1 <= len(name) <= 255
    assert unicodedata.is_normalized("NFC", name)
    assert not {unicodedata.category(each) for each in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not set(name) & {"/", "\\"}
    assert name.strip(" .") == name
    assert clean_filename(name) == name


def told(header: str) -> tuple[str, str]:
    """The names in the header: the plain one, and the one in full."""
    assert HEADER.fullmatch(header)
    message = Message()
    message["Content-Disposition"] = header.partition("; filename*")[0]
    plain = message.get_filename()
    assert plain is not None
    return plain, unquote(header.partition("filename*=UTF-8''")[2])


@pytest.mark.parametrize("name", EVIL)
def test_an_evil_name_stays_inside_the_header_and_runs_nothing(name: str) -> None:
    for sent in (name, clean_filename(name)):
        for saved_as in told(content_disposition(sent)):
            extension = extension_of(saved_as)
            assert extension is None or extension in HARMLESS_EXTENSIONS


@given(st.text())
@example("a.exe.b")
@example("a.b.exe")
@settings(max_examples=300)
def test_any_name_fits_the_header(name: str) -> None:
    plain, full = told(content_disposition(name))

    assert plain.isascii()
    assert extension_of(full) is None or extension_of(full) in HARMLESS_EXTENSIONS


@pytest.mark.parametrize(
    ("name", "plain", "full"),
    [
        ("cv.pdf", "cv.pdf", "cv.pdf"),
        ("r\u00e9sum\u00e9.pdf", "r_sum_.pdf", "r\u00e9sum\u00e9.pdf"),
        ('quo"te.pdf', "quo_te.pdf", 'quo"te.pdf'),
        ("cv.exe", "cv_exe", "cv_exe"),
        ("cv.pdf.exe", "cv_pdf_exe", "cv_pdf_exe"),
        ("cv.2026", "cv.2026", "cv.2026"),
    ],
)
def test_a_name_is_told_in_full_and_without_dots_where_it_could_run(name: str, plain: str, full: str) -> None:
    assert told(content_disposition(name)) == (plain, full)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("evil", ["\u0315\u0300", ".", " ", "/", "a.", "\u202e", "\\"])
def test_a_million_evil_characters_become_a_name_in_no_time(evil: str) -> None:
    assert len(clean_filename(evil * 2**19)) <= 255
