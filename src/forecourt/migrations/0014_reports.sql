-- What reports tell: who enquired in some days, how soon each was answered, and which sources have gone quiet.

-- What the clock of one cluster and reports about many share: whom an act answers, within what limits. Both are read into the
-- statements that call them, and cost them nothing.

-- The first human act towards a customer since then, whenever it was logged, in any cluster that is theirs.
create function first_human_act(of_dealership_id bigint, of_lead_cluster_id bigint, since timestamptz)
returns table (occurred_at timestamptz, kind text)
language sql stable as $$
    select act.occurred_at, act.kind
    from (
        select of_lead_cluster_id
        union all
        -- Few have any, and the others need no recursion.
        select within
        from lead_cluster as merged
        cross join lateral clusters_within(of_dealership_id, merged.id) as within
        where merged.dealership_id = of_dealership_id and merged.merged_into_id = of_lead_cluster_id
    ) as theirs (lead_cluster_id)
    cross join lateral (
        select event.occurred_at, event.kind, event.id
        from event
        where event.dealership_id = of_dealership_id
            and event.lead_cluster_id = theirs.lead_cluster_id
            and event.human
            and event.occurred_at >= since
            and not is_undone(event)
        order by event.occurred_at, event.id
        limit 1
    ) as act
    order by act.occurred_at, act.id
    limit 1
$$;

-- Within how many minutes an enquiry is to be answered, and from when that is overdue: the most specific that fits.
create function response_limits(of_dealership_id bigint, of_category text, of_source text)
returns table (target_minutes integer, overdue_minutes integer)
language sql stable as $$
    select
        coalesce(specific.target_minutes, dealership.response_target_minutes),
        coalesce(specific.overdue_minutes, dealership.overdue_minutes)
    from dealership
    left join lateral (
        select target.target_minutes, target.overdue_minutes
        from response_target as target
        where target.dealership_id = of_dealership_id
            and coalesce(target.category, of_category) = of_category
            and coalesce(target.source, of_source) = of_source
        order by target.category is null, target.source is null
        limit 1
    ) as specific on true
    where dealership.id = of_dealership_id
$$;

create or replace function response_clock(cluster lead_cluster)
returns table (
    answered_at timestamptz,
    answered_by text,
    first_response_seconds bigint,
    first_response_business_seconds bigint,
    target_minutes integer,
    overdue_minutes integer,
    due_at timestamptz,
    overdue_at timestamptz
)
language sql stable as $$
    select
        act.occurred_at,
        case when act.kind = 'lead_cluster.updated' then 'manual' else split_part(act.kind, '.', 1) end,
        cast(extract(epoch from act.occurred_at - cluster.first_lead_created_at) as bigint),
        case when act.occurred_at is not null then business_seconds(
            cluster.dealership_id, cluster.location_id, cluster.first_lead_created_at, act.occurred_at
        ) end,
        limits.target_minutes,
        limits.overdue_minutes,
        case when cluster.waiting_since is not null then business_deadline(
            cluster.dealership_id, cluster.location_id, cluster.waiting_since, limits.target_minutes
        ) end,
        case when cluster.waiting_since is not null then business_deadline(
            cluster.dealership_id, cluster.location_id, cluster.waiting_since, limits.overdue_minutes
        ) end
    from dealership
    left join lateral first_human_act(
        cluster.dealership_id, cluster.id, cluster.first_lead_created_at
    ) as act on true
    left join lateral (
        select lead.category, lead.source
        from lead
        where lead.dealership_id = cluster.dealership_id
            and lead.lead_cluster_id = cluster.id
            and lead.created_at >= coalesce(cluster.waiting_since, cluster.first_lead_created_at)
        order by lead.created_at, lead.id
        limit 1
    ) as enquiry on true
    cross join lateral response_limits(cluster.dealership_id, enquiry.category, enquiry.source) as limits
    where dealership.id = cluster.dealership_id
$$;

