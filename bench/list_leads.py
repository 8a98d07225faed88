"""The list of leads at a million of them: what PostgreSQL reads for each row that it returns.

The plans are those of the real statements of ``GET /api/v1/leads``, planned as the server plans them, once for all
values. Counted are the rows that they read of the leads and their tags, those that a filter threw away included, on the
first page and on one in the middle of what the filter finds. Where an index alone told what was asked, no row was read:
such entries are printed beside it. What is looked up beside a lead (its dealership, website, files and payments) is one row or none each, by its key,
and not counted.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg
import msgspec

from bench.figures import Figure, table, under
from bench.world import fill
from forecourt.ids import DealershipId
from forecourt.infra.embedded import hold
from forecourt.leads.filters import Asked
from forecourt.leads.listing import page_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


class Plan(NamedTuple):
    """What a page took.

    Attributes:
        read: rows of leads and tags.
        alone: entries of an index that were read without their row.
        nodes: how the counted tables were read.
    """

    returned: float
    read: float
    alone: float
    milliseconds: float
    nodes: str

    @property
    def ratio(self) -> float:
        """Rows read per row returned."""
        return self.read / max(self.returned, 1)


def main(*, leads: int = 1_000_000) -> list[Figure]:
    """Run it, print a line for each page, and return what it comes to."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(f"filling a database with {leads:,} leads …", flush=True)
        fill(held.url, leads)
        return asyncio.run(_measured(held.url))


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
            plan = plans[f"{case.name}, {page}"] = await _planned(connection, asked)
            print(
                f"{case.name:18} {page:10} {plan.returned:3.0f} returned, {plan.read:6.0f} read "
                f"(and {plan.alone:.0f} entries of an index alone): {plan.ratio:7.2f} a row, {plan.milliseconds:7.2f} ms  "
                f"{plan.nodes}",
                flush=True,
            )
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


async def _planned(connection: asyncpg.Connection[asyncpg.Record], asked: Asked) -> Plan:
    query, parameters = _query(asked), asked.parameters()
    # EXPLAIN with parameters would plan for their values; the server's plans know none.
    statement = await connection.prepare(query.text)
    values = ", ".join(_literal(parameters[name]) for name in query.names)
    told = await connection.fetchval(
        f"explain (analyze, format json) execute {statement.get_name()} ({values})"
    )
    plan = json.loads(told)[0]
    counted = [node for node in _nodes(plan["Plan"]) if node.get("Relation Name") in _COUNTED]
    alone = sum(
        _rows(node) - node["Heap Fetches"] for node in counted if node["Node Type"] == "Index Only Scan"
    )
    return Plan(
        returned=plan["Plan"]["Actual Rows"],
        read=sum(map(_rows, counted)) - alone,
        alone=alone,
        milliseconds=plan["Execution Time"],
        nodes=", ".join(
            f"{node['Node Type']} {node.get('Index Name', node['Relation Name'])}" for node in counted
        ),
    )


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"array[{', '.join(map(_literal, value))}]"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    inner: Sequence[dict[str, Any]] = plan.get("Plans", ())
    for node in inner:
        yield from _nodes(node)


def _rows(node: dict[str, Any]) -> float:
    thrown = sum(value for name, value in node.items() if name.startswith("Rows Removed by"))
    return float((node["Actual Rows"] + thrown) * node["Actual Loops"])


if __name__ == "__main__":
    print(table(main()))
