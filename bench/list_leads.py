"""The list of leads at a million of them: what PostgreSQL reads for each row that it returns.

Counted are the rows of leads, tags and events that the real statements of ``GET /api/v1/leads`` fetch, those that a
filter threw away included, for the first page and for one deep down; where an index alone tells what is asked, no row
is fetched. What is looked up beside a lead (its
dealership, website, files and payments) is one row or none each, by its key, and not counted.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from bench.world import fill
from forecourt.infra.embedded import hold
from forecourt.leads.filters import Asked
from forecourt.leads.listing import page_query

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 50
TARGET = 2.0
_COUNTED = {"lead", "lead_tag", "event"}

FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "category": {"category": "Finance Enquiry"},
    "source": {"source": "Facebook"},
    "lead_state": {"lead_state": "lost"},
    "tag": {"tag": "tag20"},
    "golden": {"golden": True},
    "provider": {"provider": "Provider 3"},
    "provider_id": {"provider_id": "P400"},
    "email": {"email": ["customer400@example.com"]},
    "phone": {"phone": ["+61411111400"]},
    "created": {"created_from": timedelta(days=-90), "created_to": timedelta(days=-5)},
    "updated": {"updated_from": timedelta(days=-90), "updated_to": timedelta(days=-5)},
}


def main(*, leads: int = 1_000_000) -> None:
    """Run it and print a line for each filter."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(f"filling a database with {leads:,} leads …", flush=True)
        fill(held.url, leads)
        asyncio.run(_measure(held.url))


async def _measure(url: str) -> None:
    connection = await asyncpg.connect(url, server_settings={"plan_cache_mode": "force_generic_plan"})
    worst = 0.0
    for name, values in FILTERS.items():
        for deep in (False, True):
            asked = await _asked(connection, values, deep=deep)
            query = page_query(
                asked.conditions, asked.sort, after=asked.after is not None, one_dealership=True
            )
            parameters = asked.parameters()
            told = await connection.fetchval(
                f"explain (analyze, format json) {query.text}", *[parameters[one] for one in query.names]
            )
            plan = json.loads(told)[0]
            returned = plan["Plan"]["Actual Rows"]
            read = sum(_rows(node) for node in _nodes(plan["Plan"]))
            ratio = read / returned if returned else read
            worst = max(worst, ratio)
            page = "deep page" if deep else "first page"
            print(
                f"{name:12} {page:10} {returned:4.0f} rows returned, {read:5.0f} read: {ratio:5.2f} a row, "
                f"{plan['Execution Time']:7.2f} ms"
            )
    await connection.close()
    print(f"most rows read per row returned: {worst:.2f} (to reach: under {TARGET:.0f})")


async def _asked(
    connection: asyncpg.Connection[asyncpg.Record], values: dict[str, Any], *, deep: bool
) -> Asked:
    now = datetime.now(UTC)
    moments = {name: now + value if isinstance(value, timedelta) else value for name, value in values.items()}
    sort = "-updated_at" if "updated_from" in values else "-created_at"
    asked = Asked(dealership_ids=[1], values=moments, sort=sort, limit=PAGE, after=None)  # type: ignore[list-item]
    if not deep:
        return asked
    # The page that begins where half of what the filter finds lies behind.
    query = page_query(asked.conditions, sort, after=False, one_dealership=True)
    parameters = asked.parameters() | {"size": 1_000_000}
    rows = await connection.fetch(query.text, *[parameters[one] for one in query.names])
    middle = rows[len(rows) // 2]
    return Asked(
        dealership_ids=asked.dealership_ids,
        values=moments,
        sort=sort,
        limit=PAGE,
        after=(middle["at"], middle["id"]) if len(rows) > 1 else None,
    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _rows(node: dict[str, Any]) -> float:
    if node.get("Relation Name") not in _COUNTED:
        return 0.0
    if node["Node Type"] == "Index Only Scan":
        return float(node["Heap Fetches"])
    thrown = sum(value for name, value in node.items() if name.startswith("Rows Removed"))
    return float((node["Actual Rows"] + thrown) * node["Actual Loops"])


if __name__ == "__main__":
    main()
