"""A network to the database that is slow, silent, in slices or cut: requests are answered, and it heals without a hand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from forecourt.infra.database import Database, DatabaseUnavailable, OutcomeUnknown, Query, record
from tests.conftest import bearer, serving
from tests.faults.proxy import SILENCE, Proxy, a_proxy
from tests.world import LEAD

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.world import World

LEADS = "/api/v1/leads"
_READ = Query("select slug from dealership where id = 1")
_WRITE = Query("update dealership set phone = :phone where id = 1")


@pytest.fixture
async def proxy(database_url: str, world: World) -> AsyncGenerator[Proxy]:
    assert world
    async with a_proxy(database_url) as running:
        yield running


@pytest.fixture
async def database(proxy: Proxy) -> AsyncGenerator[Database]:
    """Two connections, and half a second of patience."""
    opened = Database(connections=2, answer_seconds=0.5)
    await opened.open(proxy.url)
    yield opened
    await opened.close()


async def read(database: Database) -> str:
    async with database.connection() as connection:
        return str((await connection.one(record, _READ))["slug"])


async def write(database: Database, phone: str) -> None:
    async with database.connection() as connection:
        await connection.run(_WRITE, phone=phone)


async def test_a_silent_network_keeps_nobody_waiting(database: Database, proxy: Proxy) -> None:
    # Both connections are open.
    await asyncio.gather(read(database), read(database))
    proxy.passed.clear()

    outcomes = await asyncio.gather(read(database), write(database, "1"), return_exceptions=True)

    assert [type(one) for one in outcomes] == [DatabaseUnavailable, OutcomeUnknown]
    # No connection of before is asked again: what it still has to say would be taken for another's answer.
    proxy.passed.set()
    assert await asyncio.gather(*(read(database) for _ in range(6))) == ["brisbane-motors"] * 6


async def test_an_answer_that_never_comes_is_no_answer(
    database: Database, proxy: Proxy, world: World
) -> None:
    fates = iter([SILENCE])
    proxy.fate = lambda: next(fates, None)

    with pytest.raises(OutcomeUnknown):
        await write(database, "2")

    assert await world.rows("select phone from dealership where id = 1") == [{"phone": "2"}]
    assert await read(database) == "brisbane-motors"


async def test_a_server_lives_through_all_of_it(proxy: Proxy, world: World, tmp_path: Path) -> None:
    async with (
        serving(proxy.url, tmp_path, database_connections=4) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(world.token), timeout=60) as api,
    ):
        lead = (await api.post(LEADS, json={"lead": LEAD})).json()

        async def update(number: int) -> httpx.Response:
            body = {"lead": LEAD | {"message": f"late {number}"}}
            return await api.put(f"{LEADS}/{lead['id']}", json=body)

        proxy.latency, proxy.slices = 0.01, 700
        assert {one.status_code for one in await asyncio.gather(*map(update, range(12)))} == {200}

        under_way = [asyncio.create_task(update(number)) for number in range(12)]
        await asyncio.sleep(0.02)
        proxy.reset()
        for one in await asyncio.gather(*under_way):
            assert one.status_code in {200, 503}, one.text
        proxy.latency, proxy.slices = 0.0, 0
        assert (await update(13)).status_code == 200

        proxy.passed.clear()
        proxy.reset()
        ready, alive = await asyncio.gather(api.get("/readyz"), api.get("/livez"))
        assert (ready.status_code, alive.status_code) == (503, 200)
        refused = await update(14)
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/database-unavailable")
        proxy.passed.set()
        assert (await update(15)).status_code == 200
        assert await _ready(api)


async def _ready(api: httpx.AsyncClient) -> bool:
    for _ in range(200):
        if (await api.get("/readyz")).status_code == 200:
            return True
        await asyncio.sleep(0.05)
    return False