-- The customers who enquired in these days, both included, each day by the clock of their dealership; and the first
-- enquiry of each in them; a test is no enquiry. A report counts them, and a list of the inbox shows them, by this one
-- definition.
create function customers_of_period(of_dealership_ids bigint[], from_day date, to_day date)
returns table (
    dealership_id bigint,
    lead_cluster_id bigint,
    lead_id bigint,
    enquired_at timestamptz,
    enquiries bigint,
    source text,
    category text,
    -- By the dealership's clock; 1 is Monday.
    weekday integer,
    hour integer
)
language sql stable as $$
    select
        asked.dealership_id,
        asked.lead_cluster_id,
        first.id,
        asked.at,
        asked.enquiries,
        first.source,
        first.category,
        cast(extract(isodow from asked.at at time zone asked.timezone) as integer),
        cast(extract(hour from asked.at at time zone asked.timezone) as integer)
    from (
        select
            lead.dealership_id, lead.lead_cluster_id, dealership.timezone, min(lead.created_at) as at,
            count(lead.id) as enquiries
        from dealership
        join lead
            on lead.dealership_id = dealership.id
            and lead.created_at >= cast(from_day as timestamp) at time zone dealership.timezone
            and lead.created_at < cast(to_day + 1 as timestamp) at time zone dealership.timezone
            and not lead.test
        where dealership.id = any (of_dealership_ids)
        group by lead.dealership_id, lead.lead_cluster_id, dealership.timezone
    ) as asked
    cross join lateral (
        select lead.id, lead.source, lead.category
        from lead
        where lead.dealership_id = asked.dealership_id
            and lead.created_at = asked.at
            and lead.lead_cluster_id = asked.lead_cluster_id
        order by lead.id
        limit 1
    ) as first
$$;

