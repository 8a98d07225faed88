"""Webhooks as a dealership makes, changes, reads and removes them; secrets are shown once and logged never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from forecourt.access import tokens
from forecourt.client import webhooks as client
from tests.clusters.asking import enquiry
from tests.conftest import bearer
from tests.webhooks.asking import (
    HOOKS,
    come,
    deliveries,
    delivery,
    planned,
    post,
    settled,
    told,
    verified,
    webhook,
)

if TYPE_CHECKING:
    from tests.webhooks.receiving import Receiver
    from tests.world import World


def problems(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {problem["field"]: problem["message"] for problem in answer.json()["errors"]}


async def test_a_webhook_is_made_without_a_wrapper_and_its_secret_shown_once(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    body = {
        "url": got.url,
        "events": ["lead.created"],
        "schema": "V3",
        "token": "s3cret",
        "token_header": "x-authorization",
    }
    answer = await api.post(HOOKS, json=body)

    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert made["secret"].startswith("whsec_")
    assert (made["schema"], made["token_header"], made["has_token"]) == ("v3", "X-Authorization", True)
    shown = await told(api, made["id"])
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    listed = (await api.get(HOOKS)).json()["webhooks"]
    assert shown in listed
    rows = await world.rows("select kind, changes from event where kind like 'webhook.%' order by id desc")
    assert rows[0]["kind"] == "webhook.created"
    for secret in ("s3cret", made["secret"], made["secret"].removeprefix("whsec_")):
        assert all(secret not in row["changes"] for row in rows)
        assert secret not in str(listed)


async def test_a_change_keeps_what_is_left_out(api: httpx.AsyncClient, world: World, got: Receiver) -> None:
    made = await webhook(api, f"{got.url}/a?key=hidden", "lead.created", token="one")
    path = f"{HOOKS}/{made['id']}"

    changed = await api.put(path, json={"events": ["lead.updated"]}, headers={"If-Match": '"1"'})
    late = await api.put(path, json={"schema": "v1"}, headers={"If-Match": '"1"'})
    same = await api.put(path, json={"events": ["lead.updated"]})
    tokenless = await api.put(path, json={"token": None})

    assert changed.json() == {name: made[name] for name in changed.json()} | {
        "version": 2,
        "events": ["lead.updated"],
        "updated_at": changed.json()["updated_at"],
    }
    assert late.status_code == 412
    assert same.json()["version"] == 2
    assert (tokenless.json()["has_token"], tokenless.json()["version"]) == (False, 3)
    [event] = await world.rows(
        "select changes from event where kind = 'webhook.updated' order by id desc limit 1"
    )
    assert '"webhook.has_token": {"to": false, "from": true}' in event["changes"]
    assert [
        row["n"]
        for row in await world.rows("select count(*) as n from event where changes::text like '%hidden%'")
    ] == [0]


async def test_everything_that_does_not_fit_is_told_at_once(api: httpx.AsyncClient) -> None:
    assert set(problems(await api.post(HOOKS, json={}))) == {"url", "events", "schema"}
    found = problems(
        await api.post(
            HOOKS,
            json={
                "url": "ftp://example.com",
                "events": ["lead.created", "lead.create"],
                "schema": "v4",
                "token": "a\r\nX-Evil: 1",
                "token_header": "Cookie",
                "provider": "",
            },
        )
    )
    assert set(found) == {"url", "events[1]", "schema", "token", "token_header", "provider"}
    assert found["events[1]"] == "is no event that is told; the nearest is lead.created"
    assert set(problems(await api.post(HOOKS, json={"webhook": {}}))) == {"webhook"}


async def test_a_token_goes_along_as_its_header_says(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    await webhook(api, f"{got.url}/bearer", "lead.created", token="abc")
    await webhook(api, f"{got.url}/bare", "lead.created", token="abc", token_header="X-Authorization")
    await webhook(api, f"{got.url}/none", "lead.created")
    await enquiry(api)
    await come(world, got, 3)

    assert got.of("/bearer")[0].headers["Authorization"] == "Bearer abc"
    assert got.of("/bare")[0].headers["X-Authorization"] == "abc"
    assert {"Authorization", "X-Authorization"} & set(got.of("/none")[0].headers) == set()
    for request in got.requests:
        assert request.headers["Content-Type"] == request.headers["Accept"] == "application/json"
        assert request.headers["User-Agent"].startswith("Forecourt/")


async def test_an_attempt_is_kept_whole_but_for_what_would_let_somebody_pass_for_us(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.body = b"thanks \xff\x00!"
    made = await webhook(api, got.url, "lead.created", token="abc")
    await enquiry(api)
    [request] = await come(world, got, 1)
    await planned(world)

    [listed] = await deliveries(api, made["id"])
    whole = await delivery(api, made["id"], listed["id"])

    assert (whole["state"], whole["attempts"], whole["reason"]) == ("sent", 1, None)
    assert whole["message_id"] == request.message_id
    [attempt] = whole["all_attempts"]
    assert attempt["request_body"].encode() == request.body
    assert attempt["request_headers"]["Authorization"] == "Bearer ***"
    assert attempt["request_headers"]["webhook-signature"] == "v1,***"
    assert (attempt["outcome"], attempt["status"]) == ("answered", 200)
    assert attempt["response_body"] == "thanks \ufffd!"
    assert attempt["response_headers"]["content-length"] == str(len(got.body))


async def test_requests_are_signed_by_standard_webhooks_with_both_secrets_after_a_rotation(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    made = await webhook(api, got.url, "lead.created")
    before = made["secret"]
    rotated = await post(api, f"{made['id']}/rotate_secret", 200)
    assert rotated["secret"] != before
    assert rotated["former_secret_valid_until"] is not None
    await enquiry(api, message="Grüße, 日本")
    [request] = await come(world, got, 1)

    assert verified(request, before) == verified(request, rotated["secret"]) == request.json
    assert client.verify(before, request.headers, request.body).id == request.message_id
    assert len(request.headers["webhook-signature"].split(" ")) == 2
    with pytest.raises(WebhookVerificationError):
        Webhook(rotated["secret"]).verify(request.body + b" ", request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(before).verify(request.body, request.headers | {"webhook-id": "msg_other"})

    await world.run("update webhook_endpoint set secret_before_until = now() where id = $1", made["id"])
    await enquiry(api)
    second = (await come(world, got, 2))[1]
    assert len(second.headers["webhook-signature"].split(" ")) == 1
    verified(second, rotated["secret"])
    last = await post(api, f"{made['id']}/rotate_secret", 200, overlap_hours=0)
    await enquiry(api)
    third = (await come(world, got, 3))[2]
    verified(third, last["secret"])
    with pytest.raises(WebhookVerificationError):
        verified(third, rotated["secret"])


async def test_a_dry_run_makes_nothing_and_shows_no_secret(api: httpx.AsyncClient, got: Receiver) -> None:
    body = {"url": got.url, "events": ["*"], "schema": "event"}
    before = (await api.get(HOOKS)).json()

    answer = await api.post(HOOKS, json=body, params={"dry_run": "true"})

    assert answer.status_code == 200
    assert answer.json()["answer"]["secret"] is None
    assert (await api.get(HOOKS)).json() == before


async def test_one_is_sent_once_more_under_the_same_id(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    made = await webhook(api, got.url, "lead.created")
    await enquiry(api)
    [first] = await come(world, got, 1)
    await planned(world)
    [sent] = await deliveries(api, made["id"])

    again = await post(api, f"{made['id']}/deliveries/{sent['id']}/redeliver")

    assert (again["id"], again["state"]) == (sent["id"], "waiting")
    second = (await come(world, got, 2))[1]
    assert second.message_id == first.message_id
    await planned(world)
    whole = await delivery(api, made["id"], sent["id"])
    assert (whole["state"], [one["number"] for one in whole["all_attempts"]]) == ("sent", [1, 2])


async def test_all_that_failed_since_a_moment_is_sent_once_more(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda _: 410
    made = await webhook(api, got.url, "lead.created")
    await enquiry(api)
    await settled(api, world, got)
    for _ in range(4):
        await enquiry(api)
    await planned(world)
    failed = await deliveries(api, made["id"], state="failed")
    assert len(failed) == 5
    await world.run("update delivery set ended_at = now() - interval '2 days' where id = $1", failed[0]["id"])
    got.says = lambda _: 200
    await api.put(f"{HOOKS}/{made['id']}", json={"enabled": True})
    [clock] = await world.rows("select now() - interval '1 day' as then")

    answer = await post(api, f"{made['id']}/redeliver", failed_since=clock["then"].isoformat())

    assert answer == {"redelivered": 4, "more": False}
    await come(world, got, 5)
    await planned(world)
    states = [one["state"] for one in await deliveries(api, made["id"])]
    assert states == ["failed", *["sent"] * 4]


async def test_deliveries_are_read_page_by_page_and_by_state_topic_and_event(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    made = await webhook(api, got.url, "lead.created", "lead_cluster.created")
    for _ in range(3):
        await enquiry(api)
    await planned(world)
    path = f"{HOOKS}/{made['id']}/deliveries"

    seen: list[int] = []
    query: dict[str, str] = {"limit": "4"}
    while True:
        page = (await api.get(path, params=query)).json()
        seen += [one["id"] for one in page["deliveries"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    everything = await deliveries(api, made["id"])
    assert seen == [one["id"] for one in everything][::-1]
    assert len(seen) == 6
    by_topic = await deliveries(api, made["id"], topic="lead.created")
    assert {one["topic"] for one in by_topic} == {"lead.created"}
    assert len(by_topic) == 3
    by_event = await deliveries(api, made["id"], event_id=str(everything[0]["event_id"]))
    assert len(by_event) == 2
    assert await deliveries(api, made["id"], state="failed") == []
    for bad in ({"state": "lost"}, {"event_id": "x"}, {"limit": "0"}, {"cursor": "x"}, {"shoe": "1"}):
        assert (await api.get(path, params=bad)).status_code == 400


async def test_what_is_not_there_is_not_found(api: httpx.AsyncClient, got: Receiver) -> None:
    made = await webhook(api, got.url)
    for path in (f"{HOOKS}/999999", f"{HOOKS}/x", f"{HOOKS}/{made['id']}/deliveries/999999"):
        assert (await api.get(path)).status_code == 404
    missing = await api.post(f"{HOOKS}/{made['id']}/deliveries/999999/redeliver")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/delivery-not-found")


async def test_a_webhook_made_with_a_test_key_is_marked(server: str, world: World, got: Receiver) -> None:
    token = tokens.new_token("test")
    await world.run(
        """
        with issued as (
            insert into api_key (name, mode, token_hash, token_hint, permissions)
            values ('test', 'test', $1, 'hint', array['manage:webhook']) returning id
        )
        insert into api_key_dealership select id, 1 from issued
        """,
        tokens.hash_of(token),
    )
    body: dict[str, Any] = {"url": got.url, "events": ["*"], "schema": "event"}
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as client:
        assert (await client.post(HOOKS, json=body)).json()["test"] is True
