"""The statements behind the inbox; they read, and never write."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, LiteralString

from forecourt.infra.database import Query
from forecourt.reports.customer_queries import MERGED_INTO
from forecourt.screens.inbox.period_queries import AMONG_THEM, ENQUIRED, OF_PERIOD, customers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_OF_A_LEAD: LiteralString = """exists (
            select from lead
            where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id and {}
        )"""
_OPEN: LiteralString = "cluster.state in ('new', 'contacted', 'appointment')"

# What a filter asks of a cluster.
CONDITIONS: Mapping[str, LiteralString] = {
    "waiting": "cluster.waiting_since is not null",
    "answered": "cluster.waiting_since is null",
    "awake": "(cluster.snoozed_until is null or cluster.snoozed_until <= now())",
    "snoozed": "cluster.snoozed_until > now()",
    # Of no cluster in particular: it is found once, whatever list is walked.
    "mentioned": """cluster.id in (
            select activity.lead_cluster_id
            from mention
            join activity on activity.dealership_id = mention.dealership_id and activity.id = mention.activity_id
            where mention.user_id = :me and mention.seen_at is null and activity.undone_at is null
        )""",
    "mine": "cluster.user_id = :me or cluster.secondary_user_id = :me",
    "unassigned": "cluster.user_id is null",
    "open": _OPEN,
    "closed": f"not {_OPEN}",
    "golden": "cluster.golden",
    "test": "cluster.test",
    "live": "not cluster.test",
    "late": "cluster.waiting_since is not null and cluster.due_at <= now()",
    "overdue": "cluster.waiting_since is not null and cluster.overdue_at <= now()",
    "lead_state": "cluster.state = :lead_state",
    "tag": "cluster.tags @> array[cast(:tag as text)]",
    "created_after": "cluster.last_lead_created_at >= now() - cast(:created_after as interval)",
    "created_before": "cluster.last_lead_created_at < now() - cast(:created_before as interval)",
    "waited_after": "cluster.waiting_since >= now() - cast(:waited_after as interval)",
    "waited_before": "cluster.waiting_since < now() - cast(:waited_before as interval)",
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
    "assignee": """exists (
            select from user_account as person
            where person.id in (cluster.user_id, cluster.secondary_user_id)
                and (lower(person.name) like :assignee || '%' or lower(person.email) like :assignee || '%')
        )""",
    "location": """exists (
            select from location
            where location.dealership_id = cluster.dealership_id
                and location.id = cluster.location_id
                and lower(location.name) like '%' || :location || '%'
        )""",
    "location_id": "cluster.location_id = :location_id",
    "no_location": "cluster.location_id is null",
    "assigned_to": "cluster.user_id = :assigned_to",
    "reason": """cluster.state = 'lost' and exists (
            select from lead_status_option as reason
            where reason.dealership_id = cluster.dealership_id
                and reason.id = cluster.lead_status_option_id
                and lower(reason.name) = :reason
        )""",
    "no_reason": "cluster.state = 'lost' and cluster.lead_status_option_id is null",
    "merged": MERGED_INTO,
    **ENQUIRED,
    "source": _OF_A_LEAD.format("lead.source = :source"),
    "category": _OF_A_LEAD.format("lead.category = :category"),
    "provider": _OF_A_LEAD.format("lead.provider = :provider"),
    "stock": _OF_A_LEAD.format("lower(lead.stocknum) = :stock"),
    "car": """exists (
            select from car_lead_cluster as looked_at
            join car on car.dealership_id = looked_at.dealership_id and car.id = looked_at.car_id
            where looked_at.dealership_id = cluster.dealership_id
                and looked_at.lead_cluster_id = cluster.id
                and lower(car.name) like '%' || :car || '%'
        ) or """
    + _OF_A_LEAD.format("""exists (
                select from car
                where car.dealership_id = lead.dealership_id
                    and car.id = lead.car_id
                    and lower(car.name) like '%' || :car || '%'
            )"""),
}

# Sort -> by what, and which way.
_PLACES: Mapping[str, tuple[LiteralString, LiteralString, LiteralString]] = {
    "newest": ("cluster.last_lead_created_at", "desc", "<"),
    "oldest": ("cluster.last_lead_created_at", "asc", ">"),
    "longest": ("cluster.waiting_since", "asc", ">"),
}

# What a row shows, of the clusters that a page has ``found`` with their ``place``.
_ROW: LiteralString = """
select
    cluster.id, cluster.dealership_id, dealership.slug as dealership_slug, dealership.name as dealership_name,
    dealership.timezone, dealership.country, cluster.golden, cluster.state, cluster.waiting_since, cluster.due_at,
    cluster.overdue_at, cluster.snoozed_until, cluster.last_lead_created_at, cluster.test, found.place, cluster.user_id,
    person.name as user_name, contact.name, contact.last_name, contact.business_name, contact.sms_verified,
    contact.opt_in_to_marketing, contact.erased_at, leads.leads, latest.id as lead_id, latest.message, latest.category,
    latest.source, latest.stocknum, coalesce(latest.car, looked_at.car) as car, location.name as location,
    coalesce(latest.phone is not null and latest.phone_e164 is null, false) as phone_is_odd,
    case when cluster.waiting_since is null then (
        select clock.first_response_seconds from response_clock(cluster) as clock
    ) end as first_response_seconds,
    exists (
        select from possible_duplicate as possible
        join lead_cluster as other
            on other.dealership_id = possible.dealership_id
            and other.id = possible.lead_cluster_id + possible.other_lead_cluster_id - cluster.id
        where possible.dealership_id = cluster.dealership_id
            and cluster.id in (possible.lead_cluster_id, possible.other_lead_cluster_id)
            and possible.decision is null
            and other.merged_into_id is null
    ) as possible_duplicate,
    exists (
        select from draft
        where draft.dealership_id = cluster.dealership_id
            and draft.lead_cluster_id = cluster.id
            and draft.user_id = :me
    ) as draft,
    exists (
        select from mention
        join activity on activity.dealership_id = mention.dealership_id and activity.id = mention.activity_id
        where mention.user_id = :me
            and mention.seen_at is null
            and mention.dealership_id = cluster.dealership_id
            and activity.lead_cluster_id = cluster.id
            and activity.undone_at is null
    ) as mentioned,
    now() as now
