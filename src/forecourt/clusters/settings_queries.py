"""The statements about a dealership's stop list and status options."""

from __future__ import annotations

from forecourt.infra.database import Query

STOP_LIST = Query("""
select kind, value, note, created_at from stop_list_entry where dealership_id = :dealership_id order by kind, value
""")

STOP = Query("""
insert into stop_list_entry (dealership_id, kind, value, note) values (:dealership_id, :kind, :value, :note)
on conflict (dealership_id, kind, value) do update set note = coalesce(excluded.note, stop_list_entry.note)
returning kind, value, note, created_at, xmax = 0 as is_new
""")

UNSTOP = Query("""
delete from stop_list_entry where dealership_id = :dealership_id and kind = :kind and value = :value
returning kind, value, note
""")

STATUS_OPTIONS = Query("""
select id, state, name, position, enabled
from lead_status_option
where dealership_id = :dealership_id
order by state, position, id
""")

ADD_STATUS_OPTION = Query("""
insert into lead_status_option (dealership_id, state, name, position, enabled)
values (:dealership_id, :state, :name, :position, :enabled)
returning id, state, name, position, enabled
""")

LOCKED_STATUS_OPTION = Query("""
select id, state, name, position, enabled
from lead_status_option
where dealership_id = :dealership_id and id = :id
for no key update
""")

# The state stays: clusters stand under it.
CHANGE_STATUS_OPTION = Query("""
update lead_status_option set
    name = coalesce(:name, name),
    position = coalesce(:position, position),
    enabled = coalesce(:enabled, enabled)
where dealership_id = :dealership_id and id = :id
returning id, state, name, position, enabled
""")

OWN = Query("""
select
    dealership.closed_cluster_days, dealership.uses_appointment_state, dealership.phone, dealership.email,
    (
        select json_agg(json_build_object(
            'id', location.id, 'name', location.name, 'phone', location.phone, 'email', location.email
        ) order by location.id)
        from location
        where location.dealership_id = dealership.id
    ) as locations
from dealership
where dealership.id = :dealership_id
""")

CHANGE_OWN = Query("""
update dealership set
    closed_cluster_days = :closed_cluster_days,
    uses_appointment_state = :uses_appointment_state,
    phone = :phone,
    email = :email
where id = :dealership_id
""")

CHANGE_OWN_OF_LOCATION = Query("""
update location set phone = :phone, email = :email where dealership_id = :dealership_id and id = :id
""")
