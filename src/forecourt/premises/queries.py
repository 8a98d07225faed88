"""The statements about a dealership's particulars and places."""

from __future__ import annotations

from forecourt.infra.database import Query

PARTICULARS = Query("""
select
    dealership.id, dealership.slug, dealership.name, dealership.timezone, dealership.country, dealership.region,
    owner.slug as group, dealership.created_at
from dealership
left join dealership_group as owner on owner.id = dealership.dealership_group_id
where dealership.id = :dealership_id
""")

LOCK = Query("""
select id from dealership where id = :dealership_id for no key update
""")

# The state whose holidays are kept is told anew by another clock, and is none of another country's.
CHANGE_PARTICULARS = Query("""
update dealership set
    name = :name,
    timezone = :timezone,
    country = :country,
    region = case when timezone = :timezone and country = :country then region end
where id = :dealership_id
""")

FORGET_REGIONS_OF_LOCATIONS = Query("""
update location set region = null where dealership_id = :dealership_id and region is not null
""")

_LOCATION = """
select id, name, location_type, address, phone, email, region
from location
where dealership_id = :dealership_id
"""

LOCATIONS = Query(
    _LOCATION
    + """
order by id
"""
)

LOCATION = Query(
    _LOCATION
    + """
    and id = :location_id
"""
)

LOCKED_LOCATION = Query(
    _LOCATION
    + """
    and id = :location_id
for no key update
"""
)

ADD_LOCATION = Query("""
insert into location (dealership_id, name, location_type, address, phone, email)
values (:dealership_id, :name, :location_type, :address, :phone, :email)
returning id, name, location_type, address, phone, email, region
""")

CHANGE_LOCATION = Query("""
update location set
    name = :name,
    location_type = :location_type,
    address = :address,
    phone = :phone,
    email = :email
where dealership_id = :dealership_id and id = :location_id
returning id, name, location_type, address, phone, email, region
""")
