"""The statements of signing in by an identity provider."""

from __future__ import annotations

from forecourt.infra.database import Query

BEGIN = Query("""
insert into oidc_sign_in (state_hash, nonce, code_verifier, return_to)
values (:state_hash, :nonce, :code_verifier, :return_to)
""")

# Good once, and for ten minutes.
TAKE = Query("""
with taken as (
    delete from oidc_sign_in where state_hash = :state_hash
    returning nonce, code_verifier, return_to, created_at
)
select nonce, code_verifier, return_to from taken where created_at > now() - interval '10 minutes'
""")

BOUND = Query("""
select
    person.id as user_id,
    person.disabled_at is not null as disabled,
    person.totp_confirmed_at is not null as has_second_factor
from user_identity as held
join user_account as person on person.id = held.user_id
where held.issuer = :issuer and held.subject = :subject
""")

# An address may be given to somebody else: whoever is bound to a subject of this issuer is not found by it any more.
BY_EMAIL = Query("""
select
    person.id as user_id,
    person.disabled_at is not null or exists (
        select from user_identity as held where held.user_id = person.id and held.issuer = :issuer
    ) as disabled,
    person.totp_confirmed_at is not null as has_second_factor
from user_account as person
where person.email = :email
""")

CREATE = Query("""
insert into user_account (name, email) values (:name, :email)
returning id as user_id, false as disabled, false as has_second_factor
""")

BIND = Query("""
insert into user_identity (issuer, subject, user_id) values (:issuer, :subject, :user_id)
on conflict do nothing
""")

# A role that the provider's groups give is logged like one that an owner gives.
GIVE_ROLE = Query("""
with before as (
    select dealership.id as dealership_id, member.role
    from dealership
    left join dealership_user as member on member.dealership_id = dealership.id and member.user_id = :user_id
    where dealership.slug = :slug
), given as (
    insert into dealership_user as kept (dealership_id, user_id, role)
    select before.dealership_id, :user_id, :role from before
    on conflict (dealership_id, user_id) do update set role = excluded.role
        where kept.role is distinct from excluded.role
    returning dealership_id, user_id, role
)
insert into event (dealership_id, kind, occurred_at, user_id, request_id, changes)
select
    given.dealership_id, 'user.role_changed', now(), given.user_id, :request_id,
    jsonb_build_object('user_id', given.user_id, 'role', jsonb_build_object('from', before.role, 'to', given.role))
from given
join before on before.dealership_id = given.dealership_id
""")

GIVE_GROUP_ROLE = Query("""
with before as (
    select of_group.id as dealership_group_id, held.role
    from dealership_group as of_group
    left join dealership_group_user as held
        on held.dealership_group_id = of_group.id and held.user_id = :user_id
    where of_group.slug = :slug
), given as (
    insert into dealership_group_user as kept (dealership_group_id, user_id, role)
    select before.dealership_group_id, :user_id, :role from before
    on conflict (dealership_group_id, user_id) do update set role = excluded.role
        where kept.role <> excluded.role
    returning dealership_group_id, user_id, role
)
insert into event (dealership_id, kind, occurred_at, user_id, request_id, changes)
select
    dealership.id, 'user.group_role_changed', now(), given.user_id, :request_id,
    jsonb_build_object('user_id', given.user_id, 'role', jsonb_build_object('from', before.role, 'to', given.role))
from given
join before on before.dealership_group_id = given.dealership_group_id
join dealership on dealership.dealership_group_id = given.dealership_group_id
""")
