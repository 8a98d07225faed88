"""The statement that plans what endpoints are sent."""

from __future__ import annotations

from forecourt.infra.database import Query

# A lead's first membership tells whether its cluster began with it. An endpoint that is switched off gets its delivery
# as one that failed, so that it can be sent when the endpoint is back. One that was made with a test key hears of what
# such keys do, the others of everything else.
PLAN = Query("""
with happened as (
    select
        happened.dealership_id, happened.id, happened.kind, happened.lead_cluster_id, happened.lead_id,
        coalesce(cluster.test, false) as test
    from unnest(
        cast(:dealership_ids as bigint[]), cast(:ids as bigint[]), cast(:kinds as text[]),
        cast(:lead_cluster_ids as bigint[]), cast(:lead_ids as bigint[])
    ) as happened (dealership_id, id, kind, lead_cluster_id, lead_id)
    left join lead_cluster as cluster
        on cluster.dealership_id = happened.dealership_id and cluster.id = happened.lead_cluster_id
), told as (
    select dealership_id, id, kind, lead_cluster_id, lead_id, test, kind as topic from happened
    union all
    select
        happened.dealership_id, happened.id, happened.kind, happened.lead_cluster_id, happened.lead_id, happened.test,
        case
            when happened.kind = 'lead.created' and (
                select joined.rule
                from lead_membership as joined
                where joined.dealership_id = happened.dealership_id and joined.lead_id = happened.lead_id
                order by joined.id
                limit 1
            ) in ('new_customer', 'earlier_cluster_closed') then 'lead_cluster.created'
            else 'lead_cluster.updated'
        end
    from happened
    where happened.kind not in ('lead_cluster.created', 'lead_cluster.updated')
)
insert into delivery (
    dealership_id, event_id, lead_cluster_id, lead_id, channel, topic, target, webhook_endpoint_id, lane, state, due_at,
    reason, ended_at
)
select
    told.dealership_id, told.id, told.lead_cluster_id, told.lead_id, 'webhook', told.topic, 'endpoint:' || endpoint.id,
    endpoint.id, endpoint.id,
    case when endpoint.disabled_at is null then 'waiting' else 'failed' end,
    now(),
    case when endpoint.disabled_at is not null then 'the endpoint is switched off' end,
    case when endpoint.disabled_at is not null then now() end
from told
join webhook_endpoint as endpoint
    on endpoint.dealership_id = told.dealership_id
    and endpoint.deleted_at is null
    and endpoint.test = told.test
    and case
        when '*' = any (endpoint.events) then told.topic = told.kind
        else told.topic = any (endpoint.events)
    end
order by told.id, endpoint.id
on conflict do nothing
""")
