-- What the staff's screens need: since when each waiting customer is late, what was put off, what somebody is writing.

alter table lead_cluster
-- Until when the customer who waits is to be answered, and from when that is overdue: what response_clock() says, kept
-- here for the order of the inbox and its index.
add column due_at timestamptz,
add column overdue_at timestamptz,
-- Put off until then by somebody who works on it.
add column snoozed_until timestamptz;

-- After the statement, when the lead that waits can be seen: its category and source decide the limits.
create function response_limits_follow() returns trigger language plpgsql as $$
begin
    update lead_cluster as cluster set due_at = clock.due_at, overdue_at = clock.overdue_at
    from (
        select kept.id, limits.due_at, limits.overdue_at
        from lead_cluster as kept
        cross join lateral response_clock(kept) as limits
        where kept.dealership_id = new.dealership_id and kept.id = new.id
    ) as clock
    where cluster.dealership_id = new.dealership_id and cluster.id = clock.id;
    return null;
end
$$;

create trigger response_limits_of_a_new_wait after update of waiting_since, location_id on lead_cluster
for each row when (
    old.waiting_since is distinct from new.waiting_since
    or new.waiting_since is not null and old.location_id is distinct from new.location_id
)
execute function response_limits_follow();

create trigger response_limits_of_a_new_cluster after insert on lead_cluster
for each row when (new.waiting_since is not null)
execute function response_limits_follow();

update lead_cluster as cluster set due_at = clock.due_at, overdue_at = clock.overdue_at
from (
    select kept.dealership_id, kept.id, limits.due_at, limits.overdue_at
    from lead_cluster as kept
    cross join lateral response_clock(kept) as limits
    where kept.waiting_since is not null
) as clock
where cluster.dealership_id = clock.dealership_id and cluster.id = clock.id;

-- The inbox: who waits, the latest first to be late (inbox/queries.py).
create index lead_cluster_by_due on lead_cluster (dealership_id, due_at, id)
where merged_into_id is null and waiting_since is not null;
create index lead_cluster_by_snooze on lead_cluster (dealership_id, snoozed_until, id)
where merged_into_id is null and snoozed_until is not null;

-- A list that somebody looks at again and again: its name and its filters, as the address has them.
create table saved_view (
    id bigint generated always as identity primary key,
    dealership_id bigint references dealership,
    user_id bigint not null references user_account,
    name text not null,
    query text not null,
    shared boolean not null default false,
    position integer not null default 0,
    created_at timestamptz not null default now(),
    constraint saved_view_name_key unique (user_id, name)
);

-- What somebody was writing and has not sent.
create table draft (
    dealership_id bigint not null,
    lead_cluster_id bigint not null,
    user_id bigint not null references user_account,
    medium text not null,
    subject text,
    body text not null,
    updated_at timestamptz not null default now(),
    primary key (dealership_id, lead_cluster_id, user_id, medium),
    constraint draft_medium_is_known check (medium in ('email', 'sms', 'note')),
    foreign key (dealership_id, lead_cluster_id) references lead_cluster (dealership_id, id)
);

-- A user who is named in a note.
create table mention (
    dealership_id bigint not null,
    activity_id bigint not null,
    user_id bigint not null references user_account,
    seen_at timestamptz,
    primary key (dealership_id, activity_id, user_id),
    foreign key (dealership_id, activity_id) references activity (dealership_id, id)
);

create index mention_by_user on mention (user_id) where seen_at is null;
