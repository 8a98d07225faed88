"""Every statement of a load.

For each table one that finds and one that writes, and for what several dealerships share one that grants. The
statements that find give for every row its ``dealership_ids`` too, and may find more rows than were asked for:
which of them is meant is decided in entities.py. Their parameters: ``ids``, and ``keys``, the last part of each
row's natural key (tables.py).
"""

from __future__ import annotations

from forecourt.infra.database import Query

# Two loads at once would both create what neither finds.
ONE_LOAD_AT_A_TIME = Query("select pg_advisory_xact_lock(7261404332)")

# The next id of each table lies past those that the file brings along, and past those that were written by hand.
MOVE_SEQUENCES = Query("""
with highest (relation, id) as (
    select 'dealership_group', max(id) from dealership_group
    union all select 'dealership', max(id) from dealership
    union all select 'location', max(id) from location
    union all select 'website', max(id) from website
    union all select 'user_account', max(id) from user_account
    union all select 'model', max(id) from model
    union all select 'model_variant', max(id) from model_variant
    union all select 'colour', max(id) from colour
    union all select 'car', max(id) from car
    union all select 'page', max(id) from page
    union all select 'team_member', max(id) from team_member
), wanted as (
    select
        pg_get_serial_sequence(highest.relation, 'id') as sequence,
        greatest(highest.id, given.id) as past
    from highest
    left join unnest(cast(:relations as text[]), cast(:ids as bigint[])) as given (relation, id)
        on given.relation = highest.relation
)
select setval(sequence, past)
from wanted
where past > coalesce(pg_sequence_last_value(cast(sequence as regclass)), 0)
""")

NEXT_IDS = Query("""
select nextval(pg_get_serial_sequence(cast(:relation as text), 'id')) as id
from generate_series(1, cast(:count as integer))
""")

EVERY_DEALERSHIP = Query("""
select
    dealership.id,
    dealership.slug,
    dealership_group.id as group_id,
    dealership_group.slug as group_slug
from dealership
left join dealership_group on dealership_group.id = dealership.dealership_group_id
order by dealership.id
""")

FIND_GROUPS = Query("""
select id, cast('{}' as bigint[]) as dealership_ids, slug, name
from dealership_group
where id = any (cast(:ids as bigint[])) or slug = any (cast(:keys as text[]))
order by id
""")

WRITE_GROUPS = Query("""
insert into dealership_group (id, slug, name)
select id, slug, name
from json_to_recordset(cast(:rows as json)) as given (id bigint, slug text, name text)
on conflict (id) do update set slug = excluded.slug, name = excluded.name
""")

FIND_DEALERSHIPS = Query("""
select id, cast('{}' as bigint[]) as dealership_ids, slug, name, timezone, country, dealership_group_id
from dealership
where id = any (cast(:ids as bigint[])) or slug = any (cast(:keys as text[]))
order by id
""")

WRITE_DEALERSHIPS = Query("""
insert into dealership (id, slug, name, timezone, country, dealership_group_id)
select id, slug, name, timezone, country, dealership_group_id
from json_to_recordset(cast(:rows as json)) as given (
    id bigint, slug text, name text, timezone text, country text, dealership_group_id bigint
)
on conflict (id) do update set
    slug = excluded.slug,
    name = excluded.name,
    timezone = excluded.timezone,
    country = excluded.country,
    dealership_group_id = excluded.dealership_group_id
""")

FIND_LOCATIONS = Query("""
select id, array[dealership_id] as dealership_ids, name, location_type, address
from location
where id = any (cast(:ids as bigint[])) or name = any (cast(:keys as text[]))
order by id
""")

WRITE_LOCATIONS = Query("""
insert into location (dealership_id, id, name, location_type, address)
select dealership_id, id, name, location_type, address
from json_to_recordset(cast(:rows as json)) as given (
    dealership_id bigint, id bigint, name text, location_type text, address text
)
on conflict (id) do update set
    name = excluded.name,
    location_type = excluded.location_type,
    address = excluded.address
""")

FIND_WEBSITES = Query("""
select id, array[dealership_id] as dealership_ids, slug, name, url
from website
where id = any (cast(:ids as bigint[])) or slug = any (cast(:keys as text[]))
order by id
""")

WRITE_WEBSITES = Query("""
insert into website (dealership_id, id, slug, name, url)
select dealership_id, id, slug, name, url
from json_to_recordset(cast(:rows as json)) as given (
    dealership_id bigint, id bigint, slug text, name text, url text
)
on conflict (id) do update set slug = excluded.slug, name = excluded.name, url = excluded.url
""")

FIND_USERS = Query("""
select
    id,
    array(select dealership_id from dealership_user where user_id = user_account.id) as dealership_ids,
    name,
    email
from user_account
where id = any (cast(:ids as bigint[])) or email = any (cast(:keys as text[]))
order by id
""")

WRITE_USERS = Query("""
insert into user_account (id, name, email)
select id, name, email
from json_to_recordset(cast(:rows as json)) as given (id bigint, name text, email text)
on conflict (id) do update set name = excluded.name, email = excluded.email
""")

GRANT_USERS = Query("""
insert into dealership_user (dealership_id, user_id, role)
select dealership_id, id, coalesce(role, 'salesperson')
from unnest(cast(:dealership_ids as bigint[]), cast(:ids as bigint[]), cast(:roles as text[]))
    as granted (dealership_id, id, role)
on conflict do nothing
""")

