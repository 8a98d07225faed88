"""The list of leads at a million of them: what PostgreSQL reads for each row that it returns.

The plans are those of the real statements of ``GET /api/v1/leads``, planned as the server plans them, once for all
values. Counted are the rows that they read of the leads and their tags, those that a filter threw away included, on the
first page and on one in the middle of what the filter finds. Where an index alone told what was asked, no row was read:
such entries are printed beside it. What is looked up beside a lead (its dealership, website, files and payments) is one row or none each, by its key,
and not counted.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg
import msgspec

from bench.figures import Figure, table, under
from bench.plans import Plan, planned
from bench.world import fill
from forecourt.ids import DealershipId
from forecourt.infra.embedded import hold
from forecourt.leads.filters import Asked
from forecourt.leads.listing import page_query

if TYPE_CHECKING:
    from forecourt.infra.database import Query

PAGE = 50
TARGET = 2.0
_COUNTED = {"lead", "lead_tag"}
_LONG_AGO, _LATELY = timedelta(days=-90), timedelta(days=-5)


class Case(NamedTuple):
    """A list to look at."""

    name: str
    values: dict[str, Any]
    sort: str = "-created_at"
    dealerships: int = 1


CASES = (
    Case("none", {}),
    Case("oldest first", {}, sort="created_at"),
    Case("three dealerships", {}, dealerships=3),
    Case("category", {"category": "Finance Enquiry"}),
    Case("source", {"source": "Facebook"}),
    Case("lead_state", {"lead_state": "lost"}),
    Case("tag", {"tag": "tag20"}),
    Case("golden", {"golden": True}),
    Case("not golden", {"not_golden": True}),
    Case("provider", {"provider": "Provider 3"}),
    Case("provider_id", {"provider_id": "broker"}),
    Case("email", {"email": "enquiries@broker.example"}),
    Case("phone", {"phone": ["+61411111111"]}),
    Case("created", {"created_from": _LONG_AGO, "created_to": _LATELY}),
    Case("by updates", {}, sort="-updated_at"),
    Case("updated", {"updated_from": _LONG_AGO, "updated_to": _LATELY}, sort="-updated_at"),
)


def main(*, leads: int = 1_000_000) -> list[Figure]:
    """Fill a database, run it, and return what it comes to."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(f"filling a database with {leads:,} leads …", flush=True)
        fill(held.url, leads)
        return run(held.url)


def run(url: str) -> list[Figure]:
    """Run it on a filled database; prints a line for each page."""
    return asyncio.run(_measured(url))


async def _measured(url: str) -> list[Figure]:
    connection = await asyncpg.connect(url, server_settings={"plan_cache_mode": "force_generic_plan"})
    plans: dict[str, Plan] = {}
    for case in CASES:
        first = _asked(case)
        deep = await _deep(connection, first)
        for page, asked in (("first page", first), ("deep page", deep)):
            if asked is None:
                print(f"{case.name:18} {page:10} there is none: what it finds fits on two")
                continue
            plan = plans[f"{case.name}, {page}"] = await planned(
                connection, _query(asked), asked.parameters(), _COUNTED
            )
            print(f"{case.name:18} {page:10} {plan}", flush=True)
    await connection.close()
    return _figures(plans)


def _figures(plans: dict[str, Plan]) -> list[Figure]:
    worst = max(plans, key=lambda name: plans[name].ratio)
    over = sum(plan.ratio >= TARGET for plan in plans.values())
    slowest = max(plan.milliseconds for plan in plans.values())
    return [
        under(f"list_leads: rows read per row ({worst})", plans[worst].ratio, TARGET),
        Figure("list_leads: pages not under the target", f"{over} of {len(plans)}", "none", over == 0),
        Figure("list_leads: slowest page in the database", f"{slowest:.2f} ms"),
    ]


def _asked(case: Case) -> Asked:
    now = datetime.now(UTC)
    return Asked(
        dealership_ids=[DealershipId(1 + number) for number in range(case.dealerships)],
        values={
            name: now + value if isinstance(value, timedelta) else value
            for name, value in case.values.items()
        },
        sort=case.sort,
        limit=PAGE,
        after=None,
    )


async def _deep(connection: asyncpg.Connection[asyncpg.Record], first: Asked) -> Asked | None:
    """The page that begins where half of what the filter finds lies behind; None where two pages hold it all."""
    query = _query(first)
    everything = first.parameters() | {"size": 1_000_000}
    places = f"select found.at, found.id from ({query.text}) as found"
    rows = await connection.fetch(places, *[everything[one] for one in query.names])
    if len(rows) <= PAGE * 2:
        return None
    middle = rows[len(rows) // 2]
    return msgspec.structs.replace(first, after=(middle["at"], middle["id"]))


def _query(asked: Asked) -> Query:
    return page_query(
        asked.conditions,
        asked.sort,
        after=asked.after is not None,
        one_dealership=len(asked.dealership_ids) == 1,
    )


if __name__ == "__main__":
    print(table(main()))
