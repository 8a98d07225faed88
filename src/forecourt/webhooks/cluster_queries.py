"""The statement that reads lead clusters as they are exported."""

from __future__ import annotations

from forecourt.infra.database import Query

CLUSTERS = Query("""
select
    asked.place, cluster.id, cluster.dealership_id, cluster.state as status, cluster.created_at as created,
    cluster.updated_at as modified, cluster.first_lead_created_at, cluster.last_lead_created_at,
    json_build_object(
        'id', contact.id, 'business_name', contact.business_name, 'name', contact.name,
        'last_name', contact.last_name, 'email', reached.emails[1], 'phone', reached.phones[1],
        'emails', reached.emails, 'phones', reached.phones, 'dob', to_char(contact.dob, 'DD/MM/YYYY'),
        'customer_address', contact.customer_address, 'address_attributes', contact.address_attributes,
        'sms_verified', contact.sms_verified, 'opt_in_to_marketing', contact.opt_in_to_marketing,
        'erased', contact.erased_at is not null
    ) as contact,
    (
        select json_build_object('id', person.id, 'name', person.name, 'email', person.email)
        from user_account as person where cluster.approved and person.id = cluster.approver_user_id
    ) as approver,
    (
        select json_build_object('id', person.id, 'name', person.name, 'email', person.email)
        from user_account as person where person.id = cluster.user_id
    ) as assigned_salesperson,
    (
        select coalesce(json_agg(json_build_object(
            'id', newest.id, 'version', newest.version, 'created_at', newest.created_at,
            'updated_at', newest.updated_at, 'category', newest.category, 'source', newest.source,
            'marketing_source', newest.marketing_source, 'lead_state', newest.lead_state,
            'message', newest.message, 'stocknum', newest.stocknum, 'car_id', newest.car_id,
            'location_id', newest.location_id, 'provider', newest.provider, 'provider_id', newest.provider_id
        ) order by newest.created_at desc, newest.id desc), '[]')
        from (
            select
                lead.id, lead.version, lead.created_at, lead.updated_at, lead.category, lead.source,
                lead.marketing_source, lead.lead_state, lead.message, lead.stocknum, lead.car_id, lead.location_id,
                lead.provider, lead.provider_id
            from lead
            where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
            order by lead.created_at desc, lead.id desc
            limit :most_leads
        ) as newest
    ) as leads,
    (
        select coalesce(json_agg(json_build_object(
            'id', newest.id, 'type', newest.kind, 'occurred_at', newest.occurred_at, 'lead_id', newest.lead_id,
            'other_lead_cluster_id', newest.other_lead_cluster_id, 'user_id', newest.user_id,
            'changes', newest.changes
        ) order by newest.id desc), '[]')
        from (
            select
                event.id, event.kind, event.occurred_at, event.lead_id, event.other_lead_cluster_id, event.user_id,
                event.changes
            from event
            where event.dealership_id = cluster.dealership_id
                and event.lead_cluster_id in (select clusters_within(cluster.dealership_id, cluster.id))
            order by event.id desc
            limit :most_events
        ) as newest
    ) as lead_events
from unnest(cast(:dealership_ids as bigint[]), cast(:lead_cluster_ids as bigint[])) with ordinality
as asked (dealership_id, lead_cluster_id, place)
join lead_cluster as cluster
    on cluster.dealership_id = asked.dealership_id
    and cluster.id = survivor_of(asked.dealership_id, asked.lead_cluster_id)
join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
cross join lateral (
    select
        coalesce(array_agg(point.value order by point.first_seen_at desc) filter (where point.kind = 'email'), '{}')
            as emails,
        coalesce(array_agg(point.value order by point.first_seen_at desc) filter (where point.kind = 'phone'), '{}')
            as phones
    from contact_point as point
    where point.dealership_id = contact.dealership_id and point.contact_id = contact.id
) as reached
""")
