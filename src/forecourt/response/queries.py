"""The statements about a dealership's hours, holidays and targets."""

from __future__ import annotations

from forecourt.infra.database import Query

SETTINGS = Query("""
select
    dealership.response_target_minutes as target_minutes,
    dealership.overdue_minutes,
    dealership.region,
    dealership.timezone,
    (
        select json_agg(json_build_object(
            'category', target.category, 'source', target.source,
            'target_minutes', target.target_minutes, 'overdue_minutes', target.overdue_minutes
        ) order by target.category nulls last, target.source nulls last)
        from response_target as target
        where target.dealership_id = dealership.id
    ) as response_targets,
    (
        select json_agg(json_build_object(
            'location_id', hours.location_id, 'weekday', hours.weekday,
            'opens', to_char(hours.opens, 'HH24:MI'), 'closes', to_char(hours.closes, 'HH24:MI')
        ) order by hours.location_id nulls first, hours.weekday, hours.opens)
        from opening_hours as hours
        where hours.dealership_id = dealership.id
    ) as opening_hours,
    (
        select json_agg(json_build_object('location_id', closed.location_id, 'day', closed.day, 'name', closed.name)
            order by closed.day, closed.location_id nulls first)
        from closed_day as closed
        where closed.dealership_id = dealership.id
    ) as closed_days,
    (
        select json_agg(json_build_object('id', location.id, 'name', location.name, 'region', location.region)
            order by location.id)
        from location
        where location.dealership_id = dealership.id
    ) as locations,
    (
        select json_agg(json_build_object('day', holiday.day, 'name', holiday.name) order by holiday.day)
        from public_holiday as holiday
        where holiday.country = dealership.country
            and holiday.region in ('', dealership.region)
            and holiday.day >= current_date
            and holiday.day < current_date + 366
    ) as public_holidays
from dealership
where dealership.id = :dealership_id
""")

LOCATIONS = Query("""
select id from location where dealership_id = :dealership_id
""")

CHANGE_FIGURES = Query("""
update dealership set
    response_target_minutes = coalesce(:target_minutes, response_target_minutes),
    overdue_minutes = coalesce(:overdue_minutes, overdue_minutes),
    region = coalesce(:region, region)
where id = :dealership_id
""")

CHANGE_REGION_OF_LOCATION = Query("""
update location set region = :region where dealership_id = :dealership_id and id = :id
""")

FORGET_TARGETS = Query("""
delete from response_target where dealership_id = :dealership_id
""")

ADD_TARGETS = Query("""
insert into response_target (dealership_id, category, source, target_minutes, overdue_minutes)
select :dealership_id, target.category, target.source, target.target_minutes, target.overdue_minutes
from jsonb_to_recordset(cast(:targets as jsonb)) as target (
    category text, source text, target_minutes integer, overdue_minutes integer
)
""")

FORGET_OPENING_HOURS = Query("""
delete from opening_hours where dealership_id = :dealership_id
""")

ADD_OPENING_HOURS = Query("""
insert into opening_hours (dealership_id, location_id, weekday, opens, closes)
select :dealership_id, hours.location_id, hours.weekday, hours.opens, hours.closes
from jsonb_to_recordset(cast(:hours as jsonb)) as hours (
    location_id bigint, weekday integer, opens time, closes time
)
""")

FORGET_CLOSED_DAYS = Query("""
delete from closed_day where dealership_id = :dealership_id
""")

ADD_CLOSED_DAYS = Query("""
insert into closed_day (dealership_id, location_id, day, name)
select :dealership_id, closed.location_id, closed.day, closed.name
from jsonb_to_recordset(cast(:days as jsonb)) as closed (location_id bigint, day date, name text)
""")

# Where our dealerships are, and up to when their holidays are known.
REGIONS = Query("""
select
    place.country, place.region, max(holiday.day) as known_until,
    cast(extract(year from current_date) as integer) as this_year
from (
    select dealership.country, coalesce(dealership.region, '') as region from dealership
    union
    select dealership.country, location.region
    from location
    join dealership on dealership.id = location.dealership_id
    where location.region is not null
) as place
left join public_holiday as holiday on holiday.country = place.country and holiday.region = place.region
group by place.country, place.region
""")

KEEP_HOLIDAYS = Query("""
insert into public_holiday (country, region, day, name)
select :country, :region, sent.day, sent.name
from unnest(cast(:days as date[]), cast(:names as text[])) as sent (day, name)
on conflict (country, region, day) do update set name = excluded.name where public_holiday.name <> excluded.name
""")
