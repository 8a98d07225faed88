"""The statements with which every request about a dealership begins and ends."""

from __future__ import annotations

from forecourt.infra.database import Query

# No row: no such key. A row whose dealership_id is null: no such dealership, or one that the key does not hold.
# A slug counts before an id that looks the same.
STANDING = Query("""
select
    key.id as api_key_id,
    key.permissions,
    key.mode = 'test' as test,
    now() as now,
    dealership.id as dealership_id,
    dealership.slug,
    dealership.name,
    dealership.timezone,
    dealership.country,
    answer.payload_hash as answer_payload_hash,
    answer.status as answer_status,
    answer.body as answer_body,
    case when cast(:idempotency_key as text) is not null then pg_try_advisory_xact_lock(
        hashtextextended(key.id || ' ' || :operation || ' ' || :idempotency_key, 0)
    ) end as idempotency_locked
from api_key as key
left join lateral (
    select asked.id, asked.slug, asked.name, asked.timezone, asked.country
    from dealership as asked
    join api_key_dealership as held on held.api_key_id = key.id and held.dealership_id = asked.id
    where asked.slug = :dealership or cast(asked.id as text) = :dealership
    order by asked.slug = :dealership desc
    limit 1
) as dealership on true
left join idempotent_answer as answer
    on answer.api_key_id = key.id
    and answer.operation = :operation
    and answer.idempotency_key = :idempotency_key
    and answer.created_at > now() - interval '72 hours'
where key.token_hash = :token_hash
    and key.revoked_at is null
    and (key.expires_at is null or key.expires_at > now())
""")

# The same of somebody who is signed in: what their role is there. No row: no such session.
STANDING_OF_SESSION = Query("""
select
    person.id as user_id,
    held.role,
    now() as now,
    dealership.id as dealership_id,
    dealership.slug,
    dealership.name,
    dealership.timezone,
    dealership.country
from session
join user_account as person on person.id = session.user_id
left join lateral (
    select asked.id, asked.slug, asked.name, asked.timezone, asked.country
    from dealership as asked
    join role_at_dealership as own on own.user_id = person.id and own.dealership_id = asked.id
    where asked.slug = :dealership or cast(asked.id as text) = :dealership
    order by asked.slug = :dealership desc
    limit 1
) as dealership on true
left join role_at_dealership as held on held.user_id = person.id and held.dealership_id = dealership.id
where session.token_hash = :token_hash
    and session.ends_at > now()
    and session.last_seen_at > now() - cast(:idle as interval)
    and person.disabled_at is null
""")

REMEMBER = Query("""
insert into idempotent_answer (
    api_key_id, operation, idempotency_key, payload_hash, lead_cluster_id, status, body
)
values (:api_key_id, :operation, :idempotency_key, :payload_hash, :lead_cluster_id, :status, :answer)
on conflict (api_key_id, operation, idempotency_key) do update set
    payload_hash = excluded.payload_hash,
    lead_cluster_id = excluded.lead_cluster_id,
    status = excluded.status,
    body = excluded.body,
    created_at = case
        when idempotent_answer.created_at <= now() - interval '72 hours' then excluded.created_at
    end
""")
