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
