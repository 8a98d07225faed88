"""A file is sent as fast as it is taken: whoever takes it slowly, leaves, or loses the key, holds nothing up."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from structlog.testing import capture_logs

from tests.clusters.asking import update_lead
from tests.conftest import bearer, serving
from tests.exports.asking import CLUSTERS, LEADS, rows_of
from tests.world import LEAD

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.world import World

COUNT = 700
# Far more than lies between a server and a client that does not read.
_MUCH = """
insert into lead_cluster (dealership_id, id, first_lead_created_at, last_lead_created_at)
select 1, 1000 + i, at, at
from generate_series(1, 700) as i
cross join lateral (select now() - interval '1 minute' * i) as came (at);
insert into contact (dealership_id, id, lead_cluster_id, customer_address)
select 1, id, id, repeat('Somewhere ', 3200) from lead_cluster;
insert into lead (dealership_id, id, lead_cluster_id, created_at, updated_at, email, phone, message, category, source)
select 1, id, id, first_lead_created_at, first_lead_created_at, 'l' || id || '@example.com', '04' || 91570000 + id,
    repeat('Something ', 3200), 'Survey', 'Website'
from lead_cluster
"""


@pytest.fixture(scope="module")
async def much(world: World) -> World:
    """Hundreds of leads, each as large as a cell may be, in clusters of their own."""
    await world.run(_MUCH)
    return world


@pytest.fixture(scope="module")
async def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a server makes its workbooks."""
    return tmp_path_factory.mktemp("data") / "files" / "spool"


@pytest.fixture(scope="module")
async def server(much: World, database_url: str, spool: Path) -> AsyncGenerator[str]:
    """A server whose spool can be looked into."""
    assert much
    async with serving(database_url, spool.parent.parent) as address:
        yield address


class Slowly:
    """A file that is taken piece by piece."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200
        self._pieces = answer.aiter_bytes()
        self.taken = b""

    async def begin(self) -> None:
        """Take the first piece, and no other: the server has to wait soon."""
        self.taken += await anext(self._pieces)

    async def rest(self) -> list[dict[str, str]]:
        """Take all that is left; the rows."""
        async for piece in self._pieces:
            self.taken += piece
        return rows_of(self.taken)


async def until_logged(logs: list[Any], event: str) -> dict[str, Any]:
    while not (found := [dict(entry) for entry in logs if entry["event"] == event]):
        await asyncio.sleep(0.01)
    return found[0]


async def test_files_that_nobody_takes_hold_no_connection(
    api: httpx.AsyncClient, server: str, much: World
) -> None:
    """Of ten connections to the database, with twelve who wait for something."""
    async with AsyncExitStack() as stack:
        for number in range(12):
            path = (LEADS, CLUSTERS)[number % 2]
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=server, headers=bearer(much.token), timeout=60)
            )
            answer = await stack.enter_async_context(client.stream("GET", f"{path}.csv"))
            await Slowly(answer).begin()

        listed = await api.get(LEADS)

        assert (listed.status_code, len(listed.json()["leads"])) == (200, 50)
        states = await much.rows(
            "select distinct state from pg_stat_activity where application_name = 'forecourt' and datname = current_database()"
        )
        assert [row["state"] for row in states] == ["idle"]


async def test_who_moves_while_the_file_is_under_way_is_in_it_once(api: httpx.AsyncClient) -> None:
    for path, query, ids in (
        (CLUSTERS, {}, (1_001, 1_400, 1_700)),
        (LEADS, {"sort": "-updated_at"}, (1_002, 1_401, 1_699)),
    ):
        async with api.stream("GET", f"{path}.csv", params=query) as answer:
            file = Slowly(answer)
            await file.begin()
            for ident in ids:
                # An enquiry of a customer who is there moves the cluster; an update moves the lead.
                lead = {name: LEAD[name] for name in LEAD} | {"email": f"l{ident}@example.com"}
                if path == LEADS:
                    await update_lead(api, lead | {"id": ident}, message="changed")
                else:
                    await much_later(api, ident)
            rows = await file.rest()

        found = [int(row["id"]) for row in rows]
        assert len(found) == len(set(found))
        assert set(range(1_001, 1_001 + COUNT)) <= set(found)


async def much_later(api: httpx.AsyncClient, cluster_id: int) -> None:
    lead = LEAD | {"email": f"moving{cluster_id}@example.com", "phone": f"04{20_000_000 + cluster_id}"}
    answer = await api.post("/api/v1/leads", json={"lead": lead})
    other = answer.json()["lead_cluster_id"]
    merged = await api.post(f"{CLUSTERS}/{cluster_id}/merge", json={"lead_cluster_id": other})
    assert merged.status_code == 200, merged.text
    assert merged.json()["last_lead_created_at"] == answer.json()["created_at"]


async def test_a_key_that_is_revoked_meanwhile_gets_no_further_page(server: str, much: World) -> None:
    token = await much.key()
    with capture_logs() as logs:
        async with (
            httpx.AsyncClient(base_url=server, headers=bearer(token), timeout=60) as client,
            client.stream("GET", f"{LEADS}.csv") as answer,
        ):
            file = Slowly(answer)
            await file.begin()
            await much.run("update api_key set revoked_at = now() where id = (select max(id) from api_key)")

            # Broken off, and not ended: nobody takes this for all of it.
            with pytest.raises(httpx.RemoteProtocolError):
                await file.rest()

        broken = await until_logged(logs, "export.broken_off")
    assert 0 < broken["rows"] < COUNT
    [told] = [entry for entry in logs if entry["event"] == "answer.broken_off"]
    assert told["error"] == "Unauthorised"


@pytest.mark.parametrize("path", [LEADS, CLUSTERS])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
async def test_who_leaves_ends_the_work(
    path: str, ending: str, server: str, much: World, spool: Path
) -> None:
    with capture_logs() as logs:
        async with httpx.AsyncClient(base_url=server, headers=bearer(much.token), timeout=60) as client:
            if ending == "csv":
                async with client.stream("GET", f"{path}.csv") as answer:
                    await Slowly(answer).begin()
            else:
                asking = asyncio.create_task(client.get(f"{path}.xlsx"))
                while not list(spool.iterdir()):
                    await asyncio.sleep(0.001)
                asking.cancel()
        broken = await until_logged(logs, "export.broken_off")

    assert broken["rows"] < COUNT
    assert (broken["form"], broken["what"]) == (ending, path.rpartition("/")[2])
    assert list(spool.iterdir()) == []


async def test_the_log_tells_how_much_was_handed_out_and_to_which_key_and_nothing_of_it(
    api: httpx.AsyncClient, much: World
) -> None:
    [key] = await much.rows("select min(id) as id from api_key")
    with capture_logs() as logs:
        answer = await api.get(f"{LEADS}.csv", params={"email": "l1400@example.com", "sort": "created_at"})
        written = await until_logged(logs, "export.written")

    assert written == {
        "event": "export.written",
        "log_level": "info",
        "what": "leads",
        "form": "csv",
        "rows": 1,
        "bytes": len(answer.content),
        "dealerships": ("brisbane-motors",),
        "filters": ["email", "sort"],
        "api_key_id": key["id"],
        "request_id": answer.headers["x-request-id"],
    }
