"""What was delivered long ago costs the next claim nothing, even where it cannot be vacuumed yet."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from forecourt.deliveries.queries import CLAIM
from tests.faults.sizes import report, size

if TYPE_CHECKING:
    from datetime import datetime

    from tests.world import World

DEAD = size(20_000, 100_000)
DUE = 100

_ADD = """
with happened as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    select 1, 'test.happened', now(), number, '{}' from generate_series(1, $1::int) as number
    returning dealership_id, id
)
insert into delivery (dealership_id, event_id, channel, topic, target, due_at)
select dealership_id, id, 'message', 'test', 'target', now() - $2::interval from happened
"""


async def claimed(world: World, floor: datetime) -> dict[str, Any]:
    """What a claim cost: rows, blocks, milliseconds."""
    given = {
        "per_lane": 16, "per_failing_lane": 2, "floor": floor, "suspects": 1, "size": 256,
        "lease": timedelta(seconds=60), "channels": ["message"],
    }  # fmt: skip
    values = [given[name] for name in CLAIM.names]
    [row] = await world.rows(f"explain (analyze, buffers, format json) {CLAIM.text}", *values)
    [told] = json.loads(row["QUERY PLAN"])
    plan = told["Plan"]
    await world.run("update delivery set state = 'waiting', leased_until = null where state = 'sending'")
    return {
        "rows": plan["Actual Rows"],
        "blocks": plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        "milliseconds": told["Execution Time"],
    }


async def test_a_claim_walks_past_nothing_that_is_done(world: World, database_url: str) -> None:
    await world.run("alter table delivery set (autovacuum_enabled = false)")
    await world.run("set plan_cache_mode = force_generic_plan")
    await world.run(_ADD, DUE, timedelta(0))
    await world.run("analyze delivery")
    [row] = await world.rows("select now() - interval '60 seconds' as floor")
    clean = await claimed(world, row["floor"])
    # Somebody's transaction stands open, and so nothing of what follows can be vacuumed.
    idle = await asyncpg.connect(database_url)
    await idle.execute("begin isolation level repeatable read; select 1 from delivery limit 1")
    await world.run(_ADD, DEAD, timedelta(hours=1))
    await world.run("update delivery set state = 'sent' where due_at < now() - interval '30 minutes'")
    await world.run("vacuum analyze delivery")

    bloated = await claimed(world, row["floor"])

    await idle.close()
    assert clean["rows"] == bloated["rows"] == 16
    # Its own rows, and what it writes of them; it would be thousands if it walked past the dead.
    assert bloated["blocks"] < clean["blocks"] + 500
    report(f"a claim on a clean table, and at {DEAD} dead rows", (clean, bloated))
