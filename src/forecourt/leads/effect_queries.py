"""What a lead does beyond its own row, as parts of the statement that writes it.

Most updates have few effects or none, and each part of a statement costs even where it finds nothing to do: so a
statement is put together from the parts that its update needs. Each part begins where the statement has a part
``updated`` that holds the lead's id, version and created_at.
"""

from __future__ import annotations

from enum import Flag, auto


class Part(Flag):
    """What a lead that was sent does beyond its own row."""

    CLUSTER = auto()
    GOLDEN = auto()
    CONTACT = auto()
    CONSENT = auto()
    POINTS = auto()
    REACHED = auto()
    DUPLICATES = auto()
    TAGS = auto()
    FILES = auto()
    PAYMENT = auto()
    ANSWER = auto()


def effect_parts(parts: Part) -> str:
    """The *parts* of a statement, each with the comma that leads to it, and the row that the statement returns."""
    texts = "".join(text for part, text in _TEXTS.items() if part & parts)
    unlock = ", pg_advisory_unlock_all()" if Part.ANSWER in parts else ""
    return f"{texts}\nselect version{unlock} from updated\n"


_CLUSTER = """, marked as (
    update lead_cluster as cluster set
        version = cluster.version + 1,
        updated_at = :now,
        golden = coalesce(:cluster_golden, cluster.golden),
        state = coalesce(:cluster_state, cluster.state),
        lead_status_option_id = case when :cluster_state is null then cluster.lead_status_option_id end,
        closed_at = case
            when :cluster_state is null then cluster.closed_at
            when :cluster_state in ('lost', 'invalid', 'converted') then :now
        end,
        waiting_since = case
            when coalesce(:cluster_state, cluster.state) in ('lost', 'invalid', 'converted') then null
            when :arrived then coalesce(
                cluster.waiting_since,
                -- What came to an invalid cluster waits as soon as it is not invalid.
                case
                    when cluster.closed_at is not null
                        then wants_answer_since(cluster.dealership_id, cluster.id, cluster.closed_at)
                end,
                :now
            )
            when cluster.closed_at is not null and :cluster_state is not null
                then wants_answer_since(cluster.dealership_id, cluster.id, cluster.settled_at)
            else cluster.waiting_since
        end,
        settled_at = case
            when :arrived then coalesce(cluster.closed_at, cluster.settled_at) else cluster.settled_at
        end,
        last_lead_created_at = case when :arrived then :now else cluster.last_lead_created_at end,
        user_id = coalesce(cluster.user_id, :cluster_user_id),
        location_id = coalesce(cluster.location_id, :cluster_location_id),
        by_hand = coalesce(cast(:cluster_by_hand as jsonb), cluster.by_hand),
        conflicts = coalesce(cast(:cluster_conflicts as jsonb), cluster.conflicts),
        tags = cluster.tags || array(
            select tag from unnest(cast(:cluster_tags as text[])) as tag where tag <> all (cluster.tags)
        )
    from updated
    where cluster.dealership_id = :dealership_id and cluster.id = :lead_cluster_id
)
"""

_GOLDEN = """, followed as (
    -- The cluster's other leads carry its mark: the schema changes them, and here it is logged.
    insert into event (
        dealership_id, lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id, request_id, changes
    )
    select
        sibling.dealership_id, sibling.lead_cluster_id, sibling.id, sibling.version + 1, 'lead.updated', now(),
        :api_key_id, :request_id,
        jsonb_build_object('golden', jsonb_build_object('from', sibling.golden, 'to', not sibling.golden))
    from updated
    join lead as sibling
        on sibling.dealership_id = :dealership_id
        and sibling.lead_cluster_id = :lead_cluster_id
        and sibling.id <> updated.id
        and sibling.golden <> :cluster_golden
)
"""

_CONTACT = """, met as (
    -- The latest word about the customer; that a lead says nothing takes nothing away.
    update contact set
        name = coalesce(:contact_name, contact.name),
        last_name = coalesce(:contact_last_name, contact.last_name),
        dob = coalesce(:contact_dob, contact.dob),
        customer_address = coalesce(:contact_customer_address, contact.customer_address),
        address_attributes = coalesce(:contact_address_attributes, contact.address_attributes),
        sms_verified = coalesce(:contact_sms_verified, contact.sms_verified),
        opt_in_to_marketing = coalesce(:consent, contact.opt_in_to_marketing)
    from updated
    where contact.dealership_id = :dealership_id and contact.lead_cluster_id = :lead_cluster_id
)
"""

_CONSENT = """, consented as (
    insert into marketing_consent (dealership_id, contact_id, lead_id, value, given_at, api_key_id, source)
    select :dealership_id, contact.id, updated.id, :consent, :now, :api_key_id, :consent_source
    from updated
    join contact on contact.dealership_id = :dealership_id and contact.lead_cluster_id = :lead_cluster_id
)
"""

