from __future__ import annotations

import re
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from forecourt.demo import seed
from forecourt.demo.enquiries import ENQUIRIES, Yard, enquiries
from forecourt.demo.people import LANDLINE_RANGES, MOBILES, NAMES
from forecourt.demo.queries import YARDS
from forecourt.files.store import FileStore
from forecourt.infra.database import Database, Query

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from forecourt.demo import Seeded

    Rows = Callable[[Query], Awaitable[list[dict[str, Any]]]]

NOON = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
async def database(database_url: str) -> AsyncGenerator[Database]:
    database = Database(connections=4)
    await database.open(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FileStore:
    store = FileStore(tmp_path_factory.mktemp("files"))
    store.open()
    return store


@pytest.fixture(scope="module")
async def seeded(database: Database, store: FileStore) -> Seeded:
    return await seed(database, store)


@pytest.fixture
async def yards(database: Database, seeded: Seeded) -> list[Yard]:
    async with database.connection() as tx:
        found: list[dict[str, str]] = await tx.every(dict, YARDS, slugs=seeded.dealership_slugs)
    return msgspec.json.decode(found[0]["document"], type=list[Yard])


@pytest.fixture
def rows(database: Database, seeded: Seeded) -> Rows:
    """What a statement finds in the demo's world."""
    assert seeded

    async def found(query: Query) -> list[dict[str, Any]]:
        async with database.connection() as tx:
            return await tx.every(dict, query)

    return found


async def test_it_holds_everything_that_the_contracts_example_names(rows: Rows) -> None:
    found = await rows(
        Query("""
        select dealership.slug, website.slug as website, page.id as page, location.id as location,
            user_account.email, car.stocknum
        from dealership
        join website on website.dealership_id = dealership.id and website.slug = 'example-website'
        join page on page.dealership_id = dealership.id and page.website_id = website.id and page.id = 123
        join location on location.dealership_id = dealership.id and location.id = 12345
        join dealership_user on dealership_user.dealership_id = dealership.id
        join user_account on user_account.id = user_id and user_account.email = 'test@example.com'
        join car on car.dealership_id = dealership.id and car.stocknum = '3210'
        """)
    )

    assert found == [
        {
            "slug": "test-dealer",
            "website": "example-website",
            "page": 123,
            "location": 12345,
            "email": "test@example.com",
            "stocknum": "3210",
        }
    ]


async def test_it_is_large_enough_to_look_real(rows: Rows, seeded: Seeded) -> None:
    counts = await rows(
        Query("""
        select
            (select count(*) from dealership_group) as groups,
            (select count(distinct timezone) from dealership) as zones,
            (select count(*) from car) as cars,
            (select count(*) from lead) as leads,
            (select count(distinct category) from lead) as categories,
            (select count(distinct source) from lead) as sources,
            (select count(*) from lead where golden) as golden,
            (select count(*) from lead_file) as files,
            (select count(*) from payment) as payments,
            (select count(*) from lead where created_at > now() - interval '72 hours') as recent
        """)
    )

    assert seeded.leads == counts[0]["leads"] == sum(ENQUIRIES.values())
    assert seeded.cars == counts[0]["cars"] >= 60
    assert counts[0]["groups"] == 2
    assert counts[0]["zones"] == 6
    assert counts[0]["categories"] >= 20
    assert counts[0]["sources"] >= 10
    assert counts[0]["golden"] >= 6
    assert counts[0]["files"] >= 1
    assert counts[0]["payments"] >= 1
    assert 110 <= counts[0]["recent"] <= 170


async def test_the_lead_for_the_first_request_can_be_updated_for_a_day_at_least(
    rows: Rows, seeded: Seeded
) -> None:
    found = await rows(
        Query("""
        select lead.id
        from lead
        join dealership on dealership.id = lead.dealership_id
        where dealership.slug = 'test-dealer' and lead.created_at > now() - interval '48 hours' and lead.version = 1
        """)
    )

    assert seeded.dealership_slug == "test-dealer"
    assert seeded.lead_id in {row["id"] for row in found}


async def test_everything_happened_when_the_lead_came(rows: Rows) -> None:
    odd = await rows(
        Query("""
        select lead.id
        from lead
        join lead_cluster as cluster
            on cluster.dealership_id = lead.dealership_id and cluster.id = lead.lead_cluster_id
        left join event
            on event.dealership_id = lead.dealership_id and event.lead_id = lead.id and event.lead_version = 1
        where event.id is null
            or event.kind <> 'lead.created'
            or event.occurred_at <> lead.created_at
            or lead.created_at > now()
            or lead.created_at < now() - interval '30 days'
            or lead.updated_at < lead.created_at
            or cluster.created_at > lead.created_at
            or cluster.updated_at < lead.updated_at
            or cardinality(lead.tags) <> (
                select count(*) from lead_tag
                where lead_tag.dealership_id = lead.dealership_id
                    and lead_tag.lead_id = lead.id
                    and lead_tag.lead_created_at = lead.created_at
            )
            or lead.version <> (
                select count(*) from event as every_event
                where every_event.dealership_id = lead.dealership_id and every_event.lead_id = lead.id
            )
        """)
    )

    assert odd == []
    later_first = await rows(
        Query("""
        select id from (select id, created_at, lag(created_at) over (order by id) as before from lead) as ordered
        where created_at < before
        """)
    )
    assert later_first == []


async def test_customers_come_back_and_are_recognised(rows: Rows) -> None:
    strangers = await rows(
        Query("""
        select dealership_id, email_normalised
        from lead
        group by 1, 2
        having count(distinct lead_cluster_id) > 1
        """)
    )
    mixed = await rows(
        Query("""
        select dealership_id, lead_cluster_id
        from lead
        group by 1, 2
        having count(distinct email_normalised) > 1
        """)
    )
    returning = await rows(
        Query(
            "select count(*) as leads from lead group by dealership_id, lead_cluster_id having count(*) > 1"
        )
    )

    # One enquiry is made to look like two customers: a possible duplicate to decide about.
    assert len(strangers) == 1
    assert len(mixed) <= 1
    assert len(returning) >= 15


async def test_no_address_and_no_number_is_anybodys(rows: Rows) -> None:
    leads = await rows(Query("select name, email, phone_e164 from lead"))

    mobiles = {f"+61{number.replace(' ', '')[1:]}" for number in MOBILES}
    landline = re.compile(rf"\+61[2378]({'|'.join(LANDLINE_RANGES)})\d{{4}}")
    for lead in leads:
        assert re.search(r"@example\.(com|net|org)$", lead["email"])
        assert lead["phone_e164"] in mobiles or landline.fullmatch(lead["phone_e164"])
    assert len({lead["name"] for lead in leads}) > 120


async def test_the_key_that_the_enquiries_came_with_opens_nothing(rows: Rows) -> None:
    keys = await rows(Query("select revoked_at is not null as revoked from api_key"))

    assert keys == [{"revoked": True}]


async def test_the_same_chance_asks_the_same_at_any_hour(yards: list[Yard]) -> None:

    def asked(chance: int, now: datetime) -> list[bytes]:
        return sorted(msgspec.json.encode(it.lead) for it in enquiries(yards, now, Random(chance)))

    assert asked(1, NOON) == asked(1, NOON.replace(hour=17))
    assert asked(1, NOON) != asked(2, NOON)


@pytest.mark.parametrize("chance", range(2, 12))
async def test_other_chances_make_worlds_that_fit_as_well(yards: list[Yard], chance: int) -> None:
    asked = enquiries(yards, NOON, Random(chance))

    assert len(asked) == sum(ENQUIRIES.values())
    assert all(enquiry.at < NOON for enquiry in asked)
    assert all("{" not in str(enquiry.lead["message"]) for enquiry in asked)


def test_every_name_is_there_once() -> None:
    assert len(set(NAMES)) == len(NAMES)
