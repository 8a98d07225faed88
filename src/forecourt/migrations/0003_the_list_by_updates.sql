-- The list by updates walks the leads themselves: by way of the events it read every update of a lead that has many.
drop index event_by_occurrence;
create index lead_by_update on lead (dealership_id, updated_at, id);
