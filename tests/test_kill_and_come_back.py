"""kill -9 of the server at forty random moments under load: every acknowledged update is there."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx

from forecourt.infra.embedded import hold
from forecourt.infra.migrate import migrate
from tests.conftest import bearer
from tests.world import LEAD, fill

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

KILLS = 40
CLIENTS = 8
LEADS = 6


@asynccontextmanager
async def serve(data_dir: Path) -> AsyncGenerator[tuple[str, subprocess.Popen[str]]]:
    """The real command as a process; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "forecourt", "serve", "--port", "0", "--json"],
        env=os.environ | {"FORECOURT_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    line = await asyncio.to_thread(process.stdout.readline)
    try:
        yield line.split('"')[3], process
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()


async def test_every_acknowledged_update_is_there(tmp_path: Path) -> None:
    # The test holds the database itself, so that only the server is killed in most of the rounds.
    with hold(tmp_path) as held:
        await migrate(held.url)
        connection = await asyncpg.connect(held.url)
        world = await fill(connection)
        journal: list[tuple[int, int, str]] = []
        chance = random.Random(7)
        async with httpx.AsyncClient(headers=bearer(world.token), timeout=10) as client:
            async with serve(tmp_path) as (address, _):
                for _ in range(LEADS):
                    created = await client.post(f"{address}/api/v1/leads", json={"lead": LEAD})
                    assert created.status_code == 201
            for _ in range(KILLS):
                async with serve(tmp_path) as (address, process):
                    work = [
                        asyncio.create_task(_update(client, address, journal, chance)) for _ in range(CLIENTS)
                    ]
                    await asyncio.sleep(chance.uniform(0.02, 0.25))
                    os.kill(process.pid, signal.SIGKILL)
                    await asyncio.gather(*work)
        rows = await connection.fetch(
            "select lead_id, lead_version, changes -> 'message' ->> 'to' as message from event order by 1, 2"
        )
        leads = await connection.fetch("select id, version, message from lead order by id")
        await connection.close()

    logged = {(row["lead_id"], row["lead_version"]): row["message"] for row in rows}
    assert len(journal) > KILLS
    for lead_id, version, message in journal:
        assert logged[lead_id, version] == message
    for lead in leads:
        versions = [version for lead_id, version in logged if lead_id == lead["id"]]
        assert versions == list(range(1, lead["version"] + 1))
        if lead["version"] > 1:
            assert logged[lead["id"], lead["version"]] == lead["message"]


async def _update(
    client: httpx.AsyncClient, address: str, journal: list[tuple[int, int, str]], chance: random.Random
) -> None:
    """Update leads until the server is gone; write down what it acknowledged."""
    with suppress(httpx.TransportError):
        while True:
            lead_id, message = chance.randint(1, LEADS), f"message {chance.getrandbits(64)}"
            body: dict[str, Any] = {"lead": LEAD | {"message": message}}
            answer = await client.put(f"{address}/api/v1/leads/{lead_id}", json=body)
            assert answer.status_code == 200, answer.text
            journal.append((lead_id, answer.json()["version"], message))
