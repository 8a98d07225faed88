"""What a figure counts: which of the customers of a period, in SQL. Reports count them and the inbox lists them by this."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from collections.abc import Mapping

_APPOINTMENT: LiteralString = """exists (
        select from appointment
        where appointment.dealership_id = customer.dealership_id
            and appointment.lead_cluster_id = customer.lead_cluster_id
            and appointment.created_at >= customer.enquired_at
            and appointment.status in ({})
    )"""

_MERGED: LiteralString = """exists (
        select from cluster_merge
        where cluster_merge.dealership_id = {}
            and cluster_merge.survivor_id = {}
            and cluster_merge.undone_at is null
    )"""
# Of a ``cluster`` of a list.
MERGED_INTO: LiteralString = _MERGED.format("cluster.dealership_id", "cluster.id")

# Of a ``customer`` as customers_of_period() tells them.
OF_CUSTOMERS: Mapping[str, LiteralString] = {
    "appointments": _APPOINTMENT.format("'pending', 'completed', 'no-show'"),
    "kept": _APPOINTMENT.format("'completed'"),
    "no_shows": _APPOINTMENT.format("'no-show'"),
    "merged": _MERGED.format("customer.dealership_id", "customer.lead_cluster_id"),
}
# Of one as answers_of_period() does.
OF_ANSWERS: Mapping[str, LiteralString] = {
    "answered": "customer.answered_at is not null",
    "in_target": "customer.in_target",
    "out_of_target": "customer.out_of_target",
}
# What the cluster itself says.
OF_CLUSTERS: Mapping[str, LiteralString] = {
    "waiting": "customer.waiting",
    "converted": "customer.state = 'converted'",
    "lost": "customer.state = 'lost'",
    "invalid": "customer.state = 'invalid'",
}
