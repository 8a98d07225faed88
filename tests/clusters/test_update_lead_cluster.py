"""Update Lead Cluster: the platform's call, and what we add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, put, somebody, update_lead

if TYPE_CHECKING:
    import httpx

    from tests.world import World


@pytest.fixture(scope="module")
async def more(world: World) -> None:
    """A second user, the words under lost, a second car."""
    await world.run("insert into user_account (id, name, email) values (552, 'Kim', 'kim2@example.com')")
    await world.run("insert into dealership_user (dealership_id, user_id) values (1, 552)")
    await world.run(
        """
        insert into lead_status_option (dealership_id, id, state, name) values
            (1, 71, 'lost', 'Bought elsewhere'), (1, 72, 'contacted', 'Left a message'), (3, 73, 'lost', 'Theirs')
        """
    )


async def test_the_platforms_whole_body(api: httpx.AsyncClient, more: None) -> None:
    assert more is None
    lead = await enquiry(api)
    answer = await put(
        api,
        lead["lead_cluster_id"],
        user_id=501,
        lead_state="contacted",
        secondary_user_id=552,
        approved=True,
        location_id=101,
        lead_status_option_id=72,
        tags=["hot", "fleet"],
        car_ids=[601],
        car_lead_clusters_attributes=[
            {
                "car_id": 611,
                "family_id": 5,
                "manufacturer_id": 6,
                "year": 2024,
                "badge": "XLT",
                "colour": "Red",
            }
        ],
    )

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["user_id"] == 501
    assert told["secondary_user"]["name"] == "Kim"
    assert told["lead_state"] == "contacted"
    assert told["lead_status_option"] == {"id": 72, "name": "Left a message"}
    assert told["approved"] is True
    assert told["approver"]["api_key_id"]
    assert told["approved_at"]
    assert told["location_id"] == 101
    assert told["tags"] == ["hot", "fleet"]
    assert told["car_ids"] == [601, 611]
    assert told["car_lead_clusters"][1] | {"id": 0} == {
        "id": 0, "car_id": 611, "stocknum": "SPARE1", "name": "Spare car", "family_id": 5, "manufacturer_id": 6,
        "year": 2024, "badge": "XLT", "colour": "Red",
    }  # fmt: skip
    assert answer.headers["etag"] == f'"{told["version"]}"'
    assert told == await cluster(api, lead["lead_cluster_id"])


@pytest.mark.parametrize("blank", [None, "", "  "])
async def test_a_blank_user_never_unassigns(api: httpx.AsyncClient, blank: str | None) -> None:
    lead = await enquiry(api)
    await put(api, lead["lead_cluster_id"], user_id=501)

    answer = await put(api, lead["lead_cluster_id"], user_id=blank, tags=["seen"])

    assert answer.json()["user_id"] == 501
    assert answer.json()["tags"] == ["seen"]


async def test_a_form_says_the_same(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    answer = await api.put(
        f"{CLUSTERS}/{lead['lead_cluster_id']}",
        content="lead_cluster[user_id]=501&lead_cluster[lead_state]=lost&lead_cluster[tags][]=a&lead_cluster[approved]=true",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["user_id"], told["lead_state"], told["tags"], told["approved"]) == (501, "lost", ["a"], True)


async def test_by_slug_or_id(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    answer = await api.put(
        f"/api/v1/dealerships/1/lead_clusters/{lead['lead_cluster_id']}",
        json={"lead_cluster": {"lead_state": "converted"}},
    )

    assert answer.json()["lead_state"] == "converted"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"user_id": 503}, "user_id"),
        ({"user_id": 999_999}, "user_id"),
        ({"user_id": "somebody"}, "user_id"),
        ({"user_id": "9999999999999999999"}, "user_id"),
        ({"location_id": "yard"}, "location_id"),
        ({"lead_status_option_id": "why"}, "lead_status_option_id"),
        ({"secondary_user_id": 503}, "secondary_user_id"),
        ({"location_id": 103}, "location_id"),
        ({"lead_status_option_id": 73}, "lead_status_option_id"),
        ({"lead_state": "new", "lead_status_option_id": 71}, "lead_status_option_id"),
        ({"lead_state": "won"}, "lead_state"),
        ({"lead_state": "appointment"}, "lead_state"),
        ({"car_ids": [603]}, "car_ids[0]"),
        ({"car_lead_clusters_attributes": [{"car_id": 601}]}, "car_lead_clusters_attributes[0].family_id"),
        ({"car_lead_clusters_attributes": [{"car_id": 603, "family_id": 1, "manufacturer_id": 1}]},
         "car_lead_clusters_attributes[0].car_id"),
        ({"car_lead_clusters_attributes": [{"id": 999_999, "_destroy": True}]}, "car_lead_clusters_attributes[0].id"),
        ({"contact": {"dob": "31/02/1980"}}, "contact.dob"),
        ({"contact": {"dob": "1980"}}, "contact.dob"),
        ({"contact": {"shoe_size": 9}}, None),
        ({"approved": "perhaps"}, "approved"),
        ({"tags": [""]}, "tags"),
        ({"colour": "red"}, "colour"),
        ({"by_user_id": 503}, "by_user_id"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_named(
    api: httpx.AsyncClient, more: None, sent: dict[str, Any], field: str | None
) -> None:
    assert more is None
    lead = await enquiry(api)
    before = await cluster(api, lead["lead_cluster_id"])

    answer = await put(api, lead["lead_cluster_id"], **sent)

    if field is not None:
        assert answer.status_code == 422, answer.text
        assert f"lead_cluster.{field}" in {problem["field"] for problem in answer.json()["errors"]}
    assert await cluster(api, lead["lead_cluster_id"]) == before


async def test_a_body_without_its_wrapper_is_shown_the_wrapper(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    answer = await api.put(f"{CLUSTERS}/{lead['lead_cluster_id']}", json={"lead_state": "lost"})

    assert answer.status_code == 422
    assert "lead_cluster" in answer.json()["errors"][0]["message"]


async def test_lost_wants_a_reason_and_takes_it(api: httpx.AsyncClient, more: None) -> None:
    assert more is None
    lead = await enquiry(api)
    bare = await put(api, lead["lead_cluster_id"], lead_state="lost")
    assert bare.json()["lead_state"] == "lost"
    assert bare.json()["warnings"]

    reasoned = await put(api, lead["lead_cluster_id"], lead_status_option_id=71)
    assert reasoned.json()["lead_status_option"]["name"] == "Bought elsewhere"
    assert reasoned.json()["warnings"] == []

    opened = await put(api, lead["lead_cluster_id"], lead_state="contacted")
    assert opened.json()["lead_status_option"] is None
    assert opened.json()["closed_at"] is None


async def test_a_state_is_read_as_a_leads_is(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]

    answer = await put(api, at, lead_state=" Contacted ")

    assert (answer.status_code, answer.json()["lead_state"]) == (200, "contacted")


async def test_an_option_sets_its_state(api: httpx.AsyncClient, more: None) -> None:
    assert more is None
    lead = await enquiry(api)
    answer = await put(api, lead["lead_cluster_id"], lead_status_option_id=71)

    assert answer.json()["lead_state"] == "lost"


async def test_appointment_is_a_state_where_it_is_switched_on(api: httpx.AsyncClient, world: World) -> None:
    lead = await enquiry(api)
    await world.run("update dealership set uses_appointment_state = true where id = 1")
    try:
        answer = await put(api, lead["lead_cluster_id"], lead_state="appointment")
    finally:
        await world.run("update dealership set uses_appointment_state = false where id = 1")

    assert answer.json()["lead_state"] == "appointment"


async def test_cars_come_change_and_go(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    at = lead["lead_cluster_id"]
    car = {"car_id": 601, "family_id": 1, "manufacturer_id": 2}
    told = (await put(api, at, car_lead_clusters_attributes=[car])).json()
    row = told["car_lead_clusters"][0]["id"]

    told = (await put(api, at, car_lead_clusters_attributes=[{"id": row, "year": 2020}])).json()
    assert told["car_lead_clusters"][0]["year"] == 2020
    assert told["car_lead_clusters"][0]["family_id"] == 1

    told = (await put(api, at, car_ids=[601, 611])).json()
    assert told["car_ids"] == [601, 611]
    assert told["car_lead_clusters"][0]["year"] == 2020

    told = (await put(api, at, car_lead_clusters_attributes=[{"id": row, "_destroy": True}])).json()
    assert told["car_ids"] == [611]
    assert (await put(api, at, car_ids=[])).json()["car_ids"] == []


async def test_a_car_stands_there_once(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]
    cars = (await put(api, at, car_ids=[601, 611])).json()["car_lead_clusters"]

    twice = await put(api, at, car_lead_clusters_attributes=[{"id": cars[0]["id"], "car_id": 611}])

    assert twice.status_code == 422
    assert twice.json()["errors"][0]["field"] == "lead_cluster.car_lead_clusters_attributes"
    assert (await cluster(api, at))["car_ids"] == [601, 611]


async def test_an_update_that_changes_nothing_writes_nothing(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    before = (await put(api, lead["lead_cluster_id"], lead_state="contacted", tags=["a"])).json()

    again = await put(api, lead["lead_cluster_id"], lead_state="contacted", tags=["a"])

    assert again.json() == before


async def test_if_match_guards_the_version(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    at = lead["lead_cluster_id"]
    etag = (await api.get(f"{CLUSTERS}/{at}")).headers["etag"]
    assert (await put(api, at, {"If-Match": etag}, tags=["a"])).status_code == 200

    late = await put(api, at, {"If-Match": etag}, tags=["b"])

    assert late.status_code == 412
    current = await api.get(f"{CLUSTERS}/{at}")
    assert late.headers["etag"] == f'"{current.json()["version"]}"'
    for tag in (late.headers["etag"], current.headers["etag"]):
        assert (await put(api, at, {"If-Match": tag}, tags=["a"])).status_code == 200


async def test_a_copy_is_good_as_long_as_all_that_it_tells(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, name="Mia")
    at = f"{CLUSTERS}/{lead['lead_cluster_id']}"

    async def asked_again() -> int:
        return (await api.get(at, headers={"If-None-Match": tag})).status_code

    tag = (await api.get(at)).headers["etag"]
    assert await asked_again() == 304
    # What a lead says of itself or of the customer is no version of the cluster's.
    for said in ({"message": "still there?"}, {"name": "Maria"}, {"phone": somebody()["phone"]}):
        await update_lead(api, lead, **said)
        assert await asked_again() == 200, said
        tag = (await api.get(at)).headers["etag"]
        assert await asked_again() == 304, said
    other = await enquiry(api)
    await update_lead(api, other, phone=said["phone"])
    assert await asked_again() == 200


async def test_a_retry_is_answered_from_the_first(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    headers = {"Idempotency-Key": f"once-{lead['id']}"}
    first = await put(api, lead["lead_cluster_id"], headers, tags=["a"])
    await put(api, lead["lead_cluster_id"], tags=["b"])

    again = await put(api, lead["lead_cluster_id"], headers, tags=["a"])
    other = await put(api, lead["lead_cluster_id"], headers, tags=["c"])

    assert again.content == first.content
    assert again.headers["idempotency-replay"] == "true"
    assert other.status_code == 422
    assert (await cluster(api, lead["lead_cluster_id"]))["tags"] == ["b"]


async def test_a_dry_run_tells_and_changes_nothing(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    before = await cluster(api, lead["lead_cluster_id"])
    answer = await api.put(
        f"{CLUSTERS}/{lead['lead_cluster_id']}?dry_run=true",
        json={"lead_cluster": {"lead_state": "lost", "user_id": 501}},
    )

    told = answer.json()
    assert told["dry_run"] is True
    assert told["changes"] == {
        "lead_cluster.state": {"from": "new", "to": "lost"},
        "lead_cluster.user_id": {"from": None, "to": 501},
    }
    assert told["answer"]["lead_state"] == "lost"
    assert await cluster(api, lead["lead_cluster_id"]) == before


async def test_the_history_tells_who_changed_what(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    answer = await api.put(
        f"{CLUSTERS}/{lead['lead_cluster_id']}",
        json={"lead_cluster": {"lead_state": "contacted", "by_user_id": 501}},
        headers={"X-Request-Id": "the-call"},
    )
    assert answer.status_code == 200

    events = (await api.get(f"{CLUSTERS}/{lead['lead_cluster_id']}/events")).json()["events"]

    assert [event["kind"] for event in events] == ["lead_cluster.updated", "lead.created"]
    assert events[0]["changes"] == {"lead_cluster.state": {"from": "new", "to": "contacted"}}
    assert events[0]["request_id"] == "the-call"
    assert events[0]["user_id"] == 501
    assert events[0]["api_key"]["name"] == "test"
    assert events[0]["lead_cluster_version"] == answer.json()["version"]


async def test_the_golden_mark_reaches_the_leads(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    await put(api, lead["lead_cluster_id"], golden=True)

    told = (await api.get(f"/api/v1/leads/{lead['id']}")).json()

    assert told["golden"] is True
    assert told["version"] == 2
    history = (await api.get(f"/api/v1/leads/{lead['id']}/events")).json()["events"]
    assert history[0]["changes"] == {"golden": {"from": False, "to": True}}


async def test_an_update_of_a_merged_cluster_reaches_the_survivor(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api), await enquiry(api)
    await act(api, one["lead_cluster_id"], "merge", lead_cluster_id=other["lead_cluster_id"])

    answer = await put(api, other["lead_cluster_id"], lead_state="converted")

    assert answer.json()["id"] == one["lead_cluster_id"]
    assert (await cluster(api, one["lead_cluster_id"]))["lead_state"] == "converted"
