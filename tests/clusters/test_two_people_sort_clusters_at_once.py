"""Merge, unmerge and split that cross each other: one comes after the other, or is refused; nothing is torn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, somebody

if TYPE_CHECKING:
    import httpx

    from tests.world import World

ROUNDS = 8


async def test_two_merges_that_cross_leave_one_survivor(api: httpx.AsyncClient, world: World) -> None:
    for round_ in range(ROUNDS):
        one, other = await enquiry(api), await enquiry(api)
        first, second = one["lead_cluster_id"], other["lead_cluster_id"]

        answers = await asyncio.gather(
            api.post(f"{CLUSTERS}/{first}/merge", json={"lead_cluster_id": second}),
            api.post(f"{CLUSTERS}/{second}/merge", json={"lead_cluster_id": first}),
        )

        # The later one finds that the two are one already.
        assert sorted(answer.status_code for answer in answers) == [200, 422], round_
        rows = await world.rows(
            "select merged_into_id from lead_cluster where id = any ($1)", [first, second]
        )
        assert [row["merged_into_id"] for row in rows].count(None) == 1, round_
        assert (await cluster(api, first))["lead_count"] == 2


async def test_an_unmerge_that_crosses_a_merge_takes_its_leads_along_or_is_refused(
    api: httpx.AsyncClient,
) -> None:
    for round_ in range(ROUNDS):
        leads = [await enquiry(api) for _ in range(3)]
        first, second, third = (lead["lead_cluster_id"] for lead in leads)
        await act(api, first, "merge", lead_cluster_id=second)

        merged, unmerged = await asyncio.gather(
            api.post(f"{CLUSTERS}/{third}/merge", json={"lead_cluster_id": first}),
            api.post(f"{CLUSTERS}/{first}/unmerge", json={"lead_cluster_id": second}),
        )

        assert merged.status_code == 200, merged.text
        assert unmerged.status_code in {200, 404}, unmerged.text
        told = await cluster(api, second)
        assert (told["id"] == second) is (unmerged.status_code == 200), round_
        assert leads[1]["id"] in {lead["id"] for lead in told["leads"]}
        assert (await cluster(api, first))["id"] == third


async def test_a_split_that_crosses_a_merge_moves_what_it_names(api: httpx.AsyncClient) -> None:
    for round_ in range(ROUNDS):
        person = somebody()
        stays, goes, other = await enquiry(api, **person), await enquiry(api, **person), await enquiry(api)
        here, there = stays["lead_cluster_id"], other["lead_cluster_id"]

        split, merged = await asyncio.gather(
            api.post(f"{CLUSTERS}/{here}/split", json={"lead_ids": [goes["id"]]}),
            api.post(f"{CLUSTERS}/{there}/merge", json={"lead_cluster_id": here}),
        )

        assert (split.status_code, merged.status_code) == (201, 200), round_
        assert [lead["id"] for lead in (await cluster(api, split.json()["id"]))["leads"]] == [goes["id"]]
        together = {lead["id"] for lead in (await cluster(api, there))["leads"]}
        assert together == {stays["id"], other["id"]}


@pytest.mark.parametrize("action", ["merge", "unmerge", "split", "not_a_duplicate"])
async def test_if_match_guards_each_of_them(api: httpx.AsyncClient, action: str) -> None:
    person = somebody()
    one, again, other = await enquiry(api, **person), await enquiry(api, **person), await enquiry(api)
    here, there = one["lead_cluster_id"], other["lead_cluster_id"]
    if action == "unmerge":
        await act(api, here, "merge", lead_cluster_id=there)
    sent = {"lead_ids": [again["id"]]} if action == "split" else {"lead_cluster_id": there}
    version = (await cluster(api, here))["version"]

    late = await api.post(f"{CLUSTERS}/{here}/{action}", json=sent, headers={"If-Match": f'"{version - 1}"'})
    done = await api.post(f"{CLUSTERS}/{here}/{action}", json=sent, headers={"If-Match": f'"{version}"'})

    assert (late.status_code, late.headers["etag"]) == (412, f'"{version}"')
    assert done.status_code in {200, 201}, done.text


async def test_a_split_changes_both_clusters(api: httpx.AsyncClient) -> None:
    person = somebody()
    stays, goes = await enquiry(api, **person), await enquiry(api, **person)
    at = f"{CLUSTERS}/{stays['lead_cluster_id']}"
    tag = (await api.get(at)).headers["etag"]

    await act(api, stays["lead_cluster_id"], "split", lead_ids=[goes["id"]])

    after = await api.get(at, headers={"If-None-Match": tag})
    assert (after.status_code, after.json()["lead_count"]) == (200, 1)
