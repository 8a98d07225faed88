"""The statements that place a new lead."""

from __future__ import annotations

from forecourt.infra.database import Query

# What a customer is not recognised by: the stop list's values, and the dealership's own. Of the rest, each is locked
# until the transaction ends, so that of two creations that share one the second finds the first one's cluster. In the
# order of the hashes, so that no two wait for each other.
USABLE_POINTS = Query("""
select usable.kind, usable.value, pg_advisory_xact_lock(usable.hash)
from (
    select sent.kind, sent.value, hashtextextended(cast(:dealership_id as bigint) || ' ' || sent.value, 1) as hash
    from unnest(cast(:kinds as text[]), cast(:values as text[])) as sent (kind, value)
    where not is_stopped(:dealership_id, sent.kind, sent.value)
    order by hash
) as usable
""")

# Every cluster that shares a way to reach the customer, the one where something happened last in front. One that is
# closed and has had no enquiry for so many days takes no new one.
CLUSTERS_OF_POINTS = Query("""
select
    cluster.id as lead_cluster_id, cluster.version, cluster.golden, cluster.state, cluster.user_id, cluster.tags,
    cluster.location_id, cluster.by_hand, cluster.conflicts, contact.sms_verified,
    cluster.state in ('lost', 'invalid', 'converted') and not exists (
        select from lead
        where lead.dealership_id = cluster.dealership_id
            and lead.lead_cluster_id = cluster.id
            and lead.created_at + make_interval(days => dealership.closed_cluster_days) >= :now
    ) as closed_long_ago,
    shared.matched
from (
    select point.contact_id, jsonb_agg(jsonb_build_object('kind', point.kind, 'value', point.value)) as matched
    from unnest(cast(:kinds as text[]), cast(:values as text[])) as sent (kind, value)
    join contact_point as point
        on point.dealership_id = :dealership_id and point.kind = sent.kind and point.value = sent.value
    group by point.contact_id
) as shared
join contact on contact.dealership_id = :dealership_id and contact.id = shared.contact_id
join lead_cluster as cluster
    on cluster.dealership_id = contact.dealership_id and cluster.id = contact.lead_cluster_id
join dealership on dealership.id = cluster.dealership_id
where cluster.merged_into_id is null and cluster.test = :test
order by cluster.updated_at desc, cluster.id desc
limit 20
""")

# The one that the lead joins, locked. No row: it was merged, or its customer erased.
JOIN_CLUSTER = Query("""
select
    cluster.id as lead_cluster_id, cluster.version, cluster.golden, cluster.state, cluster.user_id, cluster.tags,
    cluster.location_id, cluster.by_hand, cluster.conflicts, contact.sms_verified
from lead_cluster as cluster
join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
where cluster.dealership_id = :dealership_id
    and cluster.id = :lead_cluster_id
    and cluster.merged_into_id is null
    and contact.erased_at is null
for no key update of cluster
""")

OPEN_CLUSTER = Query("""
with opened as (
    insert into lead_cluster (
        dealership_id, location_id, created_at, updated_at, first_lead_created_at, last_lead_created_at,
        earlier_lead_cluster_id, test
    )
    values (:dealership_id, :location_id, :now, :now, :now, :now, :earlier_lead_cluster_id, :test)
    returning dealership_id, id, version, golden, state, user_id, tags, location_id, by_hand, conflicts
), met as (
    insert into contact (dealership_id, lead_cluster_id) select dealership_id, id from opened
)
select
    id as lead_cluster_id, version, golden, state, user_id, tags, location_id, by_hand, conflicts,
    false as sms_verified
from opened
""")

# Two clusters that share a way to reach the customer; what was decided about them stays decided.
SUGGEST = Query("""
insert into possible_duplicate (dealership_id, lead_cluster_id, other_lead_cluster_id, reasons, found_at)
select
    :dealership_id, least(other.id, :lead_cluster_id), greatest(other.id, :lead_cluster_id),
    (
        select jsonb_agg(reason || jsonb_build_object('lead_id', cast(:lead_id as bigint), 'at', cast(:now as timestamptz)))
        from jsonb_array_elements(cast(other.matched as jsonb)) as reason
    ),
    :now
from unnest(cast(:others as bigint[]), cast(:matched as text[])) as other (id, matched)
on conflict (dealership_id, lead_cluster_id, other_lead_cluster_id) do update
set reasons = possible_duplicate.reasons || excluded.reasons
where not possible_duplicate.reasons @> (
    select jsonb_agg(reason - 'lead_id' - 'at') from jsonb_array_elements(excluded.reasons) as reason
)
""")
