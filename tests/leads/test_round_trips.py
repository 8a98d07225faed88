"""How many exchanges with the database each request takes: the figure may fall; a rise must be argued for."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx

from forecourt.app import build
from forecourt.infra.database import Database
from forecourt.settings import Settings
from tests.conftest import bearer
from tests.world import LEAD

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import pytest

    from tests.world import World


@asynccontextmanager
async def counting(
    world: World, database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[tuple[httpx.AsyncClient, list[Database]]]:
    opened: list[Database] = []

    def opening(**how: int) -> Database:
        opened.append(Database(**how))
        return opened[-1]

    monkeypatch.setattr("forecourt.app.Database", opening)
    monkeypatch.setattr("forecourt.app.keep_house", _no_house)
    monkeypatch.setattr("forecourt.app.Feed.run", _no_house)
    monkeypatch.setattr("forecourt.app.Recorder.keep", _no_house)
    app = build(Settings(data_dir=folder, database_url=database_url, worker=False))
    transport = httpx.ASGITransport(app)
    async with (
        app.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test", headers=bearer(world.token)) as client,
    ):
        yield client, opened


async def _no_house(*_: Any) -> None:
    return


async def test_an_update_is_two_round_trips(
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counting(world, database_url, tmp_path, monkeypatch) as (client, opened):
        [database] = opened

        async def trips(method: str, path: str, **more: Any) -> int:
            before = database.round_trips
            answer = await client.request(method, path, **more)
            assert answer.status_code in {200, 201}, answer.text
            return database.round_trips - before

        # Read, begin, lock the customer, look for the cluster, open one, take an id, write, commit.
        assert await trips("POST", "/api/v1/leads", json={"lead": LEAD}) == 8
        # Of somebody who is known, the cluster is locked instead.
        assert await trips("POST", "/api/v1/leads", json={"lead": LEAD}) == 8
        body = {"lead": LEAD | {"message": "one", "tags": ["a"], "golden": True, "lead_state": "contacted"}}
        assert await trips("PUT", "/api/v1/leads/1", json=body) == 2
        body["lead"] |= {"message": "two"}
        assert await trips("PUT", "/api/v1/leads/1", json=body, headers={"Idempotency-Key": "k"}) == 2
        # Nothing changes, so nothing is written.
        assert await trips("PUT", "/api/v1/leads/1", json=body) == 1
        assert await trips("GET", "/api/v1/leads/1") == 1
        assert await trips("GET", "/api/v1/leads") == 3


async def test_the_request_log_takes_one_round_trip_for_many_calls(
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counting(world, database_url, tmp_path, monkeypatch) as (client, opened):
        [database] = opened
        before = database.round_trips
        for _ in range(20):
            assert (await client.get("/api/v1/leads/options")).status_code == 200
        assert database.round_trips - before == 20

        # The key, the lines, the page.
        assert (await client.get("/api/v1/requests")).status_code == 200
        assert database.round_trips - before == 23
