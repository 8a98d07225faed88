"""What is in a request's body, schema by schema: the data as it is when the request goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forecourt.reference.webhook_bodies import STRUCTS, example
from tests.clusters.asking import act, enquiry, put, somebody, update_lead
from tests.webhooks.asking import come, due, planned, post, webhook

if TYPE_CHECKING:
    import httpx

    from tests.webhooks.receiving import Receiver
    from tests.world import World

APPOINTMENT = (
    "id", "ai_generated", "user_id", "starts_at", "status", "length_in_minutes", "note", "location_id",
    "car_for_test_drive",
)  # fmt: skip
CLUSTER = (
    "id", "dealership_id", "provider", "status", "contact", "approver", "assigned_salesperson", "created", "modified",
    "first_lead_created_at", "last_lead_created_at", "leads", "lead_events",
)  # fmt: skip
RICH: dict[str, Any] = {
    "name": "Mia",
    "last_name": "Chen",
    "message": "Still there?",
    "dob": "01/02/1980",
    "website_id": 201,
    "location_id": 101,
    "car_id": 601,
    "user_email": "user1@example.com",
    "tags": ["fleet"],
    "payment_attributes": {"amount": 500.25},
    "charge_breakdown": {"total": {"amount": 500.25}},
    "fields": {"Trade-in": "Corolla"},
    "address_attributes": {"city": "Cairns"},
    "lead_files_attributes": [{"file": "data:text/plain;name=note.txt;base64,aGVsbG8="}],
    "nickname": "mimi",
}


async def said(
    api: httpx.AsyncClient, world: World, got: Receiver, schema: str, **fields: Any
) -> dict[str, Any]:
    """What a webhook of that schema is told of a new enquiry."""
    await webhook(api, got.url, "lead.created", schema=schema)
    await enquiry(api, **fields)
    [request] = await come(world, got, 1)
    return dict(request.json)


async def test_v1_is_the_lead_flat_under_the_contracts_names(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    lead = await said(api, world, got, "v1", **RICH)

    assert list(lead)[:4] == ["id", "dealership_id", "dealership_slug", "lead_cluster_id"]
    sent = {name: RICH[name] for name in RICH if name in lead and name != "address_attributes"}
    assert {name: lead[name] for name in sent} == sent
    assert lead["address_attributes"]["city"] == "Cairns"
    assert (lead["dealership_id"], lead["dealership_slug"]) == (1, "brisbane-motors")
    assert {"appointments", "has_test_drives", "car", "payments", "created_at"} & set(lead) == set()


async def test_v2_adds_what_the_ids_stand_for_and_what_came_with_the_lead(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    lead = await said(api, world, got, "v2", **RICH)

    assert (lead["car"]["name"], lead["location"]["name"], lead["website"]["slug"]) == (
        "Car",
        "Yard",
        "site-1",
    )
    assert lead["assigned_user"] == {"id": 501, "name": "User", "email": "user1@example.com"}
    assert lead["payment_attributes"]["amount"] == 500.25
    assert lead["charge_breakdown"] == RICH["charge_breakdown"]
    assert lead["lead_files_attributes"][0]["filename"] == "note.txt"
    assert lead["extra"] == {"nickname": "mimi"}
    assert lead["version"] == 1
    assert lead["created_at"].endswith("Z")
    assert {"appointments", "has_test_drives"} & set(lead) == set()


async def test_v3_adds_the_test_drives_by_the_dealerships_clock(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    await webhook(api, got.url, "lead_cluster.updated", schema="v3")
    lead = await enquiry(api)
    at = lead["lead_cluster_id"]
    later = {"purpose": "Test Drive", "starts_at": "2031-05-03 10:00:00", "car_id": 611, "user_id": 501}
    for appointment in (
        later,
        {"purpose": "Test Drive", "status": "interest_registered", "note": "some day"},
        {"purpose": "Appointment", "starts_at": "2031-05-01 09:00:00"},
        {"purpose": "Test Drive", "starts_at": "2031-05-02T08:30:00Z", "length_in_minutes": 45},
    ):
        await act(api, at, "appointments", appointment=appointment)

    told = (await come(world, got, 4))[-1].json

    assert told["id"] == lead["id"]
    assert told["has_test_drives"] is True
    assert [list(one) for one in told["appointments"]] == [list(APPOINTMENT)] * 3
    assert [one["starts_at"] for one in told["appointments"]] == [
        "2031-05-02 18:30:00",
        "2031-05-03 10:00:00",
        None,
    ]
    assert told["appointments"][1]["car_for_test_drive"] == "Spare car"
    assert told["appointments"][2]["status"] == "interest_registered"


async def test_v3_has_an_empty_list_without_test_drives(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    lead = await said(api, world, got, "v3")

    assert (lead["appointments"], lead["has_test_drives"]) == ([], False)


async def test_a_dealership_without_a_zone_keeps_brisbanes_clock(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    lead = await enquiry(api)
    booked = {"purpose": "Test Drive", "starts_at": "2031-01-05T00:00:00Z"}
    await act(api, lead["lead_cluster_id"], "appointments", appointment=booked)
    await planned(world)
    await webhook(api, got.url, "lead.updated", schema="v3")
    await world.run("update dealership set timezone = '' where id = 1")
    try:
        await update_lead(api, lead, message="?")
        [request] = await come(world, got, 1)
    finally:
        await world.run("update dealership set timezone = 'Australia/Brisbane' where id = 1")

    assert request.json["appointments"][0]["starts_at"] == "2031-01-05 10:00:00"


async def test_cluster_is_the_platforms_own_webhook_member_for_member(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    await webhook(api, got.url, "lead_cluster.updated", schema="cluster", provider="Our Cars")
    person = somebody()
    first = await enquiry(api, **person, **RICH)
    second = await enquiry(api, **person, message="And the red one?")
    at = first["lead_cluster_id"]
    contact = {"business_name": "Chen & Co"}
    await put(api, at, lead_state="contacted", approved=True, by_user_id=501, contact=contact)

    told = (await come(world, got, 2))[-1].json

    assert tuple(told) == CLUSTER
    assert (told["id"], told["provider"], told["status"]) == (at, "Our Cars", "contacted")
    assert told["contact"]["business_name"] == "Chen & Co"
    assert (told["contact"]["name"], told["contact"]["email"]) == ("Mia", person["email"])
    assert told["assigned_salesperson"]["id"] == told["approver"]["id"] == 501
    assert [lead["id"] for lead in told["leads"]] == [second["id"], first["id"]]
    assert [event["type"] for event in told["lead_events"]] == [
        "lead_cluster.updated",
        "lead.created",
        "lead.created",
    ]


async def test_of_a_merged_cluster_the_survivor_is_told(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    here, there = await enquiry(api), await enquiry(api)
    await planned(world)
    for schema in ("cluster", "v1"):
        await webhook(api, f"{got.url}/{schema}", "lead_cluster.merged", schema=schema)

    await act(api, here["lead_cluster_id"], "merge", lead_cluster_id=there["lead_cluster_id"])

    await come(world, got, 4)
    assert {request.json["id"] for request in got.of("/cluster")} == {here["lead_cluster_id"]}
    assert {request.json["id"] for request in got.of("/v1")} == {there["id"]}


async def test_event_tells_what_changed_from_what_to_what_by_whom(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    lead = await enquiry(api, message="before")
    await planned(world)
    await webhook(api, got.url, "lead.updated")

    await update_lead(api, lead, message="after", fields={"Price": 10.50})

    [request] = await come(world, got, 1)
    told = request.json
    assert told["changes"]["message"] == {"from": "before", "to": "after"}
    assert (told["type"], told["kind"], told["lead_id"]) == ("lead.updated", "lead.updated", lead["id"])
    assert told["api_key"]["name"] == "test"
    assert told["request_id"].startswith("req_")
    assert told["lead"]["version"] == 2
    assert told["lead_cluster"]["id"] == told["lead_cluster_id"] == lead["lead_cluster_id"]
    assert b"10.5" in request.body


async def test_what_changed_while_a_request_waited_is_in_it(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda _: 500 if len(got.requests) == 1 else 200
    made = await webhook(api, got.url, "lead.created", schema="v1")
    lead = await enquiry(api, message="first words")
    await come(world, got, 1)
    await update_lead(api, lead, message="last words")
    await due(world, made["id"])

    first, second = await come(world, got, 2)

    assert (first.json["message"], second.json["message"]) == ("first words", "last words")
    assert first.message_id == second.message_id


@pytest.mark.parametrize("schema", sorted(STRUCTS))
async def test_a_test_sends_a_made_up_body_of_the_schema_and_nothing_of_anybody(
    schema: str, api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    await enquiry(api, name="Bystander")
    made = await webhook(api, got.url, "lead.created", schema=schema)
    await planned(world)
    got.requests.clear()

    sent = await post(api, f"{made['id']}/test")

    [request] = await come(world, got, 1)
    assert request.message_id == sent["message_id"]
    assert list(request.json) == list(example(schema))
    assert b"Bystander" not in request.body
    assert request.json["dealership_id"] == 1
    kinds = await world.rows("select kind, lead_cluster_id from event where id = $1", sent["event_id"])
    assert kinds == [{"kind": "webhook.tested", "lead_cluster_id": None}]


async def test_adf_is_a_document_that_comes_back_as_the_same_lead(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    await webhook(api, got.url, "lead.created", schema="adf")
    lead = await enquiry(api, message="Tow bar? <yes>", car_id=601)
    [request] = await come(world, got, 1)

    assert request.headers["Content-Type"] == "application/x-adf+xml"
    again = await api.post(
        "/api/v1/adf", content=request.body, headers={"Content-Type": "application/x-adf+xml"}
    )
    assert again.json()["lead_ids"] == [lead["id"]]
    assert again.json()["prospects"][0]["outcome"] == "unchanged"
