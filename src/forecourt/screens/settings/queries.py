"""The statements behind the settings; they read, and never write."""

from __future__ import annotations

from forecourt.infra.database import Query

CHOICES = Query("""
select
    (
        select json_agg(json_build_object('id', location.id, 'name', location.name) order by location.id)
        from location
        where location.dealership_id = :dealership_id
    ) as locations,
    (
        select json_agg(json_build_object('id', person.id, 'name', person.name) order by person.name, person.id)
        from dealership_user as member
        join user_account as person on person.id = member.user_id
        where member.dealership_id = :dealership_id
    ) as users,
    (
        select json_agg(json_build_object('id', website.id, 'name', website.name) order by website.id)
        from website
        where website.dealership_id = :dealership_id
    ) as websites
""")

LEADS = Query("""
select
    lead.id, lead.created_at, lead.category, lead.source, lead.lead_cluster_id, location.name as location,
    contact.name, contact.last_name, contact.business_name
from lead
join contact on contact.dealership_id = lead.dealership_id and contact.lead_cluster_id = lead.lead_cluster_id
left join location on location.dealership_id = lead.dealership_id and location.id = lead.location_id
where lead.dealership_id = :dealership_id and lead.id = any (cast(:lead_ids as bigint[]))
""")

KEYS = Query("""
select key.id, key.name
from api_key as key
join api_key_dealership as held on held.api_key_id = key.id
where held.dealership_id = :dealership_id
order by key.name, key.id
""")
