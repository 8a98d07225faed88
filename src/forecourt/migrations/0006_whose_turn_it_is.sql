-- Assignment asks two things of the open clusters: how many a user answers for, and which of nobody's has waited
-- longest.
create index lead_cluster_open on lead_cluster (
    dealership_id, user_id, (coalesce(waiting_since, first_lead_created_at)), id
) where merged_into_id is null and state in ('new', 'contacted', 'appointment');

-- Counted after the user's row was locked, by a statement that locks it: a volatile function sees what others wrote
-- while the statement that calls it waited, which the statement itself does not.
create function open_clusters_of(of_dealership_id bigint, of_user_id bigint) returns bigint language sql volatile as $$
    select count(*)
    from lead_cluster
    where dealership_id = of_dealership_id
        and user_id = of_user_id
        and merged_into_id is null
        and state in ('new', 'contacted', 'appointment')
$$;
