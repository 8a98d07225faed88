"""The statements that erase a person.

Each names the clusters or the leads that are the person's alone. A number that two people share is both people's: it
goes from the one and stays with the other.
"""

from __future__ import annotations

from forecourt.infra.database import Query

# The person's clusters, and those that once met one of them, in a merge, in a split or as a possible duplicate: what was
# told of these may hold what the two had in common.
_MET = """
with met as (
    select unnest(cast(:cluster_ids as bigint[])) as id
    union
    select unnest(array[survivor_id, merged_id])
    from cluster_merge
    where dealership_id = :dealership_id
        and (survivor_id = any (cast(:cluster_ids as bigint[])) or merged_id = any (cast(:cluster_ids as bigint[])))
    union
    select unnest(array[lead_cluster_id, other_lead_cluster_id])
    from possible_duplicate
    where dealership_id = :dealership_id
        and (
            lead_cluster_id = any (cast(:cluster_ids as bigint[]))
            or other_lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        )
    union
    select other_lead_cluster_id
    from event
    where dealership_id = :dealership_id
        and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        and other_lead_cluster_id is not null
)
"""

# Answers under an Idempotency-Key: a retry is told that the person was erased.
FORGET_ANSWERS = Query(
    _MET
    + """
update idempotent_answer set status = 410, body = ''
where lead_id = any (cast(:lead_ids as bigint[])) or lead_cluster_id in (select id from met)
"""
)

# Of what was told to others. The mark comes first: it waits for attempts that are being written down, and one that ends later
# finds it (deliveries/queries.py: FINISH).
FORGET_DELIVERIES = Query(
    _MET
    + """
, told as (
    select told.id
    from met
    join delivery as told on told.dealership_id = :dealership_id and told.lead_cluster_id = met.id
    union
    select told.id
    from delivery as told
    where told.dealership_id = :dealership_id and told.lead_id = any (cast(:lead_ids as bigint[]))
)
update delivery set forgotten = true
from told
where delivery.dealership_id = :dealership_id and delivery.id = told.id and not delivery.forgotten
returning delivery.id
"""
)

BLANK_ATTEMPTS = Query("""
update delivery_attempt set request_body = null, response_body = null
where dealership_id = :dealership_id and delivery_id = any (cast(:delivery_ids as bigint[]))
""")

# Undecided ones are no question any more. Decided ones stay, without what the two had in common; so do those of others
# that name one of the person's leads.
FORGET_POSSIBLE_DUPLICATES = Query("""
with undecided as (
    delete from possible_duplicate
    where dealership_id = :dealership_id
        and decision is null
        and (
            lead_cluster_id = any (cast(:cluster_ids as bigint[]))
            or other_lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        )
)
update possible_duplicate as possible set reasons = (
    select coalesce(jsonb_agg(reason), '[]')
    from jsonb_array_elements(possible.reasons) as reason
    where possible.lead_cluster_id <> all (cast(:cluster_ids as bigint[]))
        and possible.other_lead_cluster_id <> all (cast(:cluster_ids as bigint[]))
        and not coalesce(cast(reason ->> 'lead_id' as bigint) = any (cast(:lead_ids as bigint[])), false)
)
where possible.dealership_id = :dealership_id
    and (
        decision is not null
        and (
            possible.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
            or possible.other_lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        )
        or exists (
            select from jsonb_array_elements(possible.reasons) as reason
            where cast(reason ->> 'lead_id' as bigint) = any (cast(:lead_ids as bigint[]))
        )
        and possible.lead_cluster_id <> all (cast(:cluster_ids as bigint[]))
        and possible.other_lead_cluster_id <> all (cast(:cluster_ids as bigint[]))
    )
""")

# The log says what happened and when, and to which fields; no longer what was in them.
BLANK_EVENTS = Query("""
with related as (
    select unnest(cast(:cluster_ids as bigint[])) as id
    union
    select other_lead_cluster_id
    from event
    where dealership_id = :dealership_id
        and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        and other_lead_cluster_id is not null
)
update event set changes = (
    select coalesce(jsonb_object_agg(
        field.key,
        case
            when field.key like '%#_id' escape '#' or field.key like '%#_ids' escape '#' or field.key like '%.id'
                or regexp_replace(field.key, '^(lead_cluster|contact|appointment|activity)[.]', '')
                = any (cast(:told_still as text[]))
                then field.value
            else jsonb_build_object('from', null, 'to', null, 'erased', true)
        end
    ), '{}')
    from jsonb_each(event.changes) as field
)
where event.dealership_id = :dealership_id
    and (
        event.lead_id = any (cast(:lead_ids as bigint[]))
        or event.lead_id is null
        and event.lead_cluster_id in (select id from related)
        and (
            event.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
            or event.other_lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        )
    )
""")

