"""Which cluster a new lead joins, and why."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.clusters.asking import (
    CLUSTERS,
    act,
    cluster,
    duplicates,
    enquiry,
    put,
    somebody,
    update_lead,
)
from tests.conftest import bearer
from tests.world import LEAD, OURS, SISTER

if TYPE_CHECKING:
    from tests.world import World


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("mia@example.com", "mia@EXAMPLE.com", True),
        ("mia@example.com", "mia+cars@example.com", False),
        ("mia+cars@example.com", "mia+bikes@example.com", False),
        ("mia@example.com", "mia@example.org", False),
        ("m.ia@example.com", "mia@example.com", False),
    ],
)
async def test_the_same_address_is_the_same_customer(
    api: httpx.AsyncClient, first: str, second: str, *, together: bool
) -> None:
    mark = somebody()["email"].partition("@")[0]
    one = await enquiry(api, email=f"{mark}.{first}")
    other = await enquiry(api, email=f"{mark}.{second}")

    assert (one["lead_cluster_id"] == other["lead_cluster_id"]) is together


async def test_the_same_number_in_any_spelling_is_the_same_customer(api: httpx.AsyncClient) -> None:
    phone = somebody()["phone"]
    one = await enquiry(api, phone=phone)
    for spelling in (f"+61 {phone[1:4]} {phone[4:7]} {phone[7:]}", f"({phone[:4]}) {phone[4:]}"):
        other = await enquiry(api, phone=spelling)
        assert other["lead_cluster_id"] == one["lead_cluster_id"]


async def test_clusters_never_span_dealerships(server: str, world: World) -> None:
    person = somebody()
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.group_token)) as api:
        one = await enquiry(api, **person)
        other = await enquiry(api, **person, dealership_slug=SISTER)

    assert one["lead_cluster_id"] != other["lead_cluster_id"]


async def test_a_cluster_tells_why_each_lead_is_in_it(api: httpx.AsyncClient) -> None:
    person = somebody()
    first = await enquiry(api, **person)
    second = await enquiry(api, phone=person["phone"])

    told = await cluster(api, first["lead_cluster_id"])

    by_id = {lead["id"]: lead["membership"] for lead in told["leads"]}
    assert by_id[first["id"]]["rule"] == "new_customer"
    assert by_id[first["id"]]["matched"] == []
    assert by_id[second["id"]]["rule"] == "same_contact_point"
    assert by_id[second["id"]]["matched"] == [{"kind": "phone", "value": f"+61{person['phone'][1:]}"}]
    assert by_id[second["id"]]["since"]
    assert told["lead_count"] == 2


@pytest.mark.parametrize(
    "placeholder",
    [
        {"phone": "0400000000"},
        {"phone": "+61 400 000 000"},
        {"email": "noemail@dealer.example"},
        {"email": "NOEMAIL@anywhere.example"},
        {"email": "no-reply@shop.example"},
    ],
)
async def test_placeholders_match_nobody(api: httpx.AsyncClient, placeholder: dict[str, str]) -> None:
    one = await enquiry(api, **placeholder)
    other = await enquiry(api, **placeholder)

    assert one["lead_cluster_id"] != other["lead_cluster_id"]
    assert await duplicates(api, one["lead_cluster_id"]) == {}


async def test_the_dealerships_own_numbers_match_nobody(api: httpx.AsyncClient, world: World) -> None:
    own = somebody()
    await world.run("update dealership set phone = $1 where slug = $2", f"+61{own['phone'][1:]}", OURS)
    await world.run("update location set email = $1 where id = 101", own["email"])
    try:
        one = await enquiry(api, phone=own["phone"])
        other = await enquiry(api, phone=own["phone"])
        by_mail = await enquiry(api, email=own["email"])
        again = await enquiry(api, email=own["email"])
    finally:
        await world.run("update dealership set phone = null")
        await world.run("update location set email = null")

    assert len({lead["lead_cluster_id"] for lead in (one, other, by_mail, again)}) == 4


async def test_the_stop_list_is_the_dealerships_to_change(api: httpx.AsyncClient) -> None:
    at = f"/api/v1/dealerships/{OURS}/stop_list"
    phone = somebody()["phone"]
    answer = await api.post(
        at, json={"stop_list_entry": {"kind": "phone", "value": phone, "note": "switchboard"}}
    )
    assert answer.status_code == 201
    entry = answer.json()
    assert entry["value"] == f"+61{phone[1:]}"

    one, other = await enquiry(api, phone=phone), await enquiry(api, phone=phone)
    assert one["lead_cluster_id"] != other["lead_cluster_id"]

    assert (await api.delete(f"{at}/phone/{entry['value']}")).status_code == 200
    again = await enquiry(api, phone=phone)
    assert again["lead_cluster_id"] in {one["lead_cluster_id"], other["lead_cluster_id"]}
    assert (await api.delete(f"{at}/phone/{entry['value']}")).status_code == 404


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"kind": "fax", "value": "1"}, "stop_list_entry.kind"),
        ({"kind": "phone", "value": "no number"}, "stop_list_entry.value"),
        ({"kind": "email", "value": "*@*"}, "stop_list_entry.value"),
        ({"kind": "email"}, "stop_list_entry.value"),
        ({"kind": "email", "value": "a@b.example", "why": "so"}, "stop_list_entry.why"),
    ],
)
async def test_what_is_no_entry_is_refused(api: httpx.AsyncClient, entry: dict[str, str], field: str) -> None:
    answer = await api.post(f"/api/v1/dealerships/{OURS}/stop_list", json={"stop_list_entry": entry})

    assert answer.status_code == 422
    assert field in {problem["field"] for problem in answer.json()["errors"]}


async def test_of_two_clusters_the_latest_takes_the_lead_and_the_other_is_suggested(
    api: httpx.AsyncClient,
) -> None:
    by_mail, by_phone = somebody(), somebody()
    older = await enquiry(api, **by_mail)
    newer = await enquiry(api, **by_phone)

    both = await enquiry(api, email=by_mail["email"], phone=by_phone["phone"])

    assert both["lead_cluster_id"] == newer["lead_cluster_id"]
    found = await duplicates(api, newer["lead_cluster_id"])
    reasons = found[older["lead_cluster_id"]]["reasons"]
    assert [(one["kind"], one["value"], one["lead_id"]) for one in reasons] == [
        ("email", by_mail["email"], both["id"])
    ]
    assert older["lead_cluster_id"] in found
    assert newer["lead_cluster_id"] in await duplicates(api, older["lead_cluster_id"])
    assert (await cluster(api, older["lead_cluster_id"]))["lead_count"] == 1


async def test_activity_is_what_makes_a_cluster_the_latest(api: httpx.AsyncClient) -> None:
    by_mail, by_phone = somebody(), somebody()
    first = await enquiry(api, **by_mail)
    await enquiry(api, **by_phone)
    await put(api, first["lead_cluster_id"], tags=["hot"])

    both = await enquiry(api, email=by_mail["email"], phone=by_phone["phone"])

    assert both["lead_cluster_id"] == first["lead_cluster_id"]


async def test_an_update_adds_ways_to_reach_the_customer_and_moves_no_lead(api: httpx.AsyncClient) -> None:
    other = await enquiry(api)
    lead = await enquiry(api)

    updated = await update_lead(api, lead, phone=other["phone"])

    assert updated["lead_cluster_id"] == lead["lead_cluster_id"]
    contact = (await cluster(api, lead["lead_cluster_id"]))["contact"]
    assert [point["value"] for point in contact["phones"]] == [lead["phone_e164"], other["phone_e164"]]
    assert all(point["first_seen_at"] for point in contact["phones"])
    found = await duplicates(api, lead["lead_cluster_id"])
    assert [reason["kind"] for reason in found[other["lead_cluster_id"]]["reasons"]] == ["phone"]


async def test_an_update_to_a_placeholder_suggests_nobody(api: httpx.AsyncClient) -> None:
    await enquiry(api, phone="0400000000")
    lead = await enquiry(api)

    await update_lead(api, lead, phone="0400000000")

    assert await duplicates(api, lead["lead_cluster_id"]) == {}


@pytest.mark.parametrize(("state", "days", "same"), [
    ("lost", 181, False), ("lost", 179, True), ("converted", 400, False), ("invalid", 181, False),
    ("contacted", 400, True), ("new", 400, True),
])  # fmt: skip
async def test_a_cluster_that_was_closed_long_ago_takes_no_lead(
    api: httpx.AsyncClient, world: World, state: str, days: int, *, same: bool
) -> None:
    person = somebody()
    first = await enquiry(api, **person)
    await put(api, first["lead_cluster_id"], lead_state=state)
    await world.run(
        "update lead set created_at = created_at - make_interval(days => $1) where id = $2", days, first["id"]
    )

    second = await enquiry(api, **person)

    assert (second["lead_cluster_id"] == first["lead_cluster_id"]) is same
    if not same:
        told = await cluster(api, second["lead_cluster_id"])
        assert told["earlier_lead_cluster_id"] == first["lead_cluster_id"]
        assert told["leads"][0]["membership"]["rule"] == "earlier_cluster_closed"
        assert {match["kind"] for match in told["leads"][0]["membership"]["matched"]} == {"email", "phone"}
        third = await enquiry(api, **person)
        assert third["lead_cluster_id"] == second["lead_cluster_id"]


@pytest.mark.parametrize(
    ("state", "after"),
    [("lost", "new"), ("converted", "new"), ("invalid", "invalid"), ("contacted", "contacted")],
)
async def test_a_new_enquiry_opens_a_lost_cluster_again(
    api: httpx.AsyncClient, state: str, after: str
) -> None:
    person = somebody()
    first = await enquiry(api, **person)
    await put(api, first["lead_cluster_id"], lead_state=state)

    await enquiry(api, **person)

    told = await cluster(api, first["lead_cluster_id"])
    assert told["lead_state"] == after
    assert (told["closed_at"] is None) == (after != "invalid")
    assert (told["waiting_since"] is None) == (after == "invalid")


async def test_names_that_say_much_the_same_only_suggest(api: httpx.AsyncClient) -> None:
    one = await enquiry(api, name="Siobhan", last_name="Featherstonehaugh")
    other = await enquiry(api, name="Siobahn", last_name="Featherstonehaugh")
    await enquiry(api, name="Bob", last_name="Featherweight")

    assert one["lead_cluster_id"] != other["lead_cluster_id"]
    found = await duplicates(api, one["lead_cluster_id"])
    assert list(found) == [other["lead_cluster_id"]]
    reason = found[other["lead_cluster_id"]]["reasons"][0]
    assert reason["kind"] == "name"
    assert 88 <= reason["score"] < 100


async def test_not_a_duplicate_is_remembered(api: httpx.AsyncClient) -> None:
    by_mail, by_phone = somebody(), somebody()
    older = await enquiry(api, **by_mail)
    newer = await enquiry(api, **by_phone)
    await enquiry(api, email=by_mail["email"], phone=by_phone["phone"])

    await act(api, newer["lead_cluster_id"], "not_a_duplicate", lead_cluster_id=older["lead_cluster_id"])
    await enquiry(api, email=by_mail["email"], phone=by_phone["phone"])

    assert (await cluster(api, newer["lead_cluster_id"]))["possible_duplicates"] == 0
    found = await duplicates(api, newer["lead_cluster_id"])
    assert found[older["lead_cluster_id"]]["decision"] == "not_a_duplicate"


async def test_a_hundred_creations_at_once_make_one_cluster(api: httpx.AsyncClient) -> None:
    for round_ in range(50):
        # All share the address; half of them bring a number of their own.
        email = somebody()["email"]
        people = [somebody() | {"email": email} if number % 2 else {"email": email} for number in range(100)]
        answers = await asyncio.gather(
            *(
                api.post("/api/v1/leads", json={"lead": LEAD | {"phone": "0400000000"} | one})
                for one in people
            )
        )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["lead_cluster_id"] for answer in answers}) == 1, round_


async def test_a_cluster_of_nobody_is_not_found(api: httpx.AsyncClient) -> None:
    for wrong in ("0", "-1", "1e3", "999999999", "x", "9" * 30):
        answer = await api.get(f"{CLUSTERS}/{wrong}")
        assert answer.status_code == 404, wrong
        assert answer.json()["error"] == "Lead cluster NOT found"
