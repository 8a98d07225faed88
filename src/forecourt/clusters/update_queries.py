"""The statements of a cluster's update."""

from __future__ import annotations

from forecourt.infra.database import Query

# The cluster, locked, with what an update may name: the users, locations and words of the dealership.
CLUSTER_TO_UPDATE = Query("""
select
    cluster.id as lead_cluster_id, cluster.version, cluster.golden, cluster.state, cluster.user_id,
    cluster.secondary_user_id, cluster.location_id, cluster.lead_status_option_id, cluster.approved, cluster.tags,
    cluster.by_hand, cluster.conflicts,
    contact.name, contact.last_name, contact.business_name, contact.dob, contact.customer_address,
    contact.address_attributes, contact.sms_verified, contact.erased_at is not null as erased,
    dealership.uses_appointment_state,
    array(
        select looked_at.car_id from car_lead_cluster as looked_at
        where looked_at.dealership_id = cluster.dealership_id and looked_at.lead_cluster_id = cluster.id
        order by looked_at.id
    ) as car_ids,
    array(
        select looked_at.id from car_lead_cluster as looked_at
        where looked_at.dealership_id = cluster.dealership_id and looked_at.lead_cluster_id = cluster.id
        order by looked_at.id
    ) as car_lead_cluster_ids
from lead_cluster as cluster
join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
join dealership on dealership.id = cluster.dealership_id
where cluster.dealership_id = :dealership_id and cluster.id = :lead_cluster_id
for no key update of cluster
""")

# What the ids of an update mean in the dealership.
NAMED = Query("""
select
    array(
        select member.user_id from dealership_user as member
        where member.dealership_id = :dealership_id and member.user_id = any (cast(:user_ids as bigint[]))
    ) as user_ids,
    (
        select location.id from location
        where location.dealership_id = :dealership_id and location.id = :location_id
    ) as location_id,
    (
        select status_option.state from lead_status_option as status_option
        where status_option.dealership_id = :dealership_id
            and status_option.id = :lead_status_option_id
            and status_option.enabled
    ) as option_state,
    array(
        select car.id from car where car.dealership_id = :dealership_id and car.id = any (cast(:car_ids as bigint[]))
    ) as car_ids,
    exists (
        select from lead_status_option as reason
        where reason.dealership_id = :dealership_id and reason.state = 'lost' and reason.enabled
    ) as has_lost_reasons
""")

UPDATE = Query("""
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
        approved = :approved,
        approved_at = case when :approved then coalesce(case when approved then approved_at end, :now) end,
        approver_api_key_id = case
            when :approved then coalesce(case when approved then approver_api_key_id end, :api_key_id)
        end,
        approver_user_id = case
            when :approved then case when approved then approver_user_id else :by_user_id end
        end,
        tags = :tags,
        by_hand = :by_hand,
        conflicts = :conflicts,
        closed_at = case when :state in ('lost', 'invalid', 'converted') then coalesce(closed_at, :now) end
    where dealership_id = :dealership_id and id = :lead_cluster_id
    returning dealership_id, id, version
), met as (
    update contact set
        name = :name,
        last_name = :last_name,
        business_name = :business_name,
        dob = :dob,
        customer_address = :customer_address,
        address_attributes = :address_attributes,
        sms_verified = :sms_verified
    from updated
    where :touches_contact and contact.dealership_id = updated.dealership_id and contact.lead_cluster_id = updated.id
), followed as (
    -- The leads carry the cluster's mark: the schema changes them, and here it is logged.
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

TAKE_CARS_OFF = Query("""
delete from car_lead_cluster
where dealership_id = :dealership_id
    and lead_cluster_id = :lead_cluster_id
    and (id = any (cast(:ids as bigint[])) or car_id <> all (cast(:kept_car_ids as bigint[])))
""")

PUT_CAR = Query("""
insert into car_lead_cluster (
    dealership_id, lead_cluster_id, car_id, family_id, manufacturer_id, year, badge, colour
)
values (:dealership_id, :lead_cluster_id, :car_id, :family_id, :manufacturer_id, :year, :badge, :colour)
on conflict (dealership_id, lead_cluster_id, car_id) do update set
    family_id = coalesce(excluded.family_id, car_lead_cluster.family_id),
    manufacturer_id = coalesce(excluded.manufacturer_id, car_lead_cluster.manufacturer_id),
    year = coalesce(excluded.year, car_lead_cluster.year),
    badge = coalesce(excluded.badge, car_lead_cluster.badge),
    colour = coalesce(excluded.colour, car_lead_cluster.colour)
""")

CHANGE_CAR = Query("""
update car_lead_cluster set
    car_id = coalesce(:car_id, car_id),
    family_id = coalesce(:family_id, family_id),
    manufacturer_id = coalesce(:manufacturer_id, manufacturer_id),
    year = coalesce(:year, year),
    badge = coalesce(:badge, badge),
    colour = coalesce(:colour, colour)
where dealership_id = :dealership_id and lead_cluster_id = :lead_cluster_id and id = :id
""")
