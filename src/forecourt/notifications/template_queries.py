"""The statements about templates."""

from __future__ import annotations

from forecourt.infra.database import Query

_TEMPLATE = """
select id, version, kind, name, category, subject, body, marketing, enabled, created_at, updated_at
from message_template
where dealership_id = :dealership_id
"""

TEMPLATES = Query(
    _TEMPLATE
    + """
order by kind, category nulls first, name, id
"""
)

TEMPLATE = Query(
    _TEMPLATE
    + """
    and id = :template_id
"""
)

LOCKED_TEMPLATE = Query(
    _TEMPLATE
    + """
    and id = :template_id
for no key update
"""
)

ADD_TEMPLATE = Query("""
insert into message_template (dealership_id, kind, name, category, subject, body, marketing, enabled)
values (:dealership_id, :kind, :name, :category, :subject, :body, :marketing, :enabled)
returning id, version, kind, name, category, subject, body, marketing, enabled, created_at, updated_at
""")

CHANGE_TEMPLATE = Query("""
update message_template set
    kind = :kind,
    name = :name,
    category = :category,
    subject = :subject,
    body = :body,
    marketing = :marketing,
    enabled = :enabled,
    version = version + 1,
    updated_at = :now
where dealership_id = :dealership_id and id = :template_id
returning id, version, kind, name, category, subject, body, marketing, enabled, created_at, updated_at
""")

REMOVE_TEMPLATE = Query("""
delete from message_template where dealership_id = :dealership_id and id = :template_id
""")

COLLEAGUE = Query("""
select person.email
from role_at_dealership as held
join user_account as person on person.id = held.user_id and person.disabled_at is null
where held.dealership_id = :dealership_id and held.user_id = :user_id
""")

# A mail to somebody of the staff, written already; the channel that tells staff of webhooks takes it along.
SEND_SPECIMEN = Query("""
with logged as (
    insert into event (dealership_id, kind, occurred_at, api_key_id, user_id, request_id, changes)
    select
        :dealership_id, 'message_template.tested', :now, :api_key_id, :user_id, :request_id,
        jsonb_build_object('kind', cast(:kind as text), 'to_user_id', cast(:to_user_id as bigint))
    returning id
), queued as (
    insert into delivery (dealership_id, event_id, channel, topic, target, due_at)
    select :dealership_id, logged.id, 'alert', 'message_template.tested', :recipient, :now
    from logged
    returning id, event_id
)
insert into message (
    dealership_id, delivery_id, medium, purpose, sender, recipient, subject, body_text, body_html, user_id, created_at
)
select
    :dealership_id, queued.id, 'email', 'test', :sender, :recipient, :subject, :body_text, :body_html, :user_id, :now
from queued
returning id as message_id, (select queued.event_id from queued) as event_id
""")
