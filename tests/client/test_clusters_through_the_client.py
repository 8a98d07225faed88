"""Lead clusters through both clients, against the real server."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from forecourt.client import Change, Invalid, NotFound, VersionMismatch
from tests.client.asking import MIA, came_of
from tests.world import OURS

if TYPE_CHECKING:
    from forecourt.client import AsyncForecourt, Forecourt

    Client = Forecourt | AsyncForecourt


_numbers = count(100)


async def customer(forecourt: Client, name: str) -> int:
    """The cluster of a new customer."""
    number = next(_numbers)
    told = MIA | {"name": name, "phone": f"0412 345 {number}", "email": f"{name}{number}@example.com"}
    return int((await came_of(forecourt.leads.create, **told)).lead_cluster_id)


@pytest.fixture
async def two(forecourt: Client) -> tuple[int, int]:
    """The clusters of two customers."""
    return await customer(forecourt, "Ann"), await customer(forecourt, "Bob")


async def test_a_cluster_is_read_and_updated(forecourt: Client, two: tuple[int, int]) -> None:
    clusters = forecourt.dealership(OURS).lead_clusters

    before = await came_of(clusters.get, two[0])
    would = await came_of(clusters.update, two[0], tags=["fleet"], dry_run=True)
    after = await came_of(
        clusters.update,
        two[0],
        if_match=before.version,
        lead_state="contacted",
        tags=["fleet"],
        contact={"business_name": "Ann's"},
        car_ids=[601],
    )

    assert (before.contact.name, before.lead_state, before.leads[0].membership.rule) == (
        "Ann",
        "new",
        "new_customer",
    )
    assert (would.lead_cluster.tags, would.changes) == (
        ["fleet"],
        {"lead_cluster.tags": Change(before=[], after=["fleet"])},
    )
    assert (after.lead_state, after.tags, after.car_ids) == ("contacted", ["fleet"], [601])
    assert (after.contact.business_name, after.by_hand["state"].value) == ("Ann's", "contacted")
    with pytest.raises(VersionMismatch) as refused:
        await came_of(clusters.update, two[0], if_match=before.version, golden=True)
    assert refused.value.etag == f'"{after.version}"'


async def test_clusters_are_listed_and_searched(forecourt: Client, two: tuple[int, int]) -> None:
    clusters = forecourt.dealership(1).lead_clusters

    async def found(**asked: Any) -> list[int]:
        return [cluster.id for cluster in await came_of(clusters.list, **asked)]

    assert (await found(page_size=1))[:1] == [two[1]]
    assert set(two) <= set(await found(waiting=True, page_size=1))
    email = (await came_of(clusters.get, two[0])).contact.emails[0].value
    assert await found(q=email) == await found(email=email) == [two[0]]


async def test_two_clusters_are_merged_and_apart_again(forecourt: Client, two: tuple[int, int]) -> None:
    clusters = forecourt.dealership(OURS).lead_clusters
    survivor, other = two

    would = await came_of(clusters.merge, survivor, other, dry_run=True)
    merged = await came_of(clusters.merge, survivor, other, fields={"name": survivor})

    assert (would.lead_cluster.lead_count, merged.lead_count, merged.contact.name) == (2, 2, "Ann")
    assert merged.merged_lead_cluster_ids == [other]
    assert (await came_of(clusters.get, other)).id == survivor
    assert (await came_of(clusters.unmerge, survivor, other)).lead_count == 1
    assert (await came_of(clusters.get, other)).contact.name == "Bob"


async def test_no_address_can_be_made_of_a_name(forecourt: Client) -> None:
    cluster = await customer(forecourt, "Cid")
    for name in ("perth-autos", "../leads", f"{OURS}/lead_clusters/1?q=", 3):
        with pytest.raises(NotFound):
            await came_of(forecourt.dealership(name).lead_clusters.get, cluster)
    with pytest.raises(Invalid):
        await came_of(forecourt.dealership(OURS).lead_clusters.update, cluster, nonsense=1)
