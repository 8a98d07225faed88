"""The audit tells everything that was done: by whom, when, from what to what; whatever is looked for, page by page."""

from __future__ import annotations

import csv
import io
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from forecourt.audit.find_queries import CONDITIONS, page_query
from forecourt.audit.kinds import GROUPS, KNOWN
from tests.clusters.asking import enquiry, put
from tests.messages.asking import AT, told
from tests.screens.conftest import signed_in
from tests.screens.people import Visitor
from tests.world import LEAD, OURS

if TYPE_CHECKING:
    import httpx

    from tests.world import World

RULE = {"name": "All", "user_ids": [501]}


async def listed(api: httpx.AsyncClient, **filters: Any) -> list[dict[str, Any]]:
    answer = await api.get(f"{AT}/audit", params=filters)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["events"])


async def settle_everything(api: httpx.AsyncClient) -> list[str]:
    """Change every setting there is; the kinds of event that tell it, in their order."""
    await told(api, "PUT", "response_settings", 200, response_settings={"target_minutes": 21})
    await told(api, "PUT", "lead_cluster_settings", 200, lead_cluster_settings={"closed_cluster_days": 90})
    await told(api, "PUT", "mail_settings", 200, sender_name="Ours")
    await told(api, "PUT", "retention_settings", 200, erase_closed_after_days=3650)
    await told(api, "PUT", "", 200, name="Ours")
    place = await told(api, "POST", "locations", 201, name="Shop")
    await told(api, "PUT", f"locations/{place['id']}", 200, address="1 Road")
    word = await told(
        api, "POST", "lead_status_options", 201, lead_status_option={"state": "lost", "name": "Far"}
    )
    await told(api, "PUT", f"lead_status_options/{word['id']}", 200, lead_status_option={"name": "Too far"})
    await told(api, "POST", "stop_list", 201, stop_list_entry={"kind": "email", "value": "a@b.example"})
    await told(api, "DELETE", "stop_list/email/a@b.example", 200)
    rule = await told(api, "POST", "assignment_rules", 201, assignment_rule=RULE)
    await told(api, "PUT", f"assignment_rules/{rule['id']}", 200, assignment_rule={"enabled": False})
    await told(api, "DELETE", f"assignment_rules/{rule['id']}", 200)
    await told(api, "PUT", "staff/501", 200, staff_member={"most_open_clusters": 9})
    notice = await told(api, "POST", "notification_rules", 201, addresses=["x@y.example"])
    await told(api, "PUT", f"notification_rules/{notice['id']}", 200, name="Everything")
    await told(api, "DELETE", f"notification_rules/{notice['id']}", 200)
    template = await told(api, "POST", "message_templates", 201, kind="sms", body="Hi")
    await told(api, "PUT", f"message_templates/{template['id']}", 200, body="Hello")
    await told(api, "DELETE", f"message_templates/{template['id']}", 200)
    await told(api, "POST", "message_templates/test", 201, kind="email", subject="S", body="B", user_id=501)
    vendor = await told(api, "POST", "adf_vendors", 201, adf_vendor={"name": "Our Other Name"})
    await told(api, "DELETE", f"adf_vendors/{vendor['id']}", 200)
    return [
        "response_settings.updated", "lead_cluster_settings.updated", "mail_settings.updated",
        "retention_settings.updated", "dealership.updated", "location.added", "location.updated",
        "lead_status_option.created", "lead_status_option.updated", "stop_list.added", "stop_list.removed",
        "assignment_rule.created", "assignment_rule.updated", "assignment_rule.deleted", "staff_member.updated",
        "notification_rule.created", "notification_rule.updated", "notification_rule.deleted",
        "message_template.created", "message_template.updated", "message_template.deleted",
        "message_template.tested", "adf_vendor.added", "adf_vendor.removed",
    ]  # fmt: skip


async def test_every_setting_is_told_once_from_what_to_what(api: httpx.AsyncClient) -> None:
    kinds = await settle_everything(api)

    events = (await listed(api, limit=100))[::-1]

    assert [event["kind"] for event in events] == kinds
    assert set(kinds) == set(GROUPS["settings"])
    assert {event["by"] for event in events} == {"api_key"}
    assert events[0]["changes"] == {"target_minutes": {"from": 15, "to": 21}}
    assert [event["kind"] for event in (await listed(api, kind="settings", limit=100))[::-1]] == kinds


