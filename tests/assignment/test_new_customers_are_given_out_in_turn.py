"""Assignment: fair turns, nobody twice, nobody who is away or has enough, the longest waiting first."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.assignment.asking import ANN, AT, BOB, CLEO, RULES, given_to, member, rule, staff
from tests.clusters.asking import CLUSTERS, cluster, enquiry, put, somebody

if TYPE_CHECKING:
    import httpx

    from tests.world import World

FAR = (datetime.now(UTC) + timedelta(days=30)).isoformat()


@pytest.fixture(autouse=True)
async def nobody_has_anything(world: World) -> None:
    await staff(world)


async def test_turns_go_round(api: httpx.AsyncClient) -> None:
    await rule(api, ANN, BOB, CLEO)

    got = [await given_to(api) for _ in range(9)]

    assert sorted(user or 0 for user in got[:3]) == [ANN, BOB, CLEO]
    assert got == got[:3] * 3


async def test_why_is_in_the_history(api: httpx.AsyncClient) -> None:
    made = await rule(api, ANN, BOB)
    await member(api, BOB, absent_from=None, absent_until=FAR)

    lead = await enquiry(api)

    events = (await api.get(f"{CLUSTERS}/{lead['lead_cluster_id']}/events")).json()["events"]
    [event] = [one for one in events if one["kind"] == "lead_cluster.assigned"]
    assert event["changes"]["lead_cluster.user_id"] == {"from": None, "to": ANN}
    assert event["changes"]["reason"]["to"] == {
        "assignment_rule_id": made["id"],
        "assignment_rule_name": made["name"],
        "absent": 1,
        "full": 0,
    }
    assert event["human"] is False


async def test_the_absent_and_the_full_are_passed_over(api: httpx.AsyncClient) -> None:
    await rule(api, ANN, BOB, CLEO)
    await member(api, ANN, absent_from=None, absent_until=FAR)
    await member(api, BOB, most_open_clusters=1)

    got = [await given_to(api) for _ in range(4)]

    assert Counter(got) == {BOB: 1, CLEO: 3}


async def test_a_user_who_is_away_tomorrow_is_here_today(api: httpx.AsyncClient) -> None:
    await rule(api, ANN)
    await member(api, ANN, absent_from=FAR, absent_until=None)

    assert await given_to(api) == ANN


async def test_the_more_specific_rule_counts(api: httpx.AsyncClient) -> None:
    await rule(api, ANN)
    await rule(api, BOB, categories=["Finance Enquiry"])
    await rule(api, CLEO, categories=["finance enquiry"], sources=["Website"], location_ids=[101])

    assert await given_to(api) == ANN
    assert await given_to(api, category="Finance Enquiry") == BOB
    assert await given_to(api, category="Finance Enquiry", location_id=101) == CLEO


async def test_a_rule_that_is_switched_off_counts_for_nothing(api: httpx.AsyncClient) -> None:
    made = await rule(api, ANN)
    off = await api.put(f"{RULES}/{made['id']}", json={"assignment_rule": {"enabled": False}})
    assert off.status_code == 200

    assert await given_to(api) is None


async def test_who_has_somebody_keeps_them(api: httpx.AsyncClient) -> None:
    person = somebody()
    lead = await enquiry(api, **person)
    await put(api, lead["lead_cluster_id"], user_id=501)
    await rule(api, ANN)

    await enquiry(api, **person)
    named = await enquiry(api, user_email="bob@example.com")

    assert (await cluster(api, lead["lead_cluster_id"]))["user_id"] == 501
    assert (await cluster(api, named["lead_cluster_id"]))["user_id"] == BOB


async def test_what_nobody_could_take_is_drained_the_longest_waiting_first(api: httpx.AsyncClient) -> None:
    await rule(api, ANN)
    await member(api, ANN, absent_from=None, absent_until=FAR)
    waiting = [(await enquiry(api))["lead_cluster_id"] for _ in range(3)]
    assert {(await cluster(api, at))["user_id"] for at in waiting} == {None}

    # Whoever is back and has room gets what has waited.
    told = await member(api, ANN, absent_until=None, most_open_clusters=2)

    assert [(await cluster(api, at))["user_id"] for at in waiting] == [ANN, ANN, None]
    assert (told["open_clusters"], told["full"]) == (2, True)
    await member(api, ANN, most_open_clusters=5)
    assert (await cluster(api, waiting[2]))["user_id"] == ANN


async def test_a_drain_tells_who_got_what(api: httpx.AsyncClient) -> None:
    waiting = [(await enquiry(api))["lead_cluster_id"] for _ in range(4)]
    await rule(api, ANN, BOB)

    tried = await api.post(f"{AT}/assignment/drain", params={"dry_run": "true"})
    done = await api.post(f"{AT}/assignment/drain")
    again = await api.post(f"{AT}/assignment/drain")

    given = done.json()["assigned"]
    assert tried.json()["answer"] == done.json()
    assert [one["lead_cluster_id"] for one in given] == waiting
    assert Counter(one["user_id"] for one in given) == {ANN: 2, BOB: 2}
    assert again.json()["assigned"] == []


async def test_whoever_was_erased_is_given_to_nobody(api: httpx.AsyncClient) -> None:
    gone, there = [(await enquiry(api))["lead_cluster_id"] for _ in range(2)]
    erased = await api.delete(f"{AT}/contacts/{(await cluster(api, gone))['contact']['id']}")
    assert erased.status_code == 200
    await rule(api, ANN)

    done = await api.post(f"{AT}/assignment/drain")

    assert [one["lead_cluster_id"] for one in done.json()["assigned"]] == [there]


async def test_no_turn_is_given_twice_however_many_come_at_once(api: httpx.AsyncClient) -> None:
    await rule(api, ANN, BOB, CLEO)
    await member(api, CLEO, most_open_clusters=5)

    leads = await asyncio.gather(
        *(enquiry(api) for _ in range(40)), *(api.post(f"{AT}/assignment/drain") for _ in range(5))
    )

    told = [await cluster(api, lead["lead_cluster_id"]) for lead in leads[:40] if isinstance(lead, dict)]
    got = Counter(one["user_id"] for one in told)
    assert got[CLEO] == 5
    assert got[ANN] + got[BOB] == 35
    assert abs(got[ANN] - got[BOB]) <= 1


async def test_a_dry_run_plays_the_last_leads_through_and_writes_nothing(
    api: httpx.AsyncClient, world: World
) -> None:
    leads = [await enquiry(api) for _ in range(4)]
    await world.run("update dealership_user set last_assigned_at = now() where user_id = $1", ANN)
    before = await world.rows("select * from dealership_user order by user_id")
    sent: dict[str, Any] = {"assignment_rules": [{"name": "both", "user_ids": [ANN, BOB]}]}

    told = (await api.post(f"{RULES}/dry_run", json=sent)).json()

    mine = [one for one in told["leads"] if one["lead_id"] in {lead["id"] for lead in leads}]
    assert len(told["leads"]) <= 100
    assert [one["lead_id"] for one in mine] == [lead["id"] for lead in leads]
    assert Counter(one["user_id"] for one in mine) == {ANN: 2, BOB: 2}
    assert {one["outcome"] for one in mine} == {"assigned"}
    in_force = (await api.post(f"{RULES}/dry_run")).json()
    assert {one["outcome"] for one in in_force["leads"] if one["lead_id"] == leads[0]["id"]} == {"no_rule"}
    assert await world.rows("select * from dealership_user order by user_id") == before
    assert (await api.get(RULES)).json() == {"assignment_rules": []}
    assert {(await cluster(api, lead["lead_cluster_id"]))["user_id"] for lead in leads} == {None}


async def test_a_dry_run_plays_the_last_hundred_through(api: httpx.AsyncClient) -> None:
    leads = [await enquiry(api) for _ in range(102)]

    told = (await api.post(f"{RULES}/dry_run")).json()

    assert [one["lead_id"] for one in told["leads"]] == [lead["id"] for lead in leads[2:]]
