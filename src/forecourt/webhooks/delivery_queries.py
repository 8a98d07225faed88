"""The statements about deliveries to endpoints."""

from __future__ import annotations

from forecourt.infra.database import Query

ENDPOINTS = Query("""
select
    endpoint.dealership_id, dealership.slug as dealership_slug, endpoint.id, endpoint.url, endpoint.schema,
    endpoint.provider, endpoint.token, endpoint.token_header, endpoint.secret,
    case when endpoint.secret_before_until > now() then endpoint.secret_before end as secret_before,
    endpoint.disabled_at is not null as switched_off, endpoint.deleted_at is not null as deleted
from (
    select distinct dealership_id, id
    from unnest(cast(:dealership_ids as bigint[]), cast(:ids as bigint[])) as asked (dealership_id, id)
) as asked
join webhook_endpoint as endpoint on endpoint.dealership_id = asked.dealership_id and endpoint.id = asked.id
join dealership on dealership.id = endpoint.dealership_id
""")

_LAST_ATTEMPT = """
    (
        select json_build_object(
            'number', attempt.number, 'started_at', attempt.started_at, 'milliseconds', attempt.milliseconds,
            'outcome', attempt.outcome, 'status', attempt.status
        )
        from delivery_attempt as attempt
        where attempt.dealership_id = delivery.dealership_id and attempt.delivery_id = delivery.id
        order by attempt.number desc
        limit 1
    ) as last_attempt
"""

_COLUMNS = """
    delivery.id, delivery.event_id, delivery.topic, delivery.lead_id, delivery.lead_cluster_id, delivery.state,
    delivery.reason, delivery.attempts, delivery.due_at, delivery.created_at, delivery.ended_at,
"""

# A page, the newest in front.
DELIVERIES = Query(
    "select"
    + _COLUMNS.rstrip()
    + _LAST_ATTEMPT
    + """
from delivery
where delivery.dealership_id = :dealership_id
    and delivery.webhook_endpoint_id = :webhook_id
    and delivery.channel = 'webhook'
    and (cast(:state as text) is null or delivery.state = :state)
    and (cast(:topic as text) is null or delivery.topic = :topic)
    and (cast(:event_id as bigint) is null or delivery.event_id = :event_id)
    and (cast(:before as bigint) is null or delivery.id < :before)
order by delivery.id desc
limit :size
"""
)

# The same of those that failed, by an index of their own.
FAILED_DELIVERIES = Query(
    "select"
    + _COLUMNS.rstrip()
    + _LAST_ATTEMPT
    + """
from delivery
where delivery.dealership_id = :dealership_id
    and delivery.webhook_endpoint_id = :webhook_id
    and delivery.channel = 'webhook'
    and delivery.state = 'failed'
    and (cast(:topic as text) is null or delivery.topic = :topic)
    and (cast(:event_id as bigint) is null or delivery.event_id = :event_id)
    and (cast(:before as bigint) is null or delivery.id < :before)
order by delivery.id desc
limit :size
"""
)

DELIVERY = Query(
    "select"
    + _COLUMNS.rstrip()
    + _LAST_ATTEMPT
    + """
from delivery
where delivery.dealership_id = :dealership_id
    and delivery.webhook_endpoint_id = :webhook_id
    and delivery.channel = 'webhook'
    and delivery.id = :delivery_id
"""
)

ATTEMPTS = Query("""
select
    number, started_at, milliseconds, outcome, status, request_headers, request_body, response_headers, response_body
from delivery_attempt
where dealership_id = :dealership_id and delivery_id = :delivery_id
order by number
""")

LOCKED_DELIVERY = Query("""
select delivery.id, delivery.state
from delivery
where delivery.dealership_id = :dealership_id
    and delivery.webhook_endpoint_id = :webhook_id
    and delivery.channel = 'webhook'
    and delivery.id = :delivery_id
for no key update
""")

# Once more, and with the whole schedule before it.
REDELIVER = Query("""
update delivery set
    state = 'waiting',
    due_at = now(),
    attempts_before = attempts,
    mishaps = 0,
    orphaned = 0,
    reason = null
where dealership_id = :dealership_id and id = :delivery_id
""")

# All that failed since a moment, the oldest first; how many is how many rows it touches.
REDELIVER_FAILED = Query("""
with failed as (
    select dealership_id, id
    from delivery
    where dealership_id = :dealership_id
        and webhook_endpoint_id = :webhook_id
        and channel = 'webhook'
        and state = 'failed'
        and ended_at >= :failed_since
    order by id
    limit :size
    for no key update
)
update delivery set
    state = 'waiting',
    due_at = now(),
    attempts_before = delivery.attempts,
    mishaps = 0,
    orphaned = 0,
    reason = null
from failed
where delivery.dealership_id = failed.dealership_id and delivery.id = failed.id
""")

# A delivery that was asked for, beside those that are planned.
DELIVER_TEST = Query("""
with tested as (
    insert into event (dealership_id, kind, occurred_at, api_key_id, user_id, request_id, changes)
    values (
        :dealership_id, 'webhook.tested', now(), :api_key_id, :user_id, :request_id,
        jsonb_build_object('webhook.id', jsonb_build_object(
            'from', cast(:webhook_id as bigint), 'to', cast(:webhook_id as bigint)
        ))
    )
    returning dealership_id, id
)
insert into delivery (
    dealership_id, event_id, channel, topic, target, webhook_endpoint_id, lane, due_at
)
select
    tested.dealership_id, tested.id, 'webhook', 'test', 'endpoint:' || cast(:webhook_id as bigint), :webhook_id,
    :webhook_id, now()
from tested
returning id, event_id
""")

# For the command line, which knows a delivery by its id alone.
WHERE_DELIVERY = Query("""
select delivery.dealership_id, delivery.webhook_endpoint_id as webhook_id
from delivery
where delivery.id = :delivery_id and delivery.channel = 'webhook'
""")

WHERE_WEBHOOK = Query("""
select endpoint.dealership_id from webhook_endpoint as endpoint
where endpoint.id = :webhook_id and endpoint.deleted_at is null
""")

# Of leads that were created, those with which their clusters began.
BEGAN_CLUSTERS = Query("""
select asked.lead_id
from unnest(cast(:dealership_ids as bigint[]), cast(:lead_ids as bigint[])) as asked (dealership_id, lead_id)
cross join lateral (
    select joined.rule
    from lead_membership as joined
    where joined.dealership_id = asked.dealership_id and joined.lead_id = asked.lead_id
    order by joined.id
    limit 1
) as first
where first.rule in ('new_customer', 'earlier_cluster_closed')
""")
