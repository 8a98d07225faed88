"""The two statements, and two round trips, of an update.

``lead_as_seen_by`` brings everything that is needed to decide; ``write_update`` writes all that follows, or nothing.
Both leave out what an update does not need.
"""

from __future__ import annotations

from functools import cache

from forecourt.infra.database import Query
from forecourt.leads.effect_queries import OVER_AN_EXPIRED_ONE, Part, effect_parts
from forecourt.leads.reference_queries import (
    ANSWER_OF_KEY,
    ANSWERED_BEFORE,
    FOUND,
    FOUND_RARELY,
    KEY_IN_FORCE,
    NO_ANSWER_BEFORE,
    NOTHING_RARE,
)


@cache
def lead_as_seen_by(*, rare: bool, keyed: bool) -> Query:
    """The key, the lead if the key holds its dealership, and what the request's ids and names mean there.

    No row: no such key. A row whose id is null: no such lead, or somebody else's.

    Args:
        rare: whether something is to be looked up that seldom is.
        keyed: whether the request has an Idempotency-Key.
    """
    return Query(
        _LEAD
        + FOUND
        + ","
        + (FOUND_RARELY if rare else NOTHING_RARE)
        + ","
        + (ANSWERED_BEFORE if keyed else NO_ANSWER_BEFORE)
        + _SEEN_BY
        + (ANSWER_OF_KEY if keyed else "")
        + KEY_IN_FORCE
    )


_LEAD = """
select
    key.id as api_key_id,
    key.permissions,
    key.mode = 'test' as test,
    now() as now,
    lead.dealership_id, lead.id, lead.lead_cluster_id, lead.version, lead.created_at, lead.updated_at,
    lead.name, lead.last_name, lead.email, lead.email_normalised, lead.phone, lead.phone_e164,
    lead.message, lead.dob, lead.customer_address, lead.category, lead.source, lead.marketing_source,
    lead.website_id, lead.page_id, lead.location_id, lead.car_id, lead.stocknum, lead.model_id,
    lead.model_variant_id, lead.colour_id, lead.team_member_id, lead.user_id, lead.user_email,
    lead.provider, lead.provider_id, lead.certified, lead.golden, lead.lead_state, lead.sms_verified,
    lead.tags, lead.opt_in_to_marketing, lead.opt_in_to_marketing_at, lead.opt_in_to_marketing_api_key_id,
    lead.send_customer_email, lead.delay_customer_email_minutes, lead.delay_dealership_notification_minutes,
    lead.disable_strict_validation, lead.time_on_site_seconds, lead.time_to_submit_seconds,
    lead.address_attributes, lead.fields, lead.charge_breakdown, lead.extra,
    dealership.slug as dealership_slug,
    dealership.country as dealership_country,
    cluster.version as cluster_version,
    cluster.golden as cluster_golden,
    cluster.state as cluster_state,
    cluster.user_id as cluster_user_id,
    cluster.tags as cluster_tags,
    cluster.location_id as cluster_location_id,
    cluster.by_hand as cluster_by_hand,
    cluster.conflicts as cluster_conflicts,
    contact.sms_verified as contact_sms_verified,
    contact.erased_at as contact_erased_at,
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
    ) as payments,
    (
        select website.slug from website
        where website.dealership_id = lead.dealership_id and website.id = coalesce(
            cast(:website_id as bigint), (
                select named.id from website as named
                where named.dealership_id = lead.dealership_id and named.slug = :website_slug
            ), lead.website_id
        )
    ) as website_slug,
"""

_SEEN_BY = """
from api_key as key
left join lead
    on lead.id = :lead_id
    and lead.test = (key.mode = 'test')
    and exists (
        select from api_key_dealership as held
        where held.api_key_id = key.id and held.dealership_id = lead.dealership_id
    )
left join dealership on dealership.id = lead.dealership_id
left join lead_cluster as cluster
    on cluster.dealership_id = lead.dealership_id and cluster.id = lead.lead_cluster_id
left join contact
    on contact.dealership_id = lead.dealership_id and contact.lead_cluster_id = lead.lead_cluster_id
"""


