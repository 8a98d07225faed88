"""The statements behind the customer's page: the customer, and what they wrote."""

from __future__ import annotations

from forecourt.clusters.find_queries import COLUMNS, JOINED
from forecourt.infra.database import Query
from forecourt.leads.find_queries import COMPANIONS, LEAD_COLUMNS

# The customer whose page it is; of a merged one the survivor.
SHEET = Query(
    "select"
    + COLUMNS.rstrip()
    + """,
    dealership.name as dealership_name, dealership.timezone, dealership.country, dealership.uses_appointment_state,
    now() as now, cluster.due_at, cluster.overdue_at, cluster.snoozed_until,
    (
        select location.name from location
        where location.dealership_id = cluster.dealership_id and location.id = cluster.location_id
    ) as location,
    cluster.test,
    (
        select json_agg(json_build_object(
            'value', consent.value, 'given_at', consent.given_at, 'lead_id', consent.lead_id,
            'api_key_id', consent.api_key_id, 'source', consent.source
        ) order by consent.id desc)
        from marketing_consent as consent
        where consent.dealership_id = contact.dealership_id and consent.contact_id = contact.id
    ) as consents,
    (
        select json_agg(json_build_object(
            'id', person.id, 'name', person.name,
            'away', (member.absent_from is not null or member.absent_until is not null)
                and coalesce(member.absent_from <= now(), true)
                and coalesce(member.absent_until > now(), true),
            'gone', person.disabled_at is not null
        ) order by lower(person.name), person.id)
        from dealership_user as member
        join user_account as person on person.id = member.user_id
        where member.dealership_id = cluster.dealership_id
    ) as people,
    (
        select json_agg(json_build_object('id', location.id, 'name', location.name) order by location.name, location.id)
        from location where location.dealership_id = cluster.dealership_id
    ) as locations,
    (
        select json_agg(json_build_object('id', option.id, 'name', option.name, 'state', option.state)
            order by option.position, option.id)
        from lead_status_option as option
        where option.dealership_id = cluster.dealership_id and option.enabled
    ) as options,
    (
        select json_agg(json_build_object(
            'weekday', hours.weekday, 'opens', to_char(hours.opens, 'HH24:MI'), 'closes', to_char(hours.closes, 'HH24:MI')
        ) order by hours.weekday, hours.opens)
        from opening_hours as hours
        where hours.dealership_id = cluster.dealership_id
            and hours.location_id is not distinct from (
                select own.location_id from opening_hours as own
                where own.dealership_id = cluster.dealership_id and own.location_id = cluster.location_id
                limit 1
            )
    ) as hours,
    (
        select json_agg(json_build_object(
            'id', car.id, 'stocknum', car.stocknum, 'name', car.name, 'year', coalesce(looked_at.year, car.year),
            'make', car.make, 'model', car.model, 'badge', coalesce(looked_at.badge, car.badge),
            'colour', coalesce(looked_at.colour, car.colour), 'condition', car.condition, 'price', car.price,
            'others', (
                select count(other.id) from (
                    select distinct live.id
                    from lead
                    join lead_cluster as live
                        on live.dealership_id = lead.dealership_id and live.id = lead.lead_cluster_id
                    where lead.dealership_id = car.dealership_id
                        and lead.stocknum is not null
                        and (lower(lead.stocknum) collate "C") = (lower(car.stocknum) collate "C")
                        and live.id <> cluster.id
                        and live.test = cluster.test
                        and live.merged_into_id is null
                        and live.state in ('new', 'contacted', 'appointment')
                    limit 20
                ) as other
            )
        ) order by asked.at desc, car.id)
        from (
            select named.car_id, max(named.at) as at
            from (
                select lead.car_id, lead.created_at as at from lead
                where lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
                union all
                select seen.car_id, cluster.created_at from car_lead_cluster as seen
                where seen.dealership_id = cluster.dealership_id and seen.lead_cluster_id = cluster.id
            ) as named
            where named.car_id is not null
            group by named.car_id
        ) as asked
        join car on car.dealership_id = cluster.dealership_id and car.id = asked.car_id
        left join car_lead_cluster as looked_at
            on looked_at.dealership_id = cluster.dealership_id
            and looked_at.lead_cluster_id = cluster.id
            and looked_at.car_id = car.id
    ) as cars,
    (
        select json_agg(json_build_object(
            'merged_id', merge.merged_id, 'merged_at', merge.merged_at,
            'name', nullif(trim(coalesce(theirs.name, '') || ' ' || coalesce(theirs.last_name, '')), ''),
            'undoable', merge.merged_at > now() - interval '30 days'
        ) order by merge.merged_at desc)
        from cluster_merge as merge
        join contact as theirs
            on theirs.dealership_id = merge.dealership_id and theirs.lead_cluster_id = merge.merged_id
        where merge.dealership_id = cluster.dealership_id and merge.survivor_id = cluster.id and merge.undone_at is null
    ) as merges,
    (
        select json_agg(json_build_object(
            'medium', kept.medium, 'subject', kept.subject, 'body', kept.body, 'updated_at', kept.updated_at
        ))
        from (
            select distinct on (draft.medium) draft.medium, draft.subject, draft.body, draft.updated_at
            from draft
            where draft.dealership_id = cluster.dealership_id
                and draft.lead_cluster_id in (select clusters_within(cluster.dealership_id, cluster.id))
                and draft.user_id = :me
            order by draft.medium, draft.updated_at desc
        ) as kept
    ) as drafts,
    (
        select json_agg(json_build_object(
            'activity_id', activity.id, 'by', writer.name, 'body', activity.body, 'at', activity.occurred_at
        ) order by activity.occurred_at desc)
        from mention
        join activity on activity.dealership_id = mention.dealership_id and activity.id = mention.activity_id
        left join user_account as writer on writer.id = activity.user_id
        where mention.user_id = :me
            and mention.seen_at is null
            and mention.dealership_id = cluster.dealership_id
            and activity.lead_cluster_id = cluster.id
            and activity.undone_at is null
    ) as mentions
from lead_cluster as cluster"""
    + JOINED
    + "where cluster.dealership_id = :dealership_id and cluster.id = survivor_of(:dealership_id, :lead_cluster_id)\n"
)

