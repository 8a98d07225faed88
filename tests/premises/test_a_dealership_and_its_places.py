"""What a dealership is called, by which clock it works, in which places; and that those who wait follow its clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import enquiry
from tests.messages.asking import told
from tests.response.asking import SETTINGS, settle
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

    from tests.world import World

AT = f"/api/v1/dealerships/{OURS}"


async def last_event(world: World) -> dict[str, Any]:
    [event] = await world.rows(
        "select kind, changes::jsonb::text as changes from event order by id desc limit 1"
    )
    return event


async def test_a_dealership_is_renamed_and_keeps_its_slug(api: httpx.AsyncClient, world: World) -> None:
    before = (await api.get(AT)).json()
    assert (before["slug"], before["timezone"], before["country"], before["region"], before["group"]) == (
        OURS,
        "Australia/Brisbane",
        "AU",
        "QLD",
        "northern",
    )

    answer = await api.put(AT, json={"name": "  Brisbane Motor Company "})

    assert answer.json() == before | {"name": "Brisbane Motor Company"}
    assert (await last_event(world))["kind"] == "dealership.updated"
    count = len(await world.rows("select id from event"))
    await api.put(AT, json={"name": "Brisbane Motor Company"})
    assert len(await world.rows("select id from event")) == count


async def test_another_clock_brings_its_states_holidays_and_moves_those_who_wait(
    api: httpx.AsyncClient, world: World
) -> None:
    await settle(
        api, opening_hours=[{"weekday": day, "opens": "09:00", "closes": "17:00"} for day in range(1, 8)]
    )
    lead = await enquiry(api)

    moved = (await api.put(AT, json={"timezone": "Australia/Perth"})).json()

    assert (moved["timezone"], moved["region"]) == ("Australia/Perth", "WA")
    await follows(world, lead["lead_cluster_id"])
    abroad = (await api.put(AT, json={"timezone": "Pacific/Auckland", "country": "NZ"})).json()
    assert (abroad["country"], abroad["region"]) == ("NZ", None)
    names = {one["name"] for one in (await api.get(SETTINGS)).json()["public_holidays"]}
    assert "Waitangi Day" in names
    await api.put(AT, json={"timezone": "Australia/Brisbane", "country": "AU"})


async def test_other_limits_hold_for_those_who_wait_already(api: httpx.AsyncClient, world: World) -> None:
    lead = await enquiry(api)
    await follows(world, lead["lead_cluster_id"])

    await settle(api, target_minutes=40, overdue_minutes=400)

    await follows(world, lead["lead_cluster_id"])
    await settle(api, target_minutes=15, overdue_minutes=120)


async def follows(world: World, cluster_id: int) -> None:
    """What the inbox sorts by is what the clock says."""
    [row] = await world.rows(
        "select cluster.due_at, cluster.overdue_at, clock.due_at as due, clock.overdue_at as overdue"
        " from lead_cluster as cluster, response_clock(cluster) as clock where cluster.id = $1",
        cluster_id,
    )
    assert (row["due_at"], row["overdue_at"]) == (row["due"], row["overdue"])
    assert row["due_at"] is not None


@pytest.mark.parametrize(
    ("sent", "field"),
    [({"name": " "}, "name"), ({"timezone": "Brisbane"}, "timezone"), ({"country": "Oz"}, "country"),
     ({"slug": "other"}, "slug"), ({"name": "a\nb"}, "name")],
)  # fmt: skip
async def test_what_is_no_dealership_is_refused(
    api: httpx.AsyncClient, sent: dict[str, Any], field: str
) -> None:
    before = (await api.get(AT)).json()

    answer = await api.put(AT, json=sent)

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    assert (await api.get(AT)).json() == before


async def test_a_place_is_added_and_moves(api: httpx.AsyncClient, world: World) -> None:
    added = await told(
        api, "POST", "locations", 201, name="Workshop", location_type="service", phone="(07) 3000 0009"
    )
    assert (added["phone"], added["address"]) == ("+61730000009", None)
    assert (await last_event(world))["kind"] == "location.added"

    moved = await told(
        api, "PUT", f"locations/{added['id']}", 200, address="1 High Street", email="Shop@Ours.Example"
    )

    assert moved == added | {"address": "1 High Street", "email": "shop@ours.example"}
    assert (await api.get(f"{AT}/locations/{added['id']}")).json() == moved
    assert moved in (await api.get(f"{AT}/locations")).json()["locations"]
    assert (await last_event(world))["kind"] == "location.updated"
    # No customer is recognised by it.
    own = [await enquiry(api, phone="07 3000 0009") for _ in range(2)]
    assert own[0]["lead_cluster_id"] != own[1]["lead_cluster_id"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [({}, "name"), ({"name": "x", "phone": "seven"}, "phone"), ({"name": "x", "email": "nobody"}, "email"),
     ({"name": "x", "address": "a\nb"}, "address")],
)  # fmt: skip
async def test_what_is_no_place_is_refused(api: httpx.AsyncClient, sent: dict[str, Any], field: str) -> None:
    answer = await api.post(f"{AT}/locations", json=sent)

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


async def test_a_place_of_others_is_none(api: httpx.AsyncClient) -> None:
    for location_id in (103, 999_999, "x"):
        assert (await api.get(f"{AT}/locations/{location_id}")).status_code == 404
        assert (await api.put(f"{AT}/locations/{location_id}", json={"name": "Ours"})).status_code == 404
