"""How the tests of what goes out ask and wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from forecourt.deliveries.pace import Pace
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

    from tests.world import World

AT = f"/api/v1/dealerships/{OURS}"


# A worker that looks often, and waits for nobody long: what it does is the same.
HURRIED = Pace(poll=0.1, reaping=0.5, mail_step=1.5)


async def deliveries(world: World, **where: Any) -> list[dict[str, Any]]:
    """The deliveries with these values, in their order."""
    conditions = " and ".join(f"{name} = ${index}" for index, name in enumerate(where, 1)) or "true"
    return await world.rows(f"select * from delivery where {conditions} order by id", *where.values())


async def settled(world: World, *, within: float = 60, **where: Any) -> list[dict[str, Any]]:
    """The deliveries with these values, once there are some and none is due or under way any more."""
    async with asyncio.timeout(within):
        while True:
            planned = await world.rows("""
                select 1 from event_reader
                where read_up_to >= (select coalesce(max(id), 0) from event) and gaps = '[]'
            """)
            rows = await deliveries(world, **where)
            now = (await world.rows("select now() as now"))[0]["now"]
            if planned and all(
                row["state"] != "sending" and not (row["state"] == "waiting" and row["due_at"] <= now)
                for row in rows
            ):
                return rows
            await asyncio.sleep(0.02)


async def come_due(world: World, **where: Any) -> None:
    """Let what waits be due now: what time would do."""
    conditions = "".join(f" and {name} = ${index}" for index, name in enumerate(where, 1))
    await world.run(
        f"update delivery set due_at = now() where state = 'waiting'{conditions}", *where.values()
    )


async def explained(api: httpx.AsyncClient, lead_id: int) -> dict[str, Any]:
    """The story of a lead."""
    answer = await api.get(f"/api/v1/leads/{lead_id}/explain")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def told(api: httpx.AsyncClient, method: str, path: str, status: int, **body: Any) -> dict[str, Any]:
    """What a route of the dealership answers."""
    answer = await api.request(
        method, f"{AT}/{path}".rstrip("/"), json=body if method in {"POST", "PUT"} else None
    )
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def until(world: World, question: str, *values: Any, within: float = 60) -> list[dict[str, Any]]:
    """The rows of *question*, as soon as there are any."""
    async with asyncio.timeout(within):
        while not (rows := await world.rows(question, *values)):
            await asyncio.sleep(0.02)
    return rows