# What staff did at a cluster that the person's leads left, by a split or with a merge that was taken back, may tell of
# the person: the contact's name that was corrected, say. There what equals something of the person's goes.
BLANK_EVENTS_ELSEWHERE = Query("""
with elsewhere as (
    select distinct other_lead_cluster_id as id
    from event
    where dealership_id = :dealership_id
        and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        and other_lead_cluster_id <> all (cast(:cluster_ids as bigint[]))
), theirs as (
    select told.word
    from lead
    cross join lateral (values
        (lead.name), (lead.last_name), (to_char(lead.dob, 'DD/MM/YYYY')), (lead.customer_address),
        (cast(cast(lead.address_attributes as jsonb) as text))
    ) as told (word)
    where lead.dealership_id = :dealership_id and lead.id = any (cast(:lead_ids as bigint[])) and told.word is not null
    union
    select told.word
    from event
    cross join lateral jsonb_each(event.changes) as field
    cross join lateral (values (field.value ->> 'from'), (field.value ->> 'to')) as told (word)
    where event.dealership_id = :dealership_id
        and event.lead_id = any (cast(:lead_ids as bigint[]))
        and field.key in ('name', 'last_name', 'dob', 'customer_address', 'address_attributes')
        and told.word is not null
), telling as (
    select event.id, field.key
    from elsewhere
    join event
        on event.dealership_id = :dealership_id
        and event.lead_cluster_id = elsewhere.id
        and event.lead_id is null
    cross join lateral jsonb_each(event.changes) as field
    where field.key like 'contact.%'
        and (field.value ->> 'from' in (select word from theirs) or field.value ->> 'to' in (select word from theirs))
)
update event set changes = event.changes || told.blank
from (
    select id, jsonb_object_agg(key, jsonb_build_object('from', null, 'to', null, 'erased', true)) as blank
    from telling
    group by id
) as told
where event.dealership_id = :dealership_id and event.id = told.id
""")

BLANK_MERGES = Query("""
update cluster_merge set changes = '{}', given = '{}'
where dealership_id = :dealership_id
    and (survivor_id = any (cast(:cluster_ids as bigint[])) or merged_id = any (cast(:cluster_ids as bigint[])))
""")

BLANK_MEMBERSHIPS = Query("""
update lead_membership set matched = '[]'
where dealership_id = :dealership_id and lead_id = any (cast(:lead_ids as bigint[])) and matched <> '[]'
""")

BLANK_WHAT_STAFF_WROTE = Query("""
with notes as (
    update appointment set note = null, outcome = null
    where dealership_id = :dealership_id
        and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        and (note is not null or outcome is not null)
), drafts as (
    delete from draft
    where dealership_id = :dealership_id and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
)
update activity set body = null
where dealership_id = :dealership_id
    and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
    and body is not null
""")

# What waits is told to nobody any more. What is being handed over can no longer be called back.
CALL_OFF_DELIVERIES = Query("""
update delivery set
    state = 'cancelled',
    leased_until = null,
    reason = 'the person was erased',
    ended_at = :now
where dealership_id = :dealership_id
    and (lead_id = any (cast(:lead_ids as bigint[])) or lead_cluster_id = any (cast(:cluster_ids as bigint[])))
    and channel in ('customer_email', 'message', 'notification')
    and (state = 'waiting' or state = 'sending' and handed_over_at is null)
""")

