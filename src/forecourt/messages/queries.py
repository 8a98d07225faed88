"""The statements about messages: the outbox, what staff write, what becomes of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, LiteralString

from forecourt.infra.database import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN: LiteralString = """
    message.id, message.medium, message.purpose, delivery.state, delivery.reason, message.sender, message.reply_to,
    message.recipient, message.subject, message.body_text as text, message.segments, message.transport,
    message.marketing, message.user_id, message.lead_id, message.lead_cluster_id, message.activity_id, delivery.due_at,
    delivery.handed_over_at, delivery.ended_at, message.created_at
"""

_STORED: LiteralString = """
from message
join delivery on delivery.dealership_id = message.dealership_id and delivery.id = message.delivery_id
where message.dealership_id = :dealership_id
"""

# Filter -> what it asks of a message.
FILTERS: Mapping[str, LiteralString] = {
    "medium": "message.medium = :medium",
    "purpose": "message.purpose = :purpose",
    "state": "delivery.state = :state",
    "lead_id": "message.lead_id = :lead_id",
    "lead_cluster_id": "message.lead_cluster_id = :lead_cluster_id",
    "recipient": "lower(message.recipient) = lower(:recipient)",
}


@lru_cache(maxsize=64)
def outbox_query(filters: frozenset[str]) -> Query:
    """The statement of a page of the outbox, for *filters* by name."""
    asked: LiteralString = "".join(f"\n    and {FILTERS[name]}" for name in sorted(filters))
    return Query(f"""select{_SHOWN}{_STORED.rstrip()}
    and message.id < :before
    and is_seen(message.dealership_id, message.lead_cluster_id, :test){asked}
order by message.id desc
limit :size
""")


# What was written to the customer, to whichever of the clusters that were merged.
OF_CLUSTER = Query(
    "select"
    + _SHOWN
    + _STORED
    + """
    and message.lead_cluster_id in (select clusters_within(:dealership_id, :lead_cluster_id))
    and message.purpose in ('customer_email', 'message')
    and message.id < :before
order by message.id desc
limit :size
"""
)

ATTEMPTS = """
    (
        select json_agg(json_build_object(
            'number', attempt.number, 'started_at', attempt.started_at, 'milliseconds', attempt.milliseconds,
            'outcome', attempt.outcome, 'status', attempt.status,
            'request_bytes', octet_length(attempt.request_body), 'response_bytes', octet_length(attempt.response_body),
            'response', case when delivery.channel <> 'webhook' then attempt.response_body end
        ) order by attempt.number)
        from delivery_attempt as attempt
        where attempt.dealership_id = delivery.dealership_id and attempt.delivery_id = delivery.id
    ) as attempts
"""

MESSAGE = Query(
    "select"
    + _SHOWN.rstrip()
    + """,
    message.body_html as html, message.headers, message.reference, delivery.id as delivery_id, delivery.channel,
    delivery.changed_by_event_id,"""
    + ATTEMPTS
    + _STORED
    + """
    and message.id = :message_id
    and is_seen(message.dealership_id, message.lead_cluster_id, :test)
"""
)

# What has to be known to write to a customer: whether they may be, and how they are reached, the latest way first.
CUSTOMER = Query("""
select
    contact.erased_at, contact.opt_in_to_marketing,
    array(
        select point.value from contact_point as point
        where point.dealership_id = contact.dealership_id and point.contact_id = contact.id and point.kind = :kind
        order by point.first_seen_at desc, point.value
    ) as points,
    (
        select lead.id from lead
        where lead.dealership_id = contact.dealership_id and lead.lead_cluster_id = contact.lead_cluster_id
        order by lead.created_at desc, lead.id desc
        limit 1
    ) as lead_id,
    writer.id as user_id, writer.name as user_name, writer.email as user_email,
    template.id as template_id, template.kind as template_kind, template.subject as template_subject,
    template.body as template_body, template.marketing as template_marketing
from contact
left join lateral (
    select person.id, person.name, person.email
    from dealership_user as member
    join user_account as person on person.id = member.user_id
    where member.dealership_id = contact.dealership_id and member.user_id = :user_id
) as writer on true
left join message_template as template
    on template.dealership_id = contact.dealership_id and template.id = :template_id and template.enabled