_POINTS = """, reached as (
    insert into contact_point (dealership_id, kind, value, contact_id)
    select contact.dealership_id, point.kind, point.value, contact.id
    from updated
    join contact on contact.dealership_id = :dealership_id and contact.lead_cluster_id = :lead_cluster_id
    cross join unnest(cast(:point_kinds as text[]), cast(:point_values as text[])) as point (kind, value)
    on conflict do nothing
)
"""

# Those that came beside the lead's own go with it wherever it goes.
_REACHED = """, beside as (
    insert into lead_point (dealership_id, lead_id, kind, value)
    select :dealership_id, updated.id, point.kind, point.value
    from updated
    cross join unnest(cast(:reached_kinds as text[]), cast(:reached_values as text[])) as point (kind, value)
    on conflict do nothing
)
"""

# A new way to reach the customer that another cluster has too.
_DUPLICATES = """, suggested as (
    insert into possible_duplicate (dealership_id, lead_cluster_id, other_lead_cluster_id, reasons, found_at)
    select
        :dealership_id, least(other.id, :lead_cluster_id), greatest(other.id, :lead_cluster_id),
        jsonb_agg(jsonb_build_object(
            'kind', point.kind, 'value', point.value, 'lead_id', updated.id, 'at', cast(:now as timestamptz)
        )),
        :now
    from updated
    cross join unnest(cast(:point_kinds as text[]), cast(:point_values as text[])) as sent (kind, value)
    join contact_point as point
        on point.dealership_id = :dealership_id and point.kind = sent.kind and point.value = sent.value
    join contact on contact.dealership_id = point.dealership_id and contact.id = point.contact_id
    join lead_cluster as other
        on other.dealership_id = contact.dealership_id
        and other.id = contact.lead_cluster_id
        and other.id <> :lead_cluster_id
        and other.test = updated.test
        and other.merged_into_id is null
    -- Of the point that was found and not of the one that was sent: few are found.
    where not is_stopped(:dealership_id, point.kind, point.value)
    group by other.id
    on conflict (dealership_id, lead_cluster_id, other_lead_cluster_id) do update
    set reasons = possible_duplicate.reasons || excluded.reasons
    where not possible_duplicate.reasons @> (
        select jsonb_agg(reason - 'lead_id' - 'at') from jsonb_array_elements(excluded.reasons) as reason
    )
)
"""

_TAGS = """, untagged as (
    delete from lead_tag using updated
    where lead_tag.dealership_id = :dealership_id
        and lead_tag.lead_id = updated.id
        and lead_tag.tag <> all (cast(:tags as text[]))
), tagged as (
    insert into lead_tag (dealership_id, tag, lead_created_at, lead_id)
    select :dealership_id, tag, updated.created_at, updated.id
    from updated
    cross join unnest(cast(:tags as text[])) as tag
    on conflict do nothing
)
"""

_FILES = """, filed as (
    insert into lead_file (
        dealership_id, id, lead_id, file_type, filename, content_type, size, sha256, stored_name, created_at
    )
    select
        :dealership_id, file.id, updated.id, file.file_type, file.filename, file.content_type, file.size,
        decode(file.sha256, 'hex'), file.stored_name, :now
    from updated
    cross join jsonb_to_recordset(cast(:files as jsonb)) as file (
        id bigint, file_type text, filename text, content_type text, size bigint, sha256 text, stored_name text
    )
)
"""

_PAYMENT = """, paid as (
    insert into payment (
        dealership_id, id, lead_id, amount, car_id, payment_processor_id, external_transaction_id, created_at
    )
    select
        :dealership_id, :payment_id, updated.id, :payment_amount, :payment_car_id, :payment_processor_id,
        :external_transaction_id, :now
    from updated
)
"""

# An answer may stand in the place of one that has expired. In that of one that is still good it may not: then a twin
# of this request was faster, and the rule that created_at is not null undoes the whole statement.
OVER_AN_EXPIRED_ONE = """
    on conflict (api_key_id, operation, idempotency_key) do update set
        payload_hash = excluded.payload_hash,
        lead_id = excluded.lead_id,
        status = excluded.status,
        body = excluded.body,
        created_at = case
            when idempotent_answer.created_at <= now() - interval '72 hours' then excluded.created_at
        end
"""

_ANSWER = (
    """, answered as (
    insert into idempotent_answer (
        api_key_id, operation, idempotency_key, payload_hash, lead_id, status, body
    )
    select :api_key_id, :operation, :idempotency_key, :payload_hash, updated.id, :status, :answer
    from updated
"""
    + OVER_AN_EXPIRED_ONE
    + """
)
"""
)

_TEXTS = {
    Part.CLUSTER: _CLUSTER,
    Part.GOLDEN: _GOLDEN,
    Part.CONTACT: _CONTACT,
    Part.CONSENT: _CONSENT,
    Part.POINTS: _POINTS,
    Part.REACHED: _REACHED,
    Part.DUPLICATES: _DUPLICATES,
    Part.TAGS: _TAGS,
    Part.FILES: _FILES,
    Part.PAYMENT: _PAYMENT,
    Part.ANSWER: _ANSWER,
}
