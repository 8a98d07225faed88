"""Every statement about lead clusters."""

from __future__ import annotations

from forecourt.infra.database import Query

# Two creations that share an e-mail or a phone number happen one after the other, so that the second finds
# the first one's cluster. In the order of the hashes, so that no two wait for each other.
LOCK_POINTS = Query("""
select pg_advisory_xact_lock(point.hash)
from (
    select hashtextextended(cast(:dealership_id as bigint) || ' ' || value, 1) as hash
    from unnest(cast(:values as text[])) as value
    order by 1
) as point
""")

# Of the clusters that share a way to reach the customer, the one where something happened last.
CLUSTER_OF_POINTS = Query("""
select
    cluster.id as lead_cluster_id, cluster.golden, cluster.state, cluster.user_id, cluster.tags, contact.sms_verified
from unnest(cast(:kinds as text[]), cast(:values as text[])) as sent (kind, value)
join contact_point as point
    on point.dealership_id = :dealership_id and point.kind = sent.kind and point.value = sent.value
join contact on contact.dealership_id = point.dealership_id and contact.id = point.contact_id
join lead_cluster as cluster
    on cluster.dealership_id = contact.dealership_id and cluster.id = contact.lead_cluster_id
order by cluster.updated_at desc, cluster.id desc
limit 1
""")

OPEN_CLUSTER = Query("""
with opened as (
    insert into lead_cluster (dealership_id) values (:dealership_id)
    returning dealership_id, id, golden, state, user_id, tags
), met as (
    insert into contact (dealership_id, lead_cluster_id) select dealership_id, id from opened
)
select id as lead_cluster_id, golden, state, user_id, tags, false as sms_verified from opened
""")
