"""Every statement about API keys that a request makes."""

from __future__ import annotations

from forecourt.infra.database import Query

KEY_DETAILS = Query("""
select
    key.id,
    key.permissions,
    (
        select coalesce(json_agg(json_build_object(
            'id', dealership.id, 'name', dealership.name, 'slug', dealership.slug,
            'locations', (
                select coalesce(json_agg(json_build_object(
                    'id', location.id, 'name', location.name, 'location_type', location.location_type
                ) order by location.id), '[]')
                from location where location.dealership_id = dealership.id
            ),
            'users', (
                select coalesce(json_agg(json_build_object(
                    'id', person.id, 'name', person.name, 'email', person.email
                ) order by person.id), '[]')
                from dealership_user as member
                join user_account as person on person.id = member.user_id
                where member.dealership_id = dealership.id
            )
        ) order by dealership.id), '[]')
        from api_key_dealership as held
        join dealership on dealership.id = held.dealership_id
        where held.api_key_id = key.id
    ) as dealerships
from api_key as key
where key.token_hash = :token_hash
    and key.revoked_at is null
    and (key.expires_at is null or key.expires_at > now())
""")

# The keys that were used since the last time, with the latest use of each.
TOUCH_KEYS = Query("""
update api_key as key set last_used_at = used.at
from unnest(cast(:token_hashes as bytea[]), cast(:times as timestamptz[])) as used (token_hash, at)
where key.token_hash = used.token_hash and (key.last_used_at is null or key.last_used_at < used.at)
""")
