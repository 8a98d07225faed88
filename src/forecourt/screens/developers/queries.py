"""What the developers' pages read beside what the rooms tell."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, LiteralString

from forecourt.infra.database import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

# What somebody's own test keys have come to, and the latest webhook that arrived.
PROGRESS = Query("""
with own as materialized (
    select id from api_key where user_id = :user_id and salt is not null
)
select
    (
        select request.id from own
        join request_log as request on request.api_key_id = own.id and request.test
        where request.status < 400
        order by request.id
        limit 1
    ) as called_id,
    (
        select request.id from own
        join request_log as request on request.api_key_id = own.id and request.test
        where request.status between 400 and 499
        order by request.id
        limit 1
    ) as refused_id,
    delivered.dealership_slug, delivered.webhook_id, delivered.delivery_id
from (values (1)) as one
left join lateral (
    select dealership.slug as dealership_slug, endpoint.id as webhook_id, latest.id as delivery_id
    from webhook_endpoint as endpoint
    join dealership on dealership.id = endpoint.dealership_id
    cross join lateral (
        select late.id, late.state
        from delivery as late
        where late.dealership_id = endpoint.dealership_id and late.webhook_endpoint_id = endpoint.id
        order by late.id desc
        limit 200
    ) as latest
    where endpoint.dealership_id = any (cast(:dealership_ids as bigint[]))
        and endpoint.deleted_at is null
        and latest.state = 'sent'
    order by latest.id desc
    limit 1
) as delivered on true
""")

# The keys of these dealerships, as a filter offers them: those used last in front.
KEYS_TO_CHOOSE = Query("""
select key.id, key.name, key.mode, key.token_hint
from api_key as key
where exists (
    select from api_key_dealership as held
    where held.api_key_id = key.id and held.dealership_id = any (cast(:dealership_ids as bigint[]))
)
order by key.last_used_at desc nulls last, key.id desc
limit 200
""")

# Where the leads and the cluster that a call was about are to be found: the survivor of merged ones.
ABOUT = Query("""
select lead.id as lead_id, survivor_of(lead.dealership_id, lead.lead_cluster_id) as lead_cluster_id, dealership.slug
from lead
join dealership on dealership.id = lead.dealership_id
where lead.id = any (cast(:lead_ids as bigint[])) and lead.dealership_id = any (cast(:dealership_ids as bigint[]))
union all
select null, survivor_of(cluster.dealership_id, cluster.id), dealership.slug
from lead_cluster as cluster
join dealership on dealership.id = cluster.dealership_id
where cluster.id = :lead_cluster_id and cluster.dealership_id = any (cast(:dealership_ids as bigint[]))
order by 1
limit 50
""")

# Which of these clusters are of test mode.
OF_TEST = Query("""
select id from lead_cluster
where dealership_id = :dealership_id and id = any (cast(:lead_cluster_ids as bigint[])) and test
""")

# When each endpoint last took something, and how much of the latest it did not.
HEALTH = Query("""
select
    endpoint.id as webhook_id,
    max(latest.ended_at) filter (where latest.state = 'sent') as last_success_at,
    count(latest.id) filter (where latest.state = 'sent') as sent,
    count(latest.id) filter (where latest.state = 'failed') as failed,
    count(latest.id) filter (where latest.state in ('waiting', 'sending')) as waiting
from webhook_endpoint as endpoint
left join lateral (
    select late.id, late.state, late.ended_at
    from delivery as late
    where late.dealership_id = endpoint.dealership_id
        and late.webhook_endpoint_id = endpoint.id
        and late.channel = 'webhook'
    order by late.id desc
    limit 100
) as latest on true
where endpoint.dealership_id = :dealership_id and endpoint.deleted_at is null
group by endpoint.id
""")

# How many attempts of a delivery were before it was last asked for again, and what it tells of.
ROUND = Query("""
select delivery.attempts_before, event.kind, event.request_id, event.occurred_at
from delivery
join event on event.dealership_id = delivery.dealership_id and event.id = delivery.event_id
where delivery.dealership_id = :dealership_id and delivery.id = :delivery_id
""")

# Why a message was written, and what changed it.
WHY = Query("""
select
    caused.id as event_id, caused.kind, caused.request_id, caused.occurred_at,
    rule.id as rule_id, rule.name as rule_name, person.name as user_name,
    changed.id as changed_event_id, changed.kind as changed_kind, changed.request_id as changed_request_id,
    changed.occurred_at as changed_at, changed.lead_version as changed_version
from message
join delivery on delivery.dealership_id = message.dealership_id and delivery.id = message.delivery_id
join event as caused on caused.dealership_id = delivery.dealership_id and caused.id = delivery.event_id
left join event as changed
    on changed.dealership_id = delivery.dealership_id and changed.id = delivery.changed_by_event_id
left join notification_rule as rule
    on rule.dealership_id = delivery.dealership_id and rule.id = delivery.notification_rule_id
left join user_account as person on person.id = message.user_id
where message.dealership_id = :dealership_id and message.id = :message_id
""")

# Filter -> what it asks of an event, and is found by an index.
EVENT_FILTERS: Mapping[str, LiteralString] = {
    "lead_id": "event.lead_id = :lead_id",
    "lead_cluster_id": "event.lead_cluster_id = :lead_cluster_id",
}
# What a dealership settles is for those alone who may see its audit.
_VISIBLE: LiteralString = "(event.lead_cluster_id is not null or cast(:audit as boolean))"
_EVENT: LiteralString = """
    event.id, event.kind, event.occurred_at, event.request_id, event.lead_id, event.lead_version,
    survivor_of(event.dealership_id, event.lead_cluster_id) as lead_cluster_id, event.other_lead_cluster_id,
    event.human, not is_seen(event.dealership_id, event.lead_cluster_id, false) as test,
    cast(event.changes as text) as changes, key.id as api_key_id, key.name as api_key_name,
    person.name as user_name
"""
_OF_EVENT: LiteralString = """
left join api_key as key on key.id = event.api_key_id
left join user_account as person on person.id = event.user_id
"""


@lru_cache(maxsize=32)
def events_query(filters: frozenset[str]) -> Query:
    """A page of a dealership's events, for *filters* by name, the latest in front.

    Of a ``kind`` only the latest 20,000 before the cursor are looked through: no index leads to the rarer ones.
    """
    held: LiteralString = "".join(
        f"\n        and {EVENT_FILTERS[name]}" for name in sorted(filters - {"kind"})
    )
    of_kind: LiteralString = "\nwhere event.kind = :kind" if "kind" in filters else ""
    size: LiteralString = "20000" if "kind" in filters else ":size"
    return Query(f"""with near as (
    select event.id from event
    where event.dealership_id = :dealership_id and event.id < :before and {_VISIBLE}{held}
    order by event.id desc
    limit {size}
)
select{_EVENT}from near
join event on event.dealership_id = :dealership_id and event.id = near.id{_OF_EVENT.rstrip()}{of_kind}
order by event.id desc
limit :size
""")


ONE_EVENT = Query(
    "select"
    + _EVENT
    + "from event"
    + _OF_EVENT
    + "where event.dealership_id = :dealership_id and event.id = :event_id and "
    + _VISIBLE
)
