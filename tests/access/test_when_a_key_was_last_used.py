"""A key's last use is known to the database soon after, without a write in the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.access import tokens, usage
from forecourt.infra.database import Database

if TYPE_CHECKING:
    import httpx
    from tests.world import World


async def test_the_last_use_is_written_down(api: httpx.AsyncClient, world: World, database_url: str) -> None:
    mine = "select last_used_at from api_key where token_hash = $1"
    token_hash = tokens.hash_of(world.token)
    [before] = await world.rows(mine, token_hash)
    await api.get("/api/v1/leads")

    database = Database(connections=1)
    await database.open(database_url)
    await usage.write_down(database)
    await database.close()

    [after] = await world.rows(mine, token_hash)
    assert before["last_used_at"] is None
    assert after["last_used_at"] is not None


async def test_a_key_that_nobody_knows_leaves_no_trace(
    api: httpx.AsyncClient, world: World, database_url: str
) -> None:
    unknown = tokens.new_token("live")
    await api.get("/api/v1/leads", headers={"Authorization": f"Bearer {unknown}"})

    database = Database(connections=1)
    await database.open(database_url)
    await usage.write_down(database)
    await database.close()

    assert await world.rows("select id from api_key where token_hash = $1", tokens.hash_of(unknown)) == []
