from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.database import Query
from forecourt.loading import Counts, load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from forecourt.infra.database import Database

    Rows = Callable[[Query], Awaitable[list[dict[str, Any]]]]

# One row of everything, in an order that no table could be loaded in.
FILE: dict[str, list[dict[str, object]]] = {
    "pages": [{"id": 123, "website_id": 31, "name": "New"}],
    "cars": [{"id": 4, "dealership_id": 2, "stocknum": "3210", "price": 45990, "location_id": 12345}],
    "team_members": [{"id": 8, "dealership_slug": "test-dealer", "name": "Gus Papas"}],
    "model_variants": [{"id": 61, "model_id": 51, "name": "SX"}],
    "colours": [{"id": 71, "name": "Glacier White"}],
    "models": [{"id": 51, "name": "Corolla", "make": "Toyota"}],
    "users": [{"id": 41, "name": "Tess Taylor", "email": "test@example.com", "dealership_ids": [2, 3]}],
    "websites": [{"id": 31, "slug": "example-website", "dealership": "test-dealer"}],
    "locations": [{"id": 12345, "name": "Melbourne", "dealership": {"id": 2}}],
    "dealerships": [
        {"id": 2, "slug": "test-dealer", "name": "Test Dealer", "timezone": "Australia/Melbourne"},
        {"id": 3, "slug": "other-dealer", "name": "Other Dealer", "timezone": "Pacific/Auckland"},
    ],
}


async def test_a_file_is_loaded_in_whatever_order_it_is_written(empty: Database, rows: Rows) -> None:
    report = await load(empty, FILE)

    assert report.errors == []
    assert report.loaded == {name: Counts(created=len(given)) for name, given in FILE.items()}
    car = await rows(Query("select dealership_id, id, stocknum, price, location_id from car"))
    assert car == [
        {
            "dealership_id": 2,
            "id": 4,
            "stocknum": "3210",
            "price": Decimal("45990.00"),
            "location_id": 12345,
        }
    ]
    page = await rows(Query("select dealership_id, id, website_id from page"))
    assert page == [{"dealership_id": 2, "id": 123, "website_id": 31}]
    members = await rows(Query("select dealership_id from dealership_user where user_id = 41 order by 1"))
    assert [row["dealership_id"] for row in members] == [2, 3]
    granted = await rows(Query("select dealership_id from dealership_model_variant order by 1"))
    assert [row["dealership_id"] for row in granted] == [2, 3]


async def test_loading_a_file_again_changes_nothing(empty: Database, rows: Rows) -> None:
    await load(empty, FILE)
    before = await rows(
        Query("select xmin::text as written from car union all select xmin::text from dealership")
    )

    report = await load(empty, FILE)

    assert report.errors == []
    assert report.loaded == {name: Counts(unchanged=len(given)) for name, given in FILE.items()}
    after = await rows(
        Query("select xmin::text as written from car union all select xmin::text from dealership")
    )
    assert after == before


async def test_what_differs_is_updated_and_what_is_left_out_stays(empty: Database, rows: Rows) -> None:
    await load(empty, FILE)

    report = await load(
        empty,
        {
            "cars": [{"id": 4, "price": "44,000.50", "colour": "Red", "location_id": None}],
            "users": [{"email": "TEST@example.com", "name": "Tess T.", "dealership_id": 2}],
            "dealerships": [{"slug": "test-dealer", "name": None, "timezone": "Australia/Hobart"}],
        },
    )

    assert report.errors == []
    assert report.loaded == {name: Counts(updated=1) for name in ("cars", "users", "dealerships")}
    car = await rows(Query("select stocknum, price, colour, location_id from car"))
    assert car == [{"stocknum": "3210", "price": Decimal("44000.50"), "colour": "Red", "location_id": None}]
    dealership = await rows(Query("select name, timezone from dealership where id = 2"))
    assert dealership == [{"name": "Test Dealer", "timezone": "Australia/Hobart"}]
    assert await rows(Query("select name, email from user_account")) == [
        {"name": "Tess T.", "email": "test@example.com"}
    ]


async def test_rows_without_an_id_are_recognised_by_what_they_are_called(empty: Database) -> None:
    named: dict[str, list[dict[str, object]]] = {
        "dealerships": [{"name": "Riverbend Motors"}],
        "locations": [{"name": "Showroom"}],
        "websites": [{"url": "https://www.riverbend.example.com/cars"}],
        "users": [{"email": "nora@example.com"}],
        "models": [{"name": "Corolla", "make": "Toyota"}],
        "model_variants": [{"name": "SX", "model": "Corolla"}],
        "colours": [{"name": "White"}],
        "cars": [{"stock_number": "ab1"}, {"title": "2019 Holden Colorado"}],
        "pages": [{"url": "https://riverbend.example.com/used"}, {"name": "New"}],
        "team_members": [{"first_name": "Nora", "last_name": "Quist"}],
    }
    first = await load(empty, named)
    named["cars"][0]["stock_number"] = "AB1 "
    named["cars"][0]["condition"] = "used"

    again = await load(empty, named)

    assert first.errors == []
    assert again.errors == []
    assert sum(counts.created for counts in first.loaded.values()) == sum(map(len, named.values()))
    assert sum(counts.created for counts in again.loaded.values()) == 0
    assert again.loaded["cars"] == Counts(updated=1, unchanged=1)


