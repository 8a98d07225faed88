"""Every statement about API keys that a command makes."""

from __future__ import annotations

from forecourt.infra.database import Query

# Nothing is issued where one of the dealerships is unknown; the row names those.
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
order by key.id desc
""")

REVOKE_KEY = Query("""
update api_key set revoked_at = coalesce(revoked_at, now()) where id = :key_id
""")
