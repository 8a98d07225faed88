-- How soon customers are answered, by the wall and by the dealership's hours: one definition for the API, its filters,
-- the inbox and the reports.

-- A cluster with every cluster that was merged into it, however many merges ago: what happened there happened here.
create function clusters_within(of_dealership_id bigint, of_lead_cluster_id bigint) returns setof bigint
language sql stable as $$
    with recursive within (id) as (
        select of_lead_cluster_id
        union all
        select merged.id
        from within
        join lead_cluster as merged
            on merged.dealership_id = of_dealership_id and merged.merged_into_id = within.id
    )
    select id from within
$$;

-- The cluster that answers to an id now, however many merges ago; itself where it was never merged.
create function survivor_of(of_dealership_id bigint, of_lead_cluster_id bigint) returns bigint
language sql stable as $$
    with recursive path (id, merged_into_id) as (
        select cluster.id, cluster.merged_into_id
        from lead_cluster as cluster
        where cluster.dealership_id = of_dealership_id and cluster.id = of_lead_cluster_id
        union all
        select next.id, next.merged_into_id
        from path
        join lead_cluster as next on next.dealership_id = of_dealership_id and next.id = path.merged_into_id
    )
    select id from path where merged_into_id is null
$$;

-- The periods in which a location is open, from one day to another, by the dealership's clock.
create function open_periods(of_dealership_id bigint, of_location_id bigint, from_day date, to_day date)
returns table (opens_at timestamptz, closes_at timestamptz)
language sql stable as $$
    select
        (day.day + hours.opens) at time zone dealership.timezone,
        (day.day + hours.closes) at time zone dealership.timezone
    from dealership
    left join location on location.dealership_id = dealership.id and location.id = of_location_id
    cross join lateral (
        select cast(moment as date) as day
        from generate_series(cast(from_day as timestamp), cast(to_day as timestamp), interval '1 day') as moment
    ) as day
    join opening_hours as hours
        on hours.dealership_id = dealership.id
        and hours.weekday = extract(isodow from day.day)
        and hours.location_id is not distinct from (
            select own.location_id from opening_hours as own
            where own.dealership_id = dealership.id and own.location_id = of_location_id
            limit 1
        )
    where dealership.id = of_dealership_id
        and not exists (
            select from public_holiday as holiday
            where holiday.country = dealership.country
                and holiday.region in ('', coalesce(location.region, dealership.region))
                and holiday.day = day.day
        )
        and not exists (
            select from closed_day as closed
            where closed.dealership_id = dealership.id
                and coalesce(closed.location_id, of_location_id) is not distinct from of_location_id
                and closed.day = day.day
        )
$$;

-- How many seconds a location was open between two moments.
create function business_seconds(
    of_dealership_id bigint, of_location_id bigint, since timestamptz, until timestamptz
) returns bigint
language sql stable as $$
    select cast(coalesce(sum(
        extract(epoch from least(until, period.closes_at) - greatest(since, period.opens_at))
    ), 0) as bigint)
    from dealership
    cross join lateral open_periods(
        dealership.id, of_location_id,
        cast(since at time zone dealership.timezone as date), cast(until at time zone dealership.timezone as date)
    ) as period
    where dealership.id = of_dealership_id and period.closes_at > since and period.opens_at < until
$$;

-- When a location will have been open for so many minutes since then. Two weeks, and a day for each hour asked for, are
-- looked through; a dealership that is closed for longer is given so long.
create function business_deadline(
    of_dealership_id bigint, of_location_id bigint, since timestamptz, minutes integer
) returns timestamptz
language sql stable as $$
    select coalesce(
        (
            select passed.closes_at - (passed.total - make_interval(mins => minutes))
            from (
                select
                    period.closes_at,
                    sum(period.closes_at - greatest(since, period.opens_at)) over (order by period.opens_at) as total
                from open_periods(
                    of_dealership_id, of_location_id,
                    cast(since at time zone dealership.timezone as date),
                    cast(since at time zone dealership.timezone as date) + 14 + minutes / 60
                ) as period
                where period.closes_at > since
            ) as passed
            where passed.total >= make_interval(mins => minutes)
            order by passed.closes_at
            limit 1
        ),
        since + make_interval(days => 14 + minutes / 60)
    )
    from dealership
    where dealership.id = of_dealership_id
$$;

-- Whether somebody took back what happened.
create function is_undone(happened event) returns boolean
language sql stable as $$
    select exists (
        select from event as undoing
        where undoing.dealership_id = happened.dealership_id and undoing.undoes_event_id = happened.id
    )
$$;

-- Since when the customer has asked something that no human has answered: the definition behind
-- lead_cluster.waiting_since. A closed cluster's customer does not wait; that is for the caller to say.
create function wants_answer_since(of_dealership_id bigint, of_lead_cluster_id bigint, settled_at timestamptz)
returns timestamptz
language sql stable as $$
    select min(asked.at)
    from (
        select created_at from lead
        where dealership_id = of_dealership_id and lead_cluster_id = of_lead_cluster_id
        union all
        select occurred_at from activity
        where dealership_id = of_dealership_id and lead_cluster_id = of_lead_cluster_id and asks
    ) as asked (at)
    where asked.at > coalesce(
        greatest(settled_at, (
            select max(event.occurred_at)
            from clusters_within(of_dealership_id, of_lead_cluster_id) as within
            join event
                on event.dealership_id = of_dealership_id and event.lead_cluster_id = within and event.human
            where not is_undone(event)
        )),
        '-infinity'
    )
$$;

-- A cluster's clock. The first answer is the first human act towards the customer since the first enquiry, whenever it
-- was logged. Both limits count the location's hours, and are those of the enquiry that waits.
create function response_clock(cluster lead_cluster)
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
        target.target_minutes,
        target.overdue_minutes,
        case when cluster.waiting_since is not null then business_deadline(
            cluster.dealership_id, cluster.location_id, cluster.waiting_since, target.target_minutes
        ) end,
        case when cluster.waiting_since is not null then business_deadline(
            cluster.dealership_id, cluster.location_id, cluster.waiting_since, target.overdue_minutes
        ) end
    from dealership
    left join lateral (
        select event.occurred_at, event.kind
        from clusters_within(cluster.dealership_id, cluster.id) as within
        join event
            on event.dealership_id = cluster.dealership_id and event.lead_cluster_id = within and event.human
        where event.occurred_at >= cluster.first_lead_created_at and not is_undone(event)
        order by event.occurred_at, event.id
        limit 1
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
    left join lateral (
        select specific.target_minutes, specific.overdue_minutes
        from response_target as specific
        where specific.dealership_id = cluster.dealership_id
            and coalesce(specific.category, enquiry.category) = enquiry.category
            and coalesce(specific.source, enquiry.source) = enquiry.source
        order by specific.category is null, specific.source is null
        limit 1
    ) as specific on true
    cross join lateral (
        select
            coalesce(specific.target_minutes, dealership.response_target_minutes) as target_minutes,
            coalesce(specific.overdue_minutes, dealership.overdue_minutes) as overdue_minutes
    ) as target
    where dealership.id = cluster.dealership_id
$$;
