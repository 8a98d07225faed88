"""The statements behind writing to a customer: templates, drafts, and what templates can tell."""

from __future__ import annotations

from forecourt.infra.database import Query

TEMPLATES = Query("""
select template.id, template.kind, template.name, template.subject, template.body, template.marketing
from message_template as template
where template.dealership_id = :dealership_id and template.enabled and template.kind in ('email', 'sms')
order by lower(template.name), template.id
""")

# Nothing is kept of a person who was erased.
KEEP = Query("""
insert into draft (dealership_id, lead_cluster_id, user_id, medium, subject, body)
select contact.dealership_id, contact.lead_cluster_id, :me, :medium, :subject, :body
from contact
where contact.dealership_id = :dealership_id
    and contact.lead_cluster_id = survivor_of(:dealership_id, :lead_cluster_id)
    and contact.erased_at is null
on conflict (dealership_id, lead_cluster_id, user_id, medium) do update
set subject = excluded.subject, body = excluded.body, updated_at = now()
""")

# Put back, it stands before whatever was begun since.
PUT_BACK = Query("""
insert into draft (dealership_id, lead_cluster_id, user_id, medium, subject, body)
select contact.dealership_id, contact.lead_cluster_id, :me, :medium, :subject, :body
from contact
where contact.dealership_id = :dealership_id
    and contact.lead_cluster_id = survivor_of(:dealership_id, :lead_cluster_id)
    and contact.erased_at is null
on conflict (dealership_id, lead_cluster_id, user_id, medium) do update
set
    subject = coalesce(excluded.subject, draft.subject),
    body = left(excluded.body || E'\\n\\n' || draft.body, :most),
    updated_at = now()
where draft.body <> excluded.body
""")

DROP = Query("""
delete from draft
where dealership_id = :dealership_id
    and lead_cluster_id in (select clusters_within(:dealership_id, survivor_of(:dealership_id, :lead_cluster_id)))
    and user_id = :me
    and medium = :medium
""")

LATEST_LEAD = Query("""
select lead.id from lead
where lead.dealership_id = :dealership_id
    and lead.lead_cluster_id = survivor_of(:dealership_id, :lead_cluster_id)
order by lead.created_at desc, lead.id desc
limit 1
""")

MESSAGE = Query("""
select message.medium, message.subject, message.body_text as body from message
where message.dealership_id = :dealership_id and message.id = :message_id and message.user_id = :me
""")

# What staff wrote to this customer and nobody has erased.
MESSAGE_OF = Query("""
select message.medium, message.subject, message.body_text as body from message
where message.dealership_id = :dealership_id
    and message.id = :message_id
    and message.lead_cluster_id in (
        select clusters_within(:dealership_id, survivor_of(:dealership_id, :lead_cluster_id))
    )
    and message.user_id is not null
    and message.body_text is not null
""")
