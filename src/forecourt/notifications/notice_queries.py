"""The statements about the dealership's notices: whom they go to, when they are planned, what they are when they go out."""

from __future__ import annotations

from forecourt.infra.database import Query
from forecourt.messages.facts_queries import BELONGING, FACTS, UPDATES

# For each lead of the events whose notices can still change, as the lead is now: everybody who is to be told. A row without
# a target for a lead that nobody is told of. An update is too late where the delay is over and nothing waits any more.
TARGETS = Query("""
with logged as (
    select
        event.dealership_id,
        event.lead_id,
        max(event.id) as last_event_id,
        bool_or(event.kind = 'lead.created') as is_new
    from unnest(cast(:dealership_ids as bigint[]), cast(:event_ids as bigint[])) as read (dealership_id, id)
    join event on event.dealership_id = read.dealership_id and event.id = read.id
    where event.kind in ('lead.created', 'lead.updated')
    group by event.dealership_id, event.lead_id
)
select
    lead.dealership_id, lead.id as lead_id, lead.lead_cluster_id, lead.golden, dealership.timezone,
    created.id as event_id, logged.last_event_id,
    greatest(
        lead.created_at + make_interval(mins => coalesce(lead.delay_dealership_notification_minutes, 0)), now()
    ) as due_at,
    told.target, told.notification_rule_id, told.quiet_from, told.quiet_to
from logged
join lead on lead.dealership_id = logged.dealership_id and lead.id = logged.lead_id
join dealership on dealership.id = lead.dealership_id
join event as created
    on created.dealership_id = lead.dealership_id
    and created.lead_id = lead.id
    and created.lead_version = 1
    and created.kind = 'lead.created'
left join lateral notification_targets(lead) as told on true
where logged.is_new
    or lead.created_at + make_interval(mins => coalesce(lead.delay_dealership_notification_minutes, 0)) >= now()
    or exists (
        select from delivery
        where delivery.dealership_id = lead.dealership_id
            and delivery.lead_id = lead.id
            and delivery.channel = 'notification'
            and delivery.state = 'waiting'
    )
""")

# Whoever is to be told and is not yet is planned; whoever is to be told at another time waits until then; whoever is not to
# be told any more is not.
PLAN = Query("""
with looked_at as (
    select dealership_id, lead_id, last_event_id
    from unnest(
        cast(:of_dealership_ids as bigint[]), cast(:of_lead_ids as bigint[]), cast(:last_event_ids as bigint[])
    ) as looked_at (dealership_id, lead_id, last_event_id)
), wanted as (
    select dealership_id, event_id, lead_cluster_id, lead_id, target, notification_rule_id, due_at
    from unnest(
        cast(:dealership_ids as bigint[]), cast(:event_ids as bigint[]), cast(:lead_cluster_ids as bigint[]),
        cast(:lead_ids as bigint[]), cast(:targets as text[]), cast(:notification_rule_ids as bigint[]),
        cast(:due_ats as timestamptz[])
    ) as wanted (dealership_id, event_id, lead_cluster_id, lead_id, target, notification_rule_id, due_at)
), called_off as (
    update delivery set
        state = 'cancelled',
        leased_until = null,
        reason = 'no rule asks for it any more',
        changed_by_event_id = held.last_event_id,
        ended_at = now()
    from (
        select notice.dealership_id, notice.id, notice.lead_id, notice.target, looked_at.last_event_id
        from looked_at
        -- Locked, and so looked up lead by lead: however many others wait.
        cross join lateral (
            select planned.dealership_id, planned.id, planned.lead_id, planned.target
            from delivery as planned
            where planned.dealership_id = looked_at.dealership_id
                and planned.lead_id = looked_at.lead_id
                and planned.channel = 'notification'
                and (planned.state = 'waiting' or planned.state = 'sending' and planned.handed_over_at is null)
            for no key update
        ) as notice
    ) as held
    where delivery.dealership_id = held.dealership_id
        and delivery.id = held.id
        and not exists (
            select from wanted
            where wanted.dealership_id = held.dealership_id
                and wanted.lead_id = held.lead_id
                and wanted.target = held.target
        )
)
insert into delivery (
    dealership_id, event_id, lead_cluster_id, lead_id, channel, topic, target, notification_rule_id, due_at
)
select
    wanted.dealership_id, wanted.event_id, wanted.lead_cluster_id, wanted.lead_id, 'notification', 'lead.created',
    wanted.target, wanted.notification_rule_id, wanted.due_at
from wanted
on conflict on constraint delivery_key do update set
    state = 'waiting',
    due_at = excluded.due_at,
    notification_rule_id = excluded.notification_rule_id,
    reason = null,
    changed_by_event_id = (
        select looked_at.last_event_id from looked_at
        where looked_at.dealership_id = excluded.dealership_id and looked_at.lead_id = excluded.lead_id
    )
where delivery.handed_over_at is null
    and (
        delivery.state = 'cancelled'
        or delivery.state = 'waiting'
        and delivery.attempts = 0
        and delivery.due_at <> excluded.due_at
        and greatest(delivery.due_at, excluded.due_at) > now()
    )
""")

# What is to go out, as it is now; told is null where no rule asks for it any more.
NOTICES = Query(
    "select delivery.id as delivery_id, now() as now,"
    + FACTS.rstrip()
    + """,
    told.address, told.format, told.quiet_from, told.quiet_to,
    template.subject, template.body,"""
    + UPDATES.rstrip()
    + """,
    array(
        select earlier.reference
        from message as earlier
        join delivery as other on other.dealership_id = earlier.dealership_id and other.id = earlier.delivery_id
        where earlier.dealership_id = lead.dealership_id
            and earlier.lead_cluster_id in (select clusters_within(lead.dealership_id, lead.lead_cluster_id))
            and earlier.purpose = 'notification'
            and lower(earlier.recipient) = lower(told.address)
            and other.state in ('sent', 'unknown')
        order by earlier.id desc
        limit 10
    ) as threads
from unnest(cast(:dealership_ids as bigint[]), cast(:delivery_ids as bigint[])) as claimed (dealership_id, id)
join delivery on delivery.dealership_id = claimed.dealership_id and delivery.id = claimed.id
join lead on lead.dealership_id = delivery.dealership_id and lead.id = delivery.lead_id
"""
    + BELONGING
    + """
left join lateral (
    select target.address, target.format, target.quiet_from, target.quiet_to
    from notification_targets(lead) as target
    where target.target = delivery.target
) as told on true
left join lateral (
    select template.subject, template.body
    from message_template as template
    where template.dealership_id = lead.dealership_id
        and template.kind = 'notification'
        and template.enabled
        and coalesce(template.category, lead.category) = lead.category
    order by template.category is null
    limit 1
) as template on true
"""
)