-- The same customers, with the answer to each: the first human act towards them since their first enquiry in these days.
-- It is response_clock() from that enquiry on, by the same functions, for all of them at once: business_seconds() asked of
-- each takes a minute where this takes a second, because it walks the open_periods() of each location but once. That both
-- say the same is tested with all that can happen to clusters (tests/reports).
create function answers_of_period(of_dealership_ids bigint[], from_day date, to_day date)
returns table (
    dealership_id bigint,
    lead_cluster_id bigint,
    lead_id bigint,
    enquired_at timestamptz,
    enquiries bigint,
    source text,
    category text,
    weekday integer,
    hour integer,
    location_id bigint,
    user_id bigint,
    state text,
    lead_status_option_id bigint,
    waiting boolean,
    answered_at timestamptz,
    seconds bigint,
    business_seconds bigint,
    target_minutes integer,
    in_target boolean,
    -- Answered too late, or by nobody though the target has passed; not of those who are invalid, or bought without an
    -- answer that anybody logged.
    out_of_target boolean
)
-- A year of a large dealership is sorted in memory; and whoever reads it is told to expect many.
language sql stable rows 10000 set work_mem = '64MB' as $$
    with asked as materialized (
        select
            first.dealership_id, first.lead_cluster_id, first.lead_id, first.enquired_at, first.enquiries, first.source,
            first.category, first.weekday, first.hour
        from customers_of_period(of_dealership_ids, from_day, to_day) as first
    ), limits as materialized (
        select kind.dealership_id, kind.category, kind.source, limits.target_minutes
        from (select distinct asked.dealership_id, asked.category, asked.source from asked) as kind
        cross join lateral response_limits(kind.dealership_id, kind.category, kind.source) as limits
    ), customer as materialized (
        select
            asked.dealership_id, asked.lead_cluster_id, asked.lead_id, asked.enquired_at, asked.enquiries, asked.source,
            asked.category, asked.weekday, asked.hour, cluster.location_id, cluster.user_id, cluster.state,
            cluster.lead_status_option_id, cluster.waiting_since is not null as waiting, dealership.timezone,
            act.occurred_at as answered_at, limits.target_minutes
        from asked
        join dealership on dealership.id = asked.dealership_id
        join lead_cluster as cluster
            on cluster.dealership_id = asked.dealership_id and cluster.id = asked.lead_cluster_id
        join limits
            on limits.dealership_id = asked.dealership_id
            and limits.category = asked.category
            and limits.source = asked.source
        left join lateral first_human_act(asked.dealership_id, asked.lead_cluster_id, asked.enquired_at) as act on true
    ), place as (
        select
            customer.dealership_id, customer.location_id, customer.timezone,
            min(customer.enquired_at) as since, greatest(max(customer.answered_at), now()) as until
        from customer
        group by customer.dealership_id, customer.location_id, customer.timezone
    ), moment (dealership_id, location_id, lead_cluster_id, at, opened) as (
        -- When each customer begins to wait and ends, among the moments at which their location opens and closes.
        select customer.dealership_id, customer.location_id, customer.lead_cluster_id, ends.at, 0
        from customer
        cross join lateral (
            values (customer.enquired_at), (coalesce(customer.answered_at, greatest(now(), customer.enquired_at)))
        ) as ends (at)
        union all
        select place.dealership_id, place.location_id, null, edge.at, edge.opened
        from place
        cross join lateral open_periods(
            place.dealership_id, place.location_id,
            cast(place.since at time zone place.timezone as date), cast(place.until at time zone place.timezone as date)
        ) as period
        cross join lateral (values (period.opens_at, 1), (period.closes_at, -1)) as edge (at, opened)
    ), ticked as (
        -- How long the location had been open by then, since the first of these moments. Microseconds of this and the next
        -- century are whole numbers to double precision, which is added up many times as fast as exact numbers are.
        select
            moment.dealership_id, moment.lead_cluster_id,
            sum(moment.opened) over passed * tick.at - sum(moment.opened * tick.at) over passed as microseconds
        from moment
        cross join lateral (select round(date_part('epoch', moment.at) * 1000000) as at) as tick
        window passed as (partition by moment.dealership_id, moment.location_id order by moment.at)
    ), waited as (
        select
            ticked.dealership_id, ticked.lead_cluster_id,
            cast(floor((max(ticked.microseconds) - min(ticked.microseconds)) / 1000000 + 0.5) as bigint)
                as business_seconds
        from ticked
        where ticked.lead_cluster_id is not null
        group by ticked.dealership_id, ticked.lead_cluster_id
    )
    select
        customer.dealership_id, customer.lead_cluster_id, customer.lead_id, customer.enquired_at, customer.enquiries,
        customer.source, customer.category, customer.weekday, customer.hour, customer.location_id, customer.user_id,
        customer.state, customer.lead_status_option_id, customer.waiting, customer.answered_at,
        cast(extract(epoch from customer.answered_at - customer.enquired_at) as bigint),
        case when customer.answered_at is not null then waited.business_seconds end,
        customer.target_minutes,
        customer.answered_at is not null and waited.business_seconds <= customer.target_minutes * 60,
        case
            when customer.answered_at is not null then waited.business_seconds > customer.target_minutes * 60
            when customer.state in ('invalid', 'converted') then false
            when waited.business_seconds >= customer.target_minutes * 60 then true
            -- A location that does not open for weeks has a limit nevertheless.
            when customer.enquired_at + interval '14 days' <= now() then business_deadline(
                customer.dealership_id, customer.location_id, customer.enquired_at, customer.target_minutes
            ) <= now()
            else false
        end
    from customer
    join waited
        on waited.dealership_id = customer.dealership_id and waited.lead_cluster_id = customer.lead_cluster_id
$$;

-- A source from which nothing has come for longer than chance explains (reports/silence.py), from its last enquiry on:
-- one row a silence, so that it is told once, whichever server notices it.
create table source_silence (
    dealership_id bigint not null references dealership,
    source text not null,
    silent_since timestamptz not null,
    noticed_at timestamptz not null default now(),
    -- How many enquiries would have come by then.
    expected double precision not null,
    ended_at timestamptz,
    primary key (dealership_id, source, silent_since)
);

create index source_silence_now on source_silence (dealership_id) where ended_at is null;
