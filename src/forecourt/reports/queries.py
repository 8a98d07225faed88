"""The statements behind reports: one for each, both periods at once; they read, and never write."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from forecourt.infra.database import Query
from forecourt.reports.customer_queries import OF_ANSWERS, OF_CLUSTERS, OF_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Mapping

# Report -> by what it tells customers apart, and how that is called.
_KEYS: Mapping[str, tuple[LiteralString, LiteralString]] = {
    "summary": ("cast(null as text)", "cast(null as text)"),
    "source": ("customer.source", "customer.source"),
    "category": ("customer.category", "customer.category"),
    "location": (
        "cast(customer.location_id as text)",
        "concat_ws(', ', location.name, case when cardinality(cast(:dealership_ids as bigint[])) > 1 then dealership.name end)",
    ),
    "person": ("cast(customer.user_id as text)", "person.name"),
    "hour": ("customer.weekday || '-' || customer.hour", "customer.weekday || '-' || customer.hour"),
    # Each dealership has reasons of its own; those that are called alike are one.
    "reason": ("case when customer.state = 'lost' then coalesce(lower(reason.name), '') end", "reason.name"),
}
# An enquiry has a source, a category and an hour of its own, whatever those of the customer's first one are.
_OF_ENQUIRIES: Mapping[str, LiteralString] = {
    "source": "lead.source",
    "category": "lead.category",
    "hour": (
        "extract(isodow from lead.created_at at time zone dealership.timezone)"
        " || '-' || extract(hour from lead.created_at at time zone dealership.timezone)"
    ),
}
_BOTH: LiteralString = """
with span (period, first_day, last_day) as (
    values
        ('now', cast(:first_day as date), cast(:last_day as date)),
        ('before', cast(:first_day_before as date), cast(:last_day_before as date))
)"""
_LEADS: LiteralString = """span
    join dealership on dealership.id = any (cast(:dealership_ids as bigint[]))
    join lead
        on lead.dealership_id = dealership.id
        and lead.created_at >= cast(span.first_day as timestamp) at time zone dealership.timezone
        and lead.created_at < cast(span.last_day + 1 as timestamp) at time zone dealership.timezone
        and not lead.test"""


def _asked(period: LiteralString, first: LiteralString, last: LiteralString) -> LiteralString:
    return f"""
    select
        '{period}' as period, customer.dealership_id, customer.lead_cluster_id, customer.enquired_at, customer.enquiries,
        customer.source, customer.category, customer.weekday, customer.hour, customer.location_id, customer.user_id,
        customer.state, customer.lead_status_option_id, customer.waiting, customer.answered_at, customer.seconds,
        customer.business_seconds, customer.in_target, customer.out_of_target
    from answers_of_period(cast(:dealership_ids as bigint[]), :{first}, :{last}) as customer"""


_CUSTOMERS: LiteralString = (
    """, asked as materialized ("""
    + _asked("now", "first_day", "last_day")
    + """
    union all"""
    + _asked("before", "first_day_before", "last_day_before")
    + """
)"""
)
_COUNTED: LiteralString = "".join(
    f"""
        count(*) filter (where {condition}) as {name},"""
    for conditions in (OF_ANSWERS, OF_CLUSTERS, OF_CUSTOMERS)
    for name, condition in conditions.items()
)


def _report(by: str) -> Query:
    """The figures of both periods: of all customers, and of those of each source, location and so on."""
    key, label = _KEYS[by]
    told: LiteralString = f"""{_BOTH}{_CUSTOMERS}, customer as (
    select
        customer.period, customer.dealership_id, customer.lead_cluster_id, customer.enquired_at, customer.enquiries,
        customer.state, customer.waiting, customer.answered_at, customer.seconds, customer.business_seconds,
        customer.in_target, customer.out_of_target, {key} as key, {label} as label
    from asked as customer
    join dealership on dealership.id = customer.dealership_id
    left join location on location.dealership_id = customer.dealership_id and location.id = customer.location_id
    left join user_account as person on person.id = customer.user_id
    left join lead_status_option as reason
        on reason.dealership_id = customer.dealership_id and reason.id = customer.lead_status_option_id
), told as (
    select
        customer.period, grouping(customer.key) = 1 as is_total, customer.key, max(customer.label) as label,
        count(*) as customers, cast(sum(customer.enquiries) as bigint) as enquiries,{_COUNTED}
        percentile_cont(array[0.5, 0.9]) within group (order by customer.business_seconds) as business_seconds,
        percentile_cont(array[0.5, 0.9]) within group (order by customer.seconds) as seconds
    from customer
    group by grouping sets ((customer.period), (customer.period, customer.key))
)"""
    shown: LiteralString = """
    told.customers, told.answered, told.in_target, told.out_of_target, told.waiting, told.converted, told.lost,
    told.invalid, told.appointments, told.kept, told.no_shows, told.merged, told.business_seconds, told.seconds
"""
    if by not in _OF_ENQUIRIES:
        return Query(
            f"{told}\nselect told.period, told.is_total, told.key, told.label, told.enquiries,{shown}from told\n"
        )
    return Query(
        f"""{told}, enquiry as (
    select span.period, false as is_total, {_OF_ENQUIRIES[by]} as key, count(lead.id) as enquiries
    from {_LEADS}
    group by span.period, {_OF_ENQUIRIES[by]}
)
select
    coalesce(told.period, enquiry.period) as period, coalesce(told.is_total, false) as is_total,
    coalesce(told.key, enquiry.key) as key, coalesce(told.label, enquiry.key) as label,
    case when told.is_total then told.enquiries else coalesce(enquiry.enquiries, 0) end as enquiries,{shown}from told
full join enquiry
    on enquiry.period = told.period and enquiry.is_total = told.is_total and enquiry.key = told.key
"""
    )


REPORTS: Mapping[str, Query] = {by: _report(by) for by in _KEYS}

# Day by day: the enquiries of each, and the customers who made them.
DAYS = Query(f"""{_BOTH}
select
    span.period, cast(lead.created_at at time zone dealership.timezone as date) as day,
    count(lead.id) as enquiries, count(distinct lead.lead_cluster_id) as customers
from {_LEADS}
group by span.period, cast(lead.created_at at time zone dealership.timezone as date)
""")