async def test_it_is_looked_through_by_who_what_when_and_whom(
    api: httpx.AsyncClient, server: str, world: World, database_url: str
) -> None:
    lead = await enquiry(api)
    at = lead["lead_cluster_id"]
    await put(api, at, lead_state="contacted", by_user_id=501)
    cookie = await signed_in(world, database_url)
    async with Visitor(server) as owner:
        owner.cookies["__Host-forecourt"] = cookie
        await owner.post("/bulk", **{"pick[]": f"{OURS}/{at}", "do": "invalid"})
    [key] = await world.rows("select id from api_key order by id limit 1")

    assert [one["kind"] for one in await listed(api, lead_id=lead["id"])] == ["lead.created"]
    by_hand = ["lead_cluster.updated", "lead_cluster.updated"]
    assert [one["kind"] for one in await listed(api, lead_cluster_id=at)] == [*by_hand, "lead.created"]
    assert [one["kind"] for one in await listed(api, user_id=501)] == by_hand
    [invalid, contacted] = await listed(api, user_id=501, kind="customers")
    assert (invalid["by"], invalid["user"]["name"], invalid["api_key"]) == ("user", "User", None)
    assert (contacted["by"], contacted["user"]["id"], contacted["api_key"]["name"]) == (
        "api_key",
        501,
        "test",
    )
    assert [one["id"] for one in await listed(api, api_key_id=key["id"], kind="lead_cluster.updated")] == [
        contacted["id"]
    ]
    assert await listed(api, since="2031-01-01") == []
    assert await listed(api, until="2020-01-01") == []
    assert invalid in await listed(api, since=invalid["occurred_at"])
    assert invalid not in await listed(api, until=invalid["occurred_at"])


async def test_pages_follow_each_other_and_end(api: httpx.AsyncClient, world: World) -> None:
    # Many at one moment: the id decides.
    await world.run("update event set occurred_at = date_trunc('hour', occurred_at)")
    whole = await listed(api, limit=200)
    for filters in ({}, {"kind": "settings"}):
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            asked = filters | ({"cursor": cursor} if cursor else {})
            page = (await api.get(f"{AT}/audit", params=asked | {"limit": 4})).json()
            found += page["events"]
            cursor = page["next_cursor"]
        assert found == [one for one in whole if not filters or one["kind"] in GROUPS["settings"]]


async def test_the_file_has_a_row_for_each_field(api: httpx.AsyncClient) -> None:
    await told(api, "POST", "locations", 201, name='=HYPERLINK("x")', address="1, Road")
    answer = await api.get(f"{AT}/audit.csv", params={"kind": "location.added"})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.search(r'filename="audit-brisbane-motors-[\d-]+\.csv"', answer.headers["content-disposition"])
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    latest = [row for row in rows if row["event_id"] == rows[0]["event_id"]]
    assert {row["field"]: row["to"] for row in latest} == {
        "location_id": str((await listed(api, limit=1))[0]["changes"]["location_id"]),
        "name": '\'=HYPERLINK("x")',
        "location_type": "sales",
        "address": "1, Road",
    }
    assert latest[0]["api_key.name"] == "test"


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"kind": "everything"}, "kind"), ({"user_id": "me"}, "user_id"), ({"since": "yesterday"}, "since"),
     ({"until": "2026-02-30"}, "until"), ({"cursor": "x"}, "cursor"), ({"limit": 0}, "limit"), ({"who": 1}, "who")],
)  # fmt: skip
async def test_what_it_cannot_be_asked_is_named(
    api: httpx.AsyncClient, asked: dict[str, Any], field: str
) -> None:
    answer = await api.get(f"{AT}/audit", params=asked)

    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


async def test_every_combination_of_filters_is_a_statement(api: httpx.AsyncClient, database_url: str) -> None:
    assert api
    connection = await asyncpg.connect(database_url)
    for size in range(4):
        for names in itertools.combinations(CONDITIONS, size):
            await connection.prepare(page_query(frozenset(names)).text)
    await connection.close()


def test_every_kind_that_is_logged_is_in_a_group() -> None:
    source = Path(__file__).parent.parent.parent / "src/forecourt"
    logged = set()
    for file in source.rglob("*.py"):
        logged |= set(
            re.findall(
                r'(?:record_event|_log|_outcome|log_in_group)\(\s*[^"]{0,40}"([a-z_]+\.[a-z_]+)"',
                file.read_text(),
            )
        )

    assert len(logged) > 30
    assert logged - KNOWN == set()


async def test_a_key_is_told_of_its_own_mode_alone(api: httpx.AsyncClient, world: World) -> None:
    token = await world.key(mode="test")
    in_test_mode = {"Authorization": f"Bearer {token}"}
    sent = await api.post(
        "/api/v1/leads", json={"lead": {**LEAD, "name": "Of test mode"}}, headers=in_test_mode
    )
    assert sent.status_code == 201
    lead_id = sent.json()["id"]

    assert await listed(api, lead_id=lead_id) == []
    seen = await api.get(f"{AT}/audit", params={"kind": "lead.created"}, headers=in_test_mode)
    assert [event["lead_id"] for event in seen.json()["events"]] == [lead_id]
