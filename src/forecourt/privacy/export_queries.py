"""The statements that bring together what is known about a person, beside their clusters."""

from __future__ import annotations

from forecourt.infra.database import Query
from forecourt.leads.find_queries import COMPANIONS, LEAD_COLUMNS

LEADS = Query(
    "select"
    + LEAD_COLUMNS.rstrip()
    + ","
    + COMPANIONS
    + """
from lead
join dealership on dealership.id = lead.dealership_id
where lead.dealership_id = :dealership_id and lead.id = any (cast(:lead_ids as bigint[]))
order by lead.created_at, lead.id
"""
)

FILES = Query("""
select id, lead_id, filename, content_type, size, encode(sha256, 'hex') as sha256, stored_name
from lead_file
where dealership_id = :dealership_id and lead_id = any (cast(:lead_ids as bigint[]))
order by lead_id, id
""")

# One JSON text each, in the order of time.
APPOINTMENTS = Query("""
select coalesce(json_agg(to_jsonb(appointment) - 'dealership_id' order by starts_at, id), '[]') as told
from appointment
where dealership_id = :dealership_id and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
""")

ACTIVITIES = Query("""
select coalesce(json_agg(to_jsonb(activity) - 'dealership_id' order by occurred_at, id), '[]') as told
from activity
where dealership_id = :dealership_id and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
""")

DRAFTS = Query("""
select coalesce(json_agg(to_jsonb(draft) - 'dealership_id' order by updated_at), '[]') as told
from draft
where dealership_id = :dealership_id and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
""")

CONSENTS = Query("""
select coalesce(json_agg(to_jsonb(consent) - 'dealership_id' order by consent.id), '[]') as told
from marketing_consent as consent
join contact on contact.dealership_id = consent.dealership_id and contact.id = consent.contact_id
where contact.dealership_id = :dealership_id and contact.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
""")

MESSAGES = Query("""
select coalesce(json_agg(
    to_jsonb(message) - array['dealership_id', 'unsubscribe_token'] || jsonb_build_object('state', delivery.state)
    order by message.id
), '[]') as told
from message
join delivery on delivery.dealership_id = message.dealership_id and delivery.id = message.delivery_id
where message.dealership_id = :dealership_id
    and (
        message.lead_id = any (cast(:lead_ids as bigint[]))
        or message.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
    )
""")

# Whoever else is in a document is no business of this person's.
ADF_DOCUMENTS = Query("""
select coalesce(json_agg(json_build_object(
    'received_at', document.received_at, 'content_type', document.content_type,
    'content', encode(document.content, 'base64')
) order by document.received_at, document.id), '[]') as told
from (
    select link.adf_document_id, count(*) as leads
    from adf_document_lead as link
    where link.dealership_id = :dealership_id and link.lead_id = any (cast(:lead_ids as bigint[]))
    group by link.adf_document_id
) as told
join adf_document as document on document.id = told.adf_document_id and document.prospects <= told.leads
""")

ADF_HELD = Query("""
select coalesce(json_agg(json_build_object(
    'id', held.id, 'received_at', held.received_at, 'reason', held.reason, 'document', held.content
) order by held.id), '[]') as told
from adf_held as held
where held.state = 'open'
    and held.api_key_id in (select api_key_id from api_key_dealership where dealership_id = :dealership_id)
    and held.points && array(
        select point.value
        from contact
        join contact_point as point
            on point.dealership_id = contact.dealership_id and point.contact_id = contact.id
        where contact.dealership_id = :dealership_id
            and contact.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
            and not is_stopped(:dealership_id, point.kind, point.value)
    )
""")

# Which webhooks carried the person's data, and when; of an address no more than the host, for the rest may be a secret.
WEBHOOK_DELIVERIES = Query("""
select coalesce(json_agg(json_build_object(
    'id', delivery.id, 'event_id', delivery.event_id, 'topic', delivery.topic, 'state', delivery.state,
    'webhook_id', endpoint.id, 'schema', endpoint.schema,
    'host', split_part(split_part(split_part(endpoint.url, '://', 2), '/', 1), '?', 1),
    'lead_cluster_id', delivery.lead_cluster_id, 'lead_id', delivery.lead_id, 'attempts', (
        select coalesce(json_agg(json_build_object(
            'started_at', attempt.started_at, 'outcome', attempt.outcome, 'status', attempt.status
        ) order by attempt.number), '[]')
        from delivery_attempt as attempt
        where attempt.dealership_id = delivery.dealership_id and attempt.delivery_id = delivery.id
    )
) order by delivery.id), '[]') as told
from delivery
join webhook_endpoint as endpoint
    on endpoint.dealership_id = delivery.dealership_id and endpoint.id = delivery.webhook_endpoint_id
where delivery.dealership_id = :dealership_id
    and delivery.channel = 'webhook'
    and delivery.attempts > 0
    and (
        delivery.lead_id = any (cast(:lead_ids as bigint[]))
        or delivery.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
    )
""")

EVENTS = Query("""
select coalesce(json_agg(jsonb_build_object(
    'id', id, 'kind', kind, 'occurred_at', occurred_at, 'lead_cluster_id', lead_cluster_id, 'lead_id', lead_id,
    'lead_version', lead_version, 'api_key_id', api_key_id, 'user_id', user_id, 'request_id', request_id, 'human', human,
    'changes', changes
) order by id), '[]') as told
from event
where dealership_id = :dealership_id
    and (
        lead_id = any (cast(:lead_ids as bigint[]))
        or lead_id is null and lead_cluster_id = any (cast(:cluster_ids as bigint[]))
    )
""")
