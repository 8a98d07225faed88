"""The statements of the queue."""

from __future__ import annotations

from forecourt.infra.database import Query

TAKE_PLACE = Query("""
select read_up_to, gaps from event_reader where name = 'deliveries' for update skip locked
""")

KEEP_PLACE = Query("""
update event_reader set read_up_to = :read_up_to, gaps = cast(:gaps as jsonb) where name = 'deliveries'
""")

# What is due by a channel that this worker has, the longest due first, of each lane no more than it has room for. An
# endpoint that fails gets little room, one that is switched off none. What was never due before :floor need not be
# looked for there: the index holds rows that are long done until they are vacuumed. Of those that have been with two workers
# when these died, :suspects are taken whatever else is: one of them may be what they died of, and would take the others along
# each time. So they go one by one, and what dies in the end is it alone.
CLAIM = Query("""
with lane as (
    select cast(0 as bigint) as id, cast(:per_lane as integer) as room
    union all
    select
        endpoint.id,
        case
            when endpoint.failing_since is null then cast(:per_lane as integer)
            else cast(:per_failing_lane as integer)
        end
    from webhook_endpoint as endpoint
    where endpoint.disabled_at is null and endpoint.deleted_at is null
), due as (
    select next.dealership_id, next.id
    from lane
    cross join lateral (
        select count(held.id) as busy from delivery as held where held.lane = lane.id and held.state = 'sending'
    ) as taken
    cross join lateral (
        select waiting.dealership_id, waiting.id, waiting.due_at
        from delivery as waiting
        where waiting.lane = lane.id
            and waiting.state = 'waiting'
            and waiting.channel = any (cast(:channels as text[]))
            and waiting.due_at <= now()
            and waiting.due_at >= cast(:floor as timestamptz)
            and waiting.orphaned < 2
        order by waiting.due_at, waiting.id
        limit greatest(lane.room - taken.busy, 0)
        for no key update skip locked
    ) as next
    order by next.due_at, next.id
    limit :size
), suspect as (
    select dealership_id, id
    from delivery
    where state = 'waiting'
        and orphaned >= 2
        and channel = any (cast(:channels as text[]))
        and due_at <= now()
    order by due_at, id
    limit :suspects
    for no key update skip locked
)
update delivery as claimed set
    state = 'sending',
    attempts = claimed.attempts + 1,
    leased_until = clock_timestamp() + cast(:lease as interval)
from (
    select due.dealership_id, due.id from due
    union all
    select suspect.dealership_id, suspect.id from suspect
) as found
where claimed.dealership_id = found.dealership_id and claimed.id = found.id
returning
    claimed.dealership_id, claimed.id, claimed.event_id, claimed.lead_cluster_id, claimed.lead_id, claimed.channel,
    claimed.topic, claimed.target, claimed.webhook_endpoint_id, claimed.notification_rule_id, claimed.lane,
    claimed.attempts, claimed.attempts_before, claimed.mishaps, claimed.orphaned, claimed.created_at,
    coalesce((
        select cluster.test from lead_cluster as cluster
        where cluster.dealership_id = claimed.dealership_id and cluster.id = claimed.lead_cluster_id
    ), false) as test
""")

# The earliest moment at which anything that waits was ever due; see CLAIM.
FLOOR = Query("""
select coalesce(min(due_at), now()) as due_at from delivery where state = 'waiting'
""")

# Statements that were planned while the table was empty go by any index, and go slow once it fills. PostgreSQL sees to that
# by itself after a minute or two: too late for the first burst of a new installation.
NEVER_ANALYZED = Query("select reltuples < 0 as so from pg_class where oid = cast('delivery' as regclass)")

ANALYZE = Query("analyze delivery, delivery_attempt")

