"""What goes wrong with one delivery, in whatever way, takes no other along and ends nobody's work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from forecourt.deliveries.records import Attempt, Claimed, Ended, sent
from forecourt.deliveries.run import Deliverer
from forecourt.infra.database import Database
from tests.webhooks.asking import until_so

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.deliveries.channel import Ready
    from forecourt.infra.database import Connection
    from tests.world import World

_ADD = """
with happened as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    select 1, 'test.happened', now(), 'test', '{}' from generate_series(1, $1) returning dealership_id, id
)
insert into delivery (dealership_id, event_id, channel, topic, target, due_at)
select dealership_id, id, 'message', 'test', 'somebody', now() from happened returning id
"""


class Odd:
    """A channel that does for some deliveries what none should."""

    def __init__(self, ways: dict[int, str]) -> None:
        self._ways = ways

    async def prepare(self, _: Connection, claimed: Sequence[Claimed]) -> list[Ready | Ended]:
        ways = [self._ways.get(one.id) for one in claimed]
        if "cannot be prepared" in ways:
            raise KeyError("nothing")
        return [self._ready(one, way) for one, way in zip(claimed, ways, strict=True)]

    def _ready(self, delivery: Claimed, way: str | None) -> Ready:
        async def ready() -> Ended:
            if way == "raises":
                raise ZeroDivisionError
            # PostgreSQL keeps no NUL in a text.
            body = "a\0b" if way == "cannot be written" else "fine"
            return sent(delivery, Attempt(outcome="accepted", response_body=body))

        return ready

    async def ended(self, _: Connection, ended: Sequence[Ended]) -> None:
        if any(self._ways.get(one.delivery.id) == "has no end" for one in ended):
            raise LookupError("nobody")


async def test_three_odd_ones_among_a_hundred(database_url: str, world: World) -> None:
    ids = [row["id"] for row in await world.rows(_ADD, 100)]
    ways = {
        ids[7]: "cannot be prepared",
        ids[40]: "raises",
        ids[80]: "cannot be written",
        ids[90]: "has no end",
    }
    database = Database(connections=3)
    await database.open(database_url)
    deliverer = Deliverer(database, {"message": Odd(ways)})
    task = asyncio.create_task(deliverer.run())

    async def done() -> bool:
        # Time passes: those that went wrong are due again.
        await world.run("update delivery set due_at = now() where state = 'waiting'")
        deliverer.wake()
        [row] = await world.rows("select count(*) as n from delivery where state in ('waiting', 'sending')")
        return bool(row["n"] == 0)

    try:
        await until_so(done)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await database.close()

    rows = await world.rows("select id, state, mishaps, reason from delivery order by id")
    failed = {row["id"]: row["reason"] for row in rows if row["state"] == "failed"}
    assert failed == {
        ids[7]: "it could not be prepared: KeyError",
        ids[40]: "it went wrong on our side: ZeroDivisionError",
        ids[80]: failed.get(ids[80]),
    }
    assert (failed[ids[80]] or "").startswith("its outcome could not be written: ")
    assert {row["mishaps"] for row in rows if row["state"] == "failed"} == {5}
    assert sum(row["state"] == "sent" for row in rows) == 97


async def test_what_no_channel_of_the_worker_sends_is_left_alone(database_url: str, world: World) -> None:
    [other] = await world.rows(_ADD, 1)
    [own] = await world.rows(_ADD, 1)
    await world.run(
        "update delivery set channel = 'alert', due_at = now() - interval '1 day' where id = $1", other["id"]
    )
    database = Database(connections=3)
    await database.open(database_url)
    task = asyncio.create_task(Deliverer(database, {"message": Odd({})}).run())

    async def done() -> bool:
        [row] = await world.rows("select state from delivery where id = $1", own["id"])
        return bool(row["state"] == "sent")

    try:
        await until_so(done)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await database.close()

    assert await world.rows("select state, attempts from delivery where id = $1", other["id"]) == [
        {"state": "waiting", "attempts": 0}
    ]
