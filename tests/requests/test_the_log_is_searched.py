"""The list of requests: its filters, its pages, and the indexes that it walks."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from forecourt.requests.filters import PARAMETERS
from forecourt.requests.find_queries import CONDITIONS, SEARCHES, page_query
from tests.clusters.asking import somebody
from tests.leads.asking import LEADS, created, put
from tests.requests.asking import REQUESTS, listed, log_of

if TYPE_CHECKING:
    import httpx

    from tests.world import World


async def test_each_filter_leaves_what_it_names(api: httpx.AsyncClient) -> None:
    lead = await created(api, **somebody())
    good = await log_of(api, await put(api, lead["id"], message="a"))
    bad = await log_of(api, await put(api, lead["id"], category="nothing"))
    read = await log_of(api, await api.get(f"{LEADS}/{lead['id']}"))
    about = {"lead_id": lead["id"]}

    async def found(**filters: Any) -> set[str]:
        return {one["id"] for one in await listed(api, **about, **filters)} & {
            good["id"],
            bad["id"],
            read["id"],
        }

    assert await found() == {good["id"], bad["id"], read["id"]}
    assert await found(status="422") == await found(status="4xx") == {bad["id"]}
    assert await found(status="2xx") == {good["id"], read["id"]}
    assert await found(status="5xx") == set()
    assert await found(method="get") == {read["id"]}
    assert await found(route="/api/v1/leads/{id}") == {good["id"], bad["id"], read["id"]}
    assert await found(route="/api/v1/leads") == set()
    assert await found(api_key_id=good["api_key"]["id"], request_id=bad["request_id"]) == {bad["id"]}
    assert await found(api_key_id=999_999) == set()
    assert await found(path=f"/api/v1/leads/{lead['id']}") == {good["id"], bad["id"], read["id"]}
    assert await found(path="/leads") == set()
    assert await found(text="NEAREST") == await found(text="invalid", path="/api/v1") == {bad["id"]}
    assert await found(text="%") == set()
    assert await found(**{"from": bad["at"]}) == {bad["id"], read["id"]}
    assert await found(to=bad["at"]) == {good["id"]}
    assert await found(**{"from": good["at"], "to": read["at"]}) == {good["id"], bad["id"]}


async def test_a_page_leads_to_the_next_and_none_is_missed_or_told_twice(api: httpx.AsyncClient) -> None:
    lead = await created(api)
    for number in range(7):
        await put(api, lead["id"], message=str(number))
    whole = [one["id"] for one in await listed(api, lead_id=lead["id"])]
    assert len(whole) == 8

    for filters in ({"lead_id": lead["id"]}, {"route": "/api/v1/leads/{id}", "status": "200"}, {}):
        pages: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await api.get(REQUESTS, params=filters | cursor | {"limit": 3})).json()
            pages += [one["id"] for one in page["requests"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert len(pages) == len(set(pages))
        assert pages == sorted(pages, reverse=True)
        assert set(whole[:-1]) <= set(pages)


async def test_a_filter_that_does_not_fit_is_refused_with_what_would(api: httpx.AsyncClient) -> None:
    bad = {
        "lead_id": "x",
        "status": "6xx",
        "method": "BREW",
        "from": "yesterday",
        "to": "2026-01-01",
        "cursor": "7",
        "limit": "0",
        "api_key_id": "9" * 20,
    }

    answer = await api.get(REQUESTS, params=bad)

    assert answer.status_code == 400
    assert {one["field"] for one in answer.json()["errors"]} == set(bad)


async def test_a_call_about_several_leads_is_found_by_each(api: httpx.AsyncClient, world: World) -> None:
    answer = await api.get("/api/v1/leads/options")
    await log_of(api, answer)
    await world.run(
        "update request_log set lead_id = 900001, lead_ids = '{900001, 900002, 900003}' where request_id = $1",
        answer.headers["x-request-id"],
    )

    for lead_id in (900_001, 900_002, 900_003):
        [told] = await listed(api, lead_id=lead_id)
        assert told["lead_ids"] == [900_001, 900_002, 900_003]


FILLED = """
insert into request_log (
    id, at, api_key_id, test, dealership_ids, method, route, path, status, duration_ms, request_id, lead_id, lead_ids,
    lead_cluster_id, request_headers, bytes_out
)
select
    uuidv7(interval '1 millisecond' * (n - 40000)), now(), 1, false,
    case when n % 7 = 0 then array[1, 2] else array[1 + n % 3] end,
    'PUT', '/api/v1/leads/{id}', '/', case when n % 50 = 0 then 422 else 200 end, 1, 'filled-' || n, n % 3000,
    case when n % 400 = 0 then array[n % 3000, 700000 + n] end, n % 3000, '{}', 0
from generate_series(1, 40000) as n
"""


@pytest.mark.parametrize(
    "filters",
    [
        ("lead_id",),
        ("lead_id", "status"),
        ("lead_cluster_id",),
        ("request_id",),
        (),
        ("after",),
        ("from", "to"),
        ("status", "refused"),
    ],
    ids=str,
)
async def test_a_search_walks_an_index(filters: tuple[str, ...], world: World) -> None:
    if not await world.rows("select 1 from request_log where request_id = 'filled-1'"):
        await world.run(FILLED)
        await world.run("analyze request_log")
    query = page_query(frozenset(filters), everybodys=False)
    await world.run("set plan_cache_mode = force_generic_plan")
    values = ", ".join(["null"] * len(query.names))
    await world.run(f"prepare searched as {query.text}")
    [row] = await world.rows(f"explain (format json) execute searched({values})")
    await world.run("deallocate searched")

    plan = row["QUERY PLAN"]
    scans = re.findall(r'"Node Type": "([^"]*Scan)"[^{}]*?"Relation Name": "request_log"', plan)
    assert json.loads(plan)
    assert "Seq Scan" not in scans
    if "lead_id" in filters:
        assert {"request_log_by_lead", "request_log_by_leads"} <= set(
            re.findall(r'"Index Name": "(\w+)"', plan)
        )
    if "status" in filters and "refused" in filters:
        assert '"request_log_refused"' in plan


async def test_every_combination_of_filters_can_be_prepared(world: World) -> None:
    names = ["lead_id", *CONDITIONS, *SEARCHES]
    for everybodys, size in itertools.product((False, True), (0, 1, 2)):
        for some in itertools.combinations(names, size):
            await world.connection.prepare(page_query(frozenset(some), everybodys=everybodys).text)


def test_the_conditions_are_those_of_the_parameters() -> None:
    named = {"after" if name == "cursor" else name for name in PARAMETERS} - {"limit"}

    assert named == {"lead_id", *CONDITIONS, *SEARCHES} - {"refused"}
