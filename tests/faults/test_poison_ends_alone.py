"""Deliveries that raise, hang, eat all memory or kill their worker are given up, and take no other along."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import TYPE_CHECKING

from forecourt.deliveries.pace import Pace
from forecourt.deliveries.records import MISHAPS_ALLOWED
from tests.faults.poison import KINDS
from tests.faults.processes import a_nursery
from tests.faults.sizes import report
from tests.faults.telling import broken, nothing_left

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

INNOCENT = 1_000
POISON = {"raises": 3, "hangs": 3, "eats memory": 1, "kills its worker": 3}
PACE = Pace(lease=1.2, patience=0.8, request=0.5, mail=0.5, reaping=0.1, poll=0.1, grace=0.5)
# Enough for the interpreter and all that is loaded, and less than the poison wants.
MEMORY = 2**31

_ADD = """
with happened as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    select 1, 'test.happened', now(), target, '{}' from unnest($1::text[]) as target
    returning dealership_id, id, request_id
)
insert into delivery (dealership_id, event_id, channel, topic, target, due_at)
select dealership_id, id, 'message', 'test', request_id, now() from happened
"""


async def test_ten_poisoned_ones_among_hundreds(database_url: str, world: World, tmp_path: Path) -> None:
    assert set(POISON) == set(KINDS)
    targets = ["innocent"] * INNOCENT + [kind for kind, count in POISON.items() for _ in range(count)]
    random.Random(38).shuffle(targets)
    await world.run(
        "create table tried (delivery_id bigint, attempt int, pid int, at timestamptz default now())"
    )
    await world.run(_ADD, targets)
    async with a_nursery(tmp_path, database_url, PACE) as nursery:
        workers = [nursery.process("poisoned", MEMORY) for _ in range(2)]
        supervising = [asyncio.create_task(worker.kept_alive()) for worker in workers]
        try:
            await nothing_left(world, planned=False)
        finally:
            for one in supervising:
                one.cancel()

    rows = await world.rows("""
        select target, state, reason, mishaps, orphaned, ended_at, ended_at - created_at as waited from delivery
    """)
    innocent = [row for row in rows if row["target"] == "innocent"]
    poison = [row for row in rows if row["target"] != "innocent"]
    assert {row["state"] for row in innocent} == {"sent"}
    assert {row["state"] for row in poison} == {"failed"}
    assert {row["mishaps"] + row["orphaned"] for row in poison} == {MISHAPS_ALLOWED}
    gone = "the worker that had it is gone"
    # The last time it may have been taken along by one that kills.
    assert {(row["target"], row["reason"]) for row in poison if row["reason"] != gone} <= {
        ("raises", "it went wrong on our side: ZeroDivisionError"),
        ("hangs", "it went wrong on our side: TimeoutError"),
        ("eats memory", "it went wrong on our side: MemoryError"),
    }
    assert {row["reason"] for row in poison if row["target"] == "kills its worker"} == {gone}
    tried = Counter(
        {
            row["target"]: row["n"]
            for row in await world.rows("""
                select target, count(*) as n from tried join delivery on delivery.id = delivery_id
                where target <> 'innocent' group by target
            """)
        }
    )
    # Each attempt was counted before it was made: there are no more of them, and fewer where a worker died before it began.
    assert set(tried) == set(POISON)
    assert tried <= Counter({kind: count * MISHAPS_ALLOWED for kind, count in POISON.items()})
    # Whoever was in the company of poison was so a few times at most, and was told of long before that had ended.
    assert max(row["orphaned"] for row in innocent) < MISHAPS_ALLOWED - 1
    assert max(row["ended_at"] for row in innocent) < max(row["ended_at"] for row in poison)
    # This channel writes to nobody.
    assert await broken(world, but_for="outbox") == []
    deaths = sum(len(worker.deaths) for worker in workers)
    waited = sorted(row["waited"] for row in innocent)
    report("workers that died", deaths)
    report(
        "how long the others waited, p50 and p99", (waited[len(waited) // 2], waited[len(waited) * 99 // 100])
    )
    report("how often the others were taken along", Counter(row["orphaned"] for row in innocent))
