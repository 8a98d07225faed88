"""The statements that erase what the log tells of a person in the dealership's settings."""

from __future__ import annotations

from forecourt.infra.database import Query

# What the stop list once held of the person's, and holds no more. Before the contact's points are gone.
BLANK_STOP_LIST_EVENTS = Query("""
update event set changes = event.changes || cast(
    '{"value": {"from": null, "to": null, "erased": true}, "note": {"from": null, "to": null, "erased": true}}' as jsonb
)
from contact
join contact_point as point
    on point.dealership_id = contact.dealership_id and point.contact_id = contact.id
where contact.dealership_id = :dealership_id
    and contact.lead_cluster_id = any (cast(:cluster_ids as bigint[]))
    and event.dealership_id = contact.dealership_id
    and event.kind in ('stop_list.added', 'stop_list.removed')
    and point.value in (event.changes -> 'value' ->> 'from', event.changes -> 'value' ->> 'to')
    and not exists (
        select from stop_list_entry as entry
        where entry.dealership_id = contact.dealership_id and entry.kind = point.kind and entry.value = point.value
    )
""")
