from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forecourt.infra.database import Query
from forecourt.loading import Counts, RowError, load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from forecourt.infra.database import Database

    Rows = Callable[[Query], Awaitable[list[dict[str, Any]]]]

WORLD: dict[str, list[dict[str, object]]] = {
    "dealerships": [{"id": 7, "slug": "riverbend"}, {"id": 8, "slug": "lakeside"}],
    "locations": [{"id": 70, "dealership_id": 7, "name": "Sales"}],
    "websites": [
        {"id": 30, "dealership_id": 7, "slug": "river"},
        {"id": 31, "dealership_id": 8, "slug": "lake"},
    ],
    "users": [{"id": 40, "email": "nora@example.com", "dealership_id": 7}],
    "models": [
        {"id": 50, "name": "3", "make": "Mazda", "dealership_id": 7},
        {"id": 51, "name": "3", "make": "BMW"},
    ],
}


@pytest.mark.parametrize(
    ("table", "row", "field"),
    [
        ("dealerships", {"slug": "no spaces here"}, "slug"),
        ("dealerships", {"slug": "123"}, "slug"),
        ("dealerships", {"slug": "x", "timezone": "Australia/Gotham"}, "timezone"),
        ("dealerships", {"slug": "x", "timezone": "../../etc/passwd"}, "timezone"),
        ("dealerships", {"slug": "x", "timezone": "Australia"}, "timezone"),
        ("dealerships", {"slug": "x", "country": "Australia"}, "country"),
        ("dealerships", {"slug": "x", "country": "ZZ"}, "country"),
        ("dealerships", {"slug": "x", "group_id": 99}, "group_id"),
        ("dealerships", {"slug": "x", "group": {"slug": "no slug"}}, "group"),
        ("dealerships", {"id": 9, "name": "東京"}, "slug"),
        ("dealerships", {"timezone": "Australia/Perth"}, None),
        ("dealerships", {"id": 9, "slug": "riverbend"}, "slug"),
        ("locations", {"dealership_id": 7}, None),
        ("locations", {"id": 71, "dealership_id": 7}, "name"),
        ("locations", {"id": 70, "dealership_id": 8, "name": "Sales"}, "dealership"),
        ("websites", {"dealership_id": 7, "slug": "a/b"}, "slug"),
        ("websites", {"id": 33, "dealership_id": 7, "slug": "river"}, "slug"),
        ("users", {"email": "nobody", "dealership_id": 7}, "email"),
        ("users", {"email": "\U00010d50@example.com", "dealership_id": 7}, "email"),
        ("users", {"name": "Nora", "dealership_id": 7}, None),
        ("users", {"id": 41, "email": "NORA@example.com", "dealership_id": 7}, "email"),
        ("model_variants", {"name": "SX", "model_id": 99}, "model_id"),
        ("model_variants", {"name": "SX", "model_id": "3"}, "model_id"),
        ("model_variants", {"name": "SX", "model_id": 50, "dealership_id": 8}, "model_id"),
        ("model_variants", {"name": "SX", "model": "3", "dealership_id": 7}, "model"),
        ("cars", {"dealership_id": 7}, None),
        ("cars", {"id": 0, "dealership_id": 7}, "id"),
        ("cars", {"id": -1, "dealership_id": 7}, "id"),
        ("cars", {"id": True, "dealership_id": 7}, "id"),
        ("cars", {"id": 1.5, "dealership_id": 7}, "id"),
        ("cars", {"id": 2**53, "dealership_id": 7}, "id"),
        ("cars", {"id": "٣", "dealership_id": 7}, "id"),
        ("cars", {"dealership_id": 7, "stocknum": "1", "year": 20021}, "year"),
        ("cars", {"dealership_id": 7, "stocknum": "1", "price": "about 5,000"}, "price"),
        ("cars", {"dealership_id": 7, "stocknum": "1", "price": "-1"}, "price"),
        ("cars", {"dealership_id": 7, "stocknum": "1", "price": "1e99"}, "price"),
        ("cars", {"dealership_id": 7, "stocknum": "1", "price": "NaN"}, "price"),
        ("cars", {"dealership_id": 7, "stocknum": "1", "price": 1.005}, "price"),
        ("cars", {"dealership_id": 7, "stocknum": "1", "price": 10**10}, "price"),
        ("cars", {"dealership_id": 7, "stocknum": ["1"]}, "stocknum"),
        ("cars", {"dealership_id": 7, "stocknum": "x" * 256}, "stocknum"),
        ("cars", {"dealership_id": 7, "stocknum": "a\0b"}, "stocknum"),
        ("cars", {"dealership_id": 7, "stocknum": "\ud800"}, "stocknum"),
        ("cars", {"dealership_id": 8, "stocknum": "1", "location_id": 70}, "location_id"),
        ("cars", {"dealership_id": 8, "stocknum": "1", "location": "Sales"}, "location"),
        ("cars", {"dealership_id": 8, "stocknum": "1", "model_id": 50}, "model_id"),
        ("pages", {"dealership_id": 7}, None),
        ("pages", {"dealership_id": 7, "name": "New", "website_slug": "lake"}, "website_slug"),
        (
            "pages",
            {"dealership_id": 7, "name": "New", "website_id": 30, "website_slug": "lake"},
            "website_slug",
        ),
        ("pages", {"dealership_id": 7, "name": "New", "website": {}}, "website"),
        ("team_members", {"dealership_id": 8, "user": "nora@example.com"}, "user"),
    ],
)
async def test_a_row_that_does_not_fit_is_told_and_the_others_are_loaded(
    empty: Database, rows: Rows, table: str, row: dict[str, object], field: str | None
) -> None:
    await load(empty, WORLD)
    good = {"id": 600, "slug": "good", "name": "Good", "email": "good@example.com"}
    good |= {} if table == "dealerships" else {"dealership_id": 7}

    report = await load(empty, {table: [row, good]})

    assert [(error.table, error.row, error.field) for error in report.errors] == [(table, 1, field)]
    assert report.loaded == {table: Counts(created=1)}
    assert await rows(Query("select count(*) as count from website where dealership_id = 8")) == [
        {"count": 1}
    ]