async def test_ids_that_forecourt_gives_lie_past_those_that_were_given(empty: Database, rows: Rows) -> None:
    report = await load(
        empty,
        {
            "dealerships": [{"slug": "first"}, {"id": 1, "slug": "second"}],
            "cars": [
                {"dealership": "first", "stocknum": "a"},
                {"id": 900, "dealership": "first", "stocknum": "b"},
            ],
        },
    )
    async with empty.connection() as tx:
        await tx.run(Query("insert into car (dealership_id, id, stocknum) values (1, 950, 'by hand')"))
    await load(empty, {"cars": [{"dealership": "second", "stocknum": "c"}]})

    assert report.errors == []
    assert await rows(Query("select slug, id from dealership order by id")) == [
        {"slug": "second", "id": 1},
        {"slug": "first", "id": 2},
    ]
    assert await rows(Query("select stocknum, id from car order by id")) == [
        {"stocknum": "b", "id": 900},
        {"stocknum": "a", "id": 901},
        {"stocknum": "by hand", "id": 950},
        {"stocknum": "c", "id": 951},
    ]


async def test_a_slug_may_pass_from_one_row_to_a_later_one(empty: Database, rows: Rows) -> None:
    await load(empty, {"dealerships": [{"id": 1, "slug": "old"}, {"id": 2, "slug": "other"}]})

    report = await load(
        empty, {"dealerships": [{"id": 1, "slug": "new"}, {"id": 2, "slug": "old"}, {"slug": "other"}]}
    )

    assert report.errors == []
    assert report.loaded["dealerships"] == Counts(created=1, updated=2)
    assert await rows(Query("select id, slug from dealership order by id")) == [
        {"id": 1, "slug": "new"},
        {"id": 2, "slug": "old"},
        {"id": 3, "slug": "other"},
    ]


async def test_a_group_is_created_with_its_dealerships(empty: Database, rows: Rows) -> None:
    report = await load(
        empty,
        {
            "dealerships": [
                {"slug": "a", "group": {"id": 30, "slug": "riverbend", "name": "Riverbend Group"}},
                {"slug": "b", "group_slug": "riverbend"},
                {"slug": "c", "dealership_group": "Lake Group"},
                {"slug": "d", "group_id": 30},
                {"slug": "e"},
            ],
            "models": [{"name": "Ranger", "group": "riverbend"}, {"name": "Everest", "group": {"id": 31}}],
        },
    )

    assert report.errors == []
    groups = await rows(
        Query("""
        select dealership_group.id, dealership_group.name, string_agg(dealership.slug, ' ' order by dealership.slug) as members
        from dealership_group
        join dealership on dealership.dealership_group_id = dealership_group.id
        group by 1, 2
        order by 1
        """)
    )
    assert groups == [
        {"id": 30, "name": "Riverbend Group", "members": "a b d"},
        {"id": 31, "name": "Lake Group", "members": "c"},
    ]
    granted = await rows(
        Query("""
        select model.name, string_agg(dealership.slug, ' ' order by dealership.slug) as granted
        from model
        join dealership_model on model_id = model.id
        join dealership on dealership.id = dealership_id
        group by 1
        order by 1
        """)
    )
    assert granted == [{"name": "Everest", "granted": "c"}, {"name": "Ranger", "granted": "a b d"}]


async def test_a_large_file_is_loaded_in_few_round_trips_and_tells_how_far_it_is(empty: Database) -> None:
    await load(empty, {"dealerships": [{"slug": "riverbend"}]})
    cars = [{"stocknum": f"S{number}", "year": 2020, "price": 30_000 + number} for number in range(2_500)]
    told: list[tuple[str, int, int]] = []
    before = empty.round_trips

    report = await load(empty, {"cars": cars}, progress=lambda *seen: told.append(seen))

    assert report.loaded == {"cars": Counts(created=2_500)}
    assert told == [("cars", 1_000, 2_500), ("cars", 2_000, 2_500), ("cars", 2_500, 2_500)]
    assert empty.round_trips - before <= 3 + 3 * 6


async def test_two_loads_at_once_create_each_row_once(empty: Database, rows: Rows) -> None:
    cars = [{"stocknum": f"S{number}"} for number in range(1_500)]
    await load(empty, {"dealerships": [{"slug": "riverbend"}]})

    reports = await asyncio.gather(*(load(empty, {"cars": cars}) for _ in range(3)))

    assert [report.errors for report in reports] == [[], [], []]
    assert sum(report.loaded["cars"].created for report in reports) == 1_500
    assert await rows(Query("select count(*) as count from car")) == [{"count": 1_500}]


async def test_the_report_can_be_written_as_json(empty: Database) -> None:
    report = await load(empty, {"dealerships": [{"slug": "a", "colour": "x"}], "cars": [{"year": "then"}]})

    assert msgspec.json.decode(msgspec.json.encode(report)) == {
        "loaded": {
            "dealerships": {"created": 1, "updated": 0, "unchanged": 0},
            "cars": {"created": 0, "updated": 0, "unchanged": 0},
        },
        "errors": [
            {"table": "cars", "row": 1, "field": "year", "message": "must be a year from 1885 to 2100"}
        ],
        "ignored": {"dealerships": ["colour"]},
    }
