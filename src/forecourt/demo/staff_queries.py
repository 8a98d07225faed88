"""Statements of the demo's staff: their work is written at once, and the clocks are set by it."""

from __future__ import annotations

from forecourt.infra.database import Query

# Around the clock at the dealership where the demo begins, so that its clocks run whenever somebody looks.
OPEN_ALWAYS = Query("""
with closed as (
    delete from opening_hours using dealership
    where dealership.slug = :slug and opening_hours.dealership_id = dealership.id
)
insert into opening_hours (dealership_id, weekday, opens, closes)
select dealership.id, weekday, '00:00', '24:00'
from dealership
cross join generate_series(1, 7) as weekday
where dealership.slug = :slug
on conflict do nothing
""")

ADD_WORDS = Query("""
insert into lead_status_option (dealership_id, state, name, position)
select dealership.id, word.state, word.name, word.position
from dealership
cross join unnest(cast(:states as text[]), cast(:names as text[]), cast(:positions as integer[]))
as word (state, name, position)
where dealership.slug = any (cast(:slugs as text[]))
on conflict do nothing
""")

DATE_CLUSTERS = Query("""
update lead_cluster as cluster set
    first_lead_created_at = leads.first_at,
    last_lead_created_at = leads.last_at,
    closed_at = case when cluster.state in ('lost', 'invalid', 'converted') then leads.last_at + interval '1 day' end
from (
    select dealership_id, lead_cluster_id, min(created_at) as first_at, max(created_at) as last_at
    from lead
    group by dealership_id, lead_cluster_id
) as leads
where leads.dealership_id = cluster.dealership_id and leads.lead_cluster_id = cluster.id
""")

CUSTOMERS = Query("""
select
    cluster.dealership_id, cluster.id as lead_cluster_id, cluster.state, cluster.user_id, contact.name,
    latest.car, latest.car_id, cluster.location_id, latest.drives, dealership.timezone,
    cluster.first_lead_created_at as asked_at, cluster.last_lead_created_at as last_asked_at,
    array(
        select member.user_id from dealership_user as member
        where member.dealership_id = cluster.dealership_id
        order by member.user_id
    ) as user_ids
from lead_cluster as cluster
join dealership on dealership.id = cluster.dealership_id
join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
cross join lateral (
    select
        (array_agg(car.name order by lead.id desc) filter (where car.id is not null))[1] as car,
        (array_agg(car.id order by lead.id desc) filter (where car.id is not null))[1] as car_id,
        bool_or(lead.category = 'Test Drive Booking') as drives
    from lead
    left join car on car.dealership_id = lead.dealership_id and car.id = lead.car_id
    where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
) as latest
where cluster.merged_into_id is null
order by cluster.id
""")

# The customers of the last enquiries of a dealership, the latest last.
LAST_CUSTOMERS = Query("""
select last.lead_cluster_id from (
    select lead.lead_cluster_id, max(lead.created_at) as came_at
    from lead
    join dealership on dealership.id = lead.dealership_id
    where dealership.slug = :slug
    group by lead.lead_cluster_id
    order by came_at desc
    limit :size
) as last
order by last.came_at
""")

ACT = Query("""
with acts as (
    select act.dealership_id, act.lead_cluster_id, act.kind, act.outcome, act.body, act.user_id, act.at, act.human
    from jsonb_to_recordset(cast(:acts as jsonb)) as act (
        dealership_id bigint, lead_cluster_id bigint, kind text, outcome text, body text, user_id bigint,
        at timestamptz, human boolean
    )
), logged as (
    insert into activity (
        dealership_id, lead_cluster_id, kind, direction, outcome, body, user_id, occurred_at, created_at
    )
    select dealership_id, lead_cluster_id, kind, 'out', outcome, body, user_id, at, at from acts
    returning dealership_id, lead_cluster_id, id, kind, outcome, user_id, occurred_at
)
insert into event (
    dealership_id, lead_cluster_id, kind, occurred_at, user_id, request_id, human, changes
)
select
    dealership_id, lead_cluster_id, kind || '.logged', occurred_at, user_id, 'demo', kind <> 'note',
    jsonb_build_object('activity.id', jsonb_build_object('from', null, 'to', id))
        || case when outcome is null then '{}' else
            jsonb_build_object('activity.outcome', jsonb_build_object('from', null, 'to', outcome))
        end
from logged
order by occurred_at
""")

