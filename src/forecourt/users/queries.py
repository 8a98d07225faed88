"""The statements about a dealership's users."""

from __future__ import annotations

from forecourt.infra.database import Query

MEMBERS = Query("""
select
    member.user_id, person.name, person.email, member.role, of_group.role as group_role, person.disabled_at,
    person.password_hash is not null
        or exists (select from user_identity as held where held.user_id = person.id) as can_sign_in,
    person.totp_confirmed_at is not null as has_second_factor,
    not exists (
        select from role_at_dealership as elsewhere
        where elsewhere.user_id = person.id and not exists (
            select from role_at_dealership as own
            where own.user_id = :me and own.dealership_id = elsewhere.dealership_id and own.role = 'owner'
        )
    ) as is_managed,
    seen.last_seen_at, seen.sessions
from dealership_user as member
join user_account as person on person.id = member.user_id
join dealership on dealership.id = member.dealership_id
left join dealership_group_user as of_group
    on of_group.dealership_group_id = dealership.dealership_group_id and of_group.user_id = member.user_id
cross join lateral (
    select
        max(session.last_seen_at) as last_seen_at,
        count(session.id) filter (
            where session.ends_at > now() and session.last_seen_at > now() - cast(:idle as interval)
        ) as sessions
    from session
    where session.user_id = person.id
) as seen
where member.dealership_id = :dealership_id
order by
    person.disabled_at is not null or coalesce(member.role, of_group.role) is null, lower(person.name), member.user_id
""")

GROUP = Query("""
select of_group.slug, of_group.name, exists (
    select from dealership_group_user as held
    where held.dealership_group_id = of_group.id and held.user_id = :me and held.role = 'owner'
) as is_mine
from dealership
join dealership_group as of_group on of_group.id = dealership.dealership_group_id
where dealership.id = :dealership_id
""")

# One change of a dealership's users at a time: of two owners who remove each other one stays.
LOCK_USERS = Query("""
select id from dealership where id = :dealership_id for no key update
""")

TARGET = Query("""
select
    member.user_id, person.name, person.email, member.role, of_group.role as group_role,
    dealership.dealership_group_id as group_id,
    person.disabled_at is not null as disabled,
    person.password_hash is not null
        or exists (select from user_identity as held where held.user_id = person.id) as can_sign_in,
    exists (
        select from dealership_group_user as held
        where held.dealership_group_id = dealership.dealership_group_id and held.user_id = :me
            and held.role = 'owner'
    ) as owns_group,
    not exists (
        select from role_at_dealership as elsewhere
        where elsewhere.user_id = person.id and not exists (
            select from role_at_dealership as own
            where own.user_id = :me and own.dealership_id = elsewhere.dealership_id and own.role = 'owner'
        )
    ) as is_managed,
    not exists (
        select from role_at_dealership as other
        join user_account as somebody on somebody.id = other.user_id and somebody.disabled_at is null
        where other.dealership_id = member.dealership_id and other.role = 'owner' and other.user_id <> person.id
    ) as alone_here,
    (
        select owned.name
        from role_at_dealership as held
        join dealership as owned on owned.id = held.dealership_id
        where held.user_id = person.id and held.role = 'owner' and not exists (
            select from role_at_dealership as other
            join user_account as somebody on somebody.id = other.user_id and somebody.disabled_at is null
            where other.dealership_id = held.dealership_id and other.role = 'owner' and other.user_id <> person.id
        )
        order by owned.name
        limit 1
    ) as alone_at
from dealership_user as member
join user_account as person on person.id = member.user_id
join dealership on dealership.id = member.dealership_id
left join dealership_group_user as of_group
    on of_group.dealership_group_id = dealership.dealership_group_id and of_group.user_id = member.user_id
where member.dealership_id = :dealership_id and member.user_id = :user_id
""")

NEW_USER = Query("""
insert into user_account (name, email) values (:name, :email)
on conflict (email) do nothing
""")

USER_BY_EMAIL = Query("""
select id from user_account where email = :email
""")

# No row where they have a role there already.
GIVE_ROLE = Query("""
insert into dealership_user as kept (dealership_id, user_id, role) values (:dealership_id, :user_id, :role)
on conflict (dealership_id, user_id) do update set role = excluded.role where kept.role is null
""")

CHANGE_ROLE = Query("""
update dealership_user set role = :role where dealership_id = :dealership_id and user_id = :user_id
""")

GIVE_GROUP_ROLE = Query("""
insert into dealership_group_user (dealership_group_id, user_id, role)
values (:group_id, :user_id, :role)
on conflict (dealership_group_id, user_id) do update set role = excluded.role
""")

TAKE_GROUP_ROLE = Query("""
delete from dealership_group_user where dealership_group_id = :group_id and user_id = :user_id
""")

GROUP_OF = Query("""
select dealership.dealership_group_id as group_id, exists (
    select from dealership_group_user as held
    where held.dealership_group_id = dealership.dealership_group_id and held.user_id = :me and held.role = 'owner'
) as owns_group
from dealership
where dealership.id = :dealership_id
""")

GROUP_BY_SLUG = Query("""
select of_group.id, (
    select dealership.slug from dealership
    where dealership.dealership_group_id = of_group.id
    order by dealership.id
    limit 1
) as dealership
from dealership_group as of_group
where of_group.slug = :slug
""")

# What was done to a whole group's user stands in the log of each of its dealerships.
LOG_IN_GROUP = Query("""
insert into event (dealership_id, kind, occurred_at, user_id, request_id, changes)
select dealership.id, :kind, now(), :user_id, :request_id, cast(:changes as jsonb)
from dealership
where dealership.dealership_group_id = :group_id and dealership.id <> :but
""")

DISABLE = Query("""
update user_account set disabled_at = now() where id = :user_id and disabled_at is null
""")

ENABLE = Query("""
update user_account set disabled_at = null where id = :user_id and disabled_at is not null
""")

EVERYBODY = Query("""
select
    person.id, person.name, person.email, person.disabled_at, person.created_at,
    person.password_hash is not null as has_password,
    person.totp_confirmed_at is not null as has_second_factor,
    coalesce((
        select json_agg(json_build_object('dealership', dealership.slug, 'role', held.role) order by dealership.slug)
        from role_at_dealership as held
        join dealership on dealership.id = held.dealership_id
        where held.user_id = person.id
    ), '[]') as roles
from user_account as person
order by person.id
""")

PERSON = Query("""
select
    person.id, person.name, person.email, person.password_hash is not null as has_password,
    array(
        select dealership.slug from role_at_dealership as held
        join dealership on dealership.id = held.dealership_id
        where held.user_id = person.id
        order by dealership.slug
    ) as dealerships
from user_account as person
where person.email = :email
""")

OWN = Query("""
insert into dealership_user (dealership_id, user_id, role)
select dealership.id, :user_id, 'owner'
from dealership
where dealership.slug = :slug
    and exists (select from user_account as person where person.id = :user_id and person.set_up_at is not null)
on conflict (dealership_id, user_id) do update set role = 'owner'
""")