FIND_MODELS = Query("""
select
    model.id,
    array_remove(array_agg(dealership_model.dealership_id), null) as dealership_ids,
    model.name,
    model.make
from model
left join dealership_model on dealership_model.model_id = model.id
where model.id = any (cast(:ids as bigint[])) or model.name = any (cast(:keys as text[]))
group by model.id
order by model.id
""")

WRITE_MODELS = Query("""
insert into model (id, name, make)
select id, name, make
from json_to_recordset(cast(:rows as json)) as given (id bigint, name text, make text)
on conflict (id) do update set name = excluded.name, make = excluded.make
""")

GRANT_MODELS = Query("""
insert into dealership_model (dealership_id, model_id)
select dealership_id, id
from unnest(cast(:dealership_ids as bigint[]), cast(:ids as bigint[])) as granted (dealership_id, id)
on conflict do nothing
""")

FIND_MODEL_VARIANTS = Query("""
select
    model_variant.id,
    array_remove(array_agg(dealership_model_variant.dealership_id), null) as dealership_ids,
    model_variant.name,
    model_variant.model_id
from model_variant
left join dealership_model_variant on dealership_model_variant.model_variant_id = model_variant.id
where model_variant.id = any (cast(:ids as bigint[])) or model_variant.name = any (cast(:keys as text[]))
group by model_variant.id
order by model_variant.id
""")

WRITE_MODEL_VARIANTS = Query("""
insert into model_variant (id, name, model_id)
select id, name, model_id
from json_to_recordset(cast(:rows as json)) as given (id bigint, name text, model_id bigint)
on conflict (id) do update set name = excluded.name, model_id = excluded.model_id
""")

GRANT_MODEL_VARIANTS = Query("""
insert into dealership_model_variant (dealership_id, model_variant_id)
select dealership_id, id
from unnest(cast(:dealership_ids as bigint[]), cast(:ids as bigint[])) as granted (dealership_id, id)
on conflict do nothing
""")

FIND_COLOURS = Query("""
select
    colour.id,
    array_remove(array_agg(dealership_colour.dealership_id), null) as dealership_ids,
    colour.name
from colour
left join dealership_colour on dealership_colour.colour_id = colour.id
where colour.id = any (cast(:ids as bigint[])) or colour.name = any (cast(:keys as text[]))
group by colour.id
order by colour.id
""")

WRITE_COLOURS = Query("""
insert into colour (id, name)
select id, name
from json_to_recordset(cast(:rows as json)) as given (id bigint, name text)
on conflict (id) do update set name = excluded.name
""")

GRANT_COLOURS = Query("""
insert into dealership_colour (dealership_id, colour_id)
select dealership_id, id
from unnest(cast(:dealership_ids as bigint[]), cast(:ids as bigint[])) as granted (dealership_id, id)
on conflict do nothing
""")

# Each arm walks an index: a dealership's stock may be large, and there may be many of them.
FIND_CARS = Query("""
select
    id, array[dealership_id] as dealership_ids, stocknum, name, make, model, badge, year, colour, condition,
    price, vin, location_id
from car
where id in (
    select unnest(cast(:ids as bigint[]))
    union all
    select id
    from car
    where dealership_id = any (cast(:dealership_ids as bigint[]))
        and lower(stocknum) = any (cast(:keys as text[]))
    union all
    select id
    from car
    where dealership_id = any (cast(:dealership_ids as bigint[]))
        and lower(stocknum) is null
        and name = any (cast(:keys as text[]))
)
order by id
""")

WRITE_CARS = Query("""
insert into car (
    dealership_id, id, stocknum, name, make, model, badge, year, colour, condition, price, vin, location_id
)
select dealership_id, id, stocknum, name, make, model, badge, year, colour, condition, price, vin, location_id
from json_to_recordset(cast(:rows as json)) as given (
    dealership_id bigint, id bigint, stocknum text, name text, make text, model text, badge text, year integer,
    colour text, condition text, price numeric(12, 2), vin text, location_id bigint
)
on conflict (id) do update set
    stocknum = excluded.stocknum,
    name = excluded.name,
    make = excluded.make,
    model = excluded.model,
    badge = excluded.badge,
    year = excluded.year,
    colour = excluded.colour,
    condition = excluded.condition,
    price = excluded.price,
    vin = excluded.vin,
    location_id = excluded.location_id
""")

FIND_PAGES = Query("""
select id, array[dealership_id] as dealership_ids, name, url, website_id
from page
where id = any (cast(:ids as bigint[]))
    or name = any (cast(:keys as text[]))
    or url = any (cast(:keys as text[]))
order by id
""")

WRITE_PAGES = Query("""
insert into page (dealership_id, id, name, url, website_id)
select dealership_id, id, name, url, website_id
from json_to_recordset(cast(:rows as json)) as given (
    dealership_id bigint, id bigint, name text, url text, website_id bigint
)
on conflict (id) do update set
    name = excluded.name,
    url = excluded.url,
    website_id = excluded.website_id
""")

FIND_TEAM_MEMBERS = Query("""
select id, array[dealership_id] as dealership_ids, name, email
from team_member
where id = any (cast(:ids as bigint[])) or name = any (cast(:keys as text[]))
order by id
""")

WRITE_TEAM_MEMBERS = Query("""
insert into team_member (dealership_id, id, name, email)
select dealership_id, id, name, email
from json_to_recordset(cast(:rows as json)) as given (dealership_id bigint, id bigint, name text, email text)
on conflict (id) do update set name = excluded.name, email = excluded.email
""")
