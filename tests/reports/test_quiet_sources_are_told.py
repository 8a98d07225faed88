"""Sources that have gone quiet: noticed once, told to those who manage, and forgotten when something comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from forecourt.infra.database import Database
from forecourt.reports.sources import watch_sources
from tests.clusters.asking import enquiry
from tests.response.asking import settle
from tests.screens.conftest import owner_cookie, visitor
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from tests.world import World

__all__ = ["owner_cookie", "visitor"]

SOURCES = f"/api/v1/dealerships/{OURS}/reports/silence"
ALWAYS = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 8)]


@pytest.fixture(scope="module")
async def database(database_url: str) -> AsyncGenerator[Database]:
    opened = Database(connections=1)
    await opened.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
async def always_open(api: httpx.AsyncClient) -> None:
    await settle(api, opening_hours=ALWAYS, closed_days=[])


async def came(
    api: httpx.AsyncClient, world: World, source: str, *, every: timedelta, silent: timedelta
) -> int:
    """Let enquiries have come from *source* for eight weeks, one as often as that, and none of late; the last lead's id."""
    lead = await enquiry(api, source=source)
    await world.run("update lead set created_at = now() - $2::interval where id = $1", lead["id"], silent)
    await world.run(
        """
        insert into lead (dealership_id, lead_cluster_id, created_at, category, source)
        select 1, $1, now() - $3::interval - $4::interval * number, 'General Enquiry', $2
        from generate_series(1, cast(extract(epoch from interval '57 days') / extract(epoch from $4::interval) as integer))
            as number
        """,
        lead["lead_cluster_id"], source, silent, every,
    )  # fmt: skip
    return int(lead["id"])


async def states(api: httpx.AsyncClient) -> dict[str, Any]:
    told = (await api.get(SOURCES)).json()
    return {source["source"]: source["state"] for source in told["sources"]}


async def told_of(world: World, source: str) -> list[dict[str, Any]]:
    return await world.rows(
        "select event.dealership_id, event.lead_cluster_id, delivery.channel "
        "from event join delivery on delivery.event_id = event.id "
        "where event.kind = 'source.silent' and delivery.target = 'source:' || $1 order by event.id",
        source,
    )


async def test_a_silence_is_told_once_and_again_when_it_is_another(
    api: httpx.AsyncClient, world: World, database: Database
) -> None:
    hours = timedelta(hours=1)
    await came(api, world, "Carsales", every=2 * hours, silent=30 * hours)
    await came(api, world, "Facebook", every=2 * hours, silent=hours)
    await came(api, world, "QR Code", every=500 * hours, silent=300 * hours)
    await came(api, world, "Carbee", every=2 * hours, silent=200 * hours)

    assert await watch_sources(database) == 1
    assert await watch_sources(database) == 0

    told = {"dealership_id": 1, "lead_cluster_id": None, "channel": "alert"}
    assert await told_of(world, "Carsales") == [told]
    assert await states(api) == {
        "Carsales": "quiet", "Facebook": "flowing", "QR Code": "rare", "Carbee": "stopped",
    }  # fmt: skip

    again = await enquiry(api, source="Carsales")
    assert await watch_sources(database) == 0
    [silence] = await world.rows("select ended_at from source_silence where source = 'Carsales'")
    assert silence["ended_at"] is not None

    await world.run("update lead set created_at = now() - interval '29 hours' where id = $1", again["id"])
    assert await watch_sources(database) == 1
    assert await told_of(world, "Carsales") == [told, told]


async def test_nobody_is_told_while_the_dealership_is_closed(
    api: httpx.AsyncClient, world: World, database: Database
) -> None:
    await came(api, world, "Autotrader", every=timedelta(hours=1), silent=timedelta(hours=30))
    # By no clock of the world is it that day now.
    another = (datetime.now(UTC) + timedelta(days=3)).isoweekday()
    await settle(api, opening_hours=[{"weekday": another, "opens": "09:00", "closes": "17:00"}])

    assert await watch_sources(database) == 0

    await settle(api, opening_hours=ALWAYS)
    assert await watch_sources(database) >= 1


async def test_those_who_manage_see_it_beside_the_inbox_and_why_on_the_reports(
    api: httpx.AsyncClient, world: World, database: Database, visitor: httpx.AsyncClient
) -> None:
    lead_id = await came(api, world, "Phone Call", every=timedelta(hours=1), silent=timedelta(hours=40))
    assert "Phone Call" not in (await visitor.get("/reports/silence")).text
    await watch_sources(database)

    beside = (await visitor.get("/reports/silence")).text
    page = (await visitor.get("/reports?by=silence")).text

    assert "<b>Phone Call</b> quiet since" in beside
    assert "none since" in page
    assert "They came with the key test (…hint): last good call" in page
    # Its key is refused from then on.
    await world.run(
        "update api_key set revoked_at = now() where id = (select api_key_id from event where lead_id = $1 limit 1)",
        lead_id,
    )
    await world.run(
        """
        insert into request_log (
            id, at, api_key_id, test, dealership_ids, method, path, status, duration_ms, request_id, request_headers, bytes_out
        )
        select uuidv7(), now(), came.api_key_id, false, '{1}', 'POST', '/api/v1/leads', 401, 1, 'r' || number, '{}', 1
        from generate_series(1, 3) as number
        cross join (select api_key_id from event where lead_id = $1 limit 1) as came
        """,
        lead_id,
    )
    page = (await visitor.get("/reports?by=silence")).text
    assert "then 3 × 401, revoked" in page
    await world.run("update api_key set revoked_at = null")

    await enquiry(api, source="Phone Call")
    assert "Phone Call" not in (await visitor.get("/reports/silence")).text
