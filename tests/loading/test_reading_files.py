from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from forecourt.loading import Counts, UnknownTable, UnreadableFile, load, read_csv, read_json

if TYPE_CHECKING:
    from pathlib import Path

    from forecourt.infra.database import Database


def test_json_gives_rows_by_table_and_exact_numbers(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_bytes(b'\xef\xbb\xbf{"cars": [{"price": 0.1, "name": "Kerer\xc5\xab"}], "users": null}')

    assert read_json(file) == {"cars": [{"price": Decimal("0.1"), "name": "Kererū"}], "users": []}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"),
        (b'{"cars": [}', "line 1, column 11"),
        (b"[]", "must hold an object"),
        (b'"cars"', "must hold an object"),
        (b'{"cars": {}}', '"cars" must be an array'),
        (b'{"cars": [], "cars": []}', '"cars" stands twice'),
        (b'{"cars": [{"vin": 1, "vin": 2}]}', '"vin" stands twice'),
        (b'{"cars": [{"price": NaN}]}', "NaN is not JSON"),
        (b'{"cars": [{"price": 1e99999999999999999999}]}', "too large"),
        (b'{"cars": [' + b"9" * 5_000 + b"]}", "not as it should be"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"cars": "\xff"}', "not text in UTF-8"),
    ],
)
def test_what_is_not_a_file_of_tables_is_refused_in_one_line(
    tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "world.json"
    file.write_bytes(content)

    with pytest.raises(UnreadableFile, match=told) as refused:
        read_json(file)

    assert refused.value.detail is not None
    assert "\n" not in refused.value.detail


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.json", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(UnreadableFile):
            read_json(path)
        with pytest.raises(UnreadableFile):
            read_csv(path, "cars")


async def test_csv_is_loaded_like_json(empty: Database, tmp_path: Path) -> None:
    file = tmp_path / "cars.csv"
    file.write_bytes(
        b"\xef\xbb\xbfID;Stock Number;title;Price;Year;dealership-slug;Doors\r\n"
        b'5;R1;"2021 Kia Sportage; ""as new""";"$28,990.00";2021;hillside;X\r\n'
        b"\r\n"
        b";R2;;;;hillside;\r\n"
        b"6;R3;two\nlines;12;2020;hillside;\r\n".replace(b"two\nlines", b'"two\nlines"')
    )
    await load(empty, {"dealerships": [{"slug": "hillside"}]})

    report = await load(empty, read_csv(file, "cars"))
    again = await load(empty, read_csv(file, "cars"))

    assert [(error.row, error.field) for error in report.errors] == [(3, "title")]
    assert report.loaded == {"cars": Counts(created=2)}
    assert report.ignored == {"cars": ["doors"]}
    assert again.loaded == {"cars": Counts(unchanged=2)}


async def test_a_csv_row_with_too_many_values_is_reported(empty: Database, tmp_path: Path) -> None:
    file = tmp_path / "dealerships.csv"
    file.write_text("slug,name\nhillside,Hillside, Victoria\nlakeside\nriverbend,,,\n", "utf-8")

    report = await load(empty, read_csv(file, "dealerships"))

    assert [(error.row, error.message) for error in report.errors] == [
        (1, "has 3 values, more than the heading's 2")
    ]
    assert report.loaded == {"dealerships": Counts(created=2)}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no heading"),
        (b"\n", "no heading"),
        (b"slug,Slug\n", '"slug" twice'),
        (b'slug\n"open', "not CSV"),
        (b'slug\n"closed"x', "not CSV"),
        (b"slug\n" + b"x" * 200_000, "not CSV"),
        (b"slug\n\xff", "not text in UTF-8"),
    ],
)
def test_what_is_not_csv_is_refused_in_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "dealerships.csv"
    file.write_bytes(content)

    with pytest.raises(UnreadableFile, match=told):
        read_csv(file, "dealerships")


def test_csv_of_an_unknown_table_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownTable, match="did you mean cars"):
        read_csv(tmp_path / "any.csv", "car")
