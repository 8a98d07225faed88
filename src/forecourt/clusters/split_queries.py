"""The statements of a split."""

from __future__ import annotations

from forecourt.infra.database import Query

# A new cluster beside the one that it is split from, with a contact of its own; the old one has changed, too.
OPEN_BESIDE = Query("""
with counted as (
    update lead_cluster set version = version + 1, updated_at = :now
    where dealership_id = :dealership_id and id = :lead_cluster_id
    returning version
), opened as (
    insert into lead_cluster (
        dealership_id, golden, state, user_id, secondary_user_id, location_id, tags, created_at, updated_at,
        first_lead_created_at, last_lead_created_at, closed_at, settled_at
    )
    select
        source.dealership_id, source.golden, source.state, source.user_id, source.secondary_user_id,
        source.location_id,
        array(
            select distinct tag from lead cross join unnest(lead.tags) as tag
            where lead.dealership_id = source.dealership_id and lead.id = any (cast(:lead_ids as bigint[]))
            order by tag
        ),
        :now, :now, source.first_lead_created_at, source.last_lead_created_at, source.closed_at,
        -- What a human has answered stays answered.
        greatest(source.settled_at, (
            select max(event.occurred_at)
            from clusters_within(source.dealership_id, source.id) as within
            join event
                on event.dealership_id = source.dealership_id and event.lead_cluster_id = within and event.human
        ))
    from lead_cluster as source
    where source.dealership_id = :dealership_id and source.id = :lead_cluster_id
    returning dealership_id, id
), met as (
    insert into contact (
        dealership_id, lead_cluster_id, name, last_name, dob, customer_address, address_attributes, sms_verified,
        opt_in_to_marketing
    )
    select
        opened.dealership_id, opened.id, newest.name, newest.last_name, newest.dob, newest.customer_address,
        newest.address_attributes, coalesce(newest.sms_verified, false), newest.opt_in_to_marketing
    from opened
    cross join lateral (
        select
            lead.name, lead.last_name, lead.dob, lead.customer_address, lead.address_attributes, lead.sms_verified,
            lead.opt_in_to_marketing
        from lead
        where lead.dealership_id = opened.dealership_id and lead.id = any (cast(:lead_ids as bigint[]))
        order by lead.created_at desc, lead.id desc
        limit 1
    ) as newest
    returning id
)
select opened.id, met.id as contact_id, counted.version as source_version
from opened
cross join met
cross join counted
""")

# Contact points after a split: each contact has what its leads have; what no lead has stays where it was.
SPLIT_POINTS = Query("""
with moved as (
    select 'email' as kind, email_normalised as value, min(created_at) as seen_at from lead
    where dealership_id = :dealership_id and lead_cluster_id = :new_id and email_normalised is not null
    group by email_normalised
    union
    select 'phone', phone_e164, min(created_at) from lead
    where dealership_id = :dealership_id and lead_cluster_id = :new_id and phone_e164 is not null
    group by phone_e164
), given as (
    insert into contact_point (dealership_id, kind, value, contact_id, first_seen_at)
    select :dealership_id, kind, value, :new_contact_id, seen_at from moved
    on conflict do nothing
)
delete from contact_point as point
using contact
where contact.dealership_id = :dealership_id
    and contact.lead_cluster_id = :lead_cluster_id
    and point.dealership_id = contact.dealership_id
    and point.contact_id = contact.id
    and (point.kind, point.value) in (select kind, value from moved)
    and not exists (
        select from lead
        where lead.dealership_id = :dealership_id
            and lead.lead_cluster_id = :lead_cluster_id
            and point.value in (lead.email_normalised, lead.phone_e164)
    )
""")
