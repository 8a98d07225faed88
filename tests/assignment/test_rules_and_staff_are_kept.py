"""Assignment rules and the staff's absences: written, changed, removed, refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.assignment.asking import ANN, BOB, RULES, STAFF, member, rule, staff

if TYPE_CHECKING:
    import httpx

    from tests.world import World


@pytest.fixture(autouse=True)
async def nobody_has_anything(world: World) -> None:
    await staff(world)


async def test_a_rule_is_kept_changed_and_removed(api: httpx.AsyncClient) -> None:
    made = await rule(api, ANN, name="Finance", categories=["finance enquiry"], location_ids=[101])
    at = f"{RULES}/{made['id']}"
    assert made["categories"] == ["Finance Enquiry"]
    assert (await api.get(at)).json() == made

    changed = await api.put(
        at,
        json={"assignment_rule": {"user_ids": [BOB, ANN], "location_ids": None}},
        headers={"If-Match": '"1"'},
    )
    stale = await api.put(at, json={"assignment_rule": {"name": "x"}}, headers={"If-Match": '"1"'})
    removed = await api.delete(at)

    after = changed.json()
    assert (after["user_ids"], after["location_ids"], after["name"]) == ([ANN, BOB], [], "Finance")
    assert (changed.headers["etag"], stale.status_code) == ('"2"', 412)
    assert (removed.status_code, removed.json()) == (200, after)
    assert (await api.get(at)).status_code == 404
    assert (await api.get(RULES)).json() == {"assignment_rules": []}


@pytest.mark.parametrize(("sent", "field"), [
    ({"user_ids": [ANN]}, "name"),
    ({"name": " ", "user_ids": [ANN]}, "name"),
    ({"name": "x"}, "user_ids"),
    ({"name": "x", "user_ids": []}, "user_ids"),
    ({"name": "x", "user_ids": [503]}, "user_ids"),
    ({"name": "x", "user_ids": [ANN], "location_ids": [103]}, "location_ids"),
    ({"name": "x", "user_ids": [ANN], "categories": ["Nonsense"]}, "categories[0]"),
    ({"name": "x", "user_ids": [ANN], "sources": ["Nonsense"]}, "sources[0]"),
    ({"name": "x", "user_ids": "all"}, "user_ids"),
    ({"name": "taken", "user_ids": [ANN]}, "name"),
])  # fmt: skip
async def test_what_does_not_fit_is_named(api: httpx.AsyncClient, sent: dict[str, Any], field: str) -> None:
    await rule(api, ANN, name="taken")

    answer = await api.post(RULES, json={"assignment_rule": sent})

    assert answer.status_code == 422, answer.text
    assert f"assignment_rule.{field}" in {problem["field"] for problem in answer.json()["errors"]}
    assert len((await api.get(RULES)).json()["assignment_rules"]) == 1


async def test_staff_are_away_and_come_back(api: httpx.AsyncClient) -> None:
    away = await member(api, ANN, absent_until="2031-01-01T00:00:00Z", most_open_clusters=3)
    listed = {one["user_id"]: one for one in (await api.get(STAFF)).json()["staff"]}
    back = await member(api, ANN, absent_until=None)

    assert (away["absent"], away["most_open_clusters"]) == (True, 3)
    assert listed[ANN] == away
    assert listed[BOB]["absent"] is False
    assert (back["absent"], back["most_open_clusters"]) == (False, 3)


async def test_a_dry_run_sends_nobody_away(api: httpx.AsyncClient) -> None:
    answer = await api.put(
        f"{STAFF}/{ANN}",
        params={"dry_run": "true"},
        json={"staff_member": {"absent_until": "2031-01-01T00:00:00Z"}},
    )

    assert answer.json()["answer"]["absent"] is True
    listed = {one["user_id"]: one for one in (await api.get(STAFF)).json()["staff"]}
    assert listed[ANN]["absent"] is False


@pytest.mark.parametrize("sent", [
    {"absent_from": "2031-01-02T00:00:00Z", "absent_until": "2031-01-01T00:00:00Z"},
    {"absent_from": "tomorrow"},
    {"absent_from": "2031-01-02T00:00:00"},
    {"most_open_clusters": 0},
    {"holiday": True},
])  # fmt: skip
async def test_an_absence_that_does_not_fit_is_refused(api: httpx.AsyncClient, sent: dict[str, Any]) -> None:
    answer = await api.put(f"{STAFF}/{ANN}", json={"staff_member": sent})

    assert answer.status_code == 422, answer.text
