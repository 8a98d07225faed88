"""Many writers of one lead: nobody is turned away who did not ask for it, and nothing is lost or torn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.leads.asking import LEADS, REQUIRED, created, history, put, read, updated

if TYPE_CHECKING:
    import httpx

    from tests.world import World

LEADS_OF_MANY = 10
CLIENTS = 32
UPDATES = 10


async def test_without_a_precondition_nobody_is_refused_and_no_lead_is_torn(api: httpx.AsyncClient) -> None:
    lead_ids = [(await created(api))["id"] for _ in range(LEADS_OF_MANY)]

    async def client(number: int) -> list[int]:
        statuses = []
        for turn in range(UPDATES):
            # Three fields that belong together, and one that is this client's alone on half of its turns.
            said = f"{number}/{turn}"
            fields: dict[str, Any] = {"name": said, "message": said, "fields": {"said": said}}
            if turn % 2:
                fields["tags"] = [said]
            answer = await put(api, lead_ids[(number + turn) % LEADS_OF_MANY], **fields)
            statuses.append(answer.status_code)
        return statuses

    statuses = await asyncio.gather(*(client(number) for number in range(CLIENTS)))

    assert {status for each in statuses for status in each} == {200}
    events = 0
    for lead_id in lead_ids:
        lead, told = await read(api, lead_id), await history(api, lead_id)
        assert lead["name"] == lead["message"] == lead["fields"]["said"]
        assert [event["version"] for event in told] == list(range(1, lead["version"] + 1))
        events += len(told) - 1
        _each_change_begins_where_the_last_one_ended(told, lead)
    assert events == CLIENTS * UPDATES


def _each_change_begins_where_the_last_one_ended(told: list[dict[str, Any]], lead: dict[str, Any]) -> None:
    for field in ("name", "message", "fields", "tags"):
        value: Any = [] if field == "tags" else None
        for event in told:
            if field in event["changes"]:
                assert event["changes"][field]["from"] == value
                value = event["changes"][field]["to"]
        assert lead[field] == value


async def test_of_two_with_the_same_precondition_one_is_refused(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]

    answers = await asyncio.gather(
        *(put(api, lead_id, {"If-Match": '"1"'}, message=message) for message in ("one", "two"))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    refused = next(answer for answer in answers if answer.status_code == 412)
    assert refused.headers["etag"] == '"2"'


@pytest.mark.parametrize(
    "effect",
    [
        [{"lead_state": "new"}, {"lead_state": "lost"}, {"lead_state": "contacted"}],
        [{"golden": True}, {"golden": False}],
        [{"sms_verified": True}, {"sms_verified": False}],
        [{"tags": [f"tag {number}"]} for number in range(7)],
    ],
    ids=lambda effect: next(iter(effect[0])),
)
async def test_writers_whose_updates_reach_the_cluster_do_not_stand_in_each_others_way(
    effect: list[dict[str, Any]], api: httpx.AsyncClient
) -> None:
    lead_id = (await created(api))["id"]

    async def client(number: int) -> set[int]:
        return {
            (
                await put(api, lead_id, message=f"{number}/{turn}", **effect[(number + turn) % len(effect)])
            ).status_code
            for turn in range(5)
        }

    assert set().union(*await asyncio.gather(*(client(number) for number in range(9)))) == {200}
    versions = [event["version"] for event in await history(api, lead_id)]
    assert versions == list(range(1, 9 * 5 + 2))


async def test_the_leads_of_one_cluster_can_be_marked_and_written_at_once(
    api: httpx.AsyncClient, world: World
) -> None:
    customer: dict[str, Any] = {"email": "busy@example.com", "phone": "0499 000 111"}
    leads = [await created(api, **customer) for _ in range(4)]
    assert len({lead["lead_cluster_id"] for lead in leads}) == 1

    async def client(number: int) -> int:
        # The mark reaches all four leads; states, tags and verification reach the cluster and its contact.
        fields: dict[str, Any] = {
            "golden": number % 2 == 0,
            "lead_state": ("new", "lost", "contacted")[number % 3],
        }
        fields |= {"tags": [f"tag {number % 5}"], "sms_verified": number % 2 == 1, "message": str(number)}
        return (await put(api, leads[number % 4]["id"], **customer, **fields)).status_code

    assert set(await asyncio.gather(*(client(number) for number in range(32)))) == {200}
    marks = await world.rows(
        "select distinct golden from lead where lead_cluster_id = $1", leads[0]["lead_cluster_id"]
    )
    assert len(marks) == 1
    for lead in leads:
        told = await history(api, lead["id"])
        current = await read(api, lead["id"])
        assert [event["version"] for event in told] == list(range(1, current["version"] + 1))


async def test_one_customer_who_writes_often_at_once_is_one_cluster(
    api: httpx.AsyncClient, world: World
) -> None:
    lead = REQUIRED | {"email": "eager@example.com", "phone": "0499 000 222"}

    answers = await asyncio.gather(*(api.post(LEADS, json={"lead": lead}) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 20
    assert len({answer.json()["lead_cluster_id"] for answer in answers}) == 1
    [contact] = await world.rows(
        "select count(distinct contact_id) from contact_point where value = 'eager@example.com'"
    )
    assert contact == {"count": 1}


async def test_fields_of_two_writers_that_differ_are_both_there(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]

    await asyncio.gather(
        updated(api, lead_id, message="from one"),
        updated(api, lead_id, name="From Two"),
        updated(api, lead_id, address_attributes={"city": "Cairns"}),
        updated(api, lead_id, address_attributes={"postcode": "0800"}),
        updated(api, lead_id, unknown_one=1),
        updated(api, lead_id, unknown_two=2),
    )

    lead = await read(api, lead_id)
    assert (lead["message"], lead["name"], lead["version"]) == ("from one", "From Two", 7)
    assert lead["address_attributes"] == {"city": "Cairns", "postcode": "0800"}
    assert lead["extra"] == {"unknown_one": 1, "unknown_two": 2}
