"""The statements about possible duplicates."""

from __future__ import annotations

from forecourt.infra.database import Query

# That somebody looked and said so stands, whatever matches later.
NOT_A_DUPLICATE = Query("""
insert into possible_duplicate (
    dealership_id, lead_cluster_id, other_lead_cluster_id, reasons, found_at, decision, decided_at,
    decided_by_api_key_id
)
values (
    :dealership_id, least(cast(:lead_cluster_id as bigint), :other_id),
    greatest(cast(:lead_cluster_id as bigint), :other_id), '[]', :now, 'not_a_duplicate', :now, :api_key_id
)
on conflict (dealership_id, lead_cluster_id, other_lead_cluster_id) do update
set decision = 'not_a_duplicate', decided_at = excluded.decided_at,
    decided_by_api_key_id = excluded.decided_by_api_key_id
""")

POSSIBLE_DUPLICATES = Query("""
select
    other.id as lead_cluster_id, contact.name, contact.last_name, possible.reasons, possible.found_at, possible.decision
from possible_duplicate as possible
join lead_cluster as other
    on other.dealership_id = possible.dealership_id
    and other.id = case
        when possible.lead_cluster_id = :lead_cluster_id then possible.other_lead_cluster_id
        else possible.lead_cluster_id
    end
join contact on contact.dealership_id = other.dealership_id and contact.lead_cluster_id = other.id
where possible.dealership_id = :dealership_id
    and :lead_cluster_id in (possible.lead_cluster_id, possible.other_lead_cluster_id)
    and other.merged_into_id is null
order by possible.found_at desc
limit 200
""")

# Who has a name that begins or ends alike: a few, to be compared by the letter.
ALIKE = Query("""
with own as (
    select contact.full_name, contact.last_name_first
    from contact
    where contact.dealership_id = :dealership_id and contact.lead_cluster_id = :lead_cluster_id
)
select alike.lead_cluster_id, alike.name, alike.last_name
from (
    (
        select contact.lead_cluster_id, contact.name, contact.last_name
        from own
        join contact
            on contact.dealership_id = :dealership_id
            and contact.last_name_first >= left(own.last_name_first, 3)
            and contact.last_name_first < left(own.last_name_first, 3) || :end
        where own.full_name <> ''
        limit 200
    )
    union
    (
        select contact.lead_cluster_id, contact.name, contact.last_name
        from own
        join contact
            on contact.dealership_id = :dealership_id
            and contact.full_name >= left(own.full_name, 3)
            and contact.full_name < left(own.full_name, 3) || :end
        where own.full_name <> ''
        limit 200
    )
) as alike
join lead_cluster as cluster on cluster.dealership_id = :dealership_id and cluster.id = alike.lead_cluster_id
where cluster.id <> :lead_cluster_id
    and cluster.merged_into_id is null
    and cluster.test = (
        select own.test from lead_cluster as own
        where own.dealership_id = :dealership_id and own.id = :lead_cluster_id
    )
""")
