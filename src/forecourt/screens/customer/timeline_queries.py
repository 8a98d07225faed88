"""The statements behind the timeline: the log of a customer, and what was told to whom."""

from __future__ import annotations

from forecourt.infra.database import Query

# What happened to the customer, to those who were merged into this one and to the enquiries that are here now, the
# latest in front. That a lead was created is the enquiry itself; what takes something back stands at what it took.
HAPPENED = Query("""
with happened as (
    (
        select event.id
        from event
        where event.dealership_id = :dealership_id
            and event.lead_cluster_id in (select clusters_within(:dealership_id, :lead_cluster_id))
            and event.lead_id is null
            and event.undoes_event_id is null
        order by event.id desc
        limit :size
    )
    union
    (
        select event.id
        from lead
        join event on event.dealership_id = lead.dealership_id and event.lead_id = lead.id
        where lead.dealership_id = :dealership_id
            and lead.lead_cluster_id = :lead_cluster_id
            and event.kind <> 'lead.created'
            and event.undoes_event_id is null
        order by event.id desc
        limit :size
    )
)
select
    event.id, event.kind, event.occurred_at, event.lead_id, event.other_lead_cluster_id, event.human, event.request_id,
    event.changes, event.user_id, person.name as user, key.name as key,
    case when activity.id is not null then json_build_object(
        'kind', activity.kind, 'direction', activity.direction, 'outcome', activity.outcome, 'body', activity.body
    ) end as activity,
    case when appointment.id is not null then json_build_object(
        'id', appointment.id, 'purpose', appointment.purpose, 'starts_at', appointment.starts_at,
        'status', appointment.status, 'car', (
            select coalesce(car.name, car.stocknum) from car
            where car.dealership_id = appointment.dealership_id and car.id = appointment.car_id
        )
    ) end as appointment,
    nullif(trim(coalesce(other.name, '') || ' ' || coalesce(other.last_name, '')), '') as other,
    undoing.occurred_at as undone_at, coalesce(undoer.name, undoing_key.name) as undone_by
from happened
join event on event.dealership_id = :dealership_id and event.id = happened.id
left join user_account as person on person.id = event.user_id
left join api_key as key on key.id = event.api_key_id
left join activity
    on activity.dealership_id = event.dealership_id
    and activity.id = cast(event.changes -> 'activity.id' ->> 'to' as bigint)
left join appointment
    on appointment.dealership_id = event.dealership_id
    and appointment.id = cast(event.changes -> 'appointment.id' ->> 'to' as bigint)
left join contact as other
    on other.dealership_id = event.dealership_id and other.lead_cluster_id = event.other_lead_cluster_id
left join lateral (
    select reverse.occurred_at, reverse.user_id, reverse.api_key_id
    from event as reverse
    where reverse.dealership_id = event.dealership_id and reverse.undoes_event_id = event.id
    order by reverse.id
    limit 1
) as undoing on true
left join user_account as undoer on undoer.id = undoing.user_id
left join api_key as undoing_key on undoing_key.id = undoing.api_key_id
order by event.id desc
limit :size
""")

# What was told, or is about to be: to the customer, to staff, to webhooks.
TOLD = Query("""
select
    delivery.id, delivery.channel, delivery.topic, delivery.state, delivery.reason, delivery.due_at, delivery.ended_at,
    delivery.attempts, message.id as message_id, message.medium, message.recipient, message.subject,
    case when delivery.channel = 'message' then message.body_text end as body, message.activity_id,
    writer.name as writer, endpoint.url as endpoint
from delivery
left join message on message.dealership_id = delivery.dealership_id and message.delivery_id = delivery.id
left join user_account as writer on writer.id = message.user_id
left join webhook_endpoint as endpoint
    on endpoint.dealership_id = delivery.dealership_id and endpoint.id = delivery.webhook_endpoint_id
where delivery.dealership_id = :dealership_id
    and delivery.lead_cluster_id in (select clusters_within(:dealership_id, :lead_cluster_id))
order by delivery.id desc
limit :size
""")

# Who changed a field last, as the log tells it; a contact's are told by its leads under their own names.
CHANGED_BY = Query("""
select event.occurred_at, event.user_id, person.name as user, key.name as key
from event
left join user_account as person on person.id = event.user_id
left join api_key as key on key.id = event.api_key_id
where event.dealership_id = :dealership_id
    and event.lead_cluster_id in (select clusters_within(:dealership_id, :lead_cluster_id))
    and event.changes ?| cast(:fields as text[])
order by event.id desc
limit 1
""")
