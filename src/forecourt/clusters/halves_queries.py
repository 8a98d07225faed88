"""The statements that merge, unmerge and split share."""

from __future__ import annotations

from forecourt.infra.database import Query

# No new lead is placed by these clusters' contact points until the transaction ends: the same locks as in queries.py,
# in the same order.
LOCK_POINTS = Query("""
select pg_advisory_xact_lock(point.hash)
from (
    select hashtextextended(cast(:dealership_id as bigint) || ' ' || point.value, 1) as hash
    from contact
    join contact_point as point
        on point.dealership_id = contact.dealership_id and point.contact_id = contact.id
    where contact.dealership_id = :dealership_id and contact.lead_cluster_id = any (cast(:ids as bigint[]))
    order by hash
) as point
""")

# The cluster with :own_id and others of its mode, always in the same order, so that two merges never wait for each other.
LOCK_CLUSTERS = Query("""
select
    cluster.id, cluster.version, cluster.golden, cluster.state, cluster.user_id, cluster.secondary_user_id,
    cluster.location_id, cluster.lead_status_option_id, cluster.tags, cluster.closed_at,
    cluster.first_lead_created_at, cluster.last_lead_created_at, cluster.merged_into_id, cluster.settled_at,
    cluster.by_hand, cluster.conflicts,
    contact.id as contact_id, contact.name, contact.last_name, contact.business_name, contact.dob,
    contact.customer_address, contact.address_attributes, contact.sms_verified, contact.opt_in_to_marketing,
    contact.erased_at
from lead_cluster as cluster
join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
where cluster.dealership_id = :dealership_id
    and cluster.id = any (cast(:ids as bigint[]))
    and cluster.test = (
        select own.test from lead_cluster as own
        where own.dealership_id = :dealership_id and own.id = cast(:own_id as bigint)
    )
order by cluster.id
for no key update of cluster
""")

# The survivor as the merge, or its undoing, makes it.
WRITE_SURVIVOR = Query("""
with updated as (
    update lead_cluster set
        version = version + 1,
        updated_at = :now,
        golden = :golden,
        state = :state,
        user_id = :user_id,
        secondary_user_id = :secondary_user_id,
        location_id = :location_id,
        lead_status_option_id = :lead_status_option_id,
        tags = :tags,
        closed_at = :closed_at,
        settled_at = :settled_at,
        by_hand = :by_hand,
        conflicts = :conflicts
    where dealership_id = :dealership_id and id = :id
    returning dealership_id, id, version
), met as (
    update contact set
        name = :name,
        last_name = :last_name,
        business_name = :business_name,
        dob = :dob,
        customer_address = :customer_address,
        address_attributes = :address_attributes,
        sms_verified = :sms_verified,
        opt_in_to_marketing = :opt_in_to_marketing
    from updated
    where contact.dealership_id = updated.dealership_id and contact.lead_cluster_id = updated.id
), followed as (
    insert into event (
        dealership_id, lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id, request_id, changes
    )
    select
        lead.dealership_id, lead.lead_cluster_id, lead.id, lead.version + 1, 'lead.updated', :now, :api_key_id,
        :request_id, jsonb_build_object('golden', jsonb_build_object('from', lead.golden, 'to', not lead.golden))
    from updated
    join lead on lead.dealership_id = updated.dealership_id and lead.lead_cluster_id = updated.id
    where lead.golden <> :golden
)
select version from updated
""")

# Leads go to another cluster: each gets a version, an event and a reason, and takes its answers about marketing along.
MOVE_LEADS = Query("""
with target as (
    select id, golden from lead_cluster where dealership_id = :dealership_id and id = :to_id
), moved as (
    update lead set
        lead_cluster_id = target.id,
        golden = target.golden,
        version = lead.version + 1,
        updated_at = :now
    from target
    where lead.dealership_id = :dealership_id
        and lead.lead_cluster_id = :from_id
        and lead.id = any (cast(:lead_ids as bigint[]))
    returning lead.id, lead.version, lead.lead_cluster_id, lead.golden, old.golden as was_golden
), logged as (
    insert into event (
        dealership_id, lead_cluster_id, other_lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id,
        request_id, changes
    )
    select
        :dealership_id, moved.lead_cluster_id, :from_id, moved.id, moved.version, 'lead.updated', :now, :api_key_id,
        :request_id,
        jsonb_build_object(
            'lead_cluster_id', jsonb_build_object('from', cast(:from_id as bigint), 'to', moved.lead_cluster_id)
        ) || case
            when moved.golden = moved.was_golden then '{}'
            else jsonb_build_object('golden', jsonb_build_object('from', moved.was_golden, 'to', moved.golden))
        end
    from moved
), reasoned as (
    insert into lead_membership (dealership_id, lead_id, lead_cluster_id, rule, matched, since, api_key_id, request_id)
    select :dealership_id, moved.id, moved.lead_cluster_id, :rule, '[]', :now, :api_key_id, :request_id
    from moved
), consented as (
    update marketing_consent as consent set contact_id = theirs.id
    from moved
    cross join contact as ours
    cross join contact as theirs
    where ours.dealership_id = :dealership_id
        and ours.lead_cluster_id = :from_id
        and theirs.dealership_id = :dealership_id
        and theirs.lead_cluster_id = :to_id
        and consent.dealership_id = :dealership_id
        and consent.contact_id = ours.id
        and consent.lead_id = moved.id
)
select id from moved order by id
""")

LEADS_OF = Query("""
select lead.id, lead.email_normalised, lead.phone_e164, lead.created_at
from lead
where lead.dealership_id = :dealership_id and lead.lead_cluster_id = :lead_cluster_id
order by lead.id
""")

# From the leads that are there now.
DATE_CLUSTERS = Query("""
update lead_cluster as cluster set
    first_lead_created_at = leads.first_at,
    last_lead_created_at = leads.last_at
from (
    select lead.lead_cluster_id, min(lead.created_at) as first_at, max(lead.created_at) as last_at
    from lead
    where lead.dealership_id = :dealership_id and lead.lead_cluster_id = any (cast(:ids as bigint[]))
    group by lead.lead_cluster_id
) as leads
where cluster.dealership_id = :dealership_id and cluster.id = leads.lead_cluster_id
""")
