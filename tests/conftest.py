"""Real parts for every test: an embedded PostgreSQL, the application on a socket, a small world."""

from __future__ import annotations

import asyncio
import socket
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import pytest
import uvicorn

from forecourt.app import build
from forecourt.cli.serving import KEEP_ALIVE_SECONDS
from forecourt.deliveries.pace import USUAL
from forecourt.infra.embedded import hold
from forecourt.infra.migrate import migrate
from forecourt.settings import Settings
from tests.world import World, fill

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from forecourt.deliveries.pace import Pace
    from forecourt.infra.embedded import Hold


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Generator[Hold]:
    """The PostgreSQL server of this test process."""
    with hold(tmp_path_factory.mktemp("data")) as held:
        yield held


@pytest.fixture(scope="session")
async def template(embedded: Hold) -> str:
    """The name of a migrated, empty database to be cloned."""
    await migrate(embedded.url)
    return "forecourt"


@pytest.fixture(scope="module")
async def database_url(embedded: Hold, template: str) -> str:
    """An empty, migrated database for the module alone."""
    return await _new_database(embedded, template)


@pytest.fixture
async def empty_database_url(embedded: Hold, template: str) -> str:
    """An empty, migrated database for one test alone."""
    return await _new_database(embedded, template)


async def _new_database(embedded: Hold, template: str) -> str:
    name = f"test_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(embedded.url.replace("/forecourt?", "/postgres?"))
    await admin.execute(f"create database {name} template {template}")
    await admin.close()
    return embedded.url.replace("/forecourt?", f"/{name}?")


@pytest.fixture(scope="module")
async def world(database_url: str) -> AsyncGenerator[World]:
    """Brisbane Motors is ours, Perth Autos is somebody else's."""
    connection = await asyncpg.connect(database_url)
    yield await fill(connection)
    await connection.close()


@pytest.fixture(scope="module")
async def server(
    database_url: str, world: World, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    """The address of the application, serving the module's database on a real socket."""
    assert world
    async with serving(database_url, tmp_path_factory.mktemp("files")) as address:
        yield address


@asynccontextmanager
async def serving(
    database_url: str, data_dir: Path, *, pace: Pace = USUAL, **settings_of_test: Any
) -> AsyncGenerator[str]:
    """Serve a database on a free port; the address. Nothing is delivered unless the settings say so."""
    asked: dict[str, Any] = {"database_connections": 10, "worker": False} | settings_of_test
    settings = Settings(data_dir=data_dir, database_url=database_url, **asked)
    # Named, so that asyncio turns Nagle's algorithm off: each answer would wait 40 ms for the one before it.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        build(settings, pace),
        http="httptools",
        log_level="error",
        lifespan="on",
        proxy_headers=False,
        # Longer than the clients keep theirs: who ends first must not be a matter of a millisecond.
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    running = uvicorn.Server(config)
    task = asyncio.create_task(running.serve(sockets=[listener]))
    while not running.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        await task


@pytest.fixture(scope="module")
async def api(server: str, world: World) -> AsyncGenerator[httpx.AsyncClient]:
    """A client with a key that may do everything at Brisbane Motors."""
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.token), timeout=60) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"Authorization": f"Bearer {token}"}
