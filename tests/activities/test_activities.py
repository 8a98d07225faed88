"""Calls, messages, visits and notes: logged, listed, and refused where they do not fit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, put

if TYPE_CHECKING:
    import httpx

    from tests.world import World


async def logged(api: httpx.AsyncClient, at: int, **fields: Any) -> dict[str, Any]:
    return await act(api, at, "activities", activity=fields)


async def refused(api: httpx.AsyncClient, at: int, **fields: Any) -> dict[str, str]:
    answer = await api.post(f"{CLUSTERS}/{at}/activities", json={"activity": fields})
    assert answer.status_code == 422, answer.text
    return {problem["field"]: problem["message"] for problem in answer.json()["errors"]}


async def test_it_is_kept_as_it_was_told(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]
    when = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=3)

    told = await logged(
        api,
        at,
        kind="call",
        outcome="spoke",
        body="wants it in blue",
        user_id=501,
        occurred_at=when.isoformat(),
    )

    assert (told["kind"], told["direction"], told["outcome"]) == ("call", "out", "spoke")
    assert (told["body"], told["user_id"]) == ("wants it in blue", 501)
    assert datetime.fromisoformat(told["occurred_at"]) == when
    listed = (await api.get(f"{CLUSTERS}/{at}/activities")).json()
    assert listed == {"activities": [told], "next_cursor": None}
    [event, *_] = (await api.get(f"{CLUSTERS}/{at}/events")).json()["events"]
    assert (event["kind"], event["human"], event["user_id"]) == ("call.logged", True, 501)
    assert event["changes"]["lead_cluster.state"] == {"from": "new", "to": "contacted"}
    assert "wants it in blue" not in str(event)


async def test_the_latest_are_in_front_and_paged(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]
    now = datetime.now(UTC)
    minutes = [5, 1, 3, 4, 2]
    for ago in minutes:
        await logged(
            api, at, kind="note", body=str(ago), occurred_at=(now - timedelta(minutes=ago)).isoformat()
        )

    bodies: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.get(f"{CLUSTERS}/{at}/activities", params={"limit": "2"} | cursor)).json()
        bodies += [one["body"] for one in page["activities"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert bodies == ["1", "2", "3", "4", "5"]


async def test_it_changes_the_clusters_version(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]
    before = (await cluster(api, at))["version"]

    await logged(api, at, kind="note", body="hello")

    assert (await cluster(api, at))["version"] == before + 1


@pytest.mark.parametrize("state", ["lost", "converted", "invalid"])
async def test_a_question_opens_what_was_closed(api: httpx.AsyncClient, state: str) -> None:
    at = (await enquiry(api))["lead_cluster_id"]
    before = datetime.now(UTC).isoformat()
    await put(api, at, lead_state=state)
    await logged(api, at, kind="sms", direction="in", occurred_at=before)
    assert (await cluster(api, at))["lead_state"] == state

    asked = await logged(api, at, kind="sms", direction="in", body="hello again")

    told = await cluster(api, at)
    # Whoever sends nonsense sends it twice.
    opened = state != "invalid"
    assert (told["lead_state"], told["closed_at"] is None) == ("new" if opened else state, opened)
    assert told["waiting_since"] == (asked["occurred_at"] if opened else None)


async def test_a_retry_logs_once(api: httpx.AsyncClient) -> None:
    at = (await enquiry(api))["lead_cluster_id"]
    for _ in range(2):
        answer = await api.post(
            f"{CLUSTERS}/{at}/activities",
            json={"activity": {"kind": "sms", "body": "hello"}},
            headers={"Idempotency-Key": "log-once"},
        )
        assert answer.status_code == 201

    assert len((await api.get(f"{CLUSTERS}/{at}/activities")).json()["activities"]) == 1


async def test_one_of_a_merged_cluster_goes_to_the_survivor(api: httpx.AsyncClient) -> None:
    one, other = (await enquiry(api))["lead_cluster_id"], (await enquiry(api))["lead_cluster_id"]
    await act(api, one, "merge", lead_cluster_id=other)

    told = await logged(api, other, kind="walk_in")

    assert told["lead_cluster_id"] == one
    assert told["direction"] == "in"


@pytest.mark.parametrize(("sent", "field"), [
    ({}, "kind"),
    ({"kind": "fax"}, "kind"),
    ({"kind": None}, "kind"),
    ({"kind": 7}, "kind"),
    ({"kind": "sms", "direction": "up"}, "direction"),
    ({"kind": "call", "outcome": "maybe"}, "outcome"),
    ({"kind": "sms", "outcome": "spoke"}, "outcome"),
    ({"kind": "call", "user_id": 503}, "user_id"),
    ({"kind": "call", "occurred_at": "2026-01-01T10:00:00"}, "occurred_at"),
    ({"kind": "call", "occurred_at": "2999-01-01T10:00:00Z"}, "occurred_at"),
    ({"kind": "call", "occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
    ({"kind": "call", "mood": "good"}, "mood"),
])  # fmt: skip
async def test_what_does_not_fit_is_named(api: httpx.AsyncClient, sent: dict[str, Any], field: str) -> None:
    at = (await enquiry(api))["lead_cluster_id"]

    problems = await refused(api, at, **sent)

    assert list(problems) == [f"activity.{field}"]
    assert (await api.get(f"{CLUSTERS}/{at}/activities")).json()["activities"] == []


async def test_a_note_tells_whoever_it_names(api: httpx.AsyncClient, world: World) -> None:
    await world.run(
        """
        insert into user_account (id, name, email) values
            (541, 'Mia Chen', 'mia.chen@example.com'), (542, 'Mia Chenoweth', 'mia@example.com'), (543, 'Jo', 'jo@example.com')
        """
    )
    await world.run(
        "insert into dealership_user (dealership_id, user_id) values (1, 541), (1, 542), (1, 543)"
    )
    at = (await enquiry(api))["lead_cluster_id"]

    note = await logged(
        api, at, kind="note", body="@mia chen, ask @Jo: mail to jo@jo.example, not @Mia", user_id=543
    )
    call = await logged(api, at, kind="call", body="@Jo")

    assert (note["mentioned_user_ids"], call["mentioned_user_ids"]) == ([541, 543], [])
    listed = (await api.get(f"{CLUSTERS}/{at}/activities")).json()["activities"]
    assert [one["mentioned_user_ids"] for one in listed if one["kind"] == "note"] == [[541, 543]]
    unseen = await world.rows("select user_id from mention where seen_at is null")
    assert [row["user_id"] for row in unseen] == [541]