# Every enquiry of the customer's, the latest in front, with the names of what it names.
ENQUIRIES = Query(
    "select"
    + LEAD_COLUMNS.rstrip()
    + ","
    + COMPANIONS.rstrip()
    + """,
    created.request_id, creator.name as key,
    json_strip_nulls(json_build_object(
        'website', website.name, 'page', coalesce(page.name, page.url), 'location', location.name,
        'model', nullif(trim(coalesce(model.make, '') || ' ' || coalesce(model.name, '')), ''), 'variant', variant.name,
        'colour', colour.name, 'team_member', team_member.name, 'user', person.name,
        'car', coalesce(car.name, car.stocknum)
    )) as names,
    reason.rule, reason.matched
from lead
join dealership on dealership.id = lead.dealership_id
left join event as created
    on created.dealership_id = lead.dealership_id and created.lead_id = lead.id and created.lead_version = 1
left join api_key as creator on creator.id = created.api_key_id
left join website on website.dealership_id = lead.dealership_id and website.id = lead.website_id
left join page on page.dealership_id = lead.dealership_id and page.id = lead.page_id
left join location on location.dealership_id = lead.dealership_id and location.id = lead.location_id
left join car on car.dealership_id = lead.dealership_id and car.id = lead.car_id
left join model on model.id = lead.model_id
left join model_variant as variant on variant.id = lead.model_variant_id
left join colour on colour.id = lead.colour_id
left join team_member on team_member.dealership_id = lead.dealership_id and team_member.id = lead.team_member_id
left join user_account as person on person.id = lead.user_id
left join lateral (
    select membership.rule, membership.matched
    from lead_membership as membership
    where membership.dealership_id = lead.dealership_id and membership.lead_id = lead.id
    order by membership.id desc
    limit 1
) as reason on true
where lead.dealership_id = :dealership_id and lead.lead_cluster_id = :lead_cluster_id
order by lead.created_at desc, lead.id desc
limit 200
"""
)

# A file of one of the dealership's leads, for somebody who is signed in.
FILE = Query("""
select file.filename, file.content_type, file.stored_name
from lead_file as file
join lead on lead.dealership_id = file.dealership_id and lead.id = file.lead_id
where file.dealership_id = :dealership_id
    and file.id = :file_id
    and lead.id = :lead_id
    and lead.lead_cluster_id in (select clusters_within(:dealership_id, :lead_cluster_id))
""")

SEEN = Query("""
update mention set seen_at = now()
from activity
where mention.user_id = :me
    and mention.seen_at is null
    and mention.dealership_id = :dealership_id
    and activity.dealership_id = mention.dealership_id
    and activity.id = mention.activity_id
    and activity.lead_cluster_id = :lead_cluster_id
""")
