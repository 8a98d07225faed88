-- Test mode: what keys of the mode test write. It lies beside everything else, meets none of it, and is told to nobody
-- outside (deliveries/queries.py, webhooks/plan_queries.py).

alter table lead_cluster add column test boolean not null default false;
alter table lead add column test boolean not null default false;

-- A cluster is of one mode with all its leads: the mark is mirrored as golden is, and no lead changes sides.
create unique index lead_cluster_marks on lead_cluster (dealership_id, id, golden, test);
alter table lead drop constraint lead_dealership_id_lead_cluster_id_golden_fkey;
alter table lead add constraint lead_is_marked_as_its_cluster_is
foreign key (dealership_id, lead_cluster_id, golden, test)
references lead_cluster (dealership_id, id, golden, test) on update cascade;
alter table lead_cluster drop constraint lead_cluster_golden_key;

-- A car that is driven in test mode is free for everybody else.
create unique index lead_cluster_mode on lead_cluster (dealership_id, id, test);
alter table appointment add column test boolean not null default false;
alter table appointment add constraint appointment_is_of_its_clusters_mode
foreign key (dealership_id, lead_cluster_id, test) references lead_cluster (dealership_id, id, test);
alter table appointment drop constraint appointment_dealership_id_lead_cluster_id_fkey;
alter table appointment drop constraint appointment_car_is_free;
alter table appointment add constraint appointment_car_is_free exclude using gist (
    dealership_id with =,
    (case when test then -car_id else car_id end) with =,
    tsrange(
        starts_at at time zone 'UTC',
        (starts_at at time zone 'UTC') + make_interval(mins => length_in_minutes)
    ) with &&
) where (status = 'pending' and car_id is not null and starts_at is not null);

-- Whether somebody sees what is about a cluster: who sees test mode alone (true), everything else (false), or both (null).
-- What is about no cluster is not of test mode.
create function is_seen(of_dealership_id bigint, of_lead_cluster_id bigint, test_seen boolean) returns boolean
language sql stable parallel safe as $$
    select test_seen is null or test_seen = coalesce((
        select cluster.test from lead_cluster as cluster
        where cluster.dealership_id = of_dealership_id and cluster.id = of_lead_cluster_id
    ), false)
$$;

-- Whom a test was given to has no less room for customers; see 0006.
create or replace function open_clusters_of(of_dealership_id bigint, of_user_id bigint) returns bigint
language sql volatile as $$
    select count(*)
    from lead_cluster
    where dealership_id = of_dealership_id
        and user_id = of_user_id
        and merged_into_id is null
        and state in ('new', 'contacted', 'appointment')
        and not test
$$;

-- The lists of test mode, however much else there is.
create index lead_of_test on lead (dealership_id, created_at, id) where test;
create index lead_cluster_of_test on lead_cluster (dealership_id, last_lead_created_at, id)
where merged_into_id is null and test;
