"""The statements of merging two clusters, of taking that back, and of splitting one."""

from __future__ import annotations

from forecourt.infra.database import Query

# Both clusters, always in the same order, so that two merges never wait for each other.
LOCK_CLUSTERS = Query("""
select
    cluster.id, cluster.version, cluster.golden, cluster.state, cluster.user_id, cluster.secondary_user_id,
    cluster.location_id, cluster.lead_status_option_id, cluster.tags, cluster.closed_at,
    cluster.first_lead_created_at, cluster.last_lead_created_at, cluster.merged_into_id,
    contact.id as contact_id, contact.name, contact.last_name, contact.business_name, contact.dob,
    contact.customer_address, contact.address_attributes, contact.sms_verified, contact.opt_in_to_marketing
from lead_cluster as cluster
join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
where cluster.dealership_id = :dealership_id and cluster.id = any (cast(:ids as bigint[]))
order by cluster.id
for no key update of cluster
""")

# The survivor as the merge, or its undoing, makes it.
WRITE_SURVIVOR = Query("""
with updated as (
    update lead_cluster set
        version = version + 1,
        updated_at = :now,
        golden = :golden,
        state = :state,
        user_id = :user_id,
        secondary_user_id = :secondary_user_id,
        location_id = :location_id,
        lead_status_option_id = :lead_status_option_id,
        tags = :tags,
        closed_at = :closed_at
    where dealership_id = :dealership_id and id = :id
    returning dealership_id, id, version
), met as (
    update contact set
        name = :name,
        last_name = :last_name,
        business_name = :business_name,
        dob = :dob,
        customer_address = :customer_address,
        address_attributes = :address_attributes,
        sms_verified = :sms_verified,
        opt_in_to_marketing = :opt_in_to_marketing
    from updated
    where contact.dealership_id = updated.dealership_id and contact.lead_cluster_id = updated.id
), followed as (
    insert into event (
        dealership_id, lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id, request_id, changes
    )
    select
        lead.dealership_id, lead.lead_cluster_id, lead.id, lead.version + 1, 'lead.updated', :now, :api_key_id,
        :request_id, jsonb_build_object('golden', jsonb_build_object('from', lead.golden, 'to', not lead.golden))
    from updated
    join lead on lead.dealership_id = updated.dealership_id and lead.lead_cluster_id = updated.id
    where lead.golden <> :golden
)
select version from updated
""")

# Leads go to another cluster: each gets a version, an event and a reason.
MOVE_LEADS = Query("""
with target as (
    select id, golden from lead_cluster where dealership_id = :dealership_id and id = :to_id
), moved as (
    update lead set
        lead_cluster_id = target.id,
        golden = target.golden,
        version = lead.version + 1,
        updated_at = :now
    from target
    where lead.dealership_id = :dealership_id
        and lead.lead_cluster_id = :from_id
        and lead.id = any (cast(:lead_ids as bigint[]))
    returning lead.id, lead.version, lead.lead_cluster_id
), logged as (
    insert into event (
        dealership_id, lead_cluster_id, other_lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id,
        request_id, changes
    )
    select
        :dealership_id, moved.lead_cluster_id, :from_id, moved.id, moved.version, 'lead.updated', :now, :api_key_id,
        :request_id,
        jsonb_build_object('lead_cluster_id', jsonb_build_object('from', cast(:from_id as bigint), 'to', moved.lead_cluster_id))
    from moved
), reasoned as (
    insert into lead_membership (dealership_id, lead_id, lead_cluster_id, rule, matched, since, api_key_id, request_id)
    select :dealership_id, moved.id, moved.lead_cluster_id, :rule, '[]', :now, :api_key_id, :request_id
    from moved
)
select id from moved order by id
""")

LEADS_OF = Query("""
select lead.id, lead.email_normalised, lead.phone_e164, lead.created_at
from lead
where lead.dealership_id = :dealership_id and lead.lead_cluster_id = :lead_cluster_id
order by lead.id
""")

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
    array(select id from suggestions order by id) as suggested_ids
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
    update possible_duplicate set decision = null, decided_at = null, decided_by_api_key_id = null
    where dealership_id = :dealership_id
        and lead_cluster_id = least(:survivor_id, :merged_id)
        and other_lead_cluster_id = greatest(:survivor_id, :merged_id)
        and reasons <> '[]'
), unmade as (
    delete from possible_duplicate
    where dealership_id = :dealership_id
        and lead_cluster_id = least(:survivor_id, :merged_id)
        and other_lead_cluster_id = greatest(:survivor_id, :merged_id)
        and reasons = '[]'
)
update cluster_merge set undone_at = :now where dealership_id = :dealership_id and id = :merge_id
""")

RESTORE_MERGED = Query("""
update lead_cluster set merged_into_id = null, version = version + 1, updated_at = :now
where dealership_id = :dealership_id and id = :merged_id
returning version
""")

# From the leads that are there now.
DATE_CLUSTERS = Query("""
update lead_cluster as cluster set
    first_lead_created_at = leads.first_at,
    last_lead_created_at = leads.last_at
