"""The statements about the health of endpoints. All of them are changed in the order of their ids."""

from __future__ import annotations

from forecourt.infra.database import Query

# One success ends it, and what was failing may fail anew. Nothing is written where nothing changes.
HEAR = Query("""
with heard as (
    select dealership_id, id, bool_or(arrived) as arrived
    from unnest(cast(:dealership_ids as bigint[]), cast(:ids as bigint[]), cast(:arrived as boolean[]))
    as heard (dealership_id, id, arrived)
    group by dealership_id, id
), changed as (
    select endpoint.dealership_id, endpoint.id, heard.arrived
    from heard
    join webhook_endpoint as endpoint
        on endpoint.dealership_id = heard.dealership_id
        and endpoint.id = heard.id
        and heard.arrived = (endpoint.failing_since is not null)
    order by endpoint.id
    for no key update of endpoint
)
update webhook_endpoint as endpoint set
    failing_since = case when not changed.arrived then now() end,
    noticed_days = 0
from changed
where endpoint.dealership_id = changed.dealership_id and endpoint.id = changed.id
""")

# Those that said that they want no more, and those that have failed for days and just failed again.
SWITCH_OFF = Query("""
with due as (
    select
        endpoint.dealership_id, endpoint.id, endpoint.failing_since,
        endpoint.id = any (cast(:gone as bigint[])) as gone
    from webhook_endpoint as endpoint
    where endpoint.dealership_id = any (cast(:dealership_ids as bigint[]))
        and endpoint.id = any (cast(:ids as bigint[]))
        and endpoint.disabled_at is null
        and endpoint.deleted_at is null
        and (
            endpoint.id = any (cast(:gone as bigint[]))
            or endpoint.failing_since <= now() - cast(:patience as interval)
        )
    order by endpoint.id
    for no key update
), switched_off as (
    update webhook_endpoint as endpoint set
        disabled_at = now(),
        disabled_because = case
            when due.gone then 'it answered 410: it wants no more'
            else 'every attempt has failed since ' || to_char(due.failing_since, 'YYYY-MM-DD HH24:MI:SS "UTC"')
        end,
        version = endpoint.version + 1,
        updated_at = now()
    from due
    where endpoint.dealership_id = due.dealership_id and endpoint.id = due.id
    returning endpoint.dealership_id, endpoint.id, endpoint.disabled_at, endpoint.disabled_because
), logged as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    select
        dealership_id, 'webhook.disabled', now(), 'worker', jsonb_build_object(
            'webhook.id', jsonb_build_object('from', id, 'to', id),
            'webhook.disabled_at', jsonb_build_object('from', null, 'to', disabled_at),
            'webhook.disabled_because', jsonb_build_object('from', null, 'to', disabled_because)
        )
    from switched_off
    returning dealership_id, id, cast(changes -> 'webhook.id' ->> 'to' as bigint) as webhook_id
)
insert into delivery (dealership_id, event_id, channel, topic, target, webhook_endpoint_id, due_at)
select dealership_id, id, 'alert', 'webhook.disabled', 'endpoint:' || webhook_id, webhook_id, now() from logged
""")

# What waits for an endpoint that is switched off or deleted is not claimed any more. A null for :ids is all of them.
GIVE_UP = Query("""
update delivery set
    state = case when endpoint.deleted_at is null then 'failed' else 'cancelled' end,
    reason = case when endpoint.deleted_at is null then 'the endpoint is switched off' else 'the endpoint was deleted' end,
    ended_at = now()
from webhook_endpoint as endpoint
where (endpoint.disabled_at is not null or endpoint.deleted_at is not null)
    and (cast(:ids as bigint[]) is null or endpoint.id = any (cast(:ids as bigint[])))
    and delivery.lane = endpoint.id
    and delivery.dealership_id = endpoint.dealership_id
    and delivery.webhook_endpoint_id = endpoint.id
    and delivery.channel = 'webhook'
    and delivery.state = 'waiting'
""")

# Somebody is told of an endpoint on the first and on the fourth day. The mail that tells it is a delivery as well.
NOTICE = Query("""
with failing as (
    select
        endpoint.dealership_id, endpoint.id, endpoint.failing_since,
        case when endpoint.failing_since <= now() - interval '4 days' then 4 else 1 end as day
    from webhook_endpoint as endpoint
    where endpoint.failing_since <= now() - interval '1 day'
        and endpoint.noticed_days < case
            when endpoint.failing_since <= now() - interval '4 days' then 4 else 1
        end
        and endpoint.disabled_at is null
        and endpoint.deleted_at is null
    order by endpoint.id
    for no key update skip locked
), noticed as (
    update webhook_endpoint as endpoint set noticed_days = failing.day
    from failing
    where endpoint.dealership_id = failing.dealership_id and endpoint.id = failing.id
    returning endpoint.dealership_id, endpoint.id, endpoint.failing_since, endpoint.noticed_days as day
), logged as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    select
        dealership_id, 'webhook.failing', now(), 'worker', jsonb_build_object(
            'webhook.id', jsonb_build_object('from', id, 'to', id),
            'webhook.failing_since', jsonb_build_object('from', null, 'to', failing_since),
            'webhook.day', jsonb_build_object('from', null, 'to', day)
        )
    from noticed
    returning
        dealership_id, id, cast(changes -> 'webhook.id' ->> 'to' as bigint) as webhook_id,
        changes -> 'webhook.day' ->> 'to' as day
)
insert into delivery (dealership_id, event_id, channel, topic, target, webhook_endpoint_id, due_at)
select
    dealership_id, id, 'alert', 'webhook.failing', concat('endpoint:', webhook_id, ':', 'day', day), webhook_id, now()
from logged
""")
