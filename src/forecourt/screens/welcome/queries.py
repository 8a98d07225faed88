"""The statements of the test lead's key, whose token was never anywhere."""

from __future__ import annotations

from forecourt.infra.database import Query

OPEN_KEY = Query("""
with opened as (
    insert into api_key (name, mode, token_hash, token_hint, permissions)
    values ('Test lead of the first run', 'live', :token_hash, 'never issued', array['create:lead'])
    returning id
), held as (
    insert into api_key_dealership (api_key_id, dealership_id)
    select opened.id, :dealership_id from opened
)
select id from opened
""")

END_KEY = Query("""
update api_key set revoked_at = now() where token_hash = :token_hash
""")
