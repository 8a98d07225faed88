"""Every statement about API keys that a command makes."""

from __future__ import annotations

from forecourt.infra.database import Query

# Nothing is issued where one of the dealerships is unknown; the row names those. It stands in the log of each of the others.
INSERT_KEY = Query("""
with asked as (
    select given.word, (
        select dealership.id from dealership
        where dealership.slug = given.word or cast(dealership.id as text) = given.word
        order by dealership.slug = given.word desc
        limit 1
    ) as dealership_id
    from unnest(cast(:dealerships as text[])) as given (word)
), issued as (
    insert into api_key (name, mode, token_hash, token_hint, permissions, expires_at)
    select :name, :mode, :token_hash, :token_hint, :permissions, :expires_at
    where not exists (select from asked where dealership_id is null)
    returning id
), held as (
    insert into api_key_dealership (api_key_id, dealership_id)
    select distinct issued.id, asked.dealership_id from issued cross join asked
    returning api_key_id, dealership_id
), logged as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    select
        held.dealership_id, 'api_key.created', now(), :command, jsonb_build_object(
            'api_key.id', jsonb_build_object('from', null, 'to', held.api_key_id),
            'api_key.name', jsonb_build_object('from', null, 'to', cast(:name as text)),
            'api_key.mode', jsonb_build_object('from', null, 'to', cast(:mode as text)),
            'api_key.permissions', jsonb_build_object('from', null, 'to', cast(:permissions as text[])),
            'api_key.expires_at', jsonb_build_object('from', null, 'to', cast(:expires_at as timestamptz))
        )
    from held
)
select
    (select id from issued) as id,
    array(select word from asked where dealership_id is null) as unknown
""")

KEYS = Query("""
select
    key.id, key.name, key.mode, key.token_hint, key.permissions,
    array(
        select dealership.slug
        from api_key_dealership as held
        join dealership on dealership.id = held.dealership_id
        where held.api_key_id = key.id
        order by dealership.slug
    ) as dealerships,
    key.created_at, key.expires_at, key.revoked_at, key.last_used_at
from api_key as key
where key.user_id is null or key.salt is not null
order by key.id desc
""")

# How many keys have the id. Revoked again, it is not logged again.
REVOKE_KEY = Query("""
with revoked as (
    update api_key set revoked_at = now() where id = :key_id and revoked_at is null
    returning id, name, revoked_at
), logged as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    select
        held.dealership_id, 'api_key.revoked', now(), :command, jsonb_build_object(
            'api_key.id', jsonb_build_object('from', revoked.id, 'to', revoked.id),
            'api_key.name', jsonb_build_object('from', revoked.name, 'to', revoked.name),
            'api_key.revoked_at', jsonb_build_object('from', null, 'to', revoked.revoked_at)
        )
    from revoked
    join api_key_dealership as held on held.api_key_id = revoked.id
)
select id from api_key where id = :key_id
""")