from found
join lead_cluster as cluster on cluster.dealership_id = found.dealership_id and cluster.id = found.id
join dealership on dealership.id = cluster.dealership_id
join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
left join user_account as person on person.id = cluster.user_id
left join location on location.dealership_id = cluster.dealership_id and location.id = cluster.location_id
cross join lateral (
    select count(lead.id) as leads from lead
    where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
) as leads
left join lateral (
    select
        lead.id, lead.message, lead.category, lead.source, lead.stocknum, lead.phone, lead.phone_e164,
        coalesce(car.name, car.stocknum) as car
    from lead
    left join car on car.dealership_id = lead.dealership_id and car.id = lead.car_id
    where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
    order by lead.created_at desc, lead.id desc
    limit 1
) as latest on true
left join lateral (
    select coalesce(car.name, car.stocknum) as car
    from car_lead_cluster as looked_at
    join car on car.dealership_id = looked_at.dealership_id and car.id = looked_at.car_id
    where looked_at.dealership_id = cluster.dealership_id and looked_at.lead_cluster_id = cluster.id
    order by looked_at.id desc
    limit 1
) as looked_at on true
"""


@lru_cache(maxsize=1024)
def page_query(conditions: frozenset[str], sort: str, *, after: bool) -> Query:
    """A page of clusters of several dealerships, each of which walks an index of its own.

    Args:
        conditions: names of ``CONDITIONS`` that all hold.
        sort: one of ``views.SORTS``.
        after: whether the page begins after a cursor's ``:at`` and ``:id``; never with ``urgency``.
    """
    before, held = _asked(conditions)
    if sort == "urgency":
        return Query(
            f"\nwith {before}{_urgent(held)}" + _ROW + "order by found.rank, found.nearness, cluster.id\n"
        )
    place, direction, beyond = _PLACES[sort]
    if sort == "longest":
        held += "\n            and cluster.waiting_since is not null"
    if after:
        held += f"\n            and ({place}, cluster.id) {beyond} (:at, :id)"
    return Query(
        f"""