where contact.dealership_id = :dealership_id and contact.lead_cluster_id = :lead_cluster_id
""")

QUEUE = Query("""
with logged as (
    insert into event (
        dealership_id, lead_cluster_id, kind, occurred_at, api_key_id, user_id, request_id, changes
    )
    select
        :dealership_id, :lead_cluster_id, 'message.queued', :now, :api_key_id, :user_id, :request_id,
        jsonb_build_object('message.medium', jsonb_build_object('from', null, 'to', cast(:medium as text)))
    returning id
), drawn as (
    select nextval(pg_get_serial_sequence('message', 'id')) as id
), queued as (
    insert into delivery (
        dealership_id, event_id, lead_cluster_id, channel, topic, target, due_at
    )
    select
        :dealership_id, logged.id, :lead_cluster_id, 'message', 'message.queued', cast(drawn.id as text),
        cast(:now as timestamptz) + make_interval(secs => :hold_seconds)
    from logged
    cross join drawn
    returning id
)
insert into message (
    dealership_id, id, delivery_id, lead_cluster_id, medium, purpose, sender, recipient, subject, body_text, body_html,
    segments, user_id, marketing, unsubscribe_token, created_at
)
overriding system value
select
    :dealership_id, drawn.id, queued.id, :lead_cluster_id, :medium, 'message', :sender, :recipient, :subject, :body_text,
    :body_html, :segments, :user_id, :marketing, :unsubscribe_token, :now
from queued
cross join drawn
returning id
""")

# Nobody has begun to hand it over, or nobody can any more: then there is no row.
CALL_BACK = Query("""
update delivery set
    state = 'cancelled',
    leased_until = null,
    reason = 'it was called back',
    ended_at = now()
from message
where message.dealership_id = :dealership_id
    and message.id = :message_id
    and delivery.dealership_id = message.dealership_id
    and delivery.id = message.delivery_id
    and (delivery.state = 'waiting' or delivery.state = 'sending' and delivery.handed_over_at is null)
returning delivery.id
""")

# What is to go out of what staff wrote, as it is now, and on whose behalf.
WRITTEN = Query("""
select
    delivery.id as delivery_id, message.id as message_id, message.medium, message.sender, message.recipient,
    message.subject, message.body_text, message.body_html, message.marketing, message.unsubscribe_token,
    survivor_of(message.dealership_id, message.lead_cluster_id) as lead_cluster_id,
    member.user_id, contact.erased_at, contact.opt_in_to_marketing, logged.api_key_id, logged.request_id,
    dealership.id as dealership_id, dealership.slug, dealership.name, dealership.timezone, dealership.country,
    dealership.sender_name, coalesce(dealership.reply_to, dealership.email) as reply_to,
    array(
        select earlier.reference
        from message as earlier
        join delivery as other on other.dealership_id = earlier.dealership_id and other.id = earlier.delivery_id
        where earlier.dealership_id = message.dealership_id
            and earlier.lead_cluster_id in (select clusters_within(
                message.dealership_id, survivor_of(message.dealership_id, message.lead_cluster_id)
            ))
            and earlier.medium = 'email'
            and earlier.purpose in ('customer_email', 'message')
            and lower(earlier.recipient) = lower(message.recipient)
            and other.state in ('sent', 'unknown')
        order by earlier.id desc
        limit 10
    ) as threads
from unnest(cast(:dealership_ids as bigint[]), cast(:delivery_ids as bigint[])) as claimed (dealership_id, id)
join delivery on delivery.dealership_id = claimed.dealership_id and delivery.id = claimed.id
join message on message.dealership_id = delivery.dealership_id and message.delivery_id = delivery.id
join dealership on dealership.id = message.dealership_id
join event as logged on logged.dealership_id = delivery.dealership_id and logged.id = delivery.event_id
left join contact
    on contact.dealership_id = message.dealership_id
    and contact.lead_cluster_id = survivor_of(message.dealership_id, message.lead_cluster_id)
left join dealership_user as member
    on member.dealership_id = message.dealership_id and member.user_id = message.user_id
""")

# It was sent, and is written down so together with the activity that it is. No row where it is another worker's by now.
SENT = Query("""
with finished as (
    update delivery set
        state = 'sent',
        leased_until = null,
        reason = null,
        ended_at = now()
    where delivery.dealership_id = :dealership_id
        and delivery.id = :delivery_id
        and delivery.attempts = :attempt
        and delivery.state = 'sending'
    returning delivery.dealership_id, delivery.id
), tried as (
    insert into delivery_attempt (
        dealership_id, delivery_id, number, started_at, milliseconds, outcome, status, response_body
    )
    select
        finished.dealership_id, finished.id, :attempt, now() - :milliseconds * interval '1 millisecond', :milliseconds,
        :outcome, :status, :response_body
    from finished
)
update message set reference = coalesce(:reference, message.reference)
from finished
where message.dealership_id = finished.dealership_id and message.delivery_id = finished.id
returning message.id, now() as now
""")

IS_ACTIVITY = Query("""
update message set activity_id = :activity_id where dealership_id = :dealership_id and id = :message_id
""")
