"""Leads are found: by every filter, in every order, a page at a time, none twice and none missing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.conftest import bearer
from tests.leads.asking import LEADS, REQUIRED, created, put, read, updated

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

SORTS = ("-created_at", "created_at", "-updated_at", "updated_at")
COUNT = 23
SPREAD = "timestamptz '2026-10-01 00:00+00' + (id / 3) * interval '1 day'"


@pytest.fixture(scope="module")
async def leads(api: httpx.AsyncClient, world: World) -> list[dict[str, Any]]:
    """Leads that differ in everything that can be asked for; some share a microsecond."""
    leads = []
    for number in range(COUNT):
        lead = await created(
            api,
            category=("Survey", "Phone Call", "Test Drive Booking")[number % 3],
            source=("Website", "SMS")[number % 2],
            lead_state=("new", "lost", None)[number % 3],
            email=f"Mia{number % 7}@Example.com",
            phone=f"0412 345 6{number % 7:02}",
            provider=("Carsales", "Autotrader", None)[number % 3],
            provider_id=f"p-{number % 4}",
            tags=[f"t{number % 3}", f"u{number % 5}"],
            golden=number % 7 == 3,
        )
        leads.append(lead)
    # Three at each moment, a day apart: a page may end between them.
    await world.run(f"update lead set created_at = {SPREAD} where dealership_id = 1")
    for lead in leads[::4]:
        body = {"lead": {"message": "changed"} | {name: lead[name] for name in REQUIRED}}
        await world.run("update lead set created_at = now() where id = $1", lead["id"])
        assert (await api.put(f"{LEADS}/{lead['id']}", json=body)).status_code == 200
        await world.run(f"update lead set created_at = {SPREAD} where id = $1", lead["id"])
    return [await read(api, lead["id"]) for lead in leads]


@pytest.fixture(scope="module")
async def group(server: str, world: World, leads: list[dict[str, Any]]) -> AsyncGenerator[httpx.AsyncClient]:
    """A client whose key holds two dealerships, each with leads."""
    assert leads
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.group_token), timeout=60) as client:
        for number in range(5):
            lead = REQUIRED | {"dealership_slug": "cairns-motors", "tags": ["t1"], "message": str(number)}
            answer = await client.post(LEADS, json={"lead": lead})
            assert answer.status_code == 201, answer.text
        yield client


async def found(client: httpx.AsyncClient, limit: int = 200, **query: Any) -> list[dict[str, Any]]:
    """Every lead that the filters find, page by page."""
    leads: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(LEADS, params=query | cursor | {"limit": str(limit)})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["leads"]) <= limit
        leads += page["leads"]
        if page["next_cursor"] is None:
            return leads
        assert len(page["leads"]) == limit
        cursor = {"cursor": page["next_cursor"]}


def ids(leads: list[dict[str, Any]]) -> list[int]:
    return [lead["id"] for lead in leads]


# Query -> which leads it is to find.
FILTERS: list[tuple[dict[str, str], Any]] = [
    ({}, lambda _: True),
    ({"dealership": "brisbane-motors"}, lambda _: True),
    ({"dealership": "1"}, lambda _: True),
    ({"category": "phone  CALL"}, lambda lead: lead["category"] == "Phone Call"),
    ({"source": "SMS"}, lambda lead: lead["source"] == "SMS"),
    ({"lead_state": "lost"}, lambda lead: lead["lead_state"] == "lost"),
    ({"email": "mia3@example.com"}, lambda lead: lead["email"] == "Mia3@Example.com"),
    ({"email": "MIA3@EXAMPLE.COM "}, lambda lead: lead["email"] == "Mia3@Example.com"),
    ({"email": "nobody@example.com"}, lambda _: False),
    ({"phone": "+61 412 345 603"}, lambda lead: lead["phone_e164"] == "+61412345603"),
    ({"phone": "0412345603"}, lambda lead: lead["phone_e164"] == "+61412345603"),
    ({"tag": "u2"}, lambda lead: "u2" in lead["tags"]),
    ({"tag": "u"}, lambda _: False),
    ({"provider": "Carsales"}, lambda lead: lead["provider"] == "Carsales"),
    ({"provider_id": "p-1"}, lambda lead: lead["provider_id"] == "p-1"),
    (
        {"provider": "Carsales", "provider_id": "p-1"},
        lambda lead: (lead["provider"], lead["provider_id"]) == ("Carsales", "p-1"),
    ),
    ({"golden": "true"}, lambda lead: lead["golden"]),
    ({"golden": "false"}, lambda lead: not lead["golden"]),
    ({"created_from": "2026-10-03T00:00:00Z"}, lambda lead: lead["created_at"] >= "2026-10-03"),
    ({"created_to": "2026-10-03T10:00:00+10:00"}, lambda lead: lead["created_at"] < "2026-10-03"),
    (
        {"created_from": "2026-10-03T00:00:00Z", "created_to": "2026-10-05T00:00:00Z"},
        lambda lead: "2026-10-03" <= lead["created_at"] < "2026-10-05",
    ),
    (
        {"tag": "t1", "category": "Phone Call", "source": "SMS"},
        lambda lead: "t1" in lead["tags"] and (lead["category"], lead["source"]) == ("Phone Call", "SMS"),
    ),
    (
        {"tag": "t1", "golden": "true", "created_from": "2026-10-02T00:00:00Z"},
        lambda lead: "t1" in lead["tags"] and lead["golden"] and lead["created_at"] >= "2026-10-02",
    ),
]


@pytest.mark.parametrize(
    ("query", "wanted"), FILTERS, ids=lambda part: "&".join(part) if isinstance(part, dict) else ""
)
async def test_a_filter_finds_what_it_says_and_nothing_else(
    query: dict[str, Any], wanted: Any, api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    expected = sorted(
        (lead for lead in leads if wanted(lead)),
        key=lambda lead: (lead["created_at"], lead["id"]),
        reverse=True,
    )

    assert ids(await found(api, **query)) == ids(expected)
    assert ids(await found(api, limit=5, **query, sort="created_at")) == ids(expected[::-1])


@pytest.mark.parametrize("limit", [2, 22, 23, 24])
@pytest.mark.parametrize("sort", SORTS)
async def test_pages_hold_every_lead_once_and_in_order(
    sort: str, limit: int, api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    place = sort.removeprefix("-")
    expected = sorted(leads, key=lambda lead: (lead[place], lead["id"]), reverse=sort.startswith("-"))

    assert ids(await found(api, limit=limit, sort=sort)) == ids(expected)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("query", [{}, {"tag": "t1"}])
async def test_the_leads_of_several_dealerships_are_one_list(
    query: dict[str, Any], sort: str, group: httpx.AsyncClient
) -> None:
    place = sort.removeprefix("-")
    leads = await found(group, **query, sort=sort)

    assert Counter(lead["dealership_id"] for lead in leads).keys() == {1, 2}
    assert leads == sorted(leads, key=lambda lead: (lead[place], lead["id"]), reverse=sort.startswith("-"))
    assert await found(group, limit=4, **query, sort=sort) == leads


async def test_a_list_tells_each_lead_as_it_is_told_by_itself(
    api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    assert sorted(await found(api), key=lambda lead: lead["id"]) == leads


async def test_dealerships_can_be_chosen_and_only_held_ones(
    group: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    sisters = await found(group, dealership="cairns-motors")
    both = await found(group, dealership=["1", "cairns-motors", "1", "brisbane-motors"])

    assert {lead["dealership_slug"] for lead in sisters} == {"cairns-motors"}
    assert {lead["dealership_slug"] for lead in both} == {"cairns-motors", "brisbane-motors"}
    assert len({lead["id"] for lead in both}) == len(both)
    refusals = [
        await api.get(LEADS, params={"dealership": name}, headers={"X-Request-Id": "the-same"})
        for name in ("perth-autos", "nowhere", "3", "999")
    ]
    assert {answer.status_code for answer in refusals} == {400}
    assert len({answer.content for answer in refusals}) == 1


async def test_another_dealerships_leads_are_never_found(
    server: str, world: World, leads: list[dict[str, Any]]
) -> None:
    assert leads
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.their_token)) as them:
        queries: list[dict[str, Any]] = [
            {},
            {"tag": "t1"},
            {"sort": "updated_at"},
            {"email": "mia3@example.com"},
        ]
        for query in queries:
            assert await found(them, **query) == []


async def test_the_last_changes_are_found_by_when_they_happened(
    api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    changed = sorted(leads, key=lambda lead: (lead["updated_at"], lead["id"]))
    middle = changed[10]["updated_at"]

    assert ids(await found(api, updated_from=middle, sort="updated_at")) == ids(changed[10:])
    assert ids(await found(api, updated_to=middle, sort="updated_at")) == ids(changed[:10])
    assert ids(await found(api, updated_from=middle)) == ids(changed[10:][::-1])


async def test_pages_stay_whole_while_leads_come(api: httpx.AsyncClient, world: World) -> None:
    lead = {"email": "coming@example.com", "phone": "0499 777 000"}
    for _ in range(6):
        await created(api, **lead)
    first = (await api.get(LEADS, params={"limit": "3", "email": lead["email"]})).json()
    await created(api, **lead)

    query = {"limit": "3", "email": lead["email"], "cursor": first["next_cursor"]}
    second = (await api.get(LEADS, params=query)).json()

    assert len(set(ids(first["leads"])) | set(ids(second["leads"]))) == 6
    assert second["next_cursor"] is None
    # Away again: other tests count.
    rows = "(select id from lead where email = 'coming@example.com')"
    await world.run(f"delete from event where lead_id in {rows}")
    await world.run(f"delete from lead_membership where lead_id in {rows}")
    await world.run(f"delete from lead where id in {rows}")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"category": "Enquiry"}, "category"),
        ({"lead_state": ""}, "lead_state"),
        ({"created_from": "yesterday"}, "created_from"),
        ({"created_from": "2026-10-03"}, "created_from"),
        ({"created_to": "2026-10-03T00:00:00"}, "created_to"),
        ({"created_to": "0001-01-01T00:00:00+14:00"}, "created_to"),
        ({"updated_from": "9999-12-31T23:59:59-14:00"}, "updated_from"),
        ({"golden": "perhaps"}, "golden"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "1e2"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"sort": "name"}, "sort"),
        ({"sort": "created_at", "updated_from": "2026-10-03T00:00:00Z"}, "sort"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "\u00e9"}, "cursor"),
        ({"cursor": "LWNyZWF0ZWRfYXQgMSAy"}, "cursor"),
        ({"colour": "red"}, "colour"),
        ({"email": ["a", "b"]}, "email"),
        ({"tag": "a\0b"}, "tag"),
    ],
)
async def test_a_question_that_does_not_fit_is_refused_by_name(
    query: dict[str, Any], field: str, api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    assert leads
    answer = await api.get(LEADS, params=query)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-query")
    assert field in [problem["field"] for problem in answer.json()["errors"]]


async def test_a_cursor_belongs_to_its_order(api: httpx.AsyncClient, leads: list[dict[str, Any]]) -> None:
    assert leads
    cursor = (await api.get(LEADS, params={"limit": "1"})).json()["next_cursor"]

    assert (await api.get(LEADS, params={"cursor": cursor, "sort": "created_at"})).status_code == 400


async def test_a_lead_that_has_not_changed_is_not_sent_again(
    api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    path = f"{LEADS}/{leads[1]['id']}"
    first = await api.get(path)
    assert first.headers["etag"] == f'"{first.json()["version"]}"'

    for tag in (first.headers["etag"], f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}', "*"):
        again = await api.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert (await api.get(path, headers={"If-None-Match": '"0"'})).status_code == 200


async def test_the_history_tells_who_changed_what_from_what_to_what(
    api: httpx.AsyncClient, world: World
) -> None:
    token = await world.key()
    lead = await created(api, message="one", email="history@example.com")
    lead_id = lead["id"]
    assert (
        await put(api, lead_id, {"X-Request-Id": "second"}, email="history@example.com", message="two")
    ).status_code == 200
    third = await put(api, lead_id, bearer(token), email="history@example.com", message=None, tags=["a"])

    answer = (await api.get(f"{LEADS}/{lead_id}/events")).json()

    assert answer["next_cursor"] is None
    newest, middle, oldest = answer["events"]
    assert [event["version"] for event in answer["events"]] == [3, 2, 1]
    assert [event["kind"] for event in answer["events"]] == ["lead.updated", "lead.updated", "lead.created"]
    assert newest["changes"] == {
        "message": {"from": "two", "to": None},
        "tags": {"from": [], "to": ["a"]},
    } | {name: change for name, change in newest["changes"].items() if name.startswith("lead_cluster")}
    assert middle["changes"] == {"message": {"from": "one", "to": "two"}}
    assert oldest["changes"]["message"] == {"from": None, "to": "one"}
    assert (middle["request_id"], newest["request_id"]) == ("second", third.headers["x-request-id"])
    assert oldest["api_key"]["id"] == middle["api_key"]["id"] != newest["api_key"]["id"]
    assert newest["occurred_at"] == third.json()["updated_at"]


async def test_a_long_history_is_read_page_by_page(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    for number in range(6):
        await updated(api, lead_id, message=str(number))

    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.get(f"{LEADS}/{lead_id}/events", params=cursor | {"limit": "3"})).json()
        seen += [event["version"] for event in page["events"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert seen == [7, 6, 5, 4, 3, 2, 1]
    for query in ({"limit": "0"}, {"cursor": "x"}, {"cursor": "OTk5OTk5OTk5OTk5"}, {"sort": "version"}):
        assert (await api.get(f"{LEADS}/{lead_id}/events", params=query)).status_code == 400
