"""The statements that read leads: one by one, a page of them, their history, their files."""

from __future__ import annotations

from forecourt.infra.database import Query

# The key in force. No row: none.
KEY = Query("""
select
    key.id as api_key_id,
    key.permissions,
    key.mode = 'test' as test,
    array(
        select held.dealership_id from api_key_dealership as held
        where held.api_key_id = key.id
        order by held.dealership_id
    ) as dealership_ids
from api_key as key
where key.token_hash = :token_hash
    and key.revoked_at is null
    and (key.expires_at is null or key.expires_at > now())
""")

LEAD_COLUMNS = """
    lead.dealership_id, lead.id, lead.lead_cluster_id, lead.version, lead.created_at, lead.updated_at,
    lead.name, lead.last_name, lead.email, lead.email_normalised, lead.phone, lead.phone_e164,
    lead.message, lead.dob, lead.customer_address, lead.category, lead.source, lead.marketing_source,
    lead.website_id, lead.page_id, lead.location_id, lead.car_id, lead.stocknum, lead.model_id,
    lead.model_variant_id, lead.colour_id, lead.team_member_id, lead.user_id, lead.user_email,
    lead.provider, lead.provider_id, lead.certified, lead.golden, lead.lead_state, lead.sms_verified,
    lead.tags, lead.opt_in_to_marketing, lead.opt_in_to_marketing_at, lead.opt_in_to_marketing_api_key_id,
    lead.send_customer_email, lead.delay_customer_email_minutes,
    lead.delay_dealership_notification_minutes, lead.disable_strict_validation, lead.time_on_site_seconds,
    lead.time_to_submit_seconds, lead.address_attributes, lead.fields, lead.charge_breakdown, lead.extra
"""

# What is told together with a lead.
COMPANIONS = """
    dealership.slug as dealership_slug,
    (
        select website.slug from website
        where website.dealership_id = lead.dealership_id and website.id = lead.website_id
    ) as website_slug,
    (
        select json_agg(json_build_object(
            'id', file.id, 'file_type', file.file_type, 'filename', file.filename,
            'content_type', file.content_type, 'size', file.size, 'sha256', encode(file.sha256, 'hex'),
            'created_at', to_char(file.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'url', '/api/v1/leads/' || lead.id || '/files/' || file.id
        ) order by file.id)
        from lead_file as file
        where file.dealership_id = lead.dealership_id and file.lead_id = lead.id
    ) as lead_files,
    (
        select json_agg(json_build_object(
            'id', payment.id, 'amount', payment.amount, 'car_id', payment.car_id,
            'payment_processor_id', payment.payment_processor_id,
            'external_transaction_id', payment.external_transaction_id, 'created_at', to_char(payment.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ) order by payment.id)
        from payment
        where payment.dealership_id = lead.dealership_id and payment.lead_id = lead.id
    ) as payments
"""

_KEY_AND_LEAD = """
from api_key as key
left join lead
    on lead.id = :lead_id
    and lead.test = (key.mode = 'test')
    and exists (
        select from api_key_dealership as held
        where held.api_key_id = key.id and held.dealership_id = lead.dealership_id
    )
"""

_IN_FORCE = """
where key.token_hash = :token_hash
    and key.revoked_at is null
    and (key.expires_at is null or key.expires_at > now())
"""

# No row: no such key. A row whose id is null: no such lead, or somebody else's.
LEAD = Query(
    """
select
    key.id as api_key_id,
    key.permissions,"""
    + LEAD_COLUMNS.rstrip()
    + ","
    + COMPANIONS
    + _KEY_AND_LEAD
    + "left join dealership on dealership.id = lead.dealership_id"
    + _IN_FORCE
)

# A row for each event, newest first; one row without an event where the lead has none in the page. As for LEAD.
EVENTS = Query(
    """
select
    key.id as api_key_id,
    key.permissions,
    lead.id as lead_id,
    event.lead_version,
    event.kind,
    event.occurred_at,
    event.request_id,
    event.changes,
    event.api_key_id as actor_id,
    actor.name as actor_name
"""
    + _KEY_AND_LEAD
    + """
left join lateral (
    select logged.lead_version, logged.kind, logged.occurred_at, logged.request_id, logged.changes, logged.api_key_id
    from event as logged
    where logged.dealership_id = lead.dealership_id
        and logged.lead_id = lead.id
        and (cast(:before_version as integer) is null or logged.lead_version < :before_version)
    order by logged.lead_version desc
    limit :size
) as event on true
left join api_key as actor on actor.id = event.api_key_id
"""
    + _IN_FORCE
    + "order by event.lead_version desc"
)

FILE = Query(
    """
select
    key.id as api_key_id,
    key.permissions,
    lead.id as lead_id,
    file.filename,
    file.content_type,
    file.stored_name
"""
    + _KEY_AND_LEAD
    + """
left join lead_file as file
    on file.dealership_id = lead.dealership_id and file.lead_id = lead.id and file.id = :file_id
"""
    + _IN_FORCE
)

# Which of the names in the file store the database knows (files/sweep.py).
KNOWN_FILES = Query("""
select stored_name from lead_file where stored_name = any (cast(:names as text[]))
""")