async def test_everything_that_is_wrong_with_a_row_is_told_at_once(empty: Database) -> None:
    row = {"id": "x", "year": "y", "price": "z", "dealership_id": 7, "location_id": "w"}

    report = await load(empty, WORLD | {"cars": [row]})

    assert {error.field for error in report.errors} == {"id", "year", "price"}


@pytest.mark.parametrize("row", [None, 1, "text", [], [{"slug": "x"}], True])
async def test_what_is_no_object_is_no_row(empty: Database, row: object) -> None:
    report = await load(empty, {"dealerships": [row, {"slug": "good"}]})

    assert report.errors == [RowError("dealerships", 1, None, "must be an object")]
    assert report.loaded["dealerships"].created == 1


async def test_two_rows_that_contradict_each_other_are_told(empty: Database, rows: Rows) -> None:
    cars = [
        {"dealership_id": 7, "stocknum": "R1", "price": 10},
        {"dealership_id": 7, "stocknum": "r1", "price": 11},
        {"dealership_id": 7, "stocknum": "r1", "price": 10},
        {"dealership_id": 8, "stocknum": "R1", "price": 12},
    ]

    for _ in range(2):
        report = await load(empty, WORLD | {"cars": cars})

        assert [error.row for error in report.errors] == [2, 3]
        assert "row 1" in report.errors[0].message
    assert await rows(Query("select dealership_id, price::integer from car order by 1")) == [
        {"dealership_id": 7, "price": 10},
        {"dealership_id": 8, "price": 12},
    ]


async def test_the_same_row_twice_is_one_row(empty: Database) -> None:
    car = {"dealership_id": 7, "stocknum": "R1", "price": 10}

    report = await load(empty, WORLD | {"cars": [car, car]})

    assert report.errors == []
    assert report.loaded["cars"] == Counts(created=1, unchanged=1)


async def test_an_unknown_table_is_told_with_the_nearest(empty: Database) -> None:
    report = await load(empty, {"dealership": [{"slug": "x"}], "colors": []})

    assert [(error.table, error.row) for error in report.errors] == [("dealership", 0), ("colors", 0)]
    assert "did you mean dealerships?" in report.errors[0].message
    assert "did you mean colours?" in report.errors[1].message


async def test_unknown_columns_are_named_once(empty: Database) -> None:
    cars = [{"dealership_id": 7, "stocknum": str(number), "doors": "x", "odometer": 1} for number in range(3)]

    report = await load(empty, WORLD | {"cars": cars})

    assert report.errors == []
    assert report.ignored == {"cars": ["doors", "odometer"]}


async def test_no_message_repeats_an_e_mail_address(empty: Database) -> None:
    users = [
        {"id": 41, "email": "nora@example.com", "dealership_id": 7},
        {"email": "nora@example", "name": "\0", "dealership_id": 8, "id": 40},
        {"email": "not an address", "dealership_id": 7},
    ]

    report = await load(empty, WORLD | {"users": users, "team_members": [{"user": "nora@example.com"}]})

    assert report.errors
    assert "nora" not in repr(report.errors)
    assert "not an address" not in repr(report.errors)