with {before}found as (
    select page.dealership_id, page.id, page.place
    from unnest(cast(:dealership_ids as bigint[])) as asked (dealership_id)
    cross join lateral (
        select cluster.dealership_id, cluster.id, {place} as place
        from lead_cluster as cluster
        where cluster.dealership_id = asked.dealership_id
            and cluster.merged_into_id is null{held}
        order by {place} {direction}, cluster.id {direction}
        limit :size
    ) as page
    order by page.place {direction}, page.id {direction}
    limit :size
)"""
        + _ROW
        + f"order by found.place {direction}, cluster.id {direction}\n"
    )


# Whoever is late, the latest first; then whoever will be soon; then golden ones; then the newest.
_RANKS: tuple[tuple[LiteralString, LiteralString, LiteralString], ...] = (
    ("cluster.due_at <= now()", "cluster.due_at", "asc"),
    ("cluster.due_at > now() and cluster.due_at <= now() + interval '5 minutes'", "cluster.due_at", "asc"),
    (
        "cluster.due_at > now() + interval '5 minutes' and cluster.golden",
        "cluster.last_lead_created_at",
        "desc",
    ),
    (
        "cluster.due_at > now() + interval '5 minutes' and not cluster.golden",
        "cluster.last_lead_created_at",
        "desc",
    ),
)


def _urgent(held: LiteralString) -> LiteralString:
    arms: LiteralString = """
        union all
        """.join(
        f"""(
            select
                cluster.dealership_id, cluster.id, {rank} as rank, {place} as at,
                {"" if direction == "asc" else "-"}extract(epoch from {place}) as nearness
            from lead_cluster as cluster
            where cluster.dealership_id = asked.dealership_id
            and cluster.merged_into_id is null
            and cluster.waiting_since is not null
            and {condition}{held}
            order by {place} {direction}, cluster.id
            limit :size
        )"""
        for rank, (condition, place, direction) in enumerate(_RANKS)
    )
    return f"""found as (
    select page.dealership_id, page.id, page.rank, page.nearness, page.at as place
    from unnest(cast(:dealership_ids as bigint[])) as asked (dealership_id)
    cross join lateral (
        {arms}
    ) as page
    order by page.rank, page.nearness, page.id
    limit :size
)"""


# Those clusters that are asked for by their ids, where they fit the conditions: what a page that is open fetches when
# something has happened.
@lru_cache(maxsize=256)
def rows_query(conditions: frozenset[str]) -> Query:
    """The rows of some clusters, as a page shows them."""
    before, held = _asked(conditions)
    return Query(
        f"""
with {before}found as (
    select cluster.dealership_id, cluster.id, cluster.last_lead_created_at as place
    from unnest(cast(:ids as bigint[])) as asked (id)
    join lead_cluster as cluster
        on cluster.dealership_id = any (cast(:dealership_ids as bigint[])) and cluster.id = asked.id
    where cluster.merged_into_id is null{held}
)"""
        + _ROW
        + "order by found.place desc, cluster.id desc\n"
    )


def _asked(conditions: Collection[str]) -> tuple[LiteralString, LiteralString]:
    """What a statement begins with, and what it asks of each cluster."""
    before = customers(conditions)
    held: LiteralString = "".join(
        f"\n            and ({CONDITIONS[name]})" for name in sorted(conditions) if name not in OF_PERIOD
    )
    if not before:
        return "", held
    return f"{before}, ", f"{held}\n            and {AMONG_THEM}"


def _counted(name: LiteralString, held: LiteralString) -> LiteralString:
    return f"""
    (
        select count(seen.id) from (
            select cluster.id
            from lead_cluster as cluster
            where cluster.dealership_id = any (cast(:dealership_ids as bigint[]))
                and cluster.merged_into_id is null{held}
            limit 100
        ) as seen
    ) as {name}"""


@lru_cache(maxsize=256)
def count_query(conditions: frozenset[str]) -> Query:
    """How many clusters fit *conditions*, to a hundred."""
    before, held = _asked(conditions)
    begins: LiteralString = f"with {before.removesuffix(', ')}\nselect" if before else "select"
    return Query(begins + _counted("held", held))


# From the few notes that name somebody, not from all customers.
_MENTIONS: LiteralString = """
    (
        select count(distinct activity.lead_cluster_id)
        from mention
        join activity on activity.dealership_id = mention.dealership_id and activity.id = mention.activity_id
        join lead_cluster as cluster
            on cluster.dealership_id = activity.dealership_id and cluster.id = activity.lead_cluster_id
        where mention.user_id = :me
            and mention.seen_at is null
            and mention.dealership_id = any (cast(:dealership_ids as bigint[]))
            and activity.undone_at is null
            and not cluster.test
    ) as mentions"""

# Counted to a hundred: nobody reads more from a badge.
COUNTS = Query(
    "select"
    + ",".join(
        (
            *(
                _counted(view, _asked(conditions)[1])
                for view, conditions in (
                    ("waiting", ("waiting", "awake", "live")),
                    ("mine", ("mine", "open", "awake", "live")),
                    ("unassigned", ("unassigned", "open", "awake", "live")),
                    ("golden", ("golden", "open", "live")),
                    ("overdue", ("overdue", "live")),
                    ("snoozed", ("snoozed", "live")),
                    ("test", ("test",)),
                )
            ),
            _MENTIONS,
        )
    )
)