# That something was written, when and how often it was tried stays; not what it said, nor to whom. So too of what was
# written to the person while they were merged with somebody else, or not yet split off.
BLANK_MESSAGES = Query("""
with point as (
    select own.kind, own.value
    from contact
    join contact_point as own on own.dealership_id = contact.dealership_id and own.contact_id = contact.id
    where contact.dealership_id = :dealership_id
        and contact.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
), blanked as (
    update message set
        reply_to = null,
        recipient = null,
        subject = null,
        body_text = null,
        body_html = null,
        headers = '{}'
    where message.dealership_id = :dealership_id
        and (
            message.lead_id = any (cast(:lead_ids as bigint[]))
            or message.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
            or message.purpose in ('customer_email', 'message')
            and lower(message.recipient) in (select point.value from point)
            and not exists (
                select from contact
                join contact_point as theirs
                    on theirs.dealership_id = contact.dealership_id and theirs.contact_id = contact.id
                where contact.dealership_id = message.dealership_id
                    and contact.lead_cluster_id = message.lead_cluster_id
                    and theirs.value = lower(message.recipient)
            )
        )
    returning message.dealership_id, message.delivery_id, message.activity_id
), unsaid as (
    update activity set body = null
    from blanked
    where activity.dealership_id = blanked.dealership_id and activity.id = blanked.activity_id
)
update delivery_attempt as attempt set
    request_headers = null,
    request_body = null,
    response_headers = null,
    response_body = null
from (
    select delivery.dealership_id, delivery.id
    from delivery
    where delivery.dealership_id = :dealership_id
        and (
            delivery.lead_id = any (cast(:lead_ids as bigint[]))
            or delivery.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        )
    union
    select dealership_id, delivery_id from blanked
) as told
where attempt.dealership_id = told.dealership_id and attempt.delivery_id = told.id
""")

# What waits in the holding inbox is the person's by what any new enquiry is: a way to reach them, unless it tells nobody
# apart. A document as it came goes as a whole, whoever else is in it: what it said of them is in their leads. Before the
# contact's points are gone.
FORGET_ADF = Query("""
with reached as (
    select array_agg(point.value) as points
    from contact
    join contact_point as point
        on point.dealership_id = contact.dealership_id and point.contact_id = contact.id
    where contact.dealership_id = :dealership_id
        and contact.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        and not is_stopped(:dealership_id, point.kind, point.value)
), held as (
    update adf_held set
        state = 'erased',
        content = null,
        summary = null,
        points = '{}',
        decided_at = :now,
        decided_by_api_key_id = :api_key_id
    where state = 'open'
        and points && (select points from reached)
        and api_key_id in (select api_key_id from api_key_dealership where dealership_id = :dealership_id)
)
delete from adf_document
where id in (
        select adf_document_id from adf_document_lead
        where dealership_id = :dealership_id and lead_id = any (cast(:lead_ids as bigint[]))
    )
    or points && (select points from reached)
        and api_key_id in (select api_key_id from api_key_dealership where dealership_id = :dealership_id)
""")

DELETE_FILES = Query("""
delete from lead_file
where dealership_id = :dealership_id and lead_id = any (cast(:lead_ids as bigint[]))
returning stored_name
""")

LOCK_LEADS = Query("""
select id from lead
where dealership_id = :dealership_id and id = any (cast(:lead_ids as bigint[]))
order by id
for no key update
""")

# A lead keeps its id, its times, its category and source, its car and its tags.
BLANK_LEADS = Query("""
with points as (
    delete from lead_point
    where dealership_id = :dealership_id and lead_id = any (cast(:lead_ids as bigint[]))
), blanked as (
    update lead set
        version = version + 1,
        updated_at = :now,
        name = null,
        last_name = null,
        email = null,
        email_normalised = null,
        phone = null,
        phone_e164 = null,
        message = null,
        dob = null,
        customer_address = null,
        address_attributes = null,
        fields = null,
        charge_breakdown = null,
        extra = null
    where dealership_id = :dealership_id and id = any (cast(:lead_ids as bigint[]))
    returning id, lead_cluster_id, version
)
insert into event (
    dealership_id, lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id, request_id, changes
)
select
    :dealership_id, blanked.lead_cluster_id, blanked.id, blanked.version, 'lead.erased', :now, :api_key_id, :request_id,
    '{}'
from blanked
order by blanked.id
""")

# The consent log keeps each answer with its time, for whoever must prove it.
BLANK_CONTACTS = Query("""
with points as (
    delete from contact_point as point
    using contact
    where contact.dealership_id = :dealership_id
        and contact.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
        and point.dealership_id = contact.dealership_id
        and point.contact_id = contact.id
), settled as (
    update lead_cluster set
        version = version + 1,
        updated_at = :now,
        settled_at = :now,
        by_hand = '{}',
        conflicts = '{}'
    where dealership_id = :dealership_id and id = any (cast(:cluster_ids as bigint[]))
)
update contact set
    name = null,
    last_name = null,
    business_name = null,
    dob = null,
    customer_address = null,
    address_attributes = null,
    erased_at = :now
where dealership_id = :dealership_id and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
""")

ERASED_AT = Query("""
select erased_at from contact where dealership_id = :dealership_id and id = :contact_id
""")
