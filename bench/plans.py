"""What PostgreSQL reads for a page, by the plan that the server would use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import asyncpg

    from forecourt.infra.database import Query


class Plan(NamedTuple):
    """What a page took.

    Attributes:
        read: rows of the counted tables, those that a filter threw away included.
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

    def __str__(self) -> str:
        """One line of a report."""
        return (
            f"{self.returned:3.0f} returned, {self.read:6.0f} read (and {self.alone:.0f} entries of an index alone): "
            f"{self.ratio:7.2f} a row, {self.milliseconds:7.2f} ms  {self.nodes}"
        )


async def planned(
    connection: asyncpg.Connection[asyncpg.Record],
    query: Query,
    parameters: Mapping[str, Any],
    counted: Collection[str],
) -> Plan:
    """Run *query*, planned once for all values as the server plans it, and count the rows of the *counted* tables."""
    # EXPLAIN with parameters would plan for their values; the server's plans know none.
    statement = await connection.prepare(query.text)
    values = ", ".join(_literal(parameters[name]) for name in query.names)
    told = await connection.fetchval(
        f"explain (analyze, format json) execute {statement.get_name()} ({values})"
    )
    plan = json.loads(told)[0]
    nodes = [node for node in _nodes(plan["Plan"]) if node.get("Relation Name") in counted]
    alone = sum(
        _rows(node) - node["Heap Fetches"] for node in nodes if node["Node Type"] == "Index Only Scan"
    )
    return Plan(
        returned=plan["Plan"]["Actual Rows"],
        read=sum(map(_rows, nodes)) - alone,
        alone=alone,
        milliseconds=plan["Execution Time"],
        nodes=", ".join(
            f"{node['Node Type']} {node.get('Index Name', node['Relation Name'])}"
            for node in nodes
            if node["Actual Loops"]
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
    """The nodes that find the rows; what is looked up for each that was found is left out."""
    yield plan
    inner: Sequence[dict[str, Any]] = plan.get("Plans", ())
    for node in inner:
        if node["Parent Relationship"] != "SubPlan":
            yield from _nodes(node)


def _rows(node: dict[str, Any]) -> float:
    thrown = sum(value for name, value in node.items() if name.startswith("Rows Removed by"))
    return float((node["Actual Rows"] + thrown) * node["Actual Loops"])
