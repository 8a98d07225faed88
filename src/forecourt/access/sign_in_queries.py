"""The statements of signing in."""

from __future__ import annotations

from forecourt.infra.database import Query

# One row, whether the address is somebody's or not.
KNOWN = Query("""
select
    person.id as user_id,
    person.password_hash,
    coalesce(person.totp_confirmed_at is not null, false) as has_second_factor,
    coalesce(exists (
        select from known_device as device
        where device.token_hash = :device_hash and device.user_id = person.id
    ), false) as knows_device
from (select) as always
left join user_account as person on person.email = :email and person.disabled_at is null
""")

KEEP_PASSWORD = Query("""
update user_account set password_hash = :password_hash where id = :user_id
""")

OPEN_STEP = Query("""
insert into second_step (token_hash, user_id, return_to, ends_at)
values (:token_hash, :user_id, :return_to, now() + cast(:lasts as interval))
""")

STEP = Query("""
select step.user_id, step.return_to, person.totp_secret as secret, now() as now
from second_step as step
join user_account as person on person.id = step.user_id
where step.token_hash = :token_hash
    and step.ends_at > now()
    and person.disabled_at is null
    and person.totp_confirmed_at is not null
""")

CLOSE_STEPS = Query("""
delete from second_step where user_id = :user_id
""")

# What nobody can use any more: sessions have their own statement.
FORGET_STEPS = Query("""
delete from second_step where ends_at < now()
""")

FORGET_DEVICES = Query("""
delete from known_device where last_used_at < now() - interval '400 days'
""")

FORGET_OIDC = Query("""
delete from oidc_sign_in where created_at < now() - interval '1 hour'
""")

FORGET_LINKS = Query("""
delete from sign_in_link where ends_at < now() - interval '30 days'
""")
