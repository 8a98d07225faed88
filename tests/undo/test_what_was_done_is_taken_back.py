"""Whatever staff do can be undone: things are as they were, the history keeps both, and the clock forgets both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, put
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

AT = f"/api/v1/dealerships/{OURS}"


async def last_event(api: httpx.AsyncClient, cluster_id: int, kind: str) -> dict[str, Any]:
    events = (await api.get(f"{CLUSTERS}/{cluster_id}/events")).json()["events"]
    return next(event for event in events if event["kind"] == kind)


async def undo(api: httpx.AsyncClient, cluster_id: int, kind: str) -> httpx.Response:
    event = await last_event(api, cluster_id, kind)
    return await api.post(f"{AT}/undo", json={"event_id": event["id"]})


FIELDS = (
    "lead_state",
    "golden",
    "user_id",
    "secondary_user_id",
    "location_id",
    "tags",
    "approved",
    "car_ids",
)


@pytest.mark.parametrize(
    "fields",
    [
        {"lead_state": "lost"},
        {"lead_state": "contacted"},
        {"golden": True},
        {"user_id": 501},
        {"secondary_user_id": 501},
        {"location_id": 101},
        {"tags": ["fleet"]},
        {"approved": True},
        {"car_ids": [601]},
        {"lead_state": "converted", "golden": True, "user_id": 501, "tags": ["won"]},
    ],
    ids=str,
)
async def test_an_update_is_undone(fields: dict[str, Any], api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    before = await cluster(api, lead["lead_cluster_id"])
    assert (await put(api, before["id"], **fields)).status_code == 200
    assert (await cluster(api, before["id"]))["version"] > before["version"]

    answer = await undo(api, before["id"], "lead_cluster.updated")

    assert answer.status_code == 200, answer.text
    assert answer.json()["kept"] == []
    after = await cluster(api, before["id"])
    assert {name: after[name] for name in FIELDS} == {name: before[name] for name in FIELDS}
    assert after["waiting_since"] == before["waiting_since"]
    assert after["first_response_seconds"] is None


async def test_what_was_changed_again_since_stays(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    cluster_id = lead["lead_cluster_id"]
    await put(api, cluster_id, lead_state="lost", golden=True)
    first = await last_event(api, cluster_id, "lead_cluster.updated")
    await put(api, cluster_id, lead_state="invalid")

    answer = await api.post(f"{AT}/undo", json={"event_id": first["id"]})

    assert answer.json()["kept"] == ["lead_cluster.state"]
    after = await cluster(api, cluster_id)
    assert (after["lead_state"], after["golden"]) == ("invalid", False)
    again = await api.post(f"{AT}/undo", json={"event_id": first["id"]})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-undoable")


@pytest.mark.parametrize("activity", [{"kind": "call", "outcome": "spoke"}, {"kind": "note", "body": "hm"}])
async def test_an_activity_is_undone_and_stops_no_clock(
    activity: dict[str, Any], api: httpx.AsyncClient
) -> None:
    lead = await enquiry(api)
    before = await cluster(api, lead["lead_cluster_id"])
    await api.post(f"{CLUSTERS}/{before['id']}/activities", json={"activity": activity})

    answer = await undo(api, before["id"], f"{activity['kind']}.logged")

    assert answer.status_code == 200
    after = await cluster(api, before["id"])
    assert after["lead_state"] == "new"
    assert after["waiting_since"] == before["waiting_since"]
    assert after["first_response_seconds"] is None
    assert (await api.get(f"{CLUSTERS}/{before['id']}/activities")).json()["activities"] == []


async def test_a_snooze_an_assignment_and_an_unassignment_are_undone(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    cluster_id = lead["lead_cluster_id"]
    refused = await api.post(f"{CLUSTERS}/{cluster_id}/snooze", json={"until": "2020-01-01T00:00:00Z"})
    assert refused.status_code == 422
    await act(api, cluster_id, "snooze", until=None)
    await put(api, cluster_id, user_id=501)
    await act(api, cluster_id, "unassign")
    assert (await cluster(api, cluster_id))["user_id"] is None

    assert (await undo(api, cluster_id, "lead_cluster.unassigned")).status_code == 200
    assert (await cluster(api, cluster_id))["user_id"] == 501
    assert (await undo(api, cluster_id, "lead_cluster.updated")).status_code == 200


async def test_merge_split_and_not_a_duplicate_are_undone(api: httpx.AsyncClient) -> None:
    one = (await enquiry(api))["lead_cluster_id"]
    second = await enquiry(api)
    other = second["lead_cluster_id"]
    await act(api, one, "merge", lead_cluster_id=other)

    assert (await undo(api, one, "lead_cluster.merged")).status_code == 200
    assert (await cluster(api, other))["id"] == other

    await act(api, one, "merge", lead_cluster_id=other)
    apart = await act(api, one, "split", lead_ids=[second["id"]])
    assert (await undo(api, one, "lead_cluster.split")).status_code == 200
    assert (await cluster(api, apart["id"]))["id"] == one

    third = (await enquiry(api))["lead_cluster_id"]
    await act(api, one, "not_a_duplicate", lead_cluster_id=third)
    assert (await undo(api, one, "lead_cluster.not_a_duplicate")).status_code == 200


async def test_an_appointment_is_undone(api: httpx.AsyncClient) -> None:
    cluster_id = (await enquiry(api))["lead_cluster_id"]
    booked = await api.post(
        f"{CLUSTERS}/{cluster_id}/appointments",
        json={"appointment": {"purpose": "Test Drive", "starts_at": "2031-03-03 10:00:00", "car_id": 601}},
    )
    ident = booked.json()["id"]
    await api.put(f"{AT}/appointments/{ident}", json={"appointment": {"starts_at": "2031-03-03 12:00:00"}})

    assert (await undo(api, cluster_id, "appointment.rescheduled")).status_code == 200
    assert (await api.get(f"{AT}/appointments/{ident}")).json()["starts_at"] == "2031-03-03 10:00:00"
    assert (await cluster(api, cluster_id))["lead_state"] == "contacted"
    assert (await undo(api, cluster_id, "appointment.created")).status_code == 200
    assert (await api.get(f"{AT}/appointments/{ident}")).json()["status"] == "cancelled"
    assert (await cluster(api, cluster_id))["lead_state"] == "new"


@pytest.mark.parametrize("status", ["cancelled", "completed", "no-show"])
async def test_what_became_of_an_appointment_is_undone(status: str, api: httpx.AsyncClient) -> None:
    cluster_id = (await enquiry(api))["lead_cluster_id"]
    booked = await api.post(
        f"{CLUSTERS}/{cluster_id}/appointments",
        json={"appointment": {"purpose": "Test Drive", "starts_at": "2031-04-03 10:00:00"}},
    )
    at = f"{AT}/appointments/{booked.json()['id']}"
    await api.put(at, json={"appointment": {"status": status, "note": "Brought her mother"}})

    answer = await undo(api, cluster_id, f"appointment.{status.replace('-', '_')}")

    assert answer.status_code == 200
    # The log tells that there is a note, not what it says: it stays.
    assert answer.json()["kept"] == ["appointment.note"]
    assert (await api.get(at)).json()["status"] == "pending"
    await api.put(at, json={"appointment": {"note": "And her father"}})
    assert (await undo(api, cluster_id, "appointment.updated")).status_code == 409


async def test_what_a_lead_did_and_what_is_not_there_cannot_be_undone(api: httpx.AsyncClient) -> None:
    cluster_id = (await enquiry(api))["lead_cluster_id"]

    assert (await undo(api, cluster_id, "lead.created")).status_code == 409
    assert (await api.post(f"{AT}/undo", json={"event_id": 999_999_999})).status_code == 404
    assert (await api.post(f"{AT}/undo", json={})).status_code == 422
