"""The statements about one-time links."""

from __future__ import annotations

from forecourt.infra.database import Query

NEW_LINK = Query("""
insert into sign_in_link (token_hash, purpose, user_id, ends_at)
values (:token_hash, :purpose, :user_id, now() + cast(:lasts as interval))
""")

LINK = Query("""
select
    link.purpose, link.user_id, person.name, person.email,
    coalesce(person.totp_confirmed_at is not null, false) as has_second_factor,
    link.ends_at
from sign_in_link as link
left join user_account as person on person.id = link.user_id
where link.token_hash = :token_hash
    and link.used_at is null
    and link.ends_at > now()
    and person.disabled_at is null
""")

USE_LINK = Query("""
update sign_in_link set used_at = now()
where token_hash = :token_hash and used_at is null and ends_at > now()
""")

END_LINKS = Query("""
update sign_in_link set used_at = now()
where user_id = :user_id and used_at is null and purpose in ('invitation', 'password')
""")

# Users that were loaded, or invited and have not come yet, cannot sign in.
NOBODY_CAN_SIGN_IN = Query("""
select not exists (
    select from user_account as person
    where person.disabled_at is null and (
        person.password_hash is not null
        or exists (select from user_identity as held where held.user_id = person.id)
    )
) as nobody
""")

ONE_AT_A_TIME = Query("""
select pg_advisory_xact_lock(hashtextextended('forecourt set-up', 0))
""")

FIRST_USER = Query("""
insert into user_account (name, email, password_hash, set_up_at)
values (:name, :email, :password_hash, now())
on conflict (email) do update set
    name = excluded.name, password_hash = excluded.password_hash, set_up_at = now(), disabled_at = null
returning id
""")
