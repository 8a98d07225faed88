"""The statements about what a dealership is told of its own webhooks and sources."""

from __future__ import annotations

from forecourt.infra.database import Query

# The delivery's target is an address; or anything else, for the dealership's own.
ALERTS = Query("""
select
    delivery.id as delivery_id, dealership.name as dealership_name, dealership.sender_name, dealership.timezone,
    case when delivery.target like '%@%' then delivery.target else dealership.email end as address,
    endpoint.url, endpoint.failing_since, endpoint.disabled_at, endpoint.disabled_because, endpoint.deleted_at,
    written.subject, written.body_text, written.body_html,
    told.source, told.silent_since, told.expected,
    exists (
        select from lead
        where lead.dealership_id = delivery.dealership_id
            and lead.source = told.source
            and not lead.test
            and lead.created_at > told.silent_since
    ) as heard_again
from unnest(cast(:dealership_ids as bigint[]), cast(:delivery_ids as bigint[])) as claimed (dealership_id, id)
join delivery on delivery.dealership_id = claimed.dealership_id and delivery.id = claimed.id
join dealership on dealership.id = delivery.dealership_id
join event on event.dealership_id = delivery.dealership_id and event.id = delivery.event_id
cross join lateral (
    select
        event.changes -> 'source' ->> 'to' as source,
        cast(event.changes -> 'silent_since' ->> 'to' as timestamptz) as silent_since,
        cast(event.changes -> 'expected' ->> 'to' as double precision) as expected
) as told
left join webhook_endpoint as endpoint
    on endpoint.dealership_id = delivery.dealership_id and endpoint.id = delivery.webhook_endpoint_id
left join message as written
    on written.dealership_id = delivery.dealership_id and written.delivery_id = delivery.id
""")

# A dealership without an address of its own: each of its users is told, each by a delivery of their own; of a source those
# who see reports.
TELL_EVERY_USER = Query("""
insert into delivery (
    dealership_id, event_id, lead_cluster_id, lead_id, channel, topic, target, webhook_endpoint_id, due_at
)
select
    delivery.dealership_id, delivery.event_id, delivery.lead_cluster_id, delivery.lead_id, delivery.channel,
    delivery.topic, person.email, delivery.webhook_endpoint_id, now()
from delivery
join dealership_user as member on member.dealership_id = delivery.dealership_id
join user_account as person on person.id = member.user_id and person.disabled_at is null
left join role_at_dealership as held on held.dealership_id = member.dealership_id and held.user_id = member.user_id
where delivery.dealership_id = :dealership_id
    and delivery.id = :delivery_id
    and (delivery.topic <> 'source.silent' or held.role = any (cast(:reports_read_by as text[])))
on conflict on constraint delivery_key do nothing
""")
