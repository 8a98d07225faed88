"""Merge, unmerge, split: nothing is lost, and all of it can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.clusters.asking import CLUSTERS, act, cluster, duplicates, enquiry, put, somebody, update_lead

if TYPE_CHECKING:
    import httpx

    from tests.world import World

# What a merge and its undoing leave behind on purpose: versions, times of change, the reasons of each lead.
_MOVES = {"version", "updated_at"}


def lasting(told: dict[str, Any]) -> dict[str, Any]:
    """A cluster without what counts changes."""
    left = {name: value for name, value in told.items() if name not in _MOVES}
    left["leads"] = [
        {name: value for name, value in lead.items() if name not in {"version", "membership"}}
        for lead in told["leads"]
    ]
    return left


async def test_leads_keep_their_ids_and_the_other_id_keeps_answering(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api, golden=True), await enquiry(api)

    told = await act(api, one["lead_cluster_id"], "merge", lead_cluster_id=other["lead_cluster_id"])

    assert {lead["id"] for lead in told["leads"]} == {one["id"], other["id"]}
    assert told["merged_lead_cluster_ids"] == [other["lead_cluster_id"]]
    assert {point["value"] for point in told["contact"]["emails"]} == {one["email"], other["email"]}
    redirect = await api.get(f"{CLUSTERS}/{other['lead_cluster_id']}")
    assert redirect.status_code == 308
    assert redirect.headers["location"] == f"{CLUSTERS}/{one['lead_cluster_id']}"
    moved = (await api.get(f"/api/v1/leads/{other['id']}")).json()
    assert moved["lead_cluster_id"] == one["lead_cluster_id"]
    assert moved["golden"] is True
    assert moved["version"] == 2
    listed = (await api.get(CLUSTERS, params={"limit": 200})).json()["lead_clusters"]
    assert other["lead_cluster_id"] not in {row["id"] for row in listed}


async def test_a_later_enquiry_of_either_joins_the_survivor(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api), await enquiry(api)
    await act(api, one["lead_cluster_id"], "merge", lead_cluster_id=other["lead_cluster_id"])

    later = await enquiry(api, phone=other["phone"])

    assert later["lead_cluster_id"] == one["lead_cluster_id"]
    assert await duplicates(api, one["lead_cluster_id"]) == {}


async def test_fields_are_picked_or_the_newest_that_is_not_empty(api: httpx.AsyncClient) -> None:
    one = await enquiry(api, name="Mia", last_name="Chen", customer_address="1 Old Road")
    other = await enquiry(api, name="Maria", last_name="Lin")
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await put(api, first, tags=["a"], user_id=501)
    await put(api, second, tags=["b"], lead_state="contacted")

    told = await act(
        api, first, "merge", lead_cluster_id=second, fields={"last_name": first, "lead_state": first}
    )

    assert told["contact"]["name"] == "Maria"
    assert told["contact"]["last_name"] == "Chen"
    assert told["contact"]["customer_address"] == "1 Old Road"
    assert told["lead_state"] == "new"
    assert told["user_id"] == 501
    assert told["tags"] == ["a", "b"]


async def test_unmerge_restores_what_was(api: httpx.AsyncClient, world: World) -> None:
    one = await enquiry(api, name="Mia", tags=["a"], opt_in_to_marketing=True)
    other = await enquiry(api, name="Maria", last_name="Lin", tags=["b"], golden=True, dob="01/02/1980")
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await put(api, first, lead_state="contacted", car_ids=[601], user_id=501)
    await put(api, second, lead_state="lost", car_ids=[601, 611], location_id=101)
    third = await enquiry(api)
    await update_lead(api, third, phone=other["phone"])
    appointment = "insert into appointment (dealership_id, lead_cluster_id, purpose, starts_at) values (1, $1, 'Test Drive', now())"
    await world.run(appointment, second)
    before = [lasting(await cluster(api, at)) for at in (first, second)]
    suggested = await duplicates(api, second)

    merged = await act(api, first, "merge", lead_cluster_id=second)
    assert merged["golden"] is True
    assert merged["lead_count"] == 2
    assert third["lead_cluster_id"] in await duplicates(api, first)
    told = await act(api, first, "unmerge", lead_cluster_id=second)

    assert told["id"] == first
    assert [lasting(await cluster(api, at)) for at in (first, second)] == before
    assert await duplicates(api, second) == suggested
    assert await duplicates(api, first) == {}
    held = await world.rows("select lead_cluster_id from appointment where dealership_id = 1")
    assert {row["lead_cluster_id"] for row in held} == {second}


async def test_later_changes_stay_where_they_belong(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api, name="Mia"), await enquiry(api, name="Maria")
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await act(api, first, "merge", lead_cluster_id=second)
    of_one = await enquiry(api, email=one["email"])
    of_other = await enquiry(api, phone=other["phone"])
    new_phone = somebody()["phone"]
    await update_lead(api, other, phone=new_phone)
    await put(api, first, contact={"name": "Mary"}, lead_state="contacted")

    await act(api, first, "unmerge", lead_cluster_id=second)

    told = [await cluster(api, at) for at in (first, second)]
    assert {lead["id"] for lead in told[0]["leads"]} == {one["id"], of_one["id"]}
    assert {lead["id"] for lead in told[1]["leads"]} == {other["id"], of_other["id"]}
    assert told[0]["contact"]["name"] == "Mary"
    assert told[0]["lead_state"] == "contacted"
    phones = [{point["value"] for point in one["contact"]["phones"]} for one in told]
    assert f"+61{new_phone[1:]}" in phones[1]
    assert f"+61{new_phone[1:]}" not in phones[0]
    assert other["phone_e164"] not in phones[0]
    later = await enquiry(api, phone=other["phone"])
    assert later["lead_cluster_id"] == second


async def test_what_staff_set_by_hand_comes_along_and_goes_back(api: httpx.AsyncClient) -> None:
    one = await enquiry(api, name="Mia", lead_state="new")
    other = await enquiry(api, name="Maria", lead_state="new", golden=True)
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await put(api, first, contact={"name": "Mia B."})
    await put(api, second, lead_state="contacted", golden=False)
    await update_lead(api, other, lead_state="new")
    before = [lasting(await cluster(api, at)) for at in (first, second)]
    assert set(before[1]["conflicts"]) == {"state"}

    merged = await act(api, first, "merge", lead_cluster_id=second, fields={"name": first})
    assert set(merged["by_hand"]) == {"state", "golden", "contact.name"}
    assert set(merged["conflicts"]) == {"state"}
    # What either had said before is old; the name that the other went by is no news either.
    await update_lead(api, other, lead_state="new", golden=True, message="again")
    await enquiry(api, phone=other["phone"], name="Maria")
    told = await cluster(api, first)
    assert (told["lead_state"], told["golden"], told["contact"]["name"]) == ("contacted", False, "Mia B.")

    await act(api, first, "unmerge", lead_cluster_id=second)
    after = await cluster(api, first)
    assert (after["by_hand"], after["lead_state"]) == (before[0]["by_hand"], "new")
    assert (await cluster(api, second))["by_hand"] == before[1]["by_hand"]


async def test_a_mark_of_staff_that_was_overtaken_since_stays_overtaken(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api, name="Mia"), await enquiry(api, name="Maria")
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await put(api, first, contact={"name": "Mary"})
    await act(api, first, "merge", lead_cluster_id=second, fields={"name": first})
    await update_lead(api, one, name="Marianne")

    await act(api, first, "unmerge", lead_cluster_id=second)

    told = await cluster(api, first)
    assert (told["contact"]["name"], told["by_hand"]) == ("Marianne", {})


async def test_answers_about_marketing_stay_with_their_leads(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api), await enquiry(api, opt_in_to_marketing=False)
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]

    merged = await act(api, first, "merge", lead_cluster_id=second)
    later = await enquiry(api, phone=other["phone"], opt_in_to_marketing=True)

    assert merged["contact"]["opt_in_to_marketing"] is False
    assert [consent["lead_id"] for consent in merged["consents"]] == [other["id"]]
    await act(api, first, "unmerge", lead_cluster_id=second)
    consents = [(await cluster(api, at))["consents"] for at in (first, second)]
    assert [[(one["lead_id"], one["value"]) for one in of_one] for of_one in consents] == [
        [],
        [(later["id"], True), (other["id"], False)],
    ]


async def test_a_decision_about_two_outlives_their_merge(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api), await enquiry(api)
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await act(api, first, "not_a_duplicate", lead_cluster_id=second)

    await act(api, first, "merge", lead_cluster_id=second)
    await act(api, first, "unmerge", lead_cluster_id=second)

    assert (await duplicates(api, first))[second]["decision"] == "not_a_duplicate"
    await enquiry(api, email=one["email"], phone=other["phone"])
    assert (await cluster(api, first))["possible_duplicates"] == 0


async def test_a_merge_can_be_taken_back_for_thirty_days(api: httpx.AsyncClient, world: World) -> None:
    one, other = await enquiry(api), await enquiry(api)
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await act(api, first, "merge", lead_cluster_id=second)
    await world.run("update cluster_merge set merged_at = now() - interval '30 days' - interval '1 second'")

    late = await api.post(f"{CLUSTERS}/{first}/unmerge", json={"lead_cluster_id": second})

    assert late.status_code == 409
    assert late.json()["type"] == "/problems/merge-too-old"


async def test_what_cannot_be_merged_is_refused(api: httpx.AsyncClient, world: World) -> None:
    one, other, third = await enquiry(api), await enquiry(api), await enquiry(api)
    at = f"{CLUSTERS}/{one['lead_cluster_id']}/merge"
    theirs = (await world.rows("insert into lead_cluster (dealership_id) values (3) returning id"))[0]["id"]
    for wrong in (one["lead_cluster_id"], theirs, 999_999, None, "x"):
        assert (await api.post(at, json={"lead_cluster_id": wrong})).status_code == 422, wrong
    for fields in ({"shoe_size": one["lead_cluster_id"]}, {"name": third["lead_cluster_id"]}, {"name": "x"}):
        body = {"lead_cluster_id": other["lead_cluster_id"], "fields": fields}
        assert (await api.post(at, json=body)).status_code == 422, fields

    await act(api, other["lead_cluster_id"], "merge", lead_cluster_id=third["lead_cluster_id"])
    again = await api.post(at, json={"lead_cluster_id": third["lead_cluster_id"]})
    assert again.status_code == 409
    assert str(other["lead_cluster_id"]) in again.json()["detail"]
    never = await api.post(
        f"{CLUSTERS}/{one['lead_cluster_id']}/unmerge", json={"lead_cluster_id": third["lead_cluster_id"]}
    )
    assert never.status_code == 404


async def test_merges_on_merges_come_back_in_reverse(api: httpx.AsyncClient) -> None:
    leads = [await enquiry(api) for _ in range(3)]
    first, second, third = (lead["lead_cluster_id"] for lead in leads)
    before = [lasting(await cluster(api, at)) for at in (first, second, third)]
    await act(api, second, "merge", lead_cluster_id=third)
    await act(api, first, "merge", lead_cluster_id=second)
    assert (await cluster(api, third))["id"] == first
    assert (await cluster(api, first))["lead_count"] == 3

    early = await api.post(f"{CLUSTERS}/{first}/unmerge", json={"lead_cluster_id": third})
    assert early.status_code == 404
    await act(api, first, "unmerge", lead_cluster_id=second)
    await act(api, second, "unmerge", lead_cluster_id=third)

    assert [lasting(await cluster(api, at)) for at in (first, second, third)] == before


async def test_a_dry_run_of_a_merge_changes_nothing(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api), await enquiry(api)
    before = await cluster(api, one["lead_cluster_id"])

    answer = await api.post(
        f"{CLUSTERS}/{one['lead_cluster_id']}/merge?dry_run=true",
        json={"lead_cluster_id": other["lead_cluster_id"]},
    )

    assert answer.json()["answer"]["lead_count"] == 2
    assert await cluster(api, one["lead_cluster_id"]) == before
    assert (await api.get(f"{CLUSTERS}/{other['lead_cluster_id']}")).status_code == 200


async def test_a_split_begins_a_cluster_of_its_own(api: httpx.AsyncClient) -> None:
    family = somebody()
    parent = await enquiry(api, **family, name="Mia")
    child = await enquiry(api, phone=family["phone"], name="Leo", tags=["fleet"])
    assert child["lead_cluster_id"] == parent["lead_cluster_id"]

    new = await act(api, parent["lead_cluster_id"], "split", lead_ids=[child["id"]])

    assert new["id"] != parent["lead_cluster_id"]
    assert [lead["id"] for lead in new["leads"]] == [child["id"]]
    assert new["leads"][0]["membership"]["rule"] == "split"
    assert new["contact"]["name"] == "Leo"
    assert new["tags"] == ["fleet"]
    old = await cluster(api, parent["lead_cluster_id"])
    assert [lead["id"] for lead in old["leads"]] == [parent["id"]]
    assert {point["value"] for point in old["contact"]["emails"]} == {family["email"]}
    # Both still have the number; it suggests nothing any more.
    assert (await duplicates(api, new["id"]))[old["id"]]["decision"] == "not_a_duplicate"


async def test_a_split_leaves_a_lead_and_takes_only_its_own(api: httpx.AsyncClient) -> None:
    lead, other = await enquiry(api), await enquiry(api)
    at = f"{CLUSTERS}/{lead['lead_cluster_id']}/split"
    for wrong in ([lead["id"]], [other["id"]], [], None, [999_999], ["x"]):
        assert (await api.post(at, json={"lead_ids": wrong})).status_code == 422, wrong


async def test_the_log_tells_of_both(api: httpx.AsyncClient) -> None:
    one, other = (
        await enquiry(api, name="Mia", golden=True),
        await enquiry(api, name="Maria", dob="01/02/1980"),
    )
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await act(api, first, "merge", lead_cluster_id=second)

    events = (await api.get(f"{CLUSTERS}/{first}/events")).json()["events"]

    [merged] = [
        event for event in events if event["other_lead_cluster_id"] == second and not event["lead_id"]
    ]
    assert merged["changes"]["contact.name"] == {"from": "Mia", "to": "Maria"}
    assert merged["changes"]["contact.dob"] == {"from": None, "to": "01/02/1980"}
    [moved] = [event for event in events if event["lead_id"] == other["id"] and event["lead_version"] == 2]
    assert moved["changes"] == {
        "golden": {"from": False, "to": True},
        "lead_cluster_id": {"from": second, "to": first},
    }
    told = [(event["kind"], event["other_lead_cluster_id"]) for event in events]
    assert ("lead_cluster.merged", second) in told
    assert ("lead.updated", second) in told
