"""The statements of a split."""

from __future__ import annotations

from forecourt.infra.database import Query

# A new cluster beside the one that it is split from, with a contact of its own of which nothing is known yet.
OPEN_BESIDE = Query("""
with opened as (
    insert into lead_cluster (
        dealership_id, golden, state, user_id, secondary_user_id, location_id, tags, created_at, updated_at,
        first_lead_created_at, last_lead_created_at, closed_at, settled_at, by_hand, test
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
        )),
        (
            select coalesce(jsonb_object_agg(mark.key, mark.value), '{}')
            from jsonb_each(source.by_hand) as mark
            where mark.key in ('state', 'golden')
        ),
        source.test
    from lead_cluster as source
    where source.dealership_id = :dealership_id and source.id = :lead_cluster_id
    returning dealership_id, id
), met as (
    insert into contact (dealership_id, lead_cluster_id) select dealership_id, id from opened
    returning id
)
select opened.id, met.id as contact_id from opened cross join met
""")

# The new contact, as its leads tell it.
TELL_CONTACT = Query("""
update contact set
    name = :name,
    last_name = :last_name,
    dob = :dob,
    customer_address = :customer_address,
    address_attributes = :address_attributes,
    sms_verified = :sms_verified,
    opt_in_to_marketing = :opt_in_to_marketing
where dealership_id = :dealership_id and id = :contact_id
""")
