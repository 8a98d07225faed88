"""Which events a webhook hears of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from forecourt.webhooks.topics import CATALOGUE, topics_of
from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, put, somebody, update_lead
from tests.webhooks.asking import HOOKS, come, deliveries, planned, post, webhook
from tests.world import LEAD, THEIRS

if TYPE_CHECKING:
    import httpx

    from tests.webhooks.receiving import Got, Receiver
    from tests.world import World


def types(requests: list[Got]) -> list[str]:
    return [request.json["type"] for request in requests]


async def test_a_new_customer_is_a_new_cluster_and_a_known_one_an_updated_one(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    await webhook(api, got.url, "lead.created", "lead_cluster.created", "lead_cluster.updated")
    person = somebody()

    lead = await enquiry(api, **person)
    requests = await come(world, got, 2)
    assert sorted(types(requests)) == ["lead.created", "lead_cluster.created"]
    assert len({request.message_id for request in requests}) == 2
    assert {request.json["id"] for request in requests} == {requests[0].json["id"]}
    await enquiry(api, **person)
    assert sorted(types((await come(world, got, 4))[2:])) == ["lead.created", "lead_cluster.updated"]
    await update_lead(api, lead, message="Hello?")
    assert types((await come(world, got, 5))[4:]) == ["lead_cluster.updated"]


async def test_a_customer_whose_old_cluster_is_closed_is_a_new_cluster(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    person = somebody()
    lead = await enquiry(api, **person)
    await put(api, lead["lead_cluster_id"], lead_state="lost")
    await world.run("update lead set created_at = now() - interval '400 days' where id = $1", lead["id"])
    await planned(world)
    await webhook(api, got.url, "lead_cluster.created")

    later = await enquiry(api, **person)

    [request] = await come(world, got, 1)
    assert request.json["lead_cluster_id"] == later["lead_cluster_id"] != lead["lead_cluster_id"]


async def test_a_star_is_every_event_once_under_its_own_name(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    made = await webhook(api, got.url, "lead.created", "*", "lead_cluster.updated")
    assert made["events"] == ["*"]

    lead = await enquiry(api)
    at = lead["lead_cluster_id"]
    await act(api, at, "activities", activity={"kind": "call", "body": "rang"})
    await put(api, at, tags=["fleet"])
    await planned(world)

    assert sorted(types(got.requests)) == ["call.logged", "lead.created", "lead_cluster.updated"]
    assert [request.json["kind"] for request in got.requests] == types(got.requests)


async def test_every_event_of_a_customer_is_in_the_catalogue_and_tells_what_the_rule_says(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    [before] = await world.rows("select max(id) as id from event")
    made = await webhook(api, got.url, *CATALOGUE)
    await a_busy_life(api)
    await planned(world)
    events = await world.rows(
        """
        select event.id, event.kind, (
            select rule from lead_membership as joined
            where joined.lead_id = event.lead_id order by joined.id limit 1
        ) = 'new_customer' as began
        from event where lead_cluster_id is not null and event.id > $1
        """,
        before["id"],
    )

    assert {event["kind"] for event in events} <= set(CATALOGUE)
    expected = {
        (event["id"], topic)
        for event in events
        for topic in topics_of(event["kind"], began_cluster=bool(event["began"]))
    }
    heard = {(one["event_id"], one["topic"]) for one in await deliveries(api, made["id"])}
    assert heard == expected
    assert {(request.json["id"], request.json["type"]) for request in got.requests} == expected


async def a_busy_life(api: httpx.AsyncClient) -> None:
    """A customer to whom everything happens."""
    lead = await enquiry(api)
    at = lead["lead_cluster_id"]
    other, third = await enquiry(api), await enquiry(api)
    await update_lead(api, lead, message="Hello?")
    await act(api, at, "activities", activity={"kind": "note", "body": "a note"})
    booked = {"purpose": "Test Drive", "starts_at": "2031-03-03 10:00:00"}
    appointment = await act(api, at, "appointments", appointment=booked)
    for change in ({"note": "by tram"}, {"starts_at": "2031-03-04 10:00:00"}, {"status": "no-show"}):
        path = f"{HOOKS.replace('webhooks', 'appointments')}/{appointment['id']}"
        assert (await api.put(path, json={"appointment": change})).status_code == 200
    await act(api, at, "merge", lead_cluster_id=other["lead_cluster_id"])
    await act(api, at, "unmerge", lead_cluster_id=other["lead_cluster_id"])
    await act(api, at, "not_a_duplicate", lead_cluster_id=third["lead_cluster_id"])
    await put(api, at, user_id=501)
    await act(api, at, "unassign")
    await act(api, at, "snooze", until=(datetime.now(UTC) + timedelta(days=1)).isoformat())
    events = (await api.get(f"{CLUSTERS}/{at}/events")).json()["events"]
    for kind in ("note.logged", "lead_cluster.not_a_duplicate"):
        [event_id] = [event["id"] for event in events if event["kind"] == kind]
        answer = await api.post(HOOKS.replace("webhooks", "undo"), json={"event_id": event_id})
        assert answer.status_code == 200, answer.text
    await enquiry(api, email=lead["email"], phone=lead["phone"])
    await act(api, at, "split", lead_ids=[lead["id"]])
    contact = (await cluster(api, third["lead_cluster_id"]))["contact"]["id"]
    contacts = HOOKS.replace("webhooks", "contacts")
    assert (await api.get(f"{contacts}/{contact}/export")).status_code == 200
    assert (await api.delete(f"{contacts}/{contact}")).status_code == 200


async def test_a_merge_tells_both_clusters_each_with_the_others_id(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    here, there = [(await enquiry(api))["lead_cluster_id"] for _ in range(2)]
    await planned(world)
    await webhook(api, got.url, "lead_cluster.merged")

    await act(api, here, "merge", lead_cluster_id=there)

    pairs = {
        (request.json["lead_cluster_id"], request.json["other_lead_cluster_id"])
        for request in await come(world, got, 2)
    }
    assert pairs == {(here, there), (there, here)}
    snapshots = {request.json["lead_cluster"]["merged_into_id"] for request in got.requests}
    assert snapshots == {None, here}


async def test_what_a_dealership_settles_is_told_to_nobody(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    made = await webhook(api, got.url, "*")
    await api.put(f"{HOOKS}/{made['id']}", json={"provider": "Somebody"})
    await planned(world)

    assert got.requests == []
    assert await deliveries(api, made["id"]) == []


async def test_other_dealerships_hear_nothing(
    api: httpx.AsyncClient, world: World, server: str, got: Receiver
) -> None:
    await webhook(api, got.url, "*")
    foreign = await api.post(
        "/api/v1/leads",
        json={"lead": LEAD | somebody() | {"dealership_slug": THEIRS}},
        headers={"Authorization": f"Bearer {world.their_token}"},
    )
    assert foreign.status_code == 201, server
    own = await enquiry(api)

    [request] = await come(world, got, 1)
    assert request.json["lead_id"] == own["id"]


async def test_a_webhook_that_is_switched_off_gets_what_it_missed_when_it_is_asked_for(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    made = await webhook(api, got.url, "lead.created", enabled=False)
    lead = await enquiry(api)
    await planned(world)
    [missed] = await deliveries(api, made["id"])
    assert (missed["state"], missed["reason"], missed["attempts"]) == (
        "failed",
        "the endpoint is switched off",
        0,
    )

    refused = await api.post(f"{HOOKS}/{made['id']}/deliveries/{missed['id']}/redeliver")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/webhook-switched-off")
    assert (await api.put(f"{HOOKS}/{made['id']}", json={"enabled": True})).json()["enabled"] is True
    await post(api, f"{made['id']}/redeliver", failed_since="2026-01-01T00:00:00Z")

    [request] = await come(world, got, 1)
    assert request.json["lead_id"] == lead["id"]


async def test_a_webhook_that_is_deleted_gets_nothing_more(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda _: 500
    made = await webhook(api, got.url, "lead.created")
    await enquiry(api)
    await come(world, got, 1)
    assert (await api.delete(f"{HOOKS}/{made['id']}")).status_code == 200
    await enquiry(api)
    await planned(world)

    rows = await world.rows("select state, reason from delivery where webhook_endpoint_id = $1", made["id"])
    assert rows == [{"state": "cancelled", "reason": "the endpoint was deleted"}]
    assert len(got.requests) == 1
    assert (await api.get(f"{HOOKS}/{made['id']}")).status_code == 404


@pytest.mark.parametrize("events", [["lead.creatd"], ["lead.created", "webhook.tested"], [], None, ["test"]])
async def test_an_unknown_event_is_refused_with_those_that_there_are(
    events: list[str] | None, api: httpx.AsyncClient, got: Receiver
) -> None:
    body = {"url": got.url, "events": events, "schema": "v1"}

    answer = await api.post(HOOKS, json=body)

    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"].startswith("events")
    assert set(error["allowed"]) == {"*", *CATALOGUE}
