"""The statements that give clusters to the staff."""

from __future__ import annotations

from forecourt.infra.database import Query

# A column for a statement that names the dealership: its rules in force as JSON, null where there are none.
RULES_IN_FORCE = """
    (
        select json_agg(json_build_object(
            'id', rule.id, 'name', rule.name, 'location_ids', rule.location_ids, 'categories', rule.categories,
            'sources', rule.sources
        ))
        from assignment_rule as rule
        where rule.dealership_id = dealership.id and rule.enabled
    ) as assignment_rules
"""

ENABLED_RULES = Query("""
select rule.id, rule.name, rule.location_ids, rule.categories, rule.sources
from assignment_rule as rule
where rule.dealership_id = :dealership_id and rule.enabled
order by rule.id
""")

DEALERSHIPS_WITH_RULES = Query("""
select rule.dealership_id, now() as now
from assignment_rule as rule
where rule.enabled
group by rule.dealership_id
order by rule.dealership_id
""")

# Until the transaction ends, nobody else gives the rules' users a turn. Whoever is disabled, or has no role any more, gets
# none. Always in the order of their ids, so that no
# two wait for each other. The open clusters are counted once the user's row is locked; see open_clusters_of.
LOCK_STAFF = Query("""
with locked as materialized (
    select
        member.user_id, member.absent_from, member.absent_until, member.most_open_clusters,
        member.last_assigned_at
    from dealership_user as member
    where member.dealership_id = :dealership_id
        and exists (
            select from assignment_rule_user as held
            where held.dealership_id = member.dealership_id
                and held.user_id = member.user_id
                and held.assignment_rule_id = any (cast(:rule_ids as bigint[]))
        )
        and exists (
            select from role_at_dealership as role
            join user_account as person on person.id = role.user_id and person.disabled_at is null
            where role.dealership_id = member.dealership_id and role.user_id = member.user_id
        )
    order by member.user_id
    for no key update of member
)
select
    locked.user_id, locked.absent_from, locked.absent_until, locked.most_open_clusters, locked.last_assigned_at,
    case
        when locked.most_open_clusters is not null then open_clusters_of(:dealership_id, locked.user_id)
    end as open_clusters,
    array(
        select held.assignment_rule_id from assignment_rule_user as held
        where held.dealership_id = :dealership_id
            and held.user_id = locked.user_id
            and held.assignment_rule_id = any (cast(:rule_ids as bigint[]))
    ) as rule_ids
from locked
""")

# A cluster that another transaction holds, or that has got somebody meanwhile, is left out. Each turn is later than
# all turns before it of these users, whatever the clock says.
GIVE = Query("""
with turn as materialized (
    select sent.lead_cluster_id, sent.user_id, sent.reason, sent.place
    from unnest(
        cast(:lead_cluster_ids as bigint[]), cast(:user_ids as bigint[]), cast(:reasons as text[])
    ) with ordinality as sent (lead_cluster_id, user_id, reason, place)
), clock as materialized (
    select greatest(clock_timestamp(), cast(:last_turn as timestamptz)) as started_at
), free as materialized (
    select cluster.id
    from lead_cluster as cluster
    where cluster.dealership_id = :dealership_id
        and cluster.id = any (cast(:lead_cluster_ids as bigint[]))
        and cluster.user_id is null
        and cluster.merged_into_id is null
        and cluster.state in ('new', 'contacted', 'appointment')
    for no key update of cluster skip locked
), given as (
    update lead_cluster as cluster set
        user_id = turn.user_id,
        version = cluster.version + 1,
        updated_at = cast(:now as timestamptz)
    from free
    join turn on turn.lead_cluster_id = free.id
    where cluster.dealership_id = :dealership_id and cluster.id = free.id
    returning cluster.id, cluster.version, turn.user_id, turn.reason, turn.place
), turned as (
    update dealership_user as member set
        last_assigned_at = clock.started_at + latest.place * interval '1 microsecond'
    from clock
    cross join (select user_id, max(place) as place from given group by user_id) as latest
    where member.dealership_id = :dealership_id and member.user_id = latest.user_id
), logged as (
    insert into event (
        dealership_id, lead_cluster_id, lead_cluster_version, kind, occurred_at, api_key_id, request_id, human, changes
    )
    select
        :dealership_id, given.id, given.version, 'lead_cluster.assigned', cast(:now as timestamptz), :api_key_id,
        :request_id, false,
        jsonb_build_object(
            'lead_cluster.user_id', jsonb_build_object('from', null, 'to', given.user_id),
            'reason', jsonb_build_object('from', null, 'to', cast(given.reason as jsonb))
        )
    from given
    order by given.place
)
select
    given.id as lead_cluster_id, given.user_id, given.version,
    clock.started_at + given.place * interval '1 microsecond' as assigned_at
from given
cross join clock
order by given.place
""")

# Open clusters that nobody answers for, the longest waiting first, with what their last lead asks for.
WAITING = Query("""
select
    cluster.id as lead_cluster_id,
    coalesce(cluster.waiting_since, cluster.first_lead_created_at) as since,
    enquiry.location_id, enquiry.category, enquiry.source
from lead_cluster as cluster
cross join lateral (
    select lead.location_id, lead.category, lead.source
    from lead
    where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
    order by lead.created_at desc, lead.id desc
    limit 1
) as enquiry
where cluster.dealership_id = :dealership_id
    and cluster.user_id is null
    and cluster.merged_into_id is null
    and cluster.state in ('new', 'contacted', 'appointment')
    and not cluster.test
    -- Whoever was erased can be answered by nobody.
    and not exists (
        select from contact
        where contact.dealership_id = cluster.dealership_id
            and contact.lead_cluster_id = cluster.id
            and contact.erased_at is not null
    )
    and (coalesce(cluster.waiting_since, cluster.first_lead_created_at), cluster.id)
        > (cast(:after_since as timestamptz), cast(:after_id as bigint))
order by coalesce(cluster.waiting_since, cluster.first_lead_created_at), cluster.id
limit :page
""")
