"""The statement that reads events as they are told."""

from __future__ import annotations

from forecourt.infra.database import Query

EVENTS = Query("""
select
    asked.place, event.id, event.kind, event.occurred_at, event.dealership_id, dealership.slug as dealership_slug,
    event.lead_id, event.lead_cluster_id, event.other_lead_cluster_id, event.request_id, event.changes,
    case when key.id is not null then json_build_object('id', key.id, 'name', key.name) end as api_key,
    (
        select json_build_object('id', person.id, 'name', person.name)
        from user_account as person where person.id = event.user_id
    ) as user,
    (
        select json_build_object(
            'id', lead.id, 'version', lead.version, 'created_at', lead.created_at, 'updated_at', lead.updated_at,
            'name', lead.name, 'last_name', lead.last_name, 'email', lead.email, 'phone', lead.phone,
            'category', lead.category, 'source', lead.source, 'lead_state', lead.lead_state, 'golden', lead.golden,
            'tags', lead.tags, 'stocknum', lead.stocknum, 'car_id', lead.car_id, 'location_id', lead.location_id,
            'provider', lead.provider, 'provider_id', lead.provider_id
        )
        from lead where lead.dealership_id = event.dealership_id and lead.id = event.lead_id
    ) as lead,
    (
        select json_build_object(
            'id', cluster.id, 'version', cluster.version, 'lead_state', cluster.state, 'golden', cluster.golden,
            'tags', cluster.tags, 'user_id', cluster.user_id, 'location_id', cluster.location_id,
            'contact_id', contact.id, 'name', contact.name, 'last_name', contact.last_name,
            'emails', array(
                select point.value from contact_point as point
                where point.dealership_id = contact.dealership_id
                    and point.contact_id = contact.id
                    and point.kind = 'email'
                order by point.first_seen_at desc
            ),
            'phones', array(
                select point.value from contact_point as point
                where point.dealership_id = contact.dealership_id
                    and point.contact_id = contact.id
                    and point.kind = 'phone'
                order by point.first_seen_at desc
            ),
            'waiting_since', cluster.waiting_since, 'first_lead_created_at', cluster.first_lead_created_at,
            'last_lead_created_at', cluster.last_lead_created_at, 'merged_into_id', cluster.merged_into_id
        )
        from lead_cluster as cluster
        join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
        where cluster.dealership_id = event.dealership_id and cluster.id = event.lead_cluster_id
    ) as lead_cluster
from unnest(cast(:dealership_ids as bigint[]), cast(:event_ids as bigint[])) with ordinality
as asked (dealership_id, event_id, place)
join event on event.dealership_id = asked.dealership_id and event.id = asked.event_id
join dealership on dealership.id = event.dealership_id
left join api_key as key on key.id = event.api_key_id
""")