# An attempt whose number is not the delivery's own any more has been taken over: it ends nothing. The attempts that did,
# where something was tried, come back.
FINISH = Query("""
with ended as (
    select
        ended.dealership_id, ended.id, ended.attempt, ended.state, ended.again_in, ended.reason, ended.mishap,
        ended.changed_by_event_id, ended.outcome, ended.milliseconds, ended.status, ended.request_headers,
        ended.request_body, ended.response_headers, ended.response_body
    from unnest(
        cast(:dealership_ids as bigint[]), cast(:ids as bigint[]), cast(:attempts as integer[]),
        cast(:states as text[]), cast(:agains as interval[]), cast(:reasons as text[]), cast(:mishaps as boolean[]),
        cast(:changed_by_event_ids as bigint[]), cast(:outcomes as text[]), cast(:milliseconds as integer[]),
        cast(:statuses as integer[]), cast(:request_headers as text[]), cast(:request_bodies as text[]),
        cast(:response_headers as text[]), cast(:response_bodies as text[])
    ) as ended (
        dealership_id, id, attempt, state, again_in, reason, mishap, changed_by_event_id, outcome, milliseconds,
        status, request_headers, request_body, response_headers, response_body
    )
), finished as (
    update delivery set
        state = case
            when ended.mishap then state_after_mishap(delivery, cast(:mishaps_allowed as integer)) else ended.state
        end,
        mishaps = delivery.mishaps + cast(ended.mishap as integer),
        attempts_before = delivery.attempts_before + cast(ended.outcome is null and ended.state = 'waiting' as integer),
        due_at = case when ended.state = 'waiting' then now() + ended.again_in else delivery.due_at end,
        leased_until = null,
        handed_over_at = case when ended.mishap or ended.state <> 'waiting' then delivery.handed_over_at end,
        reason = ended.reason,
        changed_by_event_id = coalesce(ended.changed_by_event_id, delivery.changed_by_event_id),
        ended_at = now()
    from ended
    where delivery.dealership_id = ended.dealership_id
        and delivery.id = ended.id
        and delivery.attempts = ended.attempt
        and delivery.state = 'sending'
    returning
        delivery.dealership_id, delivery.id, ended.attempt, ended.outcome, ended.milliseconds, ended.status,
        ended.request_headers, ended.response_headers,
        case when not delivery.forgotten then ended.request_body end as request_body,
        case when not delivery.forgotten then ended.response_body end as response_body
)
insert into delivery_attempt (
    dealership_id, delivery_id, number, started_at, milliseconds, outcome, status, request_headers, request_body,
    response_headers, response_body
)
select
    finished.dealership_id, finished.id, finished.attempt, now() - finished.milliseconds * interval '1 millisecond',
    finished.milliseconds, coalesce(finished.outcome, 'none'), finished.status,
    cast(finished.request_headers as jsonb), finished.request_body, cast(finished.response_headers as jsonb),
    finished.response_body
from finished
where finished.outcome is not null
returning delivery_id, number
""")

# Deliveries whose worker is gone.
REAP = Query("""
with gone as (
    select dealership_id, id
    from delivery
    where state = 'sending' and leased_until < clock_timestamp()
    limit 500
    for no key update skip locked
), freed as (
    update delivery set
        state = state_after_mishap(delivery, cast(:mishaps_allowed as integer)),
        orphaned = delivery.orphaned + 1,
        attempts_before = delivery.attempts_before + 1,
        due_at = now() + least(delivery.orphaned, 6) * interval '5 seconds',
        leased_until = null,
        reason = 'the worker that had it is gone',
        ended_at = now()
    from gone
    where delivery.dealership_id = gone.dealership_id and delivery.id = gone.id
    returning delivery.dealership_id, delivery.id, delivery.attempts
)
insert into delivery_attempt (dealership_id, delivery_id, number, started_at, milliseconds, outcome)
select dealership_id, id, attempts, now(), 0, 'worker_gone' from freed
on conflict do nothing
""")

# A worker that ends hands back what it has not begun.
HAND_BACK = Query("""
update delivery set state = 'waiting', attempts = delivery.attempts - 1, leased_until = null
from unnest(cast(:dealership_ids as bigint[]), cast(:ids as bigint[]), cast(:attempts as integer[]))
as claimed (dealership_id, id, attempt)
where delivery.dealership_id = claimed.dealership_id
    and delivery.id = claimed.id
    and delivery.attempts = claimed.attempt
    and delivery.state = 'sending'
    and delivery.handed_over_at is null
""")
