from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forecourt.infra.database import Query
from forecourt.loading import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from forecourt.infra.database import Database

    Rows = Callable[[Query], Awaitable[list[dict[str, Any]]]]

TWO = [{"id": 7, "slug": "riverbend", "group": "both"}, {"id": 8, "slug": "lakeside", "group": "both"}]


@pytest.mark.parametrize(
    "named",
    [
        {"dealership_id": 8},
        {"dealership_id": "8"},
        {"dealership_id": "lakeside"},
        {"dealership_slug": "lakeside"},
        {"dealership_slug": " lakeside "},
        {"dealership": 8},
        {"dealership": "8"},
        {"dealership": "lakeside"},
        {"dealership": {"id": 8}},
        {"dealership": {"slug": "lakeside", "name": "Lakeside Motors"}},
        {"dealership": {"id": 8, "slug": "lakeside"}},
        {"dealership_id": 8, "dealership_slug": "lakeside"},
        {"dealership_id": None, "dealership_slug": "lakeside"},
        {"dealership_ids": [8]},
        {"dealerships": ["lakeside"]},
    ],
)
async def test_by_id_by_slug_or_by_an_object(empty: Database, rows: Rows, named: dict[str, object]) -> None:
    report = await load(empty, {"dealerships": TWO, "locations": [{"name": "Sales"} | named]})

    assert report.errors == []
    assert await rows(Query("select dealership_id from location")) == [{"dealership_id": 8}]


@pytest.mark.parametrize(
    "named",
    [
        {"dealership_ids": [7, 8]},
        {"dealership_slugs": ["riverbend", "lakeside"]},
        {"dealerships": [7, "lakeside"]},
        {"dealerships": [{"id": 7}, {"slug": "lakeside"}]},
        {"dealerships": "riverbend, lakeside"},
        {"dealership_ids": "7;8"},
        {"dealership_id": 7, "dealership_slugs": ["lakeside"]},
    ],
)
async def test_a_user_may_be_of_several(empty: Database, rows: Rows, named: dict[str, object]) -> None:
    report = await load(empty, {"dealerships": TWO, "users": [{"email": "nora@example.com"} | named]})

    assert report.errors == []
    members = await rows(Query("select dealership_id from dealership_user order by 1"))
    assert [row["dealership_id"] for row in members] == [7, 8]


async def test_a_user_on_two_rows_is_one_user_of_two_dealerships(empty: Database, rows: Rows) -> None:
    nora = {"email": "nora@example.com", "name": "Nora"}

    report = await load(
        empty, {"dealerships": TWO, "users": [nora | {"dealership_id": 7}, nora | {"dealership_id": 8}]}
    )

    assert report.errors == []
    assert await rows(Query("select count(*) as count from user_account")) == [{"count": 1}]
    assert await rows(Query("select count(*) as count from dealership_user")) == [{"count": 2}]


@pytest.mark.parametrize(
    ("named", "granted"),
    [
        ({}, [7, 8, 9]),
        ({"dealership_id": 9}, [9]),
        ({"dealership_slugs": ["riverbend", "hillside"]}, [7, 9]),
        ({"group": "both"}, [7, 8]),
        ({"group_slug": "both"}, [7, 8]),
        ({"dealership_group": {"slug": "both"}}, [7, 8]),
        ({"group_id": 1}, [7, 8]),
        ({"group": "both", "dealership_id": 9}, [7, 8, 9]),
    ],
)
@pytest.mark.parametrize(
    ("table", "grants"),
    [
        ("models", Query("select dealership_id from dealership_model order by 1")),
        ("model_variants", Query("select dealership_id from dealership_model_variant order by 1")),
        ("colours", Query("select dealership_id from dealership_colour order by 1")),
    ],
)
async def test_the_catalogue_is_a_dealerships_a_groups_or_everybodys(
    empty: Database, rows: Rows, table: str, grants: Query, named: dict[str, object], granted: list[int]
) -> None:
    await load(empty, {"dealerships": [*TWO, {"id": 9, "slug": "hillside"}]})

    report = await load(empty, {table: [{"name": "Aurora"} | named]})

    assert report.errors == []
    assert [row["dealership_id"] for row in await rows(grants)] == granted


