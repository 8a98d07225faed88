"""The whole story of a lead: who sent it, where it went, who was told of it, and how that went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.clusters.asking import enquiry, somebody
from tests.conftest import bearer
from tests.leads.asking import problems
from tests.messages.asking import AT, come_due, explained, settled, told
from tests.world import LEAD

if TYPE_CHECKING:
    from tests.messages.sink import Sink
    from tests.world import World


async def a_story(api: httpx.AsyncClient, world: World, sink: Sink) -> dict[str, Any]:
    """A lead that joined its customer's cluster, was given to somebody, corrected while it waited, and told of."""
    await told(api, "POST", "assignment_rules", 201, assignment_rule={"name": "All", "user_ids": [501]})
    for rule in (
        {"addresses": ["all@story.example"], "name": "All"},
        {"addresses": ["drives@story.example"], "category": "Test Drive Booking", "name": "Drives"},
        {"addresses": ["off@story.example"], "enabled": False, "name": "Off"},
    ):
        await told(api, "POST", "notification_rules", 201, **rule)
    first = await enquiry(api)
    await settled(world)
    person = {"email": somebody()["email"], "phone": first["phone"]}
    wanted = {"send_customer_email": True, "delay_customer_email_minutes": 60}
    created = await api.post(
        "/api/v1/leads", json={"lead": LEAD | person | wanted}, headers={"X-Request-Id": "the-enquiry"}
    )
    lead = dict(created.json())
    await settled(world)
    required = {name: lead[name] for name in ("phone", "category", "source", "dealership_slug")}
    await api.put(
        f"/api/v1/leads/{lead['id']}",
        json={"lead": required | {"email": "right@story.example"}},
        headers={"X-Request-Id": "the-correction"},
    )
    sink.faults["right@story.example"] = ["put off"]
    for _ in "12":
        await settled(world)
        await come_due(world)
    await settled(world)
    return lead


async def test_one_correlation_id_goes_through_all_of_it(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    lead = await a_story(api, world, sink)

    story = await explained(api, lead["id"])

    assert (story["lead_id"], story["correlation_id"]) == (lead["id"], "the-enquiry")
    assert [(one["request_id"], one["kind"], one["api_key"]["name"]) for one in story["requests"]] == [
        ("the-enquiry", "lead.created", "test"),
        ("the-correction", "lead.updated", "test"),
    ]
    assert story["requests"][1]["fields"] == ["email"]
    [membership] = story["memberships"]
    assert (membership["rule"], membership["request_id"]) == ("same_contact_point", "the-enquiry")
    assert membership["matched"] == [{"kind": "phone", "value": f"+61{lead['phone'][1:]}"}]
    assert (story["assignment"]["user_id"], story["assignment"]["reason"]["assignment_rule_name"]) == (
        501,
        "All",
    )
    assert {one["name"]: one["does_not_fit"] for one in story["notification_rules"]} == {
        "All": None,
        "Drives": "category",
        "Off": "disabled",
    }
    by_channel = {one["channel"]: one for one in story["deliveries"]}
    assert {one["correlation_id"] for one in story["deliveries"]} == {"the-enquiry"}
    notice, reply = by_channel["notification"], by_channel["customer_email"]
    assert (notice["target"], notice["state"]) == ("html:all@story.example", "sent")
    assert notice["notification_rule_id"] == story["notification_rules"][0]["id"]
    assert (reply["state"], reply["changed_by"]["request_id"]) == ("sent", "the-correction")
    assert [(one["number"], one["outcome"], one["status"]) for one in reply["attempts"]] == [
        (1, "put_off", 451),
        (2, "accepted", 250),
    ]
    # How much was said, and not what.
    assert all(one["response"] is None for one in reply["attempts"])
    assert reply["attempts"][0]["response_bytes"] == len("4.3.0 not now")
    message = await told(api, "GET", f"messages/{reply['message_id']}", 200)
    assert message["recipient"] == "right@story.example"


async def test_nobody_elses_templates_rules_and_messages_are_found(
    api: httpx.AsyncClient, server: str, world: World
) -> None:
    theirs = "/api/v1/dealerships/perth-autos"
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.their_token)) as them:
        template = {"kind": "email", "name": "x", "subject": "x", "body": "x"}
        made = (await them.post(f"{theirs}/message_templates", json=template)).json()
        rule = (await them.post(f"{theirs}/notification_rules", json={"addresses": ["a@b.example"]})).json()
    lead = await enquiry(api)

    for path in (f"message_templates/{made['id']}", f"notification_rules/{rule['id']}"):
        for method in ("GET", "PUT", "DELETE"):
            await told(api, method, path, 404)
    answer = await api.post(
        f"{AT}/lead_clusters/{lead['lead_cluster_id']}/messages",
        json={"medium": "email", "template_id": made["id"], "subject": "x", "body": "x"},
    )
    assert problems(answer) == {
        "template_id": "is not a template of the kind email that this dealership has in use"
    }
    await settled(world)
    assert (await explained(api, lead["id"]))["notification_rules"] != []
    assert rule["id"] not in [one["id"] for one in (await explained(api, lead["id"]))["notification_rules"]]


async def test_a_preview_for_a_lead_needs_to_be_allowed_to_read_it(
    api: httpx.AsyncClient, server: str, world: World
) -> None:
    lead = await enquiry(api, name="Mia")
    asked = {"kind": "sms", "body": "{{ customer.name }}"}
    token = await world.key(("read:dealership",))
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as curious:
        example = await curious.post(f"{AT}/message_templates/preview", json=asked)
        answer = await curious.post(f"{AT}/message_templates/preview", json=asked | {"lead_id": lead["id"]})

    assert example.json()["text"] == "Alex Citizen"
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/permission-missing")
