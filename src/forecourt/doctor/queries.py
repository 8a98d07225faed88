"""What the doctor asks the database, beside the invariants."""

from __future__ import annotations

from forecourt.infra.database import Query

SERVER = Query("""
select
    current_setting('server_version') as version,
    cast(current_setting('server_version_num') as integer) as number,
    current_setting('fsync') as fsync,
    current_setting('synchronous_commit') as synchronous_commit,
    current_setting('full_page_writes') as full_page_writes,
    clock_timestamp() as now
""")

# What waits for an endpoint that fails waits for that.
QUEUE = Query("""
select
    count(*) filter (where delivery.due_at <= now()) as due,
    coalesce(cast(extract(epoch from now() - min(delivery.due_at)) as double precision), 0) as latest_by
from delivery
left join webhook_endpoint as endpoint
    on endpoint.dealership_id = delivery.dealership_id and endpoint.id = delivery.webhook_endpoint_id
where delivery.state = 'waiting' and endpoint.failing_since is null
""")

LOG = Query("""
select
    count(event.id) as unread,
    coalesce(cast(extract(epoch from now() - min(event.occurred_at)) as double precision), 0) as latest_by
from event_reader as reader
left join event on event.id > reader.read_up_to
where reader.name = 'deliveries'
""")

TROUBLES = Query("""
select
    (
        select count(*) from webhook_endpoint
        where deleted_at is null and (failing_since is not null or disabled_because is not null)
    ) as webhooks,
    (
        select count(*) from delivery
        where state = 'failed' and ended_at > now() - interval '1 day'
    ) as failed,
    (
        select count(*) from delivery
        where state = 'unknown' and ended_at > now() - interval '1 day'
    ) as unknown
""")

FILES = Query("""
select stored_name from lead_file
""")
