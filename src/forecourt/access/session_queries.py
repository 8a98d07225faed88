"""The statements about sessions."""

from __future__ import annotations

from forecourt.infra.database import Query

OPEN = Query("""
insert into session (token_hash, user_id, ends_at, user_agent, source)
values (:token_hash, :user_id, now() + cast(:lasts as interval), :user_agent, :source)
""")

# Who is signed in, and what they are to which dealership. That they were here is written down once a minute at most.
VISITOR = Query("""
with seen as (
    update session set last_seen_at = now()
    where token_hash = :token_hash
        and ends_at > now()
        and last_seen_at between now() - cast(:idle as interval) and now() - interval '1 minute'
)
select
    person.id as user_id, person.name, person.email, person.preferences, now() as now,
    person.set_up_at is not null as sets_up,
    (
        select json_agg(json_build_object(
            'dealership_id', dealership.id, 'slug', dealership.slug, 'name', dealership.name,
            'timezone', dealership.timezone, 'country', dealership.country, 'role', held.role,
            'uses_appointment_state', dealership.uses_appointment_state
        ) order by dealership.name, dealership.id)
        from role_at_dealership as held
        join dealership on dealership.id = held.dealership_id
        where held.user_id = person.id
    ) as memberships
from session
join user_account as person on person.id = session.user_id
where session.token_hash = :token_hash
    and session.ends_at > now()
    and session.last_seen_at > now() - cast(:idle as interval)
    and person.disabled_at is null
""")

CLOSE = Query("""
delete from session where token_hash = :token_hash
""")

CLOSE_ONE_OF = Query("""
delete from session where user_id = :user_id and id = :session_id
""")

CLOSE_OTHERS = Query("""
delete from session where user_id = :user_id and token_hash <> :token_hash
""")

CLOSE_ALL = Query("""
delete from session where user_id = :user_id
""")

SESSIONS = Query("""
select id, created_at, last_seen_at, user_agent, source, token_hash = :token_hash as is_this_one
from session
where user_id = :user_id and ends_at > now() and last_seen_at > now() - cast(:idle as interval)
order by last_seen_at desc, id desc
limit 100
""")

# The browser is known by the token that it shows, where somebody has signed in with it before; else by a new one.
KNOW_DEVICE = Query("""
insert into known_device (token_hash, user_id)
select
    case
        when exists (select from known_device where token_hash = :shown_hash) then cast(:shown_hash as bytea)
        else cast(:new_hash as bytea)
    end,
    :user_id
on conflict (token_hash, user_id) do update set last_used_at = now()
returning token_hash
""")

FORGET_ENDED = Query("""
delete from session where ends_at < now() or last_seen_at < now() - cast(:idle as interval)
""")