# The cluster before its leads, as every write takes them, and all of its leads: a mark on the cluster is theirs too.
LOCK_LEAD = Query("""
with cluster as materialized (
    select cluster.dealership_id, cluster.id
    from lead
    join lead_cluster as cluster
        on cluster.dealership_id = lead.dealership_id and cluster.id = lead.lead_cluster_id
    where lead.id = :lead_id
    for no key update of cluster
)
select from cluster
join lead on lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
order by lead.id
for no key update of lead
""")


@cache
def write_update(parts: Part) -> Query:
    """The statement that writes a lead with what else it does.

    No row back: the lead is past :version, or a cluster that is to be changed past its own, and nothing was written.
    """
    touches_cluster = Part.CLUSTER in parts
    return Query(
        "with "
        + (_CLUSTER_FIRST if touches_cluster else "")
        + _UPDATED
        + (_MARKED if Part.GOLDEN in parts else "")
        + _WHERE
        + (_CLUSTER_TAKEN if touches_cluster else "")
        + _LOGGED
        + effect_parts(parts)
    )


# Taken before the lead, so that two writers in one cluster queue up and never cross; as it was when the update was
# decided, so that nothing that staff set meanwhile is overwritten.
_CLUSTER_FIRST = """cluster as (
    select id from lead_cluster
    where dealership_id = :dealership_id and id = :lead_cluster_id and version = :cluster_version
    for no key update
), """

_CLUSTER_TAKEN = """
        and exists (select from cluster)"""

_UPDATED = """updated as (
    update lead set
        version = version + 1,
        updated_at = :now,
        name = :name,
        last_name = :last_name,
        email = :email,
        email_normalised = :email_normalised,
        phone = :phone,
        phone_e164 = :phone_e164,
        message = :message,
        dob = :dob,
        customer_address = :customer_address,
        category = :category,
        source = :source,
        marketing_source = :marketing_source,
        website_id = :website_id,
        page_id = :page_id,
        location_id = :location_id,
        car_id = :car_id,
        stocknum = :stocknum,
        model_id = :model_id,
        model_variant_id = :model_variant_id,
        colour_id = :colour_id,
        team_member_id = :team_member_id,
        user_id = :user_id,
        user_email = :user_email,
        provider = :provider,
        provider_id = :provider_id,
        certified = :certified,
        lead_state = :lead_state,
        sms_verified = :sms_verified,
        tags = :tags,
        opt_in_to_marketing = :opt_in_to_marketing,
        opt_in_to_marketing_at = :opt_in_to_marketing_at,
        opt_in_to_marketing_api_key_id = :opt_in_to_marketing_api_key_id,
        send_customer_email = :send_customer_email,
        delay_customer_email_minutes = :delay_customer_email_minutes,
        delay_dealership_notification_minutes = :delay_dealership_notification_minutes,
        disable_strict_validation = :disable_strict_validation,
        time_on_site_seconds = :time_on_site_seconds,
        time_to_submit_seconds = :time_to_submit_seconds,
        address_attributes = :address_attributes,
        fields = :fields,
        charge_breakdown = :charge_breakdown,
        extra = :extra"""

# Named only where it changes: the trigger that waits for it costs an update that names it.
_MARKED = """,
        golden = :golden"""

_WHERE = """
    where dealership_id = :dealership_id
        and id = :id
        and version = :version"""

_LOGGED = """
    returning id, version, created_at, test
), logged as (
    insert into event (
        dealership_id, lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id, request_id, changes
    )
    select
        :dealership_id, :lead_cluster_id, updated.id, updated.version, 'lead.updated', :now, :api_key_id,
        :request_id, :changes
    from updated
)
"""

# An update that changes nothing writes nothing, but for the answer under its Idempotency-Key.
STORE_ANSWER = Query(
    """
with answered as (
    insert into idempotent_answer (
        api_key_id, operation, idempotency_key, payload_hash, lead_id, status, body
    )
    values (:api_key_id, :operation, :idempotency_key, :payload_hash, :id, :status, :answer)
"""
    + OVER_AN_EXPIRED_ONE
    + """
)
select cast(:version as integer) as version, pg_advisory_unlock_all()
"""
)
