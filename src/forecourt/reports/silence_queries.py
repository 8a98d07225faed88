"""The statements that learn how enquiries come, and keep which sources have gone quiet."""

from __future__ import annotations

from forecourt.infra.database import Query

# Of each source from which something came in eight weeks: when the last came, what came in each hour of the week in the
# eight weeks before that day, and who sent it. Days on which the dealership is closed beyond its usual hours are left out.
FLOWS = Query("""
select
    dealership.id as dealership_id, dealership.slug, dealership.name as dealership_name, dealership.timezone,
    now() as now, calendar.closed_days, calendar.is_open, said.source, latest.created_at as last_at,
    (
        select coalesce(json_agg(json_build_array(hours.weekday, hours.hour, hours.leads)), '[]')
        from (
            select
                cast(extract(isodow from at.wall) as integer) as weekday,
                cast(extract(hour from at.wall) as integer) as hour,
                count(lead.created_at) as leads
            from lead
            cross join lateral (select lead.created_at at time zone dealership.timezone as wall) as at
            where lead.dealership_id = dealership.id
                and lead.source = said.source
                and not lead.test
                and lead.created_at >= learnt.since
                and lead.created_at < learnt.until
                and cast(at.wall as date) <> all (calendar.closed_days)
            group by 1, 2
        ) as hours
    ) as hours,
    (
        select count(distinct (
            latest.day - cast(lead.created_at at time zone dealership.timezone as date) - 1
        ) / 7)
        from lead
        where lead.dealership_id = dealership.id
            and lead.source = said.source
            and not lead.test
            and lead.created_at >= learnt.since
            and lead.created_at < learnt.until
    ) as weeks,
    (
        select count(lead.created_at)
        from lead
        where lead.dealership_id = dealership.id
            and lead.source = said.source
            and not lead.test
            and lead.created_at >= date_trunc('day', now() at time zone dealership.timezone)
                at time zone dealership.timezone
    ) as today,
    key.id as key_id, key.name as key_name, key.token_hint as key_hint, key.last_used_at as key_last_used_at,
    key.revoked_at as key_revoked_at, key.expires_at as key_expires_at
from dealership
cross join lateral (
    select
        array(
            select holiday.day
            from public_holiday as holiday
            where holiday.country = dealership.country
                and holiday.region in ('', dealership.region)
                and holiday.day between current_date - 130 and current_date + 1
            union
            select closed.day
            from closed_day as closed
            where closed.dealership_id = dealership.id
                and closed.location_id is null
                and closed.day between current_date - 130 and current_date + 1
        ) as closed_days,
        exists (
            select from (
                select null
                union all
                select location.id from location where location.dealership_id = dealership.id
            ) as place (location_id)
            cross join lateral open_periods(
                dealership.id, place.location_id, cast(now() at time zone dealership.timezone as date),
                cast(now() at time zone dealership.timezone as date)
            ) as period
            where now() between period.opens_at and period.closes_at
        ) as is_open
) as calendar
cross join unnest(cast(:sources as text[])) as said (source)
cross join lateral (
    select lead.id, lead.created_at, cast(lead.created_at at time zone dealership.timezone as date) as day
    from lead
    where lead.dealership_id = dealership.id
        and lead.source = said.source
        and not lead.test
        and lead.created_at <= now()
    order by lead.created_at desc, lead.id desc
    limit 1
) as latest
cross join lateral (
    select
        cast(latest.day - 56 as timestamp) at time zone dealership.timezone as since,
        cast(latest.day as timestamp) at time zone dealership.timezone as until
) as learnt
left join event as came
    on came.dealership_id = dealership.id and came.lead_id = latest.id and came.lead_version = 1
left join api_key as key on key.id = came.api_key_id
where dealership.id = any (cast(:dealership_ids as bigint[])) and latest.created_at >= now() - interval '56 days'
order by dealership.name, dealership.id, said.source
""")

# What became of the calls of a key at a dealership from a moment on, in the log of requests: the last that was answered well,
# and those that were refused after it.
CALLS = Query("""
with call as (
    select request.at, request.status
    from request_log as request
    where request.dealership_id = :dealership_id and request.api_key_id = :api_key_id and request.id >= :from_id
    union all
    select request.at, request.status
    from request_log as request
    where request.dealership_id is null
        and request.api_key_id = :api_key_id
        and request.id >= :from_id
        and request.dealership_ids @> array[cast(:dealership_id as bigint)]
), good as (
    select max(call.at) as at from call where call.status < 400
)
select
    (select good.at from good) as last_good_at, count(call.status) as refused,
    mode() within group (order by call.status) as status
from call
where call.status >= 400 and call.at > coalesce((select good.at from good), '-infinity')
""")

# What is noticed is told once, by whoever writes its row: in the log, and by mail (notifications/alert.py).
NOTE = Query("""
with noted as (
    insert into source_silence (dealership_id, source, silent_since, expected)
    values (:dealership_id, :source, :silent_since, :expected)
    on conflict (dealership_id, source, silent_since) do nothing
    returning dealership_id, source, silent_since, expected
), logged as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    select
        dealership_id, 'source.silent', now(), 'housekeeping', jsonb_build_object(
            'source', jsonb_build_object('from', null, 'to', source),
            'silent_since', jsonb_build_object('from', null, 'to', silent_since),
            'expected', jsonb_build_object('from', null, 'to', expected)
        )
    from noted
    returning dealership_id, id, changes -> 'source' ->> 'to' as source
)
insert into delivery (dealership_id, event_id, channel, topic, target, due_at)
select dealership_id, id, 'alert', 'source.silent', 'source:' || source, now() from logged
""")

# Something came again, or the source has been silent for so long that it has stopped.
END = Query("""
update source_silence as silence set ended_at = coalesce(heard.at, now())
from source_silence as kept
left join lateral (
    select min(lead.created_at) as at
    from lead
    where lead.dealership_id = kept.dealership_id
        and lead.source = kept.source
        and not lead.test
        and lead.created_at > kept.silent_since
) as heard on true
where silence.dealership_id = kept.dealership_id
    and silence.source = kept.source
    and silence.silent_since = kept.silent_since
    and silence.ended_at is null
    and (heard.at is not null or kept.silent_since < now() - cast(:stopped_after as interval))
""")

# Which are quiet as far as was noticed; those from which something has come meanwhile are not.
SILENT_NOW = Query("""
select
    silence.source, silence.silent_since, silence.expected, dealership.slug, dealership.name as dealership_name,
    dealership.timezone
from source_silence as silence
join dealership on dealership.id = silence.dealership_id
where silence.dealership_id = any (cast(:dealership_ids as bigint[]))
    and silence.ended_at is null
    and not exists (
        select from lead
        where lead.dealership_id = silence.dealership_id
            and lead.source = silence.source
            and not lead.test
            and lead.created_at > silence.silent_since
    )
order by silence.noticed_at desc, silence.source
""")

EVERY_DEALERSHIP = Query("select id from dealership order by id")
