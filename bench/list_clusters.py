"""The search and the list of lead clusters at a million of them: what PostgreSQL reads for each row that it returns.

As for ``list_leads``: the plans of the real statements. Counted is every row that is read to find the clusters, those that
a filter threw away included; of a search also the row of each cluster and its contact. What is then looked up for each that
is returned (its leads' number, its contact points, users, cars) is not.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import asyncpg

from bench.figures import Figure, table, under
from bench.plans import Plan, planned
from bench.world import fill
from forecourt.clusters.listing import page_query
from forecourt.clusters.search import SEARCH, asked
from forecourt.ids import DealershipId
from forecourt.infra.embedded import hold

PAGE = 50
TARGET = 5.0
_SEARCHED = {"lead_cluster", "contact", "contact_point", "lead"}
_LISTED = {"lead_cluster"}

# What is typed: many answer to most of it.
SEARCHES = {
    "a first name": "mia",
    "its beginning": "mi",
    "a last name": "okafor7",
    "its beginning, short": "oka",
    "first and last name": "mia okafor7",
    "last name and beginning": "okafor7 mi",
    "a number": "0411 111 400",
    "four digits": "1400",
    "an address": "customer1400@example.com",
    "its first letters": "customer14",
    "a stock number": "S1",
    "nobody": "zzyzx",
}
LISTS: dict[str, dict[str, Any]] = {
    "none": {},
    "lead_state": {"lead_state": "new"},
    "golden": {"golden": True},
    "user_id": {"user_id": 20},
    "unassigned": {"unassigned": True},
    "waiting": {"waiting": True},
}


def main(*, leads: int = 1_000_000) -> list[Figure]:
    """Fill a database, run it, and return what it comes to."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(f"filling a database with {leads:,} clusters …", flush=True)
        fill(held.url, leads)
        return run(held.url)


def run(url: str) -> list[Figure]:
    """Run it on a filled database; prints a line for each page."""
    return asyncio.run(_measured(url))


async def _measured(url: str) -> list[Figure]:
    connection = await asyncpg.connect(url, server_settings={"plan_cache_mode": "force_generic_plan"})
    plans: dict[str, Plan] = {}
    for name, typed in SEARCHES.items():
        parameters = asked(typed, DealershipId(1), "AU", PAGE)
        plans[f"search {name}"] = await planned(connection, SEARCH, parameters, _SEARCHED)
    for name, values in LISTS.items():
        sort = "waiting_since" if name == "waiting" else "-last_lead_created_at"
        query = page_query(frozenset(values), sort, after=False)
        parameters = values | {"dealership_id": 1, "size": PAGE + 1}
        plans[f"list by {name}"] = await planned(connection, query, parameters, _LISTED)
    await connection.close()
    for name, plan in plans.items():
        print(f"{name:30} {plan}", flush=True)
    worst = max(plans, key=lambda name: plans[name].ratio)
    return [
        under(f"list_clusters: rows read per row ({worst})", plans[worst].ratio, TARGET),
        Figure(
            "list_clusters: slowest page in the database",
            f"{max(plan.milliseconds for plan in plans.values()):.2f} ms",
        ),
    ]


if __name__ == "__main__":
    print(table(main()))
