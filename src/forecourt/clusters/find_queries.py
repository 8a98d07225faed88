"""The statements that read lead clusters."""

from __future__ import annotations

from typing import LiteralString

from forecourt.infra.database import Query

# Of a list and of one alike; JSON for what is a thing of its own. Names the ``cluster``.
COLUMNS: LiteralString = """
    cluster.id, cluster.dealership_id, dealership.slug as dealership_slug, cluster.version,
    cluster.state as lead_state, cluster.lead_status_option_id,
    (
        select json_build_object('id', status_option.id, 'name', status_option.name)
        from lead_status_option as status_option
        where status_option.dealership_id = cluster.dealership_id and status_option.id = cluster.lead_status_option_id
    ) as lead_status_option,
    cluster.golden, cluster.user_id, cluster.secondary_user_id,
    (
        select json_build_object('id', person.id, 'name', person.name, 'email', person.email)
        from user_account as person where person.id = cluster.user_id
    ) as user,
    (
        select json_build_object('id', person.id, 'name', person.name, 'email', person.email)
        from user_account as person where person.id = cluster.secondary_user_id
    ) as secondary_user,
    cluster.location_id, cluster.approved, cluster.approved_at,
    case when cluster.approved then json_build_object('api_key_id', cluster.approver_api_key_id, 'user', (
        select json_build_object('id', person.id, 'name', person.name, 'email', person.email)
        from user_account as person where person.id = cluster.approver_user_id
    )) end as approver,
    cluster.tags,
    (
        select json_agg(json_build_object(
            'id', looked_at.id, 'car_id', looked_at.car_id, 'stocknum', car.stocknum, 'name', car.name,
            'family_id', looked_at.family_id, 'manufacturer_id', looked_at.manufacturer_id,
            'year', coalesce(looked_at.year, car.year), 'badge', coalesce(looked_at.badge, car.badge),
            'colour', coalesce(looked_at.colour, car.colour)
        ) order by looked_at.id)
        from car_lead_cluster as looked_at
        join car on car.dealership_id = looked_at.dealership_id and car.id = looked_at.car_id
        where looked_at.dealership_id = cluster.dealership_id and looked_at.lead_cluster_id = cluster.id
    ) as car_lead_clusters,
    json_build_object(
        'id', contact.id, 'name', contact.name, 'last_name', contact.last_name,
        'business_name', contact.business_name, 'dob', to_char(contact.dob, 'DD/MM/YYYY'),
        'customer_address', contact.customer_address, 'address_attributes', contact.address_attributes,
        'sms_verified', contact.sms_verified, 'opt_in_to_marketing', contact.opt_in_to_marketing,
        'erased_at', contact.erased_at,
        'emails', coalesce((
            select json_agg(json_build_object('value', point.value, 'first_seen_at', point.first_seen_at)
                order by point.first_seen_at, point.value)
            from contact_point as point
            where point.dealership_id = contact.dealership_id and point.contact_id = contact.id and point.kind = 'email'
        ), '[]'),
        'phones', coalesce((
            select json_agg(json_build_object('value', point.value, 'first_seen_at', point.first_seen_at)
                order by point.first_seen_at, point.value)
            from contact_point as point
            where point.dealership_id = contact.dealership_id and point.contact_id = contact.id and point.kind = 'phone'
        ), '[]')
    ) as contact,
    (
        select count(lead.id) from lead
        where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
    ) as lead_count,
    cluster.first_lead_created_at, cluster.last_lead_created_at, cluster.waiting_since, cluster.closed_at,
    cluster.earlier_lead_cluster_id,
    array(
        select merged.id from lead_cluster as merged
        where merged.dealership_id = cluster.dealership_id and merged.merged_into_id = cluster.id
        order by merged.id
    ) as merged_lead_cluster_ids,
    cluster.by_hand, cluster.conflicts,
    (
        select count(other.id)
        from possible_duplicate as possible
        join lead_cluster as other
            on other.dealership_id = possible.dealership_id
            and other.id = possible.lead_cluster_id + possible.other_lead_cluster_id - cluster.id
        where possible.dealership_id = cluster.dealership_id
            and cluster.id in (possible.lead_cluster_id, possible.other_lead_cluster_id)
            and possible.decision is null
            and other.merged_into_id is null
    ) as possible_duplicates,
    (
        select json_build_object(
            'answered_at', clock.answered_at, 'answered_by', clock.answered_by,
            'first_response_seconds', clock.first_response_seconds,
            'first_response_business_seconds', clock.first_response_business_seconds,
            'target_minutes', clock.target_minutes, 'overdue_minutes', clock.overdue_minutes,
            'due_at', clock.due_at, 'overdue_at', clock.overdue_at,
            'overdue', coalesce(clock.overdue_at <= now(), false)
        )
        from response_clock(cluster) as clock
    ) as response_clock,
    cluster.created_at, cluster.updated_at
"""

JOINED: LiteralString = """
join dealership on dealership.id = cluster.dealership_id
join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
"""

CLUSTER = Query(
    "select"
    + COLUMNS.rstrip()
    + """,
    cluster.merged_into_id,
    (
        select json_agg(json_build_object(
            'id', lead.id, 'version', lead.version, 'created_at', lead.created_at, 'category', lead.category,
            'source', lead.source, 'lead_state', lead.lead_state, 'message', lead.message,
            'stocknum', lead.stocknum, 'car_id', lead.car_id, 'provider', lead.provider,
            'membership', (
                select json_build_object('rule', reason.rule, 'matched', reason.matched, 'since', reason.since)
                from lead_membership as reason
                where reason.dealership_id = lead.dealership_id and reason.lead_id = lead.id
                order by reason.id desc limit 1
            )
        ) order by lead.created_at desc, lead.id desc)
        from lead
        where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
    ) as leads,
    (
        select json_agg(json_build_object(
            'value', consent.value, 'given_at', consent.given_at, 'lead_id', consent.lead_id,
            'api_key_id', consent.api_key_id, 'source', consent.source
        ) order by consent.id desc)
        from marketing_consent as consent
        where consent.dealership_id = contact.dealership_id and consent.contact_id = contact.id
    ) as consents
from lead_cluster as cluster"""
    + JOINED
    + "where cluster.dealership_id = :dealership_id and cluster.id = :lead_cluster_id"
)

SURVIVOR = Query("""
select cluster.id, cluster.version
from lead_cluster as cluster
where cluster.dealership_id = :dealership_id
    and cluster.id = survivor_of(:dealership_id, :lead_cluster_id)
    and (cast(:test as boolean) is null or cluster.test = :test)
""")

LOCK = Query("""
select version, merged_into_id from lead_cluster
where dealership_id = :dealership_id and id = :lead_cluster_id
for no key update
""")

EVENTS = Query("""
select
    event.id, event.kind, event.occurred_at, event.lead_id, event.lead_version, event.lead_cluster_version,
    event.other_lead_cluster_id, event.request_id, event.changes, event.human, event.user_id,
    event.api_key_id as actor_id, actor.name as actor_name
from event
left join api_key as actor on actor.id = event.api_key_id
where event.dealership_id = :dealership_id
    and event.lead_cluster_id in (select clusters_within(:dealership_id, :lead_cluster_id))
    and (cast(:before as bigint) is null or event.id < :before)
order by event.id desc
limit :size
""")
