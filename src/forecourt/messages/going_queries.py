"""The statements at the moment at which a message goes out."""

from __future__ import annotations

from forecourt.infra.database import Query

# The message as it goes out, and the mark that it was handed over, in one: from here on nobody calls it back. No row, and
# nothing written, where the delivery is another worker's or was called off, where the lead has changed since it was read,
# or where the recipient has had enough. Without :handing_over it is only kept to be seen.
GO = Query("""
with gone as (
    update delivery set
        handed_over_at = case when :handing_over then clock_timestamp() else delivery.handed_over_at end
    where delivery.dealership_id = :dealership_id
        and delivery.id = :delivery_id
        and delivery.attempts = :attempt
        and delivery.state = 'sending'
        and (
            cast(:lead_version as integer) is null
            or exists (
                select from lead
                where lead.dealership_id = :dealership_id and lead.id = :lead_id and lead.version = :lead_version
            )
        )
        and (
            cast(:most_a_day as bigint) is null
            or may_be_mailed(:dealership_id, :recipient, :delivery_id, :most_a_day)
        )
    returning delivery.dealership_id, delivery.id
)
insert into message (
    dealership_id, delivery_id, lead_cluster_id, lead_id, medium, purpose, sender, reply_to, recipient, subject,
    body_text, body_html, headers, reference, transport, marketing, unsubscribe_token
)
select
    gone.dealership_id, gone.id, :lead_cluster_id, :lead_id, 'email', :purpose, :sender, :reply_to, :recipient, :subject,
    :body_text, :body_html, cast(:headers as jsonb), :reference, :transport, :marketing, :unsubscribe_token
from gone
on conflict (dealership_id, delivery_id) do update set
    lead_cluster_id = excluded.lead_cluster_id,
    sender = excluded.sender,
    reply_to = excluded.reply_to,
    recipient = excluded.recipient,
    subject = excluded.subject,
    body_text = excluded.body_text,
    body_html = excluded.body_html,
    headers = excluded.headers,
    transport = excluded.transport,
    marketing = excluded.marketing,
    unsubscribe_token = excluded.unsubscribe_token
returning id
""")

# A message that staff wrote is there already; see messages/queries.py.
GO_AS_WRITTEN = Query("""
with gone as (
    update delivery set
        handed_over_at = case when :handing_over then clock_timestamp() else delivery.handed_over_at end
    where delivery.dealership_id = :dealership_id
        and delivery.id = :delivery_id
        and delivery.attempts = :attempt
        and delivery.state = 'sending'
    returning delivery.dealership_id, delivery.id
)
update message set
    sender = :sender,
    reply_to = :reply_to,
    headers = cast(:headers as jsonb),
    reference = :reference,
    transport = :transport
from gone
where message.dealership_id = gone.dealership_id and message.delivery_id = gone.id and message.recipient is not null
returning message.id
""")
