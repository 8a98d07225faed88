"""The statements about the customer's mail: when it is planned, and what it is when it goes out."""

from __future__ import annotations

from forecourt.infra.database import Query
from forecourt.messages.facts_queries import BELONGING, FACTS, UPDATES

# For each lead of the events, as the lead is now. Planned where the mail is wanted; called off where it no longer is;
# wanted anew, and never sent, it waits again. Its time moves while it waits, never to before now.
PLAN = Query("""
with logged as (
    select
        event.dealership_id,
        event.lead_id,
        -- The one that asked for it first.
        coalesce(
            min(event.id) filter (where event.changes -> 'send_customer_email' ->> 'to' = 'true'), min(event.id)
        ) as asking_event_id,
        max(event.id) as last_event_id,
        coalesce(bool_or(event.changes -> 'send_customer_email' ->> 'to' = 'true'), false) as asked,
        bool_or(event.changes ? 'delay_customer_email_minutes') as moved,
        bool_or(event.changes ?| array['send_customer_email', 'email']) as asked_anew
    from unnest(cast(:dealership_ids as bigint[]), cast(:event_ids as bigint[])) as read (dealership_id, id)
    join event on event.dealership_id = read.dealership_id and event.id = read.id
    where event.kind in ('lead.created', 'lead.updated')
    group by event.dealership_id, event.lead_id
), wanted as (
    select
        logged.dealership_id, logged.lead_id, logged.asking_event_id, logged.last_event_id, logged.asked,
        logged.moved, logged.asked_anew, lead.lead_cluster_id, coalesce(lead.send_customer_email, false) as yes,
        greatest(
            lead.created_at + make_interval(mins => coalesce(lead.delay_customer_email_minutes, 0)), now()
        ) as due_at
    from logged
    join lead on lead.dealership_id = logged.dealership_id and lead.id = logged.lead_id
), called_off as (
    update delivery set
        state = 'cancelled',
        leased_until = null,
        reason = 'send_customer_email was taken back',
        changed_by_event_id = wanted.last_event_id,
        ended_at = now()
    from wanted
    where not wanted.yes
        and delivery.dealership_id = wanted.dealership_id
        and delivery.lead_id = wanted.lead_id
        and delivery.channel = 'customer_email'
        and (delivery.state = 'waiting' or delivery.state = 'sending' and delivery.handed_over_at is null)
)
insert into delivery (
    dealership_id, event_id, lead_cluster_id, lead_id, channel, topic, target, due_at
)
select
    wanted.dealership_id, wanted.asking_event_id, wanted.lead_cluster_id, wanted.lead_id, 'customer_email', 'lead.created',
    cast(wanted.lead_id as text), wanted.due_at
from wanted
where wanted.yes
    -- The event that asked for it may still be to come; until then there is nothing to plan.
    and (
        wanted.asked
        or exists (
            select from delivery
            where delivery.dealership_id = wanted.dealership_id
                and delivery.lead_id = wanted.lead_id
                and delivery.channel = 'customer_email'
        )
    )
on conflict (dealership_id, lead_id) where channel = 'customer_email' do update set
    state = 'waiting',
    due_at = excluded.due_at,
    reason = null,
    changed_by_event_id = (
        select wanted.last_event_id from wanted
        where wanted.dealership_id = excluded.dealership_id and wanted.lead_id = excluded.lead_id
    )
where exists (
    select from wanted
    where wanted.dealership_id = excluded.dealership_id
        and wanted.lead_id = excluded.lead_id
        and case delivery.state
            when 'waiting' then wanted.moved and delivery.attempts = 0
            when 'cancelled' then wanted.asked_anew and delivery.handed_over_at is null
            else false
        end
)
""")

# What is to go out, as it is now.
#   earlier_lead_id   the first lead of the cluster whose mail goes, or went while this one waited, where it began in another
#                     cluster: the two have been merged since, and are one customer's
#   lately            how many mails the customer has had within a day
CUSTOMER_MAILS = Query(
    "select delivery.id as delivery_id,"
    + FACTS.rstrip()
    + """,
    lead.send_customer_email, lead.lead_state, cluster.state as cluster_state,
    template.subject, template.body, template.marketing,"""
    + UPDATES.rstrip()
    + """,
    (
        select earliest.id
        from (
            select earlier.id
            from lead as earlier
            join delivery as other
                on other.dealership_id = earlier.dealership_id
                and other.lead_id = earlier.id
                and other.channel = 'customer_email'
            where earlier.dealership_id = lead.dealership_id
                and earlier.lead_cluster_id = lead.lead_cluster_id
                and (earlier.created_at, earlier.id) < (lead.created_at, lead.id)
                and (
                    other.state in ('waiting', 'sending')
                    or other.state in ('sent', 'unknown') and other.ended_at >= delivery.created_at
                )
            order by earlier.created_at, earlier.id
            limit 1
        ) as earliest
        where (
            select joined.lead_cluster_id from lead_membership as joined
            where joined.dealership_id = lead.dealership_id and joined.lead_id = lead.id
            order by joined.id
            limit 1
        ) <> (
            select joined.lead_cluster_id from lead_membership as joined
            where joined.dealership_id = lead.dealership_id and joined.lead_id = earliest.id
            order by joined.id
            limit 1
        )
    ) as earlier_lead_id,
    automatic_mails_to(lead.dealership_id, lead.email, delivery.id) as lately,
    array(
        select earlier.reference
        from message as earlier
        join delivery as other on other.dealership_id = earlier.dealership_id and other.id = earlier.delivery_id
        where earlier.dealership_id = lead.dealership_id
            and earlier.lead_cluster_id in (select clusters_within(lead.dealership_id, lead.lead_cluster_id))
            and earlier.medium = 'email'
            and earlier.purpose in ('customer_email', 'message')
            and lower(earlier.recipient) = lower(lead.email)
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
    select template.subject, template.body, template.marketing
    from message_template as template
    where template.dealership_id = lead.dealership_id
        and template.kind = 'customer_email'
        and template.enabled
        and coalesce(template.category, lead.category) = lead.category
    order by template.category is null
    limit 1
) as template on true
"""
)