BOOK = Query("""
with booked as (
    insert into appointment (
        dealership_id, lead_cluster_id, purpose, starts_at, length_in_minutes, location_id, user_id, car_id, status,
        created_at, updated_at
    )
    select
        drive.dealership_id, drive.lead_cluster_id, 'Test Drive', drive.starts_at, 30, drive.location_id,
        drive.user_id, drive.car_id, drive.status, drive.booked_at, drive.booked_at
    from jsonb_to_recordset(cast(:drives as jsonb)) as drive (
        dealership_id bigint, lead_cluster_id bigint, user_id bigint, starts_at timestamptz, status text, car_id bigint,
        location_id bigint, booked_at timestamptz
    )
    on conflict do nothing
    returning dealership_id, lead_cluster_id, id, user_id, created_at
)
insert into event (dealership_id, lead_cluster_id, kind, occurred_at, user_id, request_id, human, changes)
select
    dealership_id, lead_cluster_id, 'appointment.created', created_at, user_id, 'demo', true,
    jsonb_build_object('appointment.id', jsonb_build_object('from', null, 'to', id))
from booked
order by created_at
""")

ASSIGN = Query("""
with turned as (
    update lead_cluster as cluster set user_id = turn.user_id, version = cluster.version + 1
    from jsonb_to_recordset(cast(:turns as jsonb)) as turn (
        dealership_id bigint, lead_cluster_id bigint, user_id bigint, at timestamptz
    )
    where cluster.dealership_id = turn.dealership_id and cluster.id = turn.lead_cluster_id
    returning cluster.dealership_id, cluster.id, cluster.version, cluster.user_id, turn.at
)
insert into event (
    dealership_id, lead_cluster_id, lead_cluster_version, kind, occurred_at, user_id, request_id, changes
)
select
    dealership_id, id, version, 'lead_cluster.updated', at, user_id, 'demo',
    jsonb_build_object('lead_cluster.user_id', jsonb_build_object('from', null, 'to', user_id))
from turned
order by at
""")

# Whoever was spoken to is contacted; whoever was lost was lost for a reason.
BRING_TO_STATES = Query("""
update lead_cluster as cluster set
    state = state.after,
    lead_status_option_id = word.id
from (
    select
        kept.dealership_id, kept.id,
        case when kept.state = 'new' and exists (
            select from activity
            where activity.dealership_id = kept.dealership_id
                and activity.lead_cluster_id = kept.id
                and activity.outcome = 'spoke'
        ) then 'contacted' else kept.state end as after
    from lead_cluster as kept
) as state
left join lateral (
    select option.id from lead_status_option as option
    where option.dealership_id = state.dealership_id and option.state = state.after
    order by (option.id * 7 + state.id) % 5, option.id
    limit 1
) as word on true
where cluster.dealership_id = state.dealership_id and cluster.id = state.id
""")

SET_CLOCKS = Query("""
update lead_cluster as cluster set
    waiting_since = asked.since,
    settled_at = asked.settled_at
from (
    select
        kept.dealership_id, kept.id, kept.closed_at as settled_at,
        case when kept.state not in ('lost', 'invalid', 'converted') then wants_answer_since(
            kept.dealership_id, kept.id, null
        ) end as since
    from lead_cluster as kept
) as asked
where cluster.dealership_id = asked.dealership_id and cluster.id = asked.id
""")

# What happened before the demo began is delivered to nobody, but for the last few enquiries.
FORGET_DELIVERIES = Query("""
update event_reader set
    gaps = '[]',
    read_up_to = coalesce((
        select min(event.id) - 1 from event
        where event.kind = 'lead.created' and event.lead_id > (select max(id) - :but_for from lead)
    ), read_up_to)
where name = 'deliveries'
""")
