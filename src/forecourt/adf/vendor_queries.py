"""The statements about what senders call a dealership."""

from __future__ import annotations

from forecourt.infra.database import Query

VENDORS = Query("""
select id, name, vendor_id, source, created_at
from adf_vendor
where dealership_id = :dealership_id
order by id
""")

# A second time changes nothing, and answers the first.
ADD_VENDOR = Query("""
insert into adf_vendor (dealership_id, name, vendor_id, source)
values (:dealership_id, :name, :vendor_id, :source)
on conflict on constraint adf_vendor_key do update set name = excluded.name
returning id, name, vendor_id, source, created_at, xmax = 0 as is_new
""")

REMOVE_VENDOR = Query("""
delete from adf_vendor where dealership_id = :dealership_id and id = :vendor_id
returning id, name, vendor_id, source
""")
