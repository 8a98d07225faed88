"""A dealership may have lost and invalid customers erased after a while: those, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from forecourt.files.store import FileStore
from forecourt.infra.database import Database
from forecourt.privacy.retention import erase_what_is_over
from tests.clusters.asking import act, cluster, enquiry, put, somebody
from tests.conftest import bearer
from tests.messages.asking import AT, told

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import httpx

    from tests.world import World


@pytest.fixture
async def store(tmp_path: Path) -> FileStore:
    opened = FileStore(tmp_path)
    opened.open()
    return opened


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    opened = Database(connections=2)
    await opened.open(database_url)
    yield opened
    await opened.close()


async def customer(api: httpx.AsyncClient, world: World, state: str, days: int, **person: str) -> int:
    """A cluster in *state*, of which nothing was heard for *days*."""
    lead = await enquiry(api, **person)
    at = int(lead["lead_cluster_id"])
    await put(api, at, lead_state=state)
    await rest(world, at, days)
    return at


async def rest(world: World, at: int, days: int) -> None:
    await world.run(
        "update lead_cluster set updated_at = now() - $2::interval, last_lead_created_at = now() - $2::interval"
        " where id = $1",
        at,
        timedelta(days=days),
    )


async def is_erased(api: httpx.AsyncClient, at: int) -> bool:
    return (await cluster(api, at))["contact"]["erased_at"] is not None


async def test_it_begins_with_nobody(
    api: httpx.AsyncClient, world: World, database: Database, store: FileStore
) -> None:
    old = await customer(api, world, "lost", 4_000)

    assert await told(api, "GET", "retention_settings", 200) == {"erase_closed_after_days": None, "due": 0}
    assert await erase_what_is_over(database, store) == 0
    assert not await is_erased(api, old)
    await world.run("update lead_cluster set updated_at = now() where id = $1", old)


async def test_who_was_lost_long_enough_is_erased_and_nobody_else(
    api: httpx.AsyncClient, world: World, database: Database, store: FileStore
) -> None:
    person = somebody()
    gone = [await customer(api, world, state, 91) for state in ("lost", "invalid")]
    kept = [
        await customer(api, world, "lost", 89),
        await customer(api, world, "converted", 400),
        await customer(api, world, "contacted", 400),
    ]
    # The same person has come back since, to another cluster: they are nobody's past.
    await told(api, "PUT", "lead_cluster_settings", 200, lead_cluster_settings={"closed_cluster_days": 0})
    before = await customer(api, world, "lost", 91, **person)
    after = int((await enquiry(api, **person))["lead_cluster_id"])
    assert after != before
    booked = await customer(api, world, "lost", 0)
    drive = {"purpose": "Test Drive", "starts_at": "2031-03-03 10:00:00"}
    await act(api, booked, "appointments", appointment=drive)
    await put(api, booked, lead_state="lost")
    await rest(world, booked, 91)

    dry = await api.put(
        f"{AT}/retention_settings", params={"dry_run": "true"}, json={"erase_closed_after_days": 90}
    )
    assert dry.json()["answer"] == {"erase_closed_after_days": 90, "due": 2}
    assert await erase_what_is_over(database, store) == 0
    await told(api, "PUT", "retention_settings", 200, erase_closed_after_days=90)
    assert await erase_what_is_over(database, store) == 2
    assert await erase_what_is_over(database, store) == 0

    assert [await is_erased(api, at) for at in gone] == [True, True]
    assert [await is_erased(api, at) for at in (*kept, before, after, booked)] == [False] * 6
    events = await world.rows(
        "select lead_cluster_id, request_id from event where kind = 'contact.erased' order by lead_cluster_id"
    )
    assert [(one["lead_cluster_id"], one["request_id"]) for one in events] == [
        (at, "housekeeping") for at in gone
    ]
    await told(api, "PUT", "retention_settings", 200, erase_closed_after_days=None)


@pytest.mark.parametrize("days", [29, 0, -1, 3_651, "soon"])
async def test_a_while_is_a_month_at_least(days: object, api: httpx.AsyncClient) -> None:
    answer = await api.put(f"{AT}/retention_settings", json={"erase_closed_after_days": days})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "erase_closed_after_days"


async def test_only_who_may_erase_may_have_it_done(api: httpx.AsyncClient, server: str, world: World) -> None:
    assert server
    key = await world.key(["read:dealership", "manage:dealership"])
    answer = await api.put(
        f"{AT}/retention_settings", json={"erase_closed_after_days": 30}, headers=bearer(key)
    )

    assert answer.status_code == 401