async def test_the_catalogue_reaches_later_dealerships_when_it_is_loaded_again(
    empty: Database, rows: Rows
) -> None:
    colours = {"colours": [{"name": "White"}]}
    await load(empty, {"dealerships": TWO, **colours})
    await load(empty, {"dealerships": [{"id": 9, "slug": "hillside"}]})

    report = await load(empty, colours)

    assert report.loaded["colours"].updated == 1
    assert await rows(Query("select count(*) as count from colour")) == [{"count": 1}]
    assert await rows(Query("select count(*) as count from dealership_colour")) == [{"count": 3}]


async def test_a_variant_without_one_has_its_models(empty: Database, rows: Rows) -> None:
    report = await load(
        empty,
        {
            "dealerships": TWO,
            "models": [{"id": 5, "name": "Corolla", "dealership_id": 8}],
            "model_variants": [{"name": "SX", "model_id": 5}, {"name": "ZR", "model": "Corolla"}],
        },
    )

    assert report.errors == []
    granted = await rows(Query("select distinct dealership_id from dealership_model_variant"))
    assert granted == [{"dealership_id": 8}]


@pytest.mark.parametrize(
    "named", [{"website_id": 3}, {"website_slug": "lake"}, {"website": {"slug": "lake"}}]
)
async def test_a_page_without_one_has_its_websites(
    empty: Database, rows: Rows, named: dict[str, object]
) -> None:
    report = await load(
        empty,
        {
            "dealerships": TWO,
            "websites": [{"id": 3, "slug": "lake", "dealership": 8}, {"slug": "river", "dealership": 7}],
            "pages": [{"id": 123} | named],
        },
    )

    assert report.errors == []
    assert await rows(Query("select dealership_id, website_id from page")) == [
        {"dealership_id": 8, "website_id": 3}
    ]


async def test_the_only_dealership_of_the_file_need_not_be_named(empty: Database, rows: Rows) -> None:
    await load(empty, {"dealerships": TWO})

    report = await load(
        empty,
        {
            "dealerships": [{"slug": "hillside"}],
            "cars": [{"stocknum": "1"}],
            "users": [{"email": "nora@example.com"}],
        },
    )

    assert report.errors == []
    assert await rows(
        Query("select dealership_id from car union all select dealership_id from dealership_user")
    ) == [
        {"dealership_id": 9},
        {"dealership_id": 9},
    ]


async def test_the_only_dealership_of_the_database_need_not_be_named(empty: Database) -> None:
    await load(empty, {"dealerships": [{"slug": "hillside"}]})

    report = await load(empty, {"cars": [{"stocknum": "1"}]})

    assert report.errors == []


async def test_nothing_is_assumed_when_one_of_the_files_dealerships_is_refused(empty: Database) -> None:
    report = await load(
        empty,
        {"dealerships": [{"slug": "hillside"}, {"slug": "not a slug"}], "cars": [{"stocknum": "1"}]},
    )

    assert [(error.table, error.field) for error in report.errors] == [
        ("dealerships", "slug"),
        ("cars", "dealership"),
    ]


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({}, "dealership"),
        ({"dealership_id": 99}, "dealership_id"),
        ({"dealership_slug": "lakesite"}, "dealership_slug"),
        ({"dealership": {}}, "dealership"),
        ({"dealership": {"id": 7, "slug": "lakeside"}}, "dealership"),
        ({"dealership": True}, "dealership"),
        ({"dealership_id": 7, "dealership_slug": "lakeside"}, "dealership"),
        ({"dealership_ids": [7, 8]}, "dealership"),
        ({"dealerships": [[]]}, "dealerships"),
    ],
)
async def test_a_row_that_names_none_or_the_wrong_one_is_reported(
    empty: Database, named: dict[str, object], field: str
) -> None:
    report = await load(empty, {"dealerships": TWO, "cars": [{"stocknum": "1"} | named]})

    assert [(error.table, error.row, error.field) for error in report.errors] == [("cars", 1, field)]
    assert report.loaded["cars"].created == 0


async def test_a_slug_that_was_mistyped_is_told_with_the_nearest(empty: Database) -> None:
    report = await load(empty, {"dealerships": TWO, "cars": [{"dealership": "lakesite"}]})

    assert [error.message for error in report.errors] == [
        "there is no dealership of this slug; did you mean lakeside?"
    ]
