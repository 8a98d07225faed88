"""Statements of what makes something happen."""

from __future__ import annotations

from forecourt.infra.database import Query

# The dealership that is named, or the first there is.
DEALERSHIP = Query("""
select id, slug from dealership
where cast(:dealership as text) is null or slug = :dealership or cast(id as text) = :dealership
order by slug = :dealership desc, id
limit 1
""")

# One key a dealership, in force for as long as it takes: its token was never anywhere, so nobody holds it.
LEND_KEY = Query("""
with known as (
    select key.id
    from api_key as key
    join api_key_dealership as held on held.api_key_id = key.id
    where key.name = 'forecourt trigger' and held.dealership_id = :dealership_id
    limit 1
), lent as (
    update api_key set token_hash = :token_hash, revoked_at = null
    from known
    where api_key.id = known.id
    returning api_key.id
), made as (
    insert into api_key (name, mode, token_hash, token_hint, permissions)
    select 'forecourt trigger', 'live', :token_hash, 'never issued', array['create:lead', 'update:lead']
    where not exists (select from known)
    returning id
), held as (
    insert into api_key_dealership (api_key_id, dealership_id)
    select made.id, :dealership_id from made
)
select id from lent
union all
select id from made
""")

TAKE_KEY_BACK = Query("update api_key set revoked_at = now() where token_hash = :token_hash")

# The youngest that may still be updated, with what an update has to send again.
YOUNGEST_LEAD = Query("""
select lead.id, lead.email, lead.phone, lead.category, lead.source
from lead
join contact
    on contact.dealership_id = lead.dealership_id
    and contact.lead_cluster_id = lead.lead_cluster_id
    and contact.erased_at is null
where lead.dealership_id = :dealership_id
    and lead.created_at > now() - interval '71 hours'
    and not lead.test
    and lead.email is not null
    and lead.phone is not null
order by lead.created_at desc, lead.id desc
limit 1
""")
