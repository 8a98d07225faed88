"""The statements about keys that people make."""

from __future__ import annotations

from forecourt.infra.database import Query

# The dealerships where somebody has one of these roles.
PLACES = Query("""
select held.dealership_id, dealership.slug, held.role
from role_at_dealership as held
join dealership on dealership.id = held.dealership_id
where held.user_id = :user_id and held.role = any (cast(:roles as text[]))
order by dealership.slug
""")

# What was only lent to somebody for a moment is not listed: its token never was anywhere.
SEEN = Query("""
select
    key.id, key.name, key.mode, key.token_hint, key.permissions, person.name as user_name, own.dealerships, own.others,
    key.created_at, key.expires_at, key.revoked_at, key.last_used_at, key.succeeds_id,
    (select later.id from api_key as later where later.succeeds_id = key.id order by later.id desc limit 1)
    as succeeded_by_id,
    key.revoked_at is null and (key.expires_at is null or key.expires_at > now()) as is_in_force
from api_key as key
left join user_account as person on person.id = key.user_id
cross join lateral (
    select
        array_agg(dealership.slug order by dealership.slug) filter (where managed.role is not null) as dealerships,
        count(dealership.id) filter (where managed.role is null) as others
    from api_key_dealership as held
    join dealership on dealership.id = held.dealership_id
    left join role_at_dealership as managed
        on managed.user_id = :user_id
        and managed.dealership_id = held.dealership_id
        and managed.role = any (cast(:roles as text[]))
    where held.api_key_id = key.id
) as own
where own.dealerships is not null
    and (key.user_id is null or key.salt is not null)
    and (
        cast(:ended as boolean)
        or key.revoked_at is null and (key.expires_at is null or key.expires_at > now())
    )
order by key.id desc
limit :size
""")

# Of the dealership that the request is about, with how many it speaks for whose keys somebody else manages.
LOCKED = Query("""
select
    key.id, key.name, key.mode, key.permissions, key.user_id, key.created_at, key.expires_at, key.revoked_at,
    array(
        select held.dealership_id from api_key_dealership as held
        where held.api_key_id = key.id
        order by held.dealership_id
    ) as dealership_ids,
    (
        select count(held.dealership_id) from api_key_dealership as held
        where held.api_key_id = key.id and not exists (
            select from role_at_dealership as managed
            where managed.user_id = :user_id
                and managed.dealership_id = held.dealership_id
                and managed.role = any (cast(:roles as text[]))
        )
    ) as others
from api_key as key
where key.id = :key_id
    and (key.user_id is null or key.salt is not null)
    and exists (
        select from api_key_dealership as held
        where held.api_key_id = key.id and held.dealership_id = :dealership_id
    )
for no key update of key
""")

ADD = Query("""
with issued as (
    insert into api_key (
        name, mode, token_hash, token_hint, permissions, expires_at, user_id, salt, succeeds_id
    )
    values (
        :name, :mode, :token_hash, :token_hint, :permissions, :expires_at, :user_id, :salt, :succeeds_id
    )
    returning id
), held as (
    insert into api_key_dealership (api_key_id, dealership_id)
    select issued.id, of_dealership.id
    from issued
    cross join unnest(cast(:dealership_ids as bigint[])) as of_dealership (id)
)
select id from issued
""")

REVOKE = Query("""
update api_key set revoked_at = now() where id = :key_id and revoked_at is null
""")

# Sooner, never later.
END_AT = Query("""
update api_key set expires_at = least(expires_at, cast(:ends_at as timestamptz)) where id = :key_id
""")

# What was done to a key stands in the log of each of its dealerships.
LOG_ELSEWHERE = Query("""
insert into event (dealership_id, kind, occurred_at, user_id, request_id, changes)
select of_dealership.id, :kind, :now, :user_id, :request_id, cast(:changes as jsonb)
from unnest(cast(:dealership_ids as bigint[])) as of_dealership (id)
where of_dealership.id <> :but
""")

# The test keys of somebody, the newest in front.
OWN = Query("""
select
    key.id, key.name, key.token_hash, key.token_hint, key.salt, key.permissions, key.created_at, key.expires_at,
    key.last_used_at,
    array(
        select held.dealership_id from api_key_dealership as held
        where held.api_key_id = key.id
        order by held.dealership_id
    ) as dealership_ids,
    array(
        select dealership.slug
        from api_key_dealership as held
        join dealership on dealership.id = held.dealership_id
        where held.api_key_id = key.id
        order by dealership.slug
    ) as dealerships
from api_key as key
where key.user_id = :user_id and key.salt is not null and key.revoked_at is null and key.expires_at > now()
order by key.id desc
""")

# All but the newest few of somebody's test keys.
END_OLDEST = Query("""
update api_key set revoked_at = now()
where user_id = :user_id and salt is not null and revoked_at is null and id not in (
    select newest.id from api_key as newest
    where newest.user_id = :user_id and newest.salt is not null and newest.revoked_at is null
    order by newest.id desc
    limit :kept
)
""")

END_OWN = Query("""
update api_key set revoked_at = now()
where id = :key_id and user_id = :user_id and salt is not null and revoked_at is null
""")

# What somebody is lent: nobody knows a token of it, and it ends by itself where whoever lent it dies.
LEND = Query("""
with lent as (
    insert into api_key (name, mode, token_hash, token_hint, permissions, expires_at, user_id)
    values (:name, :mode, :token_hash, 'lent', :permissions, now() + interval '5 minutes', :user_id)
    returning id
)
insert into api_key_dealership (api_key_id, dealership_id)
select lent.id, of_dealership.id
from lent
cross join unnest(cast(:dealership_ids as bigint[])) as of_dealership (id)
""")

TAKE_BACK = Query("""
update api_key set revoked_at = now() where token_hash = :token_hash
""")
