"""The statements of a merge."""

from __future__ import annotations

from forecourt.infra.database import Query

# What the merged cluster has and the survivor lacks: it is given, and told, so that it can be taken back.
GIVE = Query("""
with points as (
    insert into contact_point (dealership_id, kind, value, contact_id, first_seen_at)
    select point.dealership_id, point.kind, point.value, :to_contact_id, point.first_seen_at
    from contact_point as point
    where point.dealership_id = :dealership_id and point.contact_id = :from_contact_id
    on conflict do nothing
    returning kind, value
), cars as (
    insert into car_lead_cluster (
        dealership_id, lead_cluster_id, car_id, family_id, manufacturer_id, year, badge, colour
    )
    select dealership_id, :to_id, car_id, family_id, manufacturer_id, year, badge, colour
    from car_lead_cluster
    where dealership_id = :dealership_id and lead_cluster_id = :from_id
    on conflict do nothing
    returning car_id
), appointments as (
    update appointment set lead_cluster_id = :to_id
    where dealership_id = :dealership_id and lead_cluster_id = :from_id
    returning id
), activities as (
    update activity set lead_cluster_id = :to_id
    where dealership_id = :dealership_id and lead_cluster_id = :from_id
    returning id
), suggestions as (
    insert into possible_duplicate (dealership_id, lead_cluster_id, other_lead_cluster_id, reasons, found_at)
    select :dealership_id, least(third.id, :to_id), greatest(third.id, :to_id), possible.reasons, possible.found_at
    from possible_duplicate as possible
    cross join lateral (
        select case when possible.lead_cluster_id = :from_id then possible.other_lead_cluster_id
            else possible.lead_cluster_id end as id
    ) as third
    where possible.dealership_id = :dealership_id
        and :from_id in (possible.lead_cluster_id, possible.other_lead_cluster_id)
        and third.id <> :to_id
        and possible.decision is null
    on conflict do nothing
    returning case when lead_cluster_id = :to_id then other_lead_cluster_id else lead_cluster_id end as id
)
select
    coalesce((select jsonb_agg(jsonb_build_object('kind', kind, 'value', value)) from points), '[]') as points,
    array(select car_id from cars order by car_id) as car_ids,
    array(select id from appointments order by id) as appointment_ids,
    array(select id from activities order by id) as activity_ids,
    array(select id from suggestions order by id) as suggested_ids,
    (
        select jsonb_build_object(
            'decision', known.decision, 'at', known.decided_at, 'api_key_id', known.decided_by_api_key_id
        )
        from possible_duplicate as known
        where known.dealership_id = :dealership_id
            and known.lead_cluster_id = least(cast(:from_id as bigint), :to_id)
            and known.other_lead_cluster_id = greatest(cast(:from_id as bigint), :to_id)
    ) as decided
""")

# Neither half's questions that were settled may begin to wait again because the other half's were not. So what is settled
# for both ends just before the first question that still waits: one that no human has answered, of either customer.
SETTLED = Query("""
with half as (
    select
        cluster.dealership_id, cluster.id,
        greatest(cluster.settled_at, case when :opens then cluster.closed_at end) as settled_at,
        (
            select max(event.occurred_at)
            from clusters_within(cluster.dealership_id, cluster.id) as within
            join event
                on event.dealership_id = cluster.dealership_id and event.lead_cluster_id = within and event.human
        ) as answered_at
    from lead_cluster as cluster
    where cluster.dealership_id = :dealership_id and cluster.id in (:survivor_id, :merged_id)
), asked as (
    select min(wants_answer_since(
        half.dealership_id, half.id, greatest(half.settled_at, other.answered_at)
    )) as since
    from half
    join half as other on other.id <> half.id
)
select case
    when max(half.settled_at) is not null
        then least(max(half.settled_at), (select since - interval '1 microsecond' from asked))
end as settled_at
from half
""")

# The same clusters keep answering; what the merge did is kept for its undoing.
CLOSE_MERGE = Query("""
with merged as (
    update lead_cluster set merged_into_id = :survivor_id, version = version + 1, updated_at = :now
    where dealership_id = :dealership_id and id = :merged_id
), decided as (
    insert into possible_duplicate (
        dealership_id, lead_cluster_id, other_lead_cluster_id, reasons, found_at, decision, decided_at,
        decided_by_api_key_id
    )
    values (
        :dealership_id, least(:survivor_id, :merged_id), greatest(:survivor_id, :merged_id), '[]', :now, 'merged', :now,
        :api_key_id
    )
    on conflict (dealership_id, lead_cluster_id, other_lead_cluster_id) do update
    set decision = 'merged', decided_at = excluded.decided_at, decided_by_api_key_id = excluded.decided_by_api_key_id
), dated as (
    update lead_cluster set
        first_lead_created_at = least(first_lead_created_at, :first_lead_created_at),
        last_lead_created_at = greatest(last_lead_created_at, :last_lead_created_at)
    where dealership_id = :dealership_id and id = :survivor_id
)
insert into cluster_merge (
    dealership_id, survivor_id, merged_id, merged_at, api_key_id, request_id, changes, given, lead_ids
)
values (
    :dealership_id, :survivor_id, :merged_id, :now, :api_key_id, :request_id, :changes, :given, :lead_ids
)
returning id
""")
