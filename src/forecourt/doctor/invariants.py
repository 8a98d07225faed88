"""What must hold in the database whatever happened to the processes: each a statement that finds what breaks it.

Most of what must hold the schema enforces by itself (constraints, composite foreign keys, unique indexes). Here is the rest.
"""

from __future__ import annotations

import msgspec

from forecourt.deliveries.records import MISHAPS_ALLOWED
from forecourt.infra.database import Query

# Every statement tells what is wrong in up to so many rows.
MOST = 100

VERSIONS = Query("""
select 'lead ' || lead.id as what
from lead
left join (
    select
        dealership_id, lead_id, count(lead_version) as steps, min(lead_version) as earliest, max(lead_version) as latest
    from event
    where lead_version is not null
    group by dealership_id, lead_id
) as log on log.dealership_id = lead.dealership_id and log.lead_id = lead.id
where (log.steps, log.earliest, log.latest) is distinct from (lead.version, 1, lead.version)
limit 100
""")

ENFORCED = Query("""
select broken.name as what
from (
    select conname as name from pg_constraint
    where connamespace = cast('public' as regnamespace) and not convalidated
    union all
    select cast(indexrelid as regclass)::text from pg_index where not indisvalid
) as broken (name)
limit 100
""")

# Whoever asks again for what was given up begins a new attempt; of accepted ones there is one at most.
HANDED_OVER_TWICE = Query("""
select 'delivery ' || attempt.delivery_id as what
from delivery_attempt as attempt
join delivery on delivery.dealership_id = attempt.dealership_id and delivery.id = attempt.delivery_id
where delivery.channel in ('customer_email', 'message') and attempt.outcome = 'accepted'
group by attempt.dealership_id, attempt.delivery_id
having count(attempt.number) > 1
limit 100
""")

SENT_BY_NOBODY = Query("""
select 'delivery ' || delivery.id as what
from delivery
where delivery.state = 'sent'
    and not exists (
        select from delivery_attempt as attempt
        where attempt.dealership_id = delivery.dealership_id and attempt.delivery_id = delivery.id
    )
limit 100
""")

NOT_KEPT = Query("""
select 'delivery ' || delivery.id as what
from delivery
where delivery.state in ('sent', 'unknown')
    and delivery.channel <> 'webhook'
    and not exists (
        select from message
        where message.dealership_id = delivery.dealership_id and message.delivery_id = delivery.id
    )
limit 100
""")

LEFT_BY_ITS_WORKER = Query("""
select 'delivery ' || id as what
from delivery
where state = 'sending' and leased_until < now() - interval '1 minute'
limit 100
""")

NOT_GIVEN_UP = Query("""
select 'delivery ' || id as what
from delivery
where state = 'waiting' and mishaps + orphaned >= cast(:mishaps_allowed as integer)
limit 100
""")

# Of the last week, and of the events that are told under their own names. A webhook that was changed meanwhile is left out:
# what it asked for then is not known any more.
UNTOLD = Query("""
select 'event ' || event.id || ', webhook ' || endpoint.id as what
from webhook_endpoint as endpoint
join event
    on event.dealership_id = endpoint.dealership_id
    and event.lead_cluster_id is not null
    and event.occurred_at > endpoint.updated_at + interval '1 minute'
    and event.occurred_at > now() - interval '7 days'
    and event.kind in ('lead.created', 'lead.updated')
    and (event.kind = any (endpoint.events) or '*' = any (endpoint.events))
join lead_cluster as cluster
    on cluster.dealership_id = event.dealership_id
    and cluster.id = event.lead_cluster_id
    and cluster.test = endpoint.test
join event_reader as reader on reader.name = 'deliveries' and event.id <= reader.read_up_to
where endpoint.deleted_at is null
    and not exists (
        select from jsonb_to_recordset(reader.gaps) as gap (first bigint, last bigint)
        where event.id between gap.first and gap.last
    )
    and not exists (
        select from delivery
        where delivery.dealership_id = event.dealership_id
            and delivery.event_id = event.id
            and delivery.webhook_endpoint_id = endpoint.id
    )
limit 100
""")

REMEMBERED = Query("""
select 'delivery ' || delivery.id as what
from delivery
where delivery.forgotten
    and (
        exists (
            select from message
            where message.dealership_id = delivery.dealership_id
                and message.delivery_id = delivery.id
                and (message.recipient is not null or message.body_text is not null)
        )
        or exists (
            select from delivery_attempt as attempt
            where attempt.dealership_id = delivery.dealership_id
                and attempt.delivery_id = delivery.id
                and (attempt.request_body is not null or attempt.response_body is not null)
        )
    )
limit 100
""")

ANSWERS_KEPT_TOO_LONG = Query("""
select 'the answer to ' || operation as what
from idempotent_answer
where created_at < now() - interval '74 hours'
limit 100
""")


class Invariant(msgspec.Struct, frozen=True):
    """Something that must hold.

    Attributes:
        name: as the doctor tells it.
        holds: what it means that it holds.
        broken_by: finds ``what`` breaks it, up to MOST of it.
    """

    name: str
    holds: str
    broken_by: Query


INVARIANTS = (
    Invariant("constraints", "every constraint and index of the schema is in force", ENFORCED),
    Invariant("versions", "each version of a lead has one event in the log, without gaps", VERSIONS),
    Invariant("handed over once", "no customer's message was handed over twice", HANDED_OVER_TWICE),
    Invariant("attempts", "whatever is sent has an attempt that sent it", SENT_BY_NOBODY),
    Invariant("outbox", "whatever was written to somebody is in the outbox", NOT_KEPT),
    Invariant("leases", "nothing is left by a worker that is gone", LEFT_BY_ITS_WORKER),
    Invariant("given up", "what went wrong too often is given up, and not tried for ever", NOT_GIVEN_UP),
    Invariant("webhooks", "every webhook has a delivery of each event it asked for", UNTOLD),
    Invariant("erasure", "nothing is kept of what was written to people who are erased", REMEMBERED),
    Invariant("answers", "no answer is kept for its key beyond its time", ANSWERS_KEPT_TOO_LONG),
)

# What the statements are given, whichever of them wants it.
GIVEN = {"mishaps_allowed": MISHAPS_ALLOWED}
