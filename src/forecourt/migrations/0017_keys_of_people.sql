-- API keys that belong to somebody of the staff: the test key of whoever signs in, and a key that is lent to them for a
-- moment, for what only keys can do. And keys that took the place of others.

alter table api_key
-- Whose own it is; null for a program's.
add column user_id bigint references user_account,
-- Of a test key: from this, and from the cookie of the session in which it was made, its token can be made again to be
-- shown; from nothing that is kept here alone.
add column salt bytea,
-- The key whose place it took: both live for a while.
add column succeeds_id bigint references api_key,
add constraint api_key_with_a_salt_is_somebodys_test_key check (
    salt is null or user_id is not null and mode = 'test'
);

create index api_key_by_user on api_key (user_id) where user_id is not null;
create index api_key_by_predecessor on api_key (succeeds_id) where succeeds_id is not null;

-- What somebody's own key allows follows from their role. Where they may less than before it ends; a new one is made in a
-- moment.
create function own_keys_end(of_user_id bigint) returns void language sql as $$
    update api_key set revoked_at = now() where user_id = of_user_id and revoked_at is null
$$;

create function own_keys_end_by_row() returns trigger language plpgsql as $$
begin
    perform own_keys_end(old.user_id);
    return null;
end
$$;

create trigger own_keys_end_with_a_role after update of role on dealership_user
for each row when (coalesce(role_rank(new.role), 0) < coalesce(role_rank(old.role), 0))
execute function own_keys_end_by_row();

create trigger own_keys_end_with_a_membership after delete on dealership_user
for each row execute function own_keys_end_by_row();

create trigger own_keys_end_with_a_role_in_the_group after update of role on dealership_group_user
for each row when (role_rank(new.role) < role_rank(old.role))
execute function own_keys_end_by_row();

create trigger own_keys_end_with_the_group after delete on dealership_group_user
for each row execute function own_keys_end_by_row();

create function own_keys_end_with_their_user() returns trigger language plpgsql as $$
begin
    perform own_keys_end(new.id);
    return null;
end
$$;

create trigger own_keys_end_with_the_account after update of disabled_at on user_account
for each row when (new.disabled_at is not null)
execute function own_keys_end_with_their_user();

-- A dealership that goes to another group takes the old group's people along no longer.
create function own_keys_end_with_their_dealership() returns trigger language plpgsql as $$
begin
    update api_key set revoked_at = now()
    where api_key.user_id is not null
        and api_key.revoked_at is null
        and api_key.id in (
            select held.api_key_id from api_key_dealership as held where held.dealership_id = new.id
        );
    return null;
end
$$;

create trigger own_keys_end_with_a_dealerships_group after update of dealership_group_id on dealership
for each row when (
    old.dealership_group_id is not null and new.dealership_group_id is distinct from old.dealership_group_id
)
execute function own_keys_end_with_their_dealership();

-- What somebody's first calls came to is asked every other second, while they wait for it to turn green.
create index request_log_of_test_keys on request_log (api_key_id, id) where test;
