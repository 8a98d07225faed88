"""Schemathesis on the served OpenAPI document: nothing that it generates gets a 5xx or an undocumented answer."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.world import LEAD

if TYPE_CHECKING:
    import httpx

    from tests.world import World

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


async def test_generated_requests_get_documented_answers(
    api: httpx.AsyncClient, world: World, tmp_path: Path
) -> None:
    assert (await api.post("/api/v1/leads", json={"lead": LEAD})).status_code == 201
    words = [
        str(Path(sys.executable).parent / "schemathesis"),
        "--config-file",
        str(CONFIGURATION),
        "run",
        f"{api.base_url}/openapi.json",
        "--header",
        f"Authorization: Bearer {world.token}",
    ]
    done = await asyncio.to_thread(
        lambda: subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
    )

    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
