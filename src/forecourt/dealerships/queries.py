"""Every statement about dealerships that a command makes."""

from __future__ import annotations

from forecourt.infra.database import Query

# A new dealership of a group may name what the group's others may: their models, variants and colours.
INSERT_DEALERSHIP = Query("""
with grouped as (
    insert into dealership_group (slug, name)
    select :group_slug, :group_slug where cast(:group_slug as text) is not null
    on conflict (slug) do update set slug = excluded.slug
    returning id
), created as (
    insert into dealership (slug, name, timezone, country, dealership_group_id)
    values (:slug, :name, :timezone, :country, (select id from grouped))
    returning id, slug, name, timezone, country, dealership_group_id
), sibling as (
    select dealership.id from dealership join grouped on dealership.dealership_group_id = grouped.id
), models as (
    insert into dealership_model (dealership_id, model_id)
    select distinct created.id, held.model_id
    from created
    cross join dealership_model as held
    where held.dealership_id in (select id from sibling)
), variants as (
    insert into dealership_model_variant (dealership_id, model_variant_id)
    select distinct created.id, held.model_variant_id
    from created
    cross join dealership_model_variant as held
    where held.dealership_id in (select id from sibling)
), colours as (
    insert into dealership_colour (dealership_id, colour_id)
    select distinct created.id, held.colour_id
    from created
    cross join dealership_colour as held
    where held.dealership_id in (select id from sibling)
)
select created.id, created.slug, created.name, created.timezone, created.country, cast(:group_slug as text) as group
from created
""")

DEALERSHIPS = Query("""
select dealership.id, dealership.slug, dealership.name, dealership.timezone, dealership.country, owner.slug as group
from dealership
left join dealership_group as owner on owner.id = dealership.dealership_group_id
order by dealership.id
""")
