"""The connection ends between a commit and the receipt for it: the answer says so, and the retry tells the truth."""

from __future__ import annotations

import asyncio
import base64
import random
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.conftest import bearer, serving
from tests.faults.clients import LEADS, Scribe
from tests.faults.proxy import AFTER, AT_ONCE, BEFORE, Proxy, a_proxy
from tests.faults.sizes import report, size
from tests.faults.telling import broken
from tests.files.samples import png
from tests.world import LEAD, OURS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.world import World

CUTS = size(60, 500)
CLIENTS = 6
FILE = f"data:image/png;name=car.png;base64,{base64.b64encode(png()).decode()}"


@pytest.fixture(scope="module")
async def proxy(database_url: str) -> AsyncGenerator[Proxy]:
    async with a_proxy(database_url) as running:
        yield running


@pytest.fixture(scope="module")
async def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
async def api(proxy: Proxy, files: Path, world: World) -> AsyncGenerator[httpx.AsyncClient]:
    # What a server writes by itself, beside requests, would be cut as well: only the log of requests is left out.
    async with (
        serving(proxy.url, files, request_log_days=0, database_connections=4) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(world.token), timeout=60) as client,
    ):
        yield client


@pytest.fixture
async def lead(api: httpx.AsyncClient) -> dict[str, Any]:
    answer = await api.post(LEADS, json={"lead": LEAD})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def way(name: str, lead: dict[str, Any], mark: str) -> tuple[str, str, dict[str, Any]]:
    """A write that leaves *mark* behind."""
    at = f"/api/v1/dealerships/{OURS}/lead_clusters/{lead['lead_cluster_id']}"
    return {
        "Update Lead": ("PUT", f"{LEADS}/{lead['id']}", {"lead": LEAD | {"message": mark}}),
        "Update Lead with a file": (
            "PUT",
            f"{LEADS}/{lead['id']}",
            {
                "lead": LEAD
                | {"message": mark, "lead_files_attributes": [{"file_type": "other", "file": FILE}]}
            },
        ),
        "Create Lead": ("POST", LEADS, {"lead": LEAD | {"message": mark}}),
        "a write at a dealership": ("POST", f"{at}/activities", {"activity": {"kind": "note", "body": mark}}),
    }[name]


async def effects(world: World, mark: str) -> int:
    [row] = await world.rows(
        """
        select (
            select count(*) from event where changes -> 'message' ->> 'to' = $1
        ) + (select count(*) from activity where body = $1) as n
        """,
        mark,
    )
    return int(row["n"])


@pytest.mark.parametrize("fate", [BEFORE, AFTER, AT_ONCE])
@pytest.mark.parametrize(
    "name", ["Update Lead", "Update Lead with a file", "Create Lead", "a write at a dealership"]
)
async def test_it_is_said_to_be_unknown_and_a_retry_does_it_once(
    name: str, fate: str, api: httpx.AsyncClient, proxy: Proxy, world: World, lead: dict[str, Any]
) -> None:
    # Now and then the server writes something by itself, and that meets the fate: then once more.
    for attempt in range(5):
        mark = f"mark {name} {fate} {attempt}"
        method, path, body = way(name, lead, mark)
        key = {"Idempotency-Key": mark.replace(" ", "-")}
        proxy.fate = partial(next, iter([fate]), None)
        first = await api.request(method, path, json=body, headers=key)
        if not first.is_success:
            break
    again = await api.request(method, path, json=body, headers=key)
    while again.status_code == 409:
        await asyncio.sleep(0.05)
        again = await api.request(method, path, json=body, headers=key)

    assert (first.status_code, first.json()["type"]) == (503, "/problems/outcome-unknown")
    assert "retry with the same Idempotency-Key" in first.json()["title"]
    assert int(first.headers["retry-after"]) >= 1
    assert again.is_success, again.text
    assert ("idempotency-replay" in again.headers) == (fate != BEFORE)
    assert await effects(world, mark) == 1
    assert proxy.cuts[-1] == fate


async def test_a_read_that_is_cut_leaves_nothing_unknown(
    api: httpx.AsyncClient, proxy: Proxy, lead: dict[str, Any]
) -> None:
    await api.get(f"{LEADS}/{lead['id']}")
    proxy.slices = 1
    asked = [asyncio.create_task(api.get(f"{LEADS}/{lead['id']}")) for _ in range(4)]
    await asyncio.sleep(0.01)
    proxy.reset()
    proxy.slices = 0

    answers = [await one for one in asked]

    for answer in answers:
        if answer.status_code != 200:
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database-unavailable")
    assert (await api.get(f"{LEADS}/{lead['id']}")).status_code == 200


async def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(
    api: httpx.AsyncClient, proxy: Proxy, world: World
) -> None:
    chance = random.Random(33)
    before = len(proxy.cuts)
    scribe = Scribe()
    leads = [await scribe.insist([api], f"m{n}") for n in range(3)]
    proxy.fate = lambda: chance.choice([BEFORE, AFTER, AT_ONCE]) if chance.random() < 0.3 else None

    async def write_on(client: int) -> None:
        number = 0
        while len(proxy.cuts) - before < CUTS:
            number += 1
            await scribe.insist([api], f"client {client} write {number}", lead=chance.choice([*leads, None]))

    began = time.monotonic()
    await asyncio.gather(*(write_on(client) for client in range(CLIENTS)))
    seconds = time.monotonic() - began
    proxy.fate = lambda: None

    assert await scribe.wrongs(world) == []
    assert await broken(world) == []
    assert len(scribe.journal) > CUTS
    # A cut was either told as such, or met a request that had to be told of another one already.
    assert scribe.unknown >= CUTS // 2
    report("commits cut, writes, seconds", (len(proxy.cuts) - before, len(scribe.journal), seconds))
