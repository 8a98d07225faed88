"""The list of clusters, its filters, its pages, and the search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import CLUSTERS, act, enquiry, put, update_lead

if TYPE_CHECKING:
    import httpx

    from tests.world import World


@pytest.fixture(scope="module")
async def five(api: httpx.AsyncClient) -> dict[str, int]:
    """Five clusters, each with something of its own."""
    mia = await enquiry(
        api,
        name="Mia",
        last_name="Chen-Okafor",
        email="Mia.Chen@Example.com",
        phone="0412 345 999",
        stocknum="STOCK1",
    )
    leo = await enquiry(api, name="Leo", last_name="Okafor", golden=True, tags=["fleet"])
    kim = await enquiry(
        api, name="Kim O'Brien", category="Fleet Enquiry", source="Facebook", provider_id="X7"
    )
    ann = await enquiry(api, name="Ann_100%", last_name="Chen", phone="0498 765 999")
    bob = await enquiry(api, name="Bob", last_name="", provider="Somebody")
    await put(api, leo["lead_cluster_id"], user_id=501, lead_state="contacted")
    await put(api, kim["lead_cluster_id"], secondary_user_id=501, location_id=101)
    await put(api, bob["lead_cluster_id"], lead_state="lost")
    await update_lead(api, ann, phone=leo["phone"])
    names = ("mia", "leo", "kim", "ann", "bob")
    return {
        name: lead["lead_cluster_id"] for name, lead in zip(names, (mia, leo, kim, ann, bob), strict=True)
    }


async def found(api: httpx.AsyncClient, five: dict[str, int], **query: Any) -> list[str]:
    """The names of the clusters that a list holds, in its order."""
    answer = await api.get(CLUSTERS, params=query)
    assert answer.status_code == 200, answer.text
    names = {cluster_id: name for name, cluster_id in five.items()}
    return [names[row["id"]] for row in answer.json()["lead_clusters"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["bob", "ann", "kim", "leo", "mia"]),
        ({"sort": "last_lead_created_at"}, ["mia", "leo", "kim", "ann", "bob"]),
        ({"lead_state": "contacted"}, ["leo"]),
        ({"state": "lost"}, ["bob"]),
        ({"golden": "true"}, ["leo"]),
        ({"golden": "false", "lead_state": "new"}, ["ann", "kim", "mia"]),
        ({"user_id": 501}, ["leo"]),
        ({"secondary_user_id": 501}, ["kim"]),
        ({"assigned_user": 501}, ["leo"]),
        ({"secondary_user": 501}, ["kim"]),
        ({"unassigned": "true"}, ["bob", "ann", "kim", "mia"]),
        ({"unassigned": "false"}, ["leo"]),
        ({"location_id": 101}, ["kim"]),
        ({"tag": "fleet"}, ["leo"]),
        ({"category": "Fleet Enquiry"}, ["kim"]),
        ({"source": "Facebook"}, ["kim"]),
        ({"category": "fleet  enquiry", "source": "facebook", "lead_state": "NEW"}, ["kim"]),
        ({"provider": "Somebody"}, ["bob"]),
        ({"provider_id": "X7"}, ["kim"]),
        ({"email": "Mia.Chen@EXAMPLE.com"}, ["mia"]),
        ({"phone": "+61 412 345 999"}, ["mia"]),
        ({"possible_duplicates": "true"}, ["ann", "leo"]),
        ({"waiting": "true"}, ["ann", "kim", "mia"]),
        ({"waiting": "false"}, ["bob", "leo"]),
        ({"sort": "waiting_since"}, ["mia", "kim", "ann"]),
    ],
)
async def test_a_filter_finds_what_it_says(
    api: httpx.AsyncClient, five: dict[str, int], query: dict[str, Any], expected: list[str]
) -> None:
    assert await found(api, five, **query) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("mia", {"mia"}),
        ("MIA", {"mia"}),
        ("okaf", {"leo"}),
        ("chen", {"mia", "ann"}),
        ("mia chen", {"mia"}),
        ("chen mia", set()),
        ("chen ann", {"ann"}),
        ("o'brien", {"kim"}),
        ("okafor leo", {"leo"}),
        ("leo ok", {"leo"}),
        ("kim o'b", {"kim"}),
        ("ann_1", {"ann"}),
        ("ann_100% c", {"ann"}),
        ("%", set()),
        ("mia.chen@", {"mia"}),
        ("mia.chen", {"mia"}),
        ("0412345999", {"mia"}),
        ("+61 (412) 345-999", {"mia"}),
        ("5999", {"mia", "ann"}),
        ("stock1", {"mia"}),
        ("STO", {"mia"}),
        ("nobody", set()),
    ],
)
async def test_the_search_understands_what_is_typed(
    api: httpx.AsyncClient, five: dict[str, int], typed: str, expected: set[str]
) -> None:
    assert set(await found(api, five, q=typed)) == expected
    assert set(await found(api, five, search=typed)) == expected


async def test_who_was_merged_twice_is_found_as_the_last_survivor(api: httpx.AsyncClient) -> None:
    ids = [
        (await enquiry(api, name=name))["lead_cluster_id"] for name in ("Wilhelmina", "Xaviera", "Yolanda")
    ]
    await act(api, ids[1], "merge", lead_cluster_id=ids[0], fields={"name": ids[1]})
    await act(api, ids[2], "merge", lead_cluster_id=ids[1], fields={"name": ids[2]})
    try:
        rows = (await api.get(CLUSTERS, params={"q": "wilhelm"})).json()["lead_clusters"]
        assert [row["id"] for row in rows] == [ids[2]]
    finally:
        await put(api, ids[2], lead_state="invalid")


async def test_a_merged_customer_is_found_by_either_name(api: httpx.AsyncClient) -> None:
    one = await enquiry(api, name="Zebediah")
    other = await enquiry(api, name="Zachariah")
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await act(api, first, "merge", lead_cluster_id=second, fields={"name": first})
    try:
        for typed in ("zebed", "zachar"):
            rows = (await api.get(CLUSTERS, params={"q": typed})).json()["lead_clusters"]
            assert [row["id"] for row in rows] == [one["lead_cluster_id"]], typed
    finally:
        await put(api, one["lead_cluster_id"], lead_state="invalid")


async def test_pages_hold_every_cluster_once_and_in_order(
    api: httpx.AsyncClient, five: dict[str, int]
) -> None:
    assert five
    whole = [row["id"] for row in (await api.get(CLUSTERS, params={"limit": 200})).json()["lead_clusters"]]
    paged: list[int] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await api.get(CLUSTERS, params={"limit": 2, **cursor})).json()
        paged += [row["id"] for row in page["lead_clusters"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert paged == whole


async def test_a_list_tells_a_cluster_as_it_is_told_by_itself(
    api: httpx.AsyncClient, five: dict[str, int]
) -> None:
    row = (await api.get(CLUSTERS, params={"golden": "true"})).json()["lead_clusters"][0]
    alone = (await api.get(f"{CLUSTERS}/{five['leo']}")).json()

    assert row | {"leads": None, "consents": None} == alone | {"leads": None, "consents": None}
    assert row["leads"] is None


async def test_ranges_of_time(api: httpx.AsyncClient, five: dict[str, int], world: World) -> None:
    await world.run(
        "update lead_cluster set last_lead_created_at = now() - interval '2 days' where id = $1", five["kim"]
    )
    edge = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    await world.run(
        "update lead_cluster set waiting_since = now() - interval '2 days', updated_at = now() - interval '2 days' "
        "where id = $1",
        five["ann"],
    )
    assert await found(api, five, waiting_since_before=edge) == ["ann"]
    assert await found(api, five, updated_to=edge) == ["ann"]
    fresh = await api.get(CLUSTERS, params={"updated_from": edge, "limit": 200})
    assert five["ann"] not in {row["id"] for row in fresh.json()["lead_clusters"]}

    older = await api.get(CLUSTERS, params={"created_to": edge})
    newer = await api.get(CLUSTERS, params={"created_from": edge, "limit": 200})

    assert [row["id"] for row in older.json()["lead_clusters"]] == [five["kim"]]
    assert five["kim"] not in {row["id"] for row in newer.json()["lead_clusters"]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"lead_state": "won"}, "lead_state"),
        ({"category": "Fleet"}, "category"),
        ({"source": "Fax"}, "source"),
        ({"golden": "perhaps"}, "golden"),
        ({"possible_duplicates": "false"}, "possible_duplicates"),
        ({"user_id": "me"}, "user_id"),
        ({"created_from": "yesterday"}, "created_from"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"sort": "name"}, "sort"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"q": ""}, "q"),
        ({"q": "mia", "golden": "true"}, "golden"),
        ({"shoe_size": "9"}, "shoe_size"),
    ],
)
async def test_what_does_not_fit_is_named(api: httpx.AsyncClient, query: dict[str, str], field: str) -> None:
    answer = await api.get(CLUSTERS, params=query)

    assert answer.status_code == 400
    assert field in {problem["field"] for problem in answer.json()["errors"]}
