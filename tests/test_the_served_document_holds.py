"""Schemathesis on the served OpenAPI document: nothing that it generates gets a 5xx or an undocumented answer."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.conftest import bearer
from tests.world import LEAD

if TYPE_CHECKING:
    from tests.world import World

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


async def test_generated_requests_get_documented_answers(server: str, world: World, tmp_path: Path) -> None:
    """Of a dealership of its own, whose settings may change as they like."""
    await world.run("insert into dealership (id, slug, name) values (9, 'anything', 'Anything goes')")
    token = await world.key(dealerships=["anything"])
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as api:
        answer = await api.post("/api/v1/leads", json={"lead": LEAD | {"dealership_slug": "anything"}})
    lead = answer.json()
    known = {"LEAD_ID": str(lead["id"]), "LEAD_CLUSTER_ID": str(lead["lead_cluster_id"])}
    words = [
        str(Path(sys.executable).parent / "schemathesis"),
        "--config-file",
        str(CONFIGURATION),
        "run",
        f"{server}/openapi.json",
        "--header",
        f"Authorization: Bearer {token}",
    ]
    done = await asyncio.to_thread(
        lambda: subprocess.run(
            words, capture_output=True, text=True, cwd=tmp_path, env=os.environ | known, check=False
        )
    )

    assert done.returncode == 0, done.stdout[done.stdout.find("FAILURES") :][:8_000] + done.stderr[-2_000:]
