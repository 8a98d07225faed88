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

# Contact points go with the leads that have them: the first contact keeps what its leads have, the second gets what
# its own have.
TAKE_BACK = Query("""
with remaining as (
    select 'email' as kind, email_normalised as value from lead
    where dealership_id = :dealership_id and lead_cluster_id = :survivor_id and email_normalised is not null
    union
    select 'phone', phone_e164 from lead
    where dealership_id = :dealership_id and lead_cluster_id = :survivor_id and phone_e164 is not null
), returned as (
    select 'email' as kind, email_normalised as value, min(created_at) as seen_at from lead
    where dealership_id = :dealership_id and lead_cluster_id = :merged_id and email_normalised is not null
    group by email_normalised
    union
    select 'phone', phone_e164, min(created_at) from lead
    where dealership_id = :dealership_id and lead_cluster_id = :merged_id and phone_e164 is not null
    group by phone_e164
), kept as (
    insert into contact_point (dealership_id, kind, value, contact_id, first_seen_at)
    select :dealership_id, kind, value, :merged_contact_id, seen_at from returned
    on conflict do nothing
), dropped as (
    delete from contact_point as point
    where point.dealership_id = :dealership_id
        and point.contact_id = :survivor_contact_id
        and (point.kind, point.value) not in (select kind, value from remaining)
        and (
            exists (
                select from jsonb_to_recordset(cast(:points as jsonb)) as given (kind text, value text)
                where given.kind = point.kind and given.value = point.value
            )
            or point.first_seen_at >= :since and (point.kind, point.value) in (select kind, value from returned)
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

RESTORE_MERGED = Query("""
update lead_cluster set merged_into_id = null, version = version + 1, updated_at = :now
where dealership_id = :dealership_id and id = :merged_id
returning version
""")
