"""The statements that take a merge back."""

from __future__ import annotations

from forecourt.infra.database import Query

MERGE_IN_FORCE = Query("""
select
    done.id, done.survivor_id, done.merged_id, done.merged_at, done.changes, done.given, done.lead_ids,
    done.merged_at + interval '30 days' < :now as is_too_old
from cluster_merge as done
where done.dealership_id = :dealership_id and done.merged_id = :merged_id and done.undone_at is null
for no key update
""")

# What the merge gave; of the contact points what none of the survivor's own leads has said.
TAKE_BACK = Query("""
with dropped as (
    delete from contact_point as point
    where point.dealership_id = :dealership_id
        and point.contact_id = :survivor_contact_id
        and (point.kind, point.value) not in (
            select staying.kind, staying.value
            from unnest(cast(:staying_kinds as text[]), cast(:staying_values as text[])) as staying (kind, value)
        )
        and (point.kind, point.value) in (
            select given.kind, given.value
            from jsonb_to_recordset(cast(:points as jsonb)) as given (kind text, value text)
        )
), uncarred as (
    delete from car_lead_cluster
    where dealership_id = :dealership_id
        and lead_cluster_id = :survivor_id
        and car_id = any (cast(:car_ids as bigint[]))
), appointed as (
    update appointment set lead_cluster_id = :merged_id
    where dealership_id = :dealership_id and id = any (cast(:appointment_ids as bigint[]))
), acted as (
    update activity set lead_cluster_id = :merged_id
    where dealership_id = :dealership_id and id = any (cast(:activity_ids as bigint[]))
), unsuggested as (
    delete from possible_duplicate
    where dealership_id = :dealership_id
        and decision is null
        and (
            lead_cluster_id = :survivor_id and other_lead_cluster_id = any (cast(:suggested_ids as bigint[]))
            or other_lead_cluster_id = :survivor_id and lead_cluster_id = any (cast(:suggested_ids as bigint[]))
        )
), undecided as (
    update possible_duplicate set
        decision = decided.decision,
        decided_at = decided.at,
        decided_by_api_key_id = decided.api_key_id
    from jsonb_to_record(cast(:decided as jsonb)) as decided (decision text, at timestamptz, api_key_id bigint)
    where dealership_id = :dealership_id
        and lead_cluster_id = least(:survivor_id, :merged_id)
        and other_lead_cluster_id = greatest(:survivor_id, :merged_id)
        and (reasons <> '[]' or decided.decision is not null)
), unmade as (
    delete from possible_duplicate
    where dealership_id = :dealership_id
        and lead_cluster_id = least(:survivor_id, :merged_id)
        and other_lead_cluster_id = greatest(:survivor_id, :merged_id)
        and reasons = '[]'
        and cast(:decided as jsonb) ->> 'decision' is null
)
update cluster_merge set undone_at = :now where dealership_id = :dealership_id and id = :merge_id
""")

# What its leads have said since the merge, the newest.
TELL_CONTACT_BACK = Query("""
update contact set
    name = coalesce(:name, name),
    last_name = coalesce(:last_name, last_name),
    dob = coalesce(:dob, dob),
    customer_address = coalesce(:customer_address, customer_address),
    address_attributes = coalesce(:address_attributes, address_attributes),
    sms_verified = coalesce(:sms_verified, sms_verified),
    opt_in_to_marketing = coalesce(:opt_in_to_marketing, opt_in_to_marketing)
where dealership_id = :dealership_id and id = :contact_id
""")

RESTORE_MERGED = Query("""
update lead_cluster set merged_into_id = null, version = version + 1, updated_at = :now
where dealership_id = :dealership_id and id = :merged_id
returning version
""")
