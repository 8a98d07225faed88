"""Enquiries and updates that come while somebody changes the cluster: they see it as it was left."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.clusters.asking import act, cluster, enquiry, put, somebody, update_lead
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from tests.world import World

ROUNDS = 6
# Long enough for a request to come as far as the lock, and shorter than it waits for one.
_A_WHILE = 0.4


@asynccontextmanager
async def meanwhile(
    database_url: str, statement: str, *values: object
) -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
    """Somebody else's transaction: it has run *statement*, and commits at the end."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute(statement, *values)
            yield connection
            await asyncio.sleep(_A_WHILE)
    finally:
        await connection.close()


async def test_an_update_that_waited_for_staff_is_decided_by_what_they_set(
    api: httpx.AsyncClient, database_url: str
) -> None:
    lead = await enquiry(api, lead_state="new")
    await update_lead(api, lead, lead_state="contacted")
    at = lead["lead_cluster_id"]
    by_hand = (
        'update lead_cluster set state = \'lost\', version = version + 1, by_hand = \'{"state": {"value": "lost", '
        '"at": "2026-11-23T00:00:00Z", "api_key_id": 1, "pushed": ["new", "contacted"]}}\' where id = $1'
    )

    async with meanwhile(database_url, by_hand, at):
        pushed = asyncio.create_task(update_lead(api, lead, lead_state="new"))
    updated = await pushed

    assert [warning["field"] for warning in updated["warnings"]] == ["lead.lead_state"]
    told = await cluster(api, at)
    assert (told["lead_state"], told["conflicts"]["state"]["kept"]) == ("lost", "lost")


@pytest.mark.parametrize("what", ["merged", "erased"])
async def test_an_enquiry_never_joins_what_is_gone(
    api: httpx.AsyncClient, database_url: str, world: World, what: str
) -> None:
    person = somebody()
    first, survivor = await enquiry(api, **person), await enquiry(api)
    gone, there = first["lead_cluster_id"], survivor["lead_cluster_id"]
    merge = "update lead_cluster set version = version + 1, merged_into_id = $2 where id = $1"
    erase = "update lead_cluster set version = version + 1 where id = $1 and id <> $2"
    forget = "update contact set erased_at = now() where lead_cluster_id = $1"

    async with meanwhile(database_url, merge if what == "merged" else erase, gone, there) as somebody_else:
        coming = asyncio.create_task(enquiry(api, **person))
        await asyncio.sleep(_A_WHILE)
        if what == "erased":
            await somebody_else.execute(forget, gone)
            await somebody_else.execute(
                "delete from contact_point using contact where contact.id = contact_id and lead_cluster_id = $1",
                gone,
            )
    second = await coming

    assert second["lead_cluster_id"] != gone
    rows = await world.rows("select id from lead where lead_cluster_id = $1", gone)
    assert [row["id"] for row in rows] == [first["id"]]


async def test_whatever_comes_while_two_are_merged_is_in_the_survivor(api: httpx.AsyncClient) -> None:
    for round_ in range(ROUNDS):
        one, other = somebody(), somebody()
        first, second = await enquiry(api, **one), await enquiry(api, **other)
        here, there = first["lead_cluster_id"], second["lead_cluster_id"]

        leads = await asyncio.gather(
            *(enquiry(api, phone=other["phone"]) for _ in range(4)),
            act(api, here, "merge", lead_cluster_id=there),
            *(enquiry(api, email=other["email"]) for _ in range(4)),
        )

        told = await cluster(api, there)
        assert told["id"] == here
        came = {lead["id"] for lead in (*leads[:4], *leads[5:], first, second)}
        assert {lead["id"] for lead in told["leads"]} == came, round_


async def test_whoever_enquires_while_being_erased_is_somebody_new_or_erased(
    api: httpx.AsyncClient, world: World
) -> None:
    for round_ in range(ROUNDS):
        person = somebody()
        first = await enquiry(api, **person, name="Hasty")
        # Closed too long ago: the next enquiry begins a cluster of its own, of the same person.
        if round_ % 2:
            await put(api, first["lead_cluster_id"], lead_state="lost")
            await world.run(
                "update lead set created_at = created_at - interval '400 days' where id = $1", first["id"]
            )
        contact_id = (await cluster(api, first["lead_cluster_id"]))["contact"]["id"]

        answers: list[Any] = await asyncio.gather(
            *(enquiry(api, **person, name="Hasty") for _ in range(3)),
            api.delete(f"/api/v1/dealerships/{OURS}/contacts/{contact_id}"),
            *(enquiry(api, **person, name="Hasty") for _ in range(3)),
        )

        assert answers[3].status_code == 200
        erased = set(answers[3].json()["lead_cluster_ids"])
        rows = await world.rows(
            """
            select lead_cluster_id, lead.name as said, contact.name as kept, contact.erased_at is not null as erased
            from lead join contact using (dealership_id, lead_cluster_id)
            where lead.id = any ($1)
            """,
            [first["id"], *(answer["id"] for answer in answers if isinstance(answer, dict))],
        )
        for row in rows:
            assert row["erased"] is (row["lead_cluster_id"] in erased), round_
            assert {row["said"], row["kept"]} == ({None} if row["erased"] else {"Hasty"}), round_
