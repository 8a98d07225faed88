"""The statements about activities."""

from __future__ import annotations

from forecourt.infra.database import Query

# The cluster, locked, with the user who is named.
CLUSTER_OF_ACTIVITY = Query("""
select
    cluster.id as lead_cluster_id, cluster.state, cluster.closed_at,
    exists (
        select from contact
        where contact.dealership_id = cluster.dealership_id
            and contact.lead_cluster_id = cluster.id
            and contact.erased_at is not null
    ) as erased,
    (
        select member.user_id from dealership_user as member
        where member.dealership_id = cluster.dealership_id and member.user_id = :user_id
    ) as user_id
from lead_cluster as cluster
where cluster.dealership_id = :dealership_id and cluster.id = :lead_cluster_id
for no key update of cluster
""")

ADD = Query("""
insert into activity (
    dealership_id, lead_cluster_id, kind, direction, outcome, body, asks, user_id, occurred_at, created_at
)
values (
    :dealership_id, :lead_cluster_id, :kind, :direction, :outcome, :body, :asks, :user_id, :occurred_at, :now
)
returning
    id, lead_cluster_id, kind, direction, outcome, body, user_id, occurred_at, created_at,
    cast('{}' as bigint[]) as mentioned_user_ids
""")

STAFF = Query("""
select person.id as user_id, person.name
from dealership_user as member
join user_account as person on person.id = member.user_id
where member.dealership_id = :dealership_id
order by person.id
""")

# Whoever writes a note has seen it.
MENTION = Query("""
insert into mention (dealership_id, activity_id, user_id, seen_at)
select
    :dealership_id, :activity_id, named.user_id,
    case when named.user_id = :by_user_id then cast(:now as timestamptz) end
from unnest(cast(:user_ids as bigint[])) as named (user_id)
""")

ACTIVITIES = Query("""
select
    id, lead_cluster_id, kind, direction, outcome, body, user_id, occurred_at, created_at,
    array(
        select mention.user_id from mention
        where mention.dealership_id = activity.dealership_id and mention.activity_id = activity.id
        order by mention.user_id
    ) as mentioned_user_ids
from activity
where dealership_id = :dealership_id
    and lead_cluster_id = :lead_cluster_id
    and undone_at is null
    and (occurred_at, id) < (cast(:before as timestamptz), cast(:before_id as bigint))
order by occurred_at desc, id desc
limit :size
""")
