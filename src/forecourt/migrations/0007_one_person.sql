-- Every cluster of one person: those that were merged into each other, and those that followed a closed one.
create function clusters_of_person(of_dealership_id bigint, of_lead_cluster_id bigint) returns setof bigint
language sql stable as $$
    with recursive same (id) as (
        select of_lead_cluster_id
        union
        select next.id
        from same
        cross join lateral (
            select merged.id
            from lead_cluster as merged
            where merged.dealership_id = of_dealership_id and merged.merged_into_id = same.id
            union all
            select later.id
            from lead_cluster as later
            where later.dealership_id = of_dealership_id and later.earlier_lead_cluster_id = same.id
            union all
            select unnest(array[own.merged_into_id, own.earlier_lead_cluster_id])
            from lead_cluster as own
            where own.dealership_id = of_dealership_id and own.id = same.id
        ) as next (id)
        where next.id is not null
    )
    select id from same
$$;
