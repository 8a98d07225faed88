-- A delivery that kills its worker takes others along. To find it among them, those that a worker died with are counted apart
-- from those that went wrong by themselves.

alter table delivery
-- How many workers died with it.
add column orphaned integer not null default 0;

-- Those that may have killed their workers go one by one (deliveries/queries.py: CLAIM). There are few.
create index delivery_suspected on delivery (due_at, id) where state = 'waiting' and orphaned >= 2;

-- As before, but that the workers count that it was with.
create or replace function state_after_mishap(of_delivery delivery, mishaps_allowed integer) returns text
language sql immutable as $$
    select case
        when of_delivery.handed_over_at is not null and of_delivery.channel in ('customer_email', 'message')
            then 'unknown'
        when of_delivery.mishaps + of_delivery.orphaned + 1 >= mishaps_allowed then 'failed'
        else 'waiting'
    end
$$;
