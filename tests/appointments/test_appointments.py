"""Appointments and test drives: by the dealership's clock, one driver a car, changed and ended."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, put
from tests.conftest import bearer
from tests.world import OURS, THEIRS

if TYPE_CHECKING:
    from tests.world import World

DIARY = f"/api/v1/dealerships/{OURS}/appointments"
TEN = "2031-03-04 10:00:00"


async def booked(api: httpx.AsyncClient, at: int | None = None, **fields: Any) -> dict[str, Any]:
    """A test drive of the cluster, or of somebody new."""
    if at is None:
        at = (await enquiry(api))["lead_cluster_id"]
    return await act(
        api, at, "appointments", appointment={"purpose": "Test Drive", "starts_at": TEN} | fields
    )


async def changed(api: httpx.AsyncClient, ident: int, **fields: Any) -> httpx.Response:
    return await api.put(f"{DIARY}/{ident}", json={"appointment": fields})


async def events(api: httpx.AsyncClient, at: int) -> list[dict[str, Any]]:
    answer = await api.get(f"{CLUSTERS}/{at}/events")
    return list(answer.json()["events"])


async def test_it_is_told_under_the_names_of_the_lead_export(api: httpx.AsyncClient) -> None:
    told = await booked(
        api, length_in_minutes=45, location_id=101, user_id=501, car_id=601, note="wants the blue one"
    )

    read = (await api.get(f"{DIARY}/{told['id']}")).json()
    assert read == told
    assert told["purpose"] == "Test Drive"
    assert told["starts_at"] == TEN
    assert datetime.fromisoformat(told["starts_at_instant"]) == datetime(2031, 3, 4, 0, 0, tzinfo=UTC)
    assert (told["length_in_minutes"], told["location_id"], told["user_id"]) == (45, 101, 501)
    assert (told["car_for_test_drive"], told["status"], told["ai_generated"]) == ("Car", "pending", False)
    listed = (await api.get(f"{CLUSTERS}/{told['lead_cluster_id']}/appointments")).json()
    assert listed["appointments"] == [told]


@pytest.mark.parametrize(("sent", "utc"), [
    # Melbourne is ten hours ahead in winter and eleven in summer.
    ("2031-07-01 09:00:00", "2031-06-30T23:00:00+00:00"),
    ("2031-01-10 09:00", "2031-01-09T22:00:00+00:00"),
    ("2031-01-10T09:00:00", "2031-01-09T22:00:00+00:00"),
    ("2031-01-10T09:00:00+00:00", "2031-01-10T09:00:00+00:00"),
])  # fmt: skip
async def test_a_time_is_by_the_clock_on_the_wall(
    api: httpx.AsyncClient, world: World, sent: str, utc: str
) -> None:
    await world.run("update dealership set timezone = 'Australia/Melbourne' where slug = $1", OURS)

    told = await booked(api, starts_at=sent)

    assert datetime.fromisoformat(told["starts_at_instant"]) == datetime.fromisoformat(utc)
    # The clocks go forward on the 5th of October 2031: there is no half past two.
    missing = await api.post(
        f"{CLUSTERS}/{told['lead_cluster_id']}/appointments",
        json={"appointment": {"starts_at": "2031-10-05 02:30:00"}},
    )
    await world.run("update dealership set timezone = 'Australia/Brisbane' where slug = $1", OURS)
    assert missing.status_code == 422, missing.text
    assert missing.json()["errors"][0]["field"] == "appointment.starts_at"


async def test_a_car_has_one_driver_at_a_time(api: httpx.AsyncClient) -> None:
    day = "2031-04-02"
    first = await booked(api, car_id=601, starts_at=f"{day} 10:00:00", length_in_minutes=60)
    await booked(api, car_id=601, starts_at=f"{day} 11:00:00", length_in_minutes=30)
    other = await enquiry(api)

    answer = await api.post(
        f"{CLUSTERS}/{other['lead_cluster_id']}/appointments",
        json={"appointment": {"car_id": 601, "starts_at": f"{day} 10:30:00", "length_in_minutes": 45}},
    )

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/car-not-free")
    [problem] = answer.json()["errors"]
    assert (problem["field"], problem["allowed"]) == ("appointment.starts_at", [f"{day} 11:30:00"])
    # That very time does, and so does the gap that a cancellation leaves.
    await booked(api, car_id=601, starts_at=f"{day} 11:30:00", length_in_minutes=45)
    assert (await changed(api, first["id"], status="cancelled")).status_code == 200
    await booked(api, car_id=601, starts_at=f"{day} 10:15:00", length_in_minutes=45)
    # Another car is another matter.
    await booked(api, car_id=611, starts_at=f"{day} 10:15:00", length_in_minutes=45)


async def test_the_next_free_time_lies_within_opening_hours(api: httpx.AsyncClient) -> None:
    # Friday; it closes at half past five, and Saturday opens at half past eight.
    await booked(api, car_id=611, starts_at="2031-04-04 16:30:00", length_in_minutes=60)
    other = await enquiry(api)

    answer = await api.post(
        f"{CLUSTERS}/{other['lead_cluster_id']}/appointments",
        json={"appointment": {"car_id": 611, "starts_at": "2031-04-04 17:00:00", "length_in_minutes": 30}},
    )

    assert answer.json()["errors"][0]["allowed"] == ["2031-04-05 08:30:00"]


async def test_two_at_once_on_one_car_leave_one(api: httpx.AsyncClient, world: World) -> None:
    people = [(await enquiry(api))["lead_cluster_id"] for _ in range(6)]
    sent = {"appointment": {"car_id": 601, "starts_at": "2031-05-06 10:00:00"}}

    answers = await asyncio.gather(*(api.post(f"{CLUSTERS}/{at}/appointments", json=sent) for at in people))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    rows = await world.rows(
        "select count(*) as booked from appointment where starts_at = '2031-05-06 00:00:00+00'"
    )
    assert rows == [{"booked": 1}]


async def test_rescheduled_and_ended(api: httpx.AsyncClient) -> None:
    told = await booked(api, car_id=601, starts_at="2031-06-03 10:00:00")
    at = told["lead_cluster_id"]

    moved = (await changed(api, told["id"], starts_at="2031-06-03 10:15:00")).json()
    done = (await changed(api, told["id"], status="completed", outcome="loved it")).json()

    assert (moved["starts_at"], moved["version"]) == ("2031-06-03 10:15:00", 2)
    assert (done["status"], done["outcome"], done["version"]) == ("completed", "loved it", 3)
    kinds = [event["kind"] for event in await events(api, at) if event["kind"].startswith("appointment")]
    assert kinds == ["appointment.completed", "appointment.rescheduled", "appointment.created"]
    rescheduled = (await events(api, at))[1]
    assert rescheduled["changes"]["appointment.starts_at"] == {
        "from": "2031-06-03 10:00:00",
        "to": "2031-06-03 10:15:00",
    }
    assert (await cluster(api, at))["lead_state"] == "contacted"


async def test_what_changes_nothing_writes_nothing(api: httpx.AsyncClient) -> None:
    told = await booked(api)
    before = await events(api, told["lead_cluster_id"])

    again = (await changed(api, told["id"], purpose="Test Drive", starts_at=TEN)).json()

    assert again == told
    assert await events(api, told["lead_cluster_id"]) == before


async def test_an_etag_guards_a_change(api: httpx.AsyncClient) -> None:
    told = await booked(api)
    at = f"{DIARY}/{told['id']}"
    assert (await api.get(at, headers={"If-None-Match": '"1"'})).status_code == 304
    sent = {"appointment": {"note": "by tram"}}

    first = await api.put(at, json=sent, headers={"If-Match": '"1"'})
    second = await api.put(at, json=sent, headers={"If-Match": '"1"'})

    assert (first.status_code, first.headers["etag"], second.status_code) == (200, '"2"', 412)


async def test_a_retry_books_once(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]
    sent: dict[str, Any] = {
        "json": {"appointment": {"starts_at": "2031-03-05 09:00:00"}},
        "headers": {"Idempotency-Key": "book-once"},
    }

    first = await api.post(f"{CLUSTERS}/{at}/appointments", **sent)
    again = await api.post(f"{CLUSTERS}/{at}/appointments", **sent)

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.headers["idempotency-replay"], again.content) == ("true", first.content)
    assert len((await api.get(f"{CLUSTERS}/{at}/appointments")).json()["appointments"]) == 1


async def test_a_dry_run_books_nothing(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]

    answer = await api.post(
        f"{CLUSTERS}/{at}/appointments", params={"dry_run": "true"}, json={"appointment": {"starts_at": TEN}}
    )

    assert (answer.status_code, answer.json()["answer"]["starts_at"]) == (200, TEN)
    assert (await api.get(f"{CLUSTERS}/{at}/appointments")).json() == {"appointments": []}


async def test_registered_interest_has_no_time_and_is_no_answer(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]

    told = await act(
        api, at, "appointments", appointment={"purpose": "Test Drive", "status": "interest_registered"}
    )

    assert (told["starts_at"], told["status"]) == (None, "interest_registered")
    assert (await cluster(api, at))["waiting_since"] is not None


async def test_what_a_machine_books_is_no_humans_answer(api: httpx.AsyncClient) -> None:
    told = await booked(api, ai_generated=True)

    assert (await cluster(api, told["lead_cluster_id"]))["waiting_since"] is not None


async def test_the_state_appointment_is_used_where_it_is_switched_on(api: httpx.AsyncClient) -> None:
    settings = f"/api/v1/dealerships/{OURS}/lead_cluster_settings"
    on = await api.put(settings, json={"lead_cluster_settings": {"uses_appointment_state": True}})
    assert on.status_code == 200, on.text

    told = await booked(api)

    assert (await cluster(api, told["lead_cluster_id"]))["lead_state"] == "appointment"
    off = await api.put(settings, json={"lead_cluster_settings": {"uses_appointment_state": False}})
    assert off.status_code == 200, off.text
    refused = await put(api, (await enquiry(api))["lead_cluster_id"], lead_state="appointment")
    assert refused.status_code == 422


async def test_a_time_outside_the_hours_is_taken_with_a_warning(api: httpx.AsyncClient) -> None:
    closed = await booked(api, starts_at="2031-03-09 10:00:00")
    past = await booked(api, starts_at="2025-03-04 10:00:00")

    assert closed["warnings"] == ["appointment.starts_at: the location is closed then"]
    assert past["warnings"] == ["appointment.starts_at: is past already"]


@pytest.mark.parametrize(("sent", "field"), [
    ({}, "starts_at"),
    ({"starts_at": None}, "starts_at"),
    ({"starts_at": "tomorrow"}, "starts_at"),
    ({"starts_at": "2031-02-30 10:00:00"}, "starts_at"),
    ({"starts_at": TEN, "purpose": "Lunch"}, "purpose"),
    ({"starts_at": TEN, "status": "maybe"}, "status"),
    ({"starts_at": TEN, "length_in_minutes": 4}, "length_in_minutes"),
    ({"starts_at": TEN, "user_id": 503}, "user_id"),
    ({"starts_at": TEN, "by_user_id": 503}, "by_user_id"),
    ({"starts_at": TEN, "location_id": 103}, "location_id"),
    ({"starts_at": TEN, "car_id": 603}, "car_id"),
    ({"starts_at": TEN, "colour": "red"}, "colour"),
])  # fmt: skip
async def test_what_does_not_fit_is_named(api: httpx.AsyncClient, sent: dict[str, Any], field: str) -> None:
    at = (await enquiry(api))["lead_cluster_id"]

    answer = await api.post(f"{CLUSTERS}/{at}/appointments", json={"appointment": sent})

    assert answer.status_code == 422, answer.text
    assert [problem["field"] for problem in answer.json()["errors"]] == [f"appointment.{field}"]
    assert (await api.get(f"{CLUSTERS}/{at}/appointments")).json() == {"appointments": []}


async def test_the_diary_is_in_the_order_of_time_and_paged(api: httpx.AsyncClient) -> None:
    person = (await enquiry(api))["lead_cluster_id"]
    days = ["2032-02-03 09:00:00", "2032-02-03 14:00:00", "2032-02-04 09:00:00", "2032-02-05 09:00:00"]
    ids = {day: (await booked(api, person, starts_at=day, user_id=501))["id"] for day in reversed(days)}

    asked: dict[str, Any] = {"from": "2032-02-03", "to": "2032-02-05", "limit": 2, "user_id": 501}
    first = (await api.get(DIARY, params=asked)).json()
    second = (await api.get(DIARY, params=asked | {"cursor": first["next_cursor"]})).json()

    assert [one["id"] for one in first["appointments"]] == [ids[days[0]], ids[days[1]]]
    assert [one["id"] for one in second["appointments"]] == [ids[days[2]]]
    assert second["next_cursor"] is None
    nobody = (await api.get(DIARY, params=asked | {"status": "cancelled"})).json()
    assert nobody["appointments"] == []
    refused = await api.get(DIARY, params={"from": "soon", "status": "maybe", "user_id": "x"})
    assert refused.status_code == 400
    assert {problem["field"] for problem in refused.json()["errors"]} == {"from", "status", "user_id"}


async def test_another_dealerships_is_not_found(api: httpx.AsyncClient, server: str, world: World) -> None:
    told = await booked(api)
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.their_token)) as theirs:
        answer = await theirs.get(f"/api/v1/dealerships/{THEIRS}/appointments/{told['id']}")

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/appointment-not-found")


async def test_appointments_follow_a_merge_and_its_undoing(api: httpx.AsyncClient) -> None:
    one = (await enquiry(api))["lead_cluster_id"]
    told = await booked(api, starts_at="2031-09-02 10:00:00")
    other = told["lead_cluster_id"]

    await act(api, one, "merge", lead_cluster_id=other)
    merged = (await api.get(f"{CLUSTERS}/{other}/appointments")).json()["appointments"]
    await act(api, one, "unmerge", lead_cluster_id=other)

    assert [(row["id"], row["lead_cluster_id"]) for row in merged] == [(told["id"], one)]
    assert (await api.get(f"{CLUSTERS}/{one}/appointments")).json() == {"appointments": []}
    back = (await api.get(f"{CLUSTERS}/{other}/appointments")).json()["appointments"]
    assert [row["id"] for row in back] == [told["id"]]
