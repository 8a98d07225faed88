"""The list of clusters as a statement: fixed parts, chosen by which filters were asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, LiteralString

from forecourt.clusters.find_queries import COLUMNS, JOINED
from forecourt.infra.database import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

SORTS = ("-last_lead_created_at", "last_lead_created_at", "waiting_since", "-waiting_since")

_OF_A_LEAD: LiteralString = """exists (
        select from lead
        where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id and {}
    )"""
_OF_ANY_LEAD: LiteralString = """cluster.id in (
        select lead.lead_cluster_id from lead where lead.dealership_id = :dealership_id and {}
    )"""
_REACHED: LiteralString = """cluster.id in (
        select reached.lead_cluster_id
        from contact_point as point
        join contact as reached on reached.dealership_id = point.dealership_id and reached.id = point.contact_id
        where point.dealership_id = :dealership_id and {}
    )"""

# Filter -> what it asks of the cluster.
CONDITIONS: Mapping[str, LiteralString] = {
    "lead_state": "cluster.state = :lead_state",
    "golden": "cluster.golden",
    "test": "cluster.test",
    "not_test": "not cluster.test",
    "not_golden": "not cluster.golden",
    "user_id": "cluster.user_id = :user_id",
    "secondary_user_id": "cluster.secondary_user_id = :secondary_user_id",
    "unassigned": "cluster.user_id is null",
    "assigned": "cluster.user_id is not null",
    "location_id": "cluster.location_id = :location_id",
    "tag": "cluster.tags @> array[cast(:tag as text)]",
    "waiting": "cluster.waiting_since is not null",
    "not_waiting": "cluster.waiting_since is null",
    "waiting_since_before": "cluster.waiting_since < :waiting_since_before",
    "possible_duplicates": """exists (
        select from possible_duplicate as possible
        join lead_cluster as other
            on other.dealership_id = possible.dealership_id
            and other.id = possible.lead_cluster_id + possible.other_lead_cluster_id - cluster.id
        where possible.dealership_id = cluster.dealership_id
            and cluster.id in (possible.lead_cluster_id, possible.other_lead_cluster_id)
            and possible.decision is null
            and other.merged_into_id is null
    )""",
    "overdue": """cluster.waiting_since is not null and exists (
        select from response_clock(cluster) as clock where clock.overdue_at <= now()
    )""",
    "created_from": "cluster.last_lead_created_at >= :created_from",
    "created_to": "cluster.last_lead_created_at < :created_to",
    "updated_from": "cluster.updated_at >= :updated_from",
    "updated_to": "cluster.updated_at < :updated_to",
    "category": _OF_A_LEAD.format("lead.category = :category"),
    "source": _OF_A_LEAD.format("lead.source = :source"),
    "provider": _OF_A_LEAD.format("lead.provider = :provider"),
    "provider_id": _OF_ANY_LEAD.format("lead.provider_id = :provider_id"),
    "email": _REACHED.format("point.kind = 'email' and point.value = :email"),
    "phone": _REACHED.format("point.kind = 'phone' and point.value = :phone"),
}


@lru_cache(maxsize=1024)
def page_query(filters: frozenset[str], sort: str, *, after: bool) -> Query:
    """The statement of a page.

    Args:
        filters: the names of the conditions that hold.
        sort: one of ``SORTS``; those by ``waiting_since`` hold only clusters that wait.
        after: whether the page begins after a cursor's ``:at`` and ``:id``.
    """
    direction: LiteralString = "desc" if sort.startswith("-") else "asc"
    beyond: LiteralString = "<" if sort.startswith("-") else ">"
    place: LiteralString = "cluster.last_lead_created_at"
    conditions = [CONDITIONS[name] for name in sorted(filters)]
    if sort.endswith("waiting_since"):
        place = "cluster.waiting_since"
        conditions.append("cluster.waiting_since is not null")
    if after:
        conditions.append(f"({place}, cluster.id) {beyond} (:at, :id)")
    held: LiteralString = "".join(f"\n    and {condition}" for condition in conditions)
    return Query(f"""
select{COLUMNS.rstrip()},
    {place} as at
from lead_cluster as cluster{JOINED}where cluster.dealership_id = :dealership_id
    and cluster.merged_into_id is null{held}
order by {place} {direction}, cluster.id {direction}
limit :size
""")
