"""Who may see a line: whoever holds every dealership that the call was for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.clusters.asking import somebody
from tests.conftest import bearer
from tests.leads.asking import LEADS, REQUIRED
from tests.requests.asking import REQUESTS, listed
from tests.world import EVERYTHING, OURS, SISTER, THEIRS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

HOLDS = {"ours": [OURS], "sister": [SISTER], "theirs": [THEIRS], "group": [OURS, SISTER], "nobody": []}


@pytest.fixture(scope="module")
async def callers(server: str, world: World) -> AsyncGenerator[dict[str, httpx.AsyncClient]]:
    clients = {
        name: httpx.AsyncClient(
            base_url=server, headers=bearer(await world.key(EVERYTHING, dealerships)), timeout=60
        )
        for name, dealerships in HOLDS.items()
    }
    yield clients
    for client in clients.values():
        await client.aclose()


async def who_sees(callers: dict[str, httpx.AsyncClient], answer: httpx.Response) -> set[str]:
    """Those to whom the call that got *answer* is told, by its id and in the list alike."""
    word = answer.headers["x-request-id"]
    seen = {
        name
        for name, client in callers.items()
        if (await client.get(f"{REQUESTS}/{word}")).status_code == 200
    }
    for filters in ({}, {"request_id": word}):
        listing = {
            name
            for name, client in callers.items()
            if word in {one["request_id"] for one in await listed(client, limit=200, **filters)}
        }
        assert listing == seen
    return seen


def of(slug: str) -> dict[str, Any]:
    return {"lead": REQUIRED | somebody() | {"dealership_slug": slug}}


async def test_a_lead_is_its_dealerships(callers: dict[str, httpx.AsyncClient]) -> None:
    created = await callers["group"].post(LEADS, json=of(SISTER))
    lead_id = created.json()["id"]
    assert await who_sees(callers, created) == {"sister", "group"}

    for answer in (
        await callers["group"].put(f"{LEADS}/{lead_id}", json=of(SISTER)),
        await callers["group"].put(f"{LEADS}/{lead_id}", json={"lead": {}}),
        await callers["group"].put(f"{LEADS}/{lead_id}", content=b"{"),
        await callers["group"].get(f"{LEADS}/{lead_id}/events"),
        await callers["sister"].get(f"{LEADS}/{lead_id}"),
    ):
        assert await who_sees(callers, answer) == {"sister", "group"}


async def test_a_foreign_lead_is_told_to_who_asked_and_not_to_whose_it_is(
    callers: dict[str, httpx.AsyncClient],
) -> None:
    theirs = (await callers["theirs"].post(LEADS, json=of(THEIRS))).json()
    answer = await callers["ours"].put(f"{LEADS}/{theirs['id']}", json=of(OURS))
    assert answer.status_code == 404

    assert await who_sees(callers, answer) == {"ours", "group"}
    assert [one["method"] for one in await listed(callers["theirs"], lead_id=theirs["id"])] == ["POST"]
    assert [one["method"] for one in await listed(callers["ours"], lead_id=theirs["id"])] == ["PUT"]


async def test_what_is_for_all_dealerships_of_a_key_is_for_who_holds_them_all(
    callers: dict[str, httpx.AsyncClient],
) -> None:
    for path in (LEADS, "/api/v1/leads/options", "/api/v1/nothing", f"{LEADS}/999999"):
        assert await who_sees(callers, await callers["group"].get(path)) == {"group"}
        assert await who_sees(callers, await callers["ours"].get(path)) == {"ours", "group"}


async def test_a_dealership_that_is_named_counts_only_where_the_key_holds_it(
    callers: dict[str, httpx.AsyncClient],
) -> None:
    cluster = "/api/v1/dealerships/{}/lead_clusters"
    assert await who_sees(callers, await callers["group"].get(cluster.format(SISTER))) == {"sister", "group"}
    assert await who_sees(callers, await callers["group"].get(cluster.format("2"))) == {"sister", "group"}
    assert await who_sees(callers, await callers["group"].get(cluster.format(THEIRS))) == {"group"}
    assert await who_sees(callers, await callers["ours"].get(cluster.format(THEIRS))) == {"ours", "group"}
    for named in ({"dealership_slug": SISTER}, {"dealership_id": 2, "dealership_slug": ""}):
        refused = await callers["group"].post(LEADS, json={"lead": named})
        assert refused.status_code == 422
    assert await who_sees(callers, refused) == {"group"}
    refused = await callers["group"].post(LEADS, json={"lead": {"dealership_slug": SISTER}})
    assert await who_sees(callers, refused) == {"sister", "group"}
    filtered = await callers["group"].get(LEADS, params={"dealership": SISTER})
    assert await who_sees(callers, filtered) == {"sister", "group"}


async def test_a_key_without_a_dealership_leaves_nobodys_lines(callers: dict[str, httpx.AsyncClient]) -> None:
    assert await who_sees(callers, await callers["nobody"].get(LEADS)) == set()


async def test_what_a_key_held_then_counts_and_not_what_it_holds_now(
    callers: dict[str, httpx.AsyncClient], server: str, world: World
) -> None:
    token = await world.key(EVERYTHING, [OURS])
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as client:
        answer = await client.get(LEADS)
        assert await who_sees(callers, answer) == {"ours", "group"}
        await world.run(
            "update api_key_dealership set dealership_id = 3 "
            "where api_key_id = (select max(api_key_id) from api_key_dealership)"
        )

        assert (await client.get(f"{REQUESTS}/{answer.headers['x-request-id']}")).status_code == 404
    assert await who_sees(callers, answer) == {"ours", "group"}


async def test_a_foreign_request_and_an_absent_one_are_refused_byte_for_byte_alike(
    callers: dict[str, httpx.AsyncClient],
) -> None:
    theirs = await callers["theirs"].get(LEADS)
    assert await who_sees(callers, theirs) == {"theirs"}

    answers = [
        await callers["ours"].get(f"{REQUESTS}/{word}", headers={"X-Request-Id": "the-same"})
        for word in (theirs.headers["x-request-id"], "absent")
    ]

    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content


async def test_without_the_permission_the_log_is_closed(
    callers: dict[str, httpx.AsyncClient], server: str, world: World
) -> None:
    answer = await callers["ours"].get(LEADS)
    assert await who_sees(callers, answer)
    token = await world.key([one for one in EVERYTHING if one != "read:request_log"])
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as client:
        for path in (REQUESTS, f"{REQUESTS}/{answer.headers['x-request-id']}"):
            refused = await client.get(path)
            assert (refused.status_code, refused.json()["type"]) == (401, "/problems/permission-missing")
