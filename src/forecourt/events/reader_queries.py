"""The statements that read the log as a whole."""

from __future__ import annotations

from forecourt.infra.database import Query

READ = Query("""
select
    event.id, event.dealership_id, event.kind, event.lead_cluster_id, event.other_lead_cluster_id, event.lead_id,
    event.lead_version, event.occurred_at
from event
join (
    (select id from event where id > :read_up_to order by id limit :size)
    union all
    (
        select late.id
        from unnest(cast(:firsts as bigint[]), cast(:lasts as bigint[])) as gap (first, last)
        join event as late on late.id between gap.first and gap.last
        limit :size
    )
) as unread on unread.id = event.id
order by event.id
""")

# The moment, not the transaction's: a gap was noticed no earlier than it was read.
CLOCK = Query("select clock_timestamp() as now")

OLDEST_TRANSACTION = Query("""
select min(xact_start) as began_at
from pg_stat_activity
where backend_type = 'client backend' and pid <> pg_backend_pid()
""")

END_OF_LOG = Query("select coalesce(max(id), 0) as id from event")
