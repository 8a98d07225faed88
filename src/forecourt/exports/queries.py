"""The statements that tell what the ids in a page of rows mean, one for a whole page."""

from __future__ import annotations

from forecourt.infra.database import Query

NAMES = Query("""
select 'location' as kind, location.id, location.name
from location
where location.dealership_id = any (cast(:dealership_ids as bigint[]))
    and location.id = any (cast(:location_ids as bigint[]))
union all
select 'car', car.id, coalesce(car.name, nullif(concat_ws(' ', car.year, car.make, car.model, car.badge), ''), car.stocknum)
from car
where car.dealership_id = any (cast(:dealership_ids as bigint[])) and car.id = any (cast(:car_ids as bigint[]))
union all
select 'team_member', team_member.id, team_member.name
from team_member
where team_member.dealership_id = any (cast(:dealership_ids as bigint[]))
    and team_member.id = any (cast(:team_member_ids as bigint[]))
union all
select 'user', person.id, person.name
from user_account as person
where person.id = any (cast(:user_ids as bigint[]))
union all
select 'model', model.id, concat_ws(' ', model.make, model.name)
from model
where model.id = any (cast(:model_ids as bigint[]))
union all
select 'model_variant', model_variant.id, model_variant.name
from model_variant
where model_variant.id = any (cast(:model_variant_ids as bigint[]))
union all
select 'colour', colour.id, colour.name
from colour
where colour.id = any (cast(:colour_ids as bigint[]))
""")

LATEST_LEADS = Query("""
select distinct on (lead.lead_cluster_id)
    lead.lead_cluster_id,
    lead.id as last_lead_id,
    lead.category as last_lead_category,
    lead.source as last_lead_source
from lead
where lead.dealership_id = :dealership_id and lead.lead_cluster_id = any (cast(:lead_cluster_ids as bigint[]))
order by lead.lead_cluster_id, lead.created_at desc, lead.id desc
""")