from (
    select lead.lead_cluster_id, min(lead.created_at) as first_at, max(lead.created_at) as last_at
    from lead
    where lead.dealership_id = :dealership_id and lead.lead_cluster_id = any (cast(:ids as bigint[]))
    group by lead.lead_cluster_id
) as leads
where cluster.dealership_id = :dealership_id and cluster.id = leads.lead_cluster_id
""")

# A new cluster beside the one that it is split from, with a contact of its own.
OPEN_BESIDE = Query("""
with opened as (
    insert into lead_cluster (
        dealership_id, golden, state, user_id, secondary_user_id, location_id, tags, created_at, updated_at,
        first_lead_created_at, last_lead_created_at, closed_at, settled_at
    )
    select
        source.dealership_id, source.golden, source.state, source.user_id, source.secondary_user_id,
        source.location_id,
        array(
            select distinct tag from lead cross join unnest(lead.tags) as tag
            where lead.dealership_id = source.dealership_id and lead.id = any (cast(:lead_ids as bigint[]))
            order by tag
        ),
        :now, :now, source.first_lead_created_at, source.last_lead_created_at, source.closed_at,
        -- What a human has answered stays answered.
        greatest(source.settled_at, (
            select max(event.occurred_at)
            from clusters_within(source.dealership_id, source.id) as within
            join event
                on event.dealership_id = source.dealership_id and event.lead_cluster_id = within and event.human
        ))
    from lead_cluster as source
    where source.dealership_id = :dealership_id and source.id = :lead_cluster_id
    returning dealership_id, id
), met as (
    insert into contact (
        dealership_id, lead_cluster_id, name, last_name, dob, customer_address, address_attributes, sms_verified,
        opt_in_to_marketing
    )
    select
        opened.dealership_id, opened.id, newest.name, newest.last_name, newest.dob, newest.customer_address,
        newest.address_attributes, coalesce(newest.sms_verified, false), newest.opt_in_to_marketing
    from opened
    cross join lateral (
        select
            lead.name, lead.last_name, lead.dob, lead.customer_address, lead.address_attributes, lead.sms_verified,
            lead.opt_in_to_marketing
        from lead
        where lead.dealership_id = opened.dealership_id and lead.id = any (cast(:lead_ids as bigint[]))
        order by lead.created_at desc, lead.id desc
        limit 1
    ) as newest
    returning id
)
select opened.id as id, met.id as contact_id from opened cross join met
""")

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

# Contact points after a split: each contact has what its leads have; what no lead has stays where it was.
SPLIT_POINTS = Query("""
with moved as (
    select 'email' as kind, email_normalised as value, min(created_at) as seen_at from lead
    where dealership_id = :dealership_id and lead_cluster_id = :new_id and email_normalised is not null
    group by email_normalised
    union
    select 'phone', phone_e164, min(created_at) from lead
    where dealership_id = :dealership_id and lead_cluster_id = :new_id and phone_e164 is not null
    group by phone_e164
), given as (
    insert into contact_point (dealership_id, kind, value, contact_id, first_seen_at)
    select :dealership_id, kind, value, :new_contact_id, seen_at from moved
    on conflict do nothing
)
delete from contact_point as point
using contact
where contact.dealership_id = :dealership_id
    and contact.lead_cluster_id = :lead_cluster_id
    and point.dealership_id = contact.dealership_id
    and point.contact_id = contact.id
    and (point.kind, point.value) in (select kind, value from moved)
    and not exists (
        select from lead
        where lead.dealership_id = :dealership_id
            and lead.lead_cluster_id = :lead_cluster_id
            and point.value in (lead.email_normalised, lead.phone_e164)
    )
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
where cluster.id <> :lead_cluster_id and cluster.merged_into_id is null
""")
