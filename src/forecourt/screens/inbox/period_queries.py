"""Filters about the days in which somebody enquired: the same customers that a report counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from forecourt.reports.customer_queries import OF_ANSWERS, OF_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# An enquiry in these days, by the clock of its dealership. The last enquiry bounds what an index walks through.
CREATED_ON = "created_on"
_ENQUIRED: LiteralString = """cluster.last_lead_created_at >= cast(cast(:created_from as date) - 1 as timestamp) at time zone 'UTC'
        and exists (
            select from lead
            join dealership on dealership.id = lead.dealership_id
            where lead.dealership_id = cluster.dealership_id
                and lead.lead_cluster_id = cluster.id
                and lead.created_at >= cast(cast(:created_from as date) as timestamp) at time zone dealership.timezone
                and lead.created_at < cast(cast(:created_to as date) + 1 as timestamp) at time zone dealership.timezone{}
        )"""
ENQUIRED: Mapping[str, LiteralString] = {
    CREATED_ON: _ENQUIRED.format(""),
    "via": _ENQUIRED.format(" and lead.source = :via"),
    "about": _ENQUIRED.format(" and lead.category = :about"),
}

_OF_FIRST: Mapping[str, LiteralString] = {
    "first_via": "customer.source = :first_via",
    "first_about": "customer.category = :first_about",
    "hour": "customer.weekday = :weekday and customer.hour = :hour",
    "appointments": OF_CUSTOMERS["appointments"],
    "kept": OF_CUSTOMERS["kept"],
    "no_shows": OF_CUSTOMERS["no_shows"],
}
_OF_ANSWER: Mapping[str, LiteralString] = {
    **OF_ANSWERS,
    "unanswered": "customer.answered_at is null",
    "answered_within": "customer.business_seconds < extract(epoch from cast(:answered_within as interval))",
    "answered_after": "customer.business_seconds > extract(epoch from cast(:answered_after as interval))",
}
OF_PERIOD: Mapping[str, LiteralString] = {**_OF_FIRST, **_OF_ANSWER}
# Those that mean nothing without the days.
NEED_DAYS = frozenset({"via", "about", *OF_PERIOD})


def customers(conditions: Collection[str]) -> LiteralString:
    """The part of a statement that finds the customers of the days for whom *conditions* hold; empty where none needs it."""
    asked = sorted(name for name in conditions if name in OF_PERIOD)
    if not asked:
        return ""
    told: LiteralString = "answers_of_period" if _OF_ANSWER.keys() & set(asked) else "customers_of_period"
    held: LiteralString = "\n        and ".join(f"({OF_PERIOD[name]})" for name in asked)
    return f"""customer as materialized (
    select customer.lead_cluster_id as id
    from {told}(
        cast(:dealership_ids as bigint[]), cast(:created_from as date), cast(:created_to as date)
    ) as customer
    where {held}
)"""


# Written so that it is looked up in a hash for whatever order the list is in: a join might walk them all for each row.
AMONG_THEM: LiteralString = "(cluster.id in (select customer.id from customer)) is true"
