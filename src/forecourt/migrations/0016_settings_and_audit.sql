-- What owners and lead managers settle, and what everybody has done: who, what, when, from what to what.

alter table dealership
-- Whoever was lost or invalid for so many days is erased; null, as it begins, where nobody is.
add column erase_closed_after_days integer,
add constraint dealership_erases_after_a_while check (erase_closed_after_days between 30 and 3650) not valid;

alter table dealership validate constraint dealership_erases_after_a_while;

-- Whose time is over (privacy/retention_queries.py: OVER).
create index lead_cluster_by_rest on lead_cluster (dealership_id, updated_at, id)
where merged_into_id is null and state in ('lost', 'invalid');

-- The audit log, page by page (audit/find_queries.py): all of it; of one kind; what one person did, or one key.
create index event_by_time on event (dealership_id, occurred_at, id);
create index event_by_kind on event (dealership_id, kind, occurred_at, id);
create index event_by_user on event (dealership_id, user_id, occurred_at, id) where user_id is not null;
create index event_by_key on event (dealership_id, api_key_id, occurred_at, id) where api_key_id is not null;
