"""The statements of taking back."""

from __future__ import annotations

from forecourt.infra.database import Query

EVENT = Query("""
select
    event.id, event.kind, event.lead_cluster_id, event.other_lead_cluster_id, event.changes, event.occurred_at,
    exists (
        select from event as undoing
        where undoing.dealership_id = event.dealership_id and undoing.undoes_event_id = event.id
    ) as undone
from event
where event.dealership_id = :dealership_id and event.id = :event_id and event.lead_cluster_id is not null
""")

# What a dealership settles is about no cluster.
SETTLED = Query("""
select
    event.id, event.kind, event.changes, exists (
        select from event as undoing
        where undoing.dealership_id = event.dealership_id and undoing.undoes_event_id = event.id
    ) as undone
from event
where event.dealership_id = :dealership_id and event.id = :event_id and event.lead_cluster_id is null
""")

# The reverse is nothing that a human did for the customer.
MARK = Query("""
update event set undoes_event_id = :undoes, human = false
where dealership_id = :dealership_id and id = any (cast(:ids as bigint[]))
""")

UNDO_ACTIVITY = Query("""
update activity set undone_at = :now, asks = false
where dealership_id = :dealership_id and id = :activity_id and undone_at is null
""")

FORGET_DECISION = Query("""
update possible_duplicate set decision = null, decided_at = null, decided_by_api_key_id = null
where dealership_id = :dealership_id
    and lead_cluster_id = least(cast(:one as bigint), cast(:other as bigint))
    and other_lead_cluster_id = greatest(cast(:one as bigint), cast(:other as bigint))
    and decision = 'not_a_duplicate'
""")

MERGE_OF = Query("""
select survivor_id, merged_id from cluster_merge
where dealership_id = :dealership_id
    and undone_at is null
    and (survivor_id, merged_id) in ((:one, :other), (:other, :one))
order by id desc
limit 1
""")

STATE = Query("""
select state from lead_cluster where dealership_id = :dealership_id and id = :lead_cluster_id for no key update
""")
