"""The lead cluster settings: a dealership's own numbers, when a closed cluster is too old, the state appointment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import cluster, enquiry, put, somebody
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

SETTINGS = f"/api/v1/dealerships/{OURS}/lead_cluster_settings"
OPTIONS = f"/api/v1/dealerships/{OURS}/lead_status_options"


async def settle(api: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await api.put(SETTINGS, json={"lead_cluster_settings": fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_it_begins_with(api: httpx.AsyncClient) -> None:
    told = (await api.get(SETTINGS)).json()

    assert (told["closed_cluster_days"], told["uses_appointment_state"]) == (180, False)
    assert (told["phone"], told["email"]) == (None, None)
    assert [place["id"] for place in told["locations"]] == [101]


async def test_its_own_numbers_are_normalised_and_match_nobody(api: httpx.AsyncClient) -> None:
    told = await settle(
        api,
        phone="(07) 3000 0000",
        email="Sales@Brisbane-Motors.Example",
        locations=[{"id": 101, "phone": "07 3000 0001"}],
    )

    assert (told["phone"], told["email"]) == ("+61730000000", "sales@brisbane-motors.example")
    assert told["locations"][0]["phone"] == "+61730000001"
    for own in ({"phone": "07 3000 0000"}, {"phone": "+61 7 3000 0001"}):
        one, other = await enquiry(api, **own), await enquiry(api, **own)
        assert one["lead_cluster_id"] != other["lead_cluster_id"]
    cleared = await settle(api, phone=None, locations=[{"id": 101, "phone": None}])
    assert (cleared["phone"], cleared["locations"][0]["phone"]) == (None, None)


async def test_what_is_left_out_stays(api: httpx.AsyncClient) -> None:
    before = await settle(api, closed_cluster_days=90)

    after = await settle(api, uses_appointment_state=False)

    assert after == before


async def test_a_shorter_patience_closes_sooner(api: httpx.AsyncClient) -> None:
    await settle(api, closed_cluster_days=0)
    person = somebody()
    first = await enquiry(api, lead_state="lost", **person)

    second = await enquiry(api, **person)

    assert second["lead_cluster_id"] != first["lead_cluster_id"]
    await settle(api, closed_cluster_days=180)


@pytest.mark.parametrize(("sent", "field"), [
    ({"closed_cluster_days": -1}, "closed_cluster_days"),
    ({"closed_cluster_days": 40_000}, "closed_cluster_days"),
    ({"uses_appointment_state": "often"}, "uses_appointment_state"),
    ({"phone": "seven"}, "phone"),
    ({"email": "nobody"}, "email"),
    ({"locations": [{"id": 103, "phone": "07 3000 0001"}]}, "locations[0].id"),
    ({"locations": [{"id": 101, "email": "@"}]}, "locations[0].email"),
    ({"colour": "red"}, "colour"),
])  # fmt: skip
async def test_what_does_not_fit_is_named(api: httpx.AsyncClient, sent: dict[str, Any], field: str) -> None:
    before = (await api.get(SETTINGS)).json()

    answer = await api.put(SETTINGS, json={"lead_cluster_settings": sent})

    assert answer.status_code == 422, answer.text
    assert [problem["field"] for problem in answer.json()["errors"]] == [f"lead_cluster_settings.{field}"]
    assert (await api.get(SETTINGS)).json() == before


async def test_its_own_words_stand_under_each_state(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]
    added = [
        await api.post(OPTIONS, json={"lead_status_option": option})
        for option in (
            {"state": "lost", "name": "Bought elsewhere", "position": 2},
            {"state": "lost", "name": "Too far away", "position": 1},
            {"state": "contacted", "name": "Left a message"},
        )
    ]
    assert {answer.status_code for answer in added} == {201}
    elsewhere, far, message = (answer.json() for answer in added)
    listed = (await api.get(OPTIONS)).json()["lead_status_options"]
    assert [option["name"] for option in listed] == ["Left a message", "Too far away", "Bought elsewhere"]

    taken = await put(api, at, lead_status_option_id=far["id"])
    renamed = await api.put(
        f"{OPTIONS}/{far['id']}", json={"lead_status_option": {"name": "Too far", "enabled": False}}
    )

    assert (taken.json()["lead_state"], taken.json()["lead_status_option"]["name"]) == (
        "lost",
        "Too far away",
    )
    assert (renamed.json()["name"], renamed.json()["enabled"]) == ("Too far", False)
    # Who has it keeps it; nobody takes it any more.
    assert (await cluster(api, at))["lead_status_option"] == {"id": far["id"], "name": "Too far"}
    other = (await enquiry(api))["lead_cluster_id"]
    assert (await put(api, other, lead_status_option_id=far["id"])).status_code == 422
    moved = (await put(api, at, lead_status_option_id=message["id"])).json()
    assert (moved["lead_state"], moved["lead_status_option_id"]) == ("contacted", message["id"])
    left = (await put(api, at, lead_state="new")).json()
    assert left["lead_status_option_id"] is None
    assert elsewhere["state"] == "lost"


@pytest.mark.parametrize(("sent", "field"), [
    ({"name": "Why not"}, "state"),
    ({"state": "lost"}, "name"),
    ({"state": "lost", "name": "  "}, "name"),
    ({"state": "won", "name": "Why not"}, "state"),
    ({"state": "lost", "name": "Taken"}, "name"),
    ({"state": "lost", "name": "Why not", "position": -1}, "position"),
])  # fmt: skip
async def test_what_is_no_status_option_is_refused(
    api: httpx.AsyncClient, sent: dict[str, Any], field: str
) -> None:
    await api.post(OPTIONS, json={"lead_status_option": {"state": "lost", "name": "Taken"}})

    answer = await api.post(OPTIONS, json={"lead_status_option": sent})

    assert answer.status_code == 422, answer.text
    assert [problem["field"] for problem in answer.json()["errors"]] == [f"lead_status_option.{field}"]


@pytest.mark.parametrize(
    "path", ["stop_list/phone/%00", "stop_list/%00/1", "staff/%00", "lead_clusters/1%00"]
)
async def test_what_is_called_nul_is_not_there(path: str, api: httpx.AsyncClient) -> None:
    method = "PUT" if "staff" in path else "DELETE" if "stop" in path else "GET"
    for dealership in (OURS, f"{OURS}%00"):
        answer = await api.request(method, f"/api/v1/dealerships/{dealership}/{path}", json={})
        assert answer.status_code == 404
