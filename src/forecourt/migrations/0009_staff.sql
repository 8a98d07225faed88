-- The staff sign in: what each may do where, how they prove who they are, and the sessions that follow from it.

alter table user_account
-- Argon2id in its own notation; null where nobody signs in with a password.
add column password_hash text,
-- The secret of a second factor, and the step whose code was used last: none works twice.
add column totp_secret text,
add column totp_confirmed_at timestamptz,
add column totp_last_step bigint,
add column disabled_at timestamptz,
-- When they set this installation up, by the link of its first run: whoever did may create dealerships, and be an owner
-- of those that are there.
add column set_up_at timestamptz,
-- How somebody likes it: {"single_keys", "theme", "sound"}.
add column preferences jsonb not null default '{}',
add column created_at timestamptz not null default now();

alter table dealership_user
-- Null for whoever is of the staff by their group's role alone, or no longer: leads and appointments go on naming them.
add column role text default 'salesperson',
add constraint dealership_user_role_is_known check (role in ('owner', 'lead_manager', 'salesperson', 'read_only'));

-- A role in every dealership of a group, those that join it later included.
create table dealership_group_user (
    dealership_group_id bigint not null references dealership_group,
    user_id bigint not null references user_account,
    role text not null,
    primary key (dealership_group_id, user_id),
    constraint dealership_group_user_role_is_known check (
        role in ('owner', 'lead_manager', 'salesperson', 'read_only')
    )
);

-- Whoever has a role in a group is of the staff of each of its dealerships, without a role of their own there.
create function group_staff_join(of_group_id bigint) returns void language sql as $$
    insert into dealership_user (dealership_id, user_id, role)
    select dealership.id, of_group.user_id, null
    from dealership_group_user as of_group
    join dealership on dealership.dealership_group_id = of_group.dealership_group_id
    where of_group.dealership_group_id = of_group_id
    on conflict do nothing
$$;

create function group_staff_join_by_row() returns trigger language plpgsql as $$
begin
    perform group_staff_join(new.dealership_group_id);
    return null;
end
$$;

create trigger group_staff_join_its_dealerships after insert on dealership_group_user
for each row execute function group_staff_join_by_row();

create trigger a_dealership_gets_its_groups_staff after insert or update of dealership_group_id on dealership
for each row when (new.dealership_group_id is not null)
execute function group_staff_join_by_row();

create index dealership_group_user_by_user on dealership_group_user (user_id);

-- Which of two roles allows more: each allows what those before it do.
create function role_rank(role text) returns integer language sql immutable as $$
    select array_position(array['read_only', 'salesperson', 'lead_manager', 'owner'], role)
$$;

-- What a user is to each dealership: by their own membership or their group's, whichever allows more.
create view role_at_dealership with (security_invoker = true) as
select distinct on (user_id, dealership_id) user_id, dealership_id, role
from (
    select member.user_id, member.dealership_id, member.role
    from dealership_user as member
    where member.role is not null
    union all
    select of_group.user_id, dealership.id, of_group.role
    from dealership_group_user as of_group
    join dealership on dealership.dealership_group_id = of_group.dealership_group_id
) as held
order by user_id, dealership_id, role_rank(role) desc;

-- A browser that is signed in. The cookie's value is known here by its SHA-256 only.
create table session (
    token_hash bytea primary key,
    -- By which its user names it to end it.
    id bigint generated always as identity,
    user_id bigint not null references user_account,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    ends_at timestamptz not null,
    user_agent text,
    source text,
    constraint session_id_key unique (id),
    constraint session_token_hash_is_sha256 check (length(token_hash) = 32)
);

create index session_by_user on session (user_id);
create index session_by_end on session (ends_at);

-- Every process hears of a session that has ended, and ends the streams that were opened with it.
create function session_ended() returns trigger language plpgsql as $$
begin
    perform pg_notify('forecourt_sessions', encode(old.token_hash, 'hex'));
    return null;
end
$$;

create trigger session_end_is_told after delete on session
for each row execute function session_ended();

-- A password was right, and the second factor is still to come. Like a session it is known by its hash only.
create table second_step (
    token_hash bytea primary key,
    user_id bigint not null references user_account,
    return_to text not null,
    ends_at timestamptz not null
);

create index second_step_by_user on second_step (user_id);

-- Codes for when the second factor is lost: each works once. 120 random bits need no slow hash.
create table recovery_code (
    user_id bigint not null references user_account,
    code_hash bytea not null,
    used_at timestamptz,
    primary key (user_id, code_hash)
);

-- A browser in which somebody has signed in before: guesses of others do not keep them out of it.
create table known_device (
    token_hash bytea not null,
    user_id bigint not null references user_account,
    last_used_at timestamptz not null default now(),
    primary key (token_hash, user_id)
);

create index known_device_by_user on known_device (user_id);

-- A link that lets somebody in once: the first owner, an invited user, whoever forgot their password, the demo.
create table sign_in_link (
    token_hash bytea primary key,
    purpose text not null,
    user_id bigint references user_account,
    created_at timestamptz not null default now(),
    ends_at timestamptz not null,
    used_at timestamptz,
    constraint sign_in_link_purpose_is_known check (purpose in ('set_up', 'invitation', 'password', 'demo')),
    constraint sign_in_link_names_its_user check ((purpose = 'set_up') = (user_id is null))
);

create index sign_in_link_by_user on sign_in_link (user_id);

-- Tries to sign in that failed, by what they were counted for: each makes the next wait longer (access/throttle.py). An
-- account is named by the hash of the address that was tried, whether it has one or not.
create table sign_in_failure (
    kind text not null,
    value text not null,
    failures integer not null,
    last_at timestamptz not null default now(),
    primary key (kind, value),
    constraint sign_in_failure_kind_is_known check (
        kind in ('account', 'source', 'device', 'second_factor', 'confirmation')
    )
);

-- Who a user is to an identity provider (OpenID Connect: issuer and subject).
create table user_identity (
    issuer text not null,
    subject text not null,
    user_id bigint not null references user_account,
    created_at timestamptz not null default now(),
    primary key (issuer, subject)
);

create index user_identity_by_user on user_identity (user_id);

-- A sign-in at an identity provider that is under way.
create table oidc_sign_in (
    state_hash bytea primary key,
    nonce text not null,
    code_verifier text not null,
    return_to text not null,
    created_at timestamptz not null default now()
);
