"""The statements about the rules and the staff themselves, and what the dry run reads."""

from __future__ import annotations

from forecourt.infra.database import Query

_RULE = """
select
    rule.id, rule.name, rule.location_ids, rule.categories, rule.sources, rule.enabled, rule.version, rule.created_at,
    array(
        select held.user_id from assignment_rule_user as held
        where held.dealership_id = rule.dealership_id and held.assignment_rule_id = rule.id
        order by held.user_id
    ) as user_ids
from assignment_rule as rule
where rule.dealership_id = :dealership_id
"""

RULES = Query(
    _RULE
    + """
order by rule.id
"""
)

RULE = Query(
    _RULE
    + """
    and rule.id = :rule_id
"""
)

LOCKED_RULE = Query(
    _RULE
    + """
    and rule.id = :rule_id
for no key update of rule
"""
)

NOT_OF_THE_DEALERSHIP = Query("""
select
    array(
        select sent.id from unnest(cast(:location_ids as bigint[])) as sent (id)
        where not exists (
            select from location where location.dealership_id = :dealership_id and location.id = sent.id
        )
    ) as location_ids,
    array(
        select sent.id from unnest(cast(:user_ids as bigint[])) as sent (id)
        where not exists (
            select from dealership_user as member
            where member.dealership_id = :dealership_id and member.user_id = sent.id
        )
    ) as user_ids
""")

ADD_RULE = Query("""
with written as (
    insert into assignment_rule (dealership_id, name, location_ids, categories, sources, enabled)
    values (:dealership_id, :name, :location_ids, :categories, :sources, :enabled)
    returning dealership_id, id
), named as (
    insert into assignment_rule_user (dealership_id, assignment_rule_id, user_id)
    select written.dealership_id, written.id, sent.user_id
    from written
    cross join unnest(cast(:user_ids as bigint[])) as sent (user_id)
)
select id from written
""")

CHANGE_RULE = Query("""
with written as (
    update assignment_rule set
        name = :name,
        location_ids = :location_ids,
        categories = :categories,
        sources = :sources,
        enabled = :enabled,
        version = version + 1
    where dealership_id = :dealership_id and id = :rule_id
    returning dealership_id, id
), unnamed as (
    delete from assignment_rule_user as held using written
    where held.dealership_id = written.dealership_id
        and held.assignment_rule_id = written.id
        and held.user_id <> all (cast(:user_ids as bigint[]))
), named as (
    insert into assignment_rule_user (dealership_id, assignment_rule_id, user_id)
    select written.dealership_id, written.id, sent.user_id
    from written
    cross join unnest(cast(:user_ids as bigint[])) as sent (user_id)
    on conflict do nothing
)
select id from written
""")

REMOVE_RULE = Query("""
delete from assignment_rule where dealership_id = :dealership_id and id = :rule_id
""")

_STAFF = """
select
    member.user_id, person.name, person.email, member.absent_from, member.absent_until, member.most_open_clusters,
    member.last_assigned_at,
    (
        select count(*) from lead_cluster as cluster
        where cluster.dealership_id = member.dealership_id
            and cluster.user_id = member.user_id
            and cluster.merged_into_id is null
            and cluster.state in ('new', 'contacted', 'appointment')
            and not cluster.test
    ) as open_clusters
from dealership_user as member
join user_account as person on person.id = member.user_id
where member.dealership_id = :dealership_id
"""

STAFF = Query(
    _STAFF
    + """
order by member.user_id
"""
)

STAFF_MEMBER = Query(
    _STAFF
    + """
    and member.user_id = :user_id
"""
)

# All of them, in the order in which assignment locks them: the change may be followed by turns for anybody.
LOCK_WHOLE_STAFF = Query("""
select member.user_id
from dealership_user as member
where member.dealership_id = :dealership_id
order by member.user_id
for no key update of member
""")

CHANGE_STAFF_MEMBER = Query("""
update dealership_user set
    absent_from = :absent_from,
    absent_until = :absent_until,
    most_open_clusters = :most_open_clusters
where dealership_id = :dealership_id and user_id = :user_id
""")

# The last leads in the order in which they came. A cluster began before where it has leads older than all of these.
LAST_LEADS = Query("""
with recent as materialized (
    select lead.id, lead.lead_cluster_id, lead.created_at, lead.location_id, lead.category, lead.source,
        lead.user_id, lead.lead_state
    from lead
    where lead.dealership_id = :dealership_id and not lead.test
    order by lead.created_at desc, lead.id desc
    limit :how_many
)
select
    recent.id as lead_id, recent.lead_cluster_id, recent.location_id, recent.category, recent.source,
    recent.user_id as named_user_id, recent.lead_state, cluster.user_id as cluster_user_id,
    exists (
        select from lead as earlier
        where earlier.dealership_id = :dealership_id
            and earlier.lead_cluster_id = recent.lead_cluster_id
            and (earlier.created_at, earlier.id) < (select first.created_at, first.id from recent as first
                order by first.created_at, first.id limit 1)
    ) as began_before
from recent
join lead_cluster as cluster
    on cluster.dealership_id = :dealership_id and cluster.id = recent.lead_cluster_id
order by recent.created_at, recent.id
""")

# The staff as it stands, without the clusters that are played through again.
STAFF_WITHOUT = Query("""
select
    member.user_id, member.absent_from, member.absent_until, member.most_open_clusters, member.last_assigned_at,
    (
        select count(*) from lead_cluster as cluster
        where cluster.dealership_id = member.dealership_id
            and cluster.user_id = member.user_id
            and cluster.merged_into_id is null
            and cluster.state in ('new', 'contacted', 'appointment')
            and not cluster.test
            and cluster.id <> all (cast(:lead_cluster_ids as bigint[]))
    ) as open_clusters
from dealership_user as member
where member.dealership_id = :dealership_id
    and exists (
        select from role_at_dealership as role
        join user_account as person on person.id = role.user_id and person.disabled_at is null
        where role.dealership_id = member.dealership_id and role.user_id = member.user_id
    )
order by member.user_id
""")
