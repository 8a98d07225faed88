"""What the demo's dealership has settled: who gets what, who is told, the words its staff begin with."""

from __future__ import annotations

from forecourt.infra.database import Query

# Used cars go to those who sell them, in turn; everything else waits until somebody takes it.
ADD_ASSIGNMENT_RULE = Query("""
with rule as (
    insert into assignment_rule (dealership_id, name, categories)
    select dealership.id, 'Used cars, in turn', array['Used Vehicle Enquiry', 'Trade-in Enquiry']
    from dealership
    where dealership.slug = :slug
    returning dealership_id, id
)
insert into assignment_rule_user (dealership_id, assignment_rule_id, user_id)
select rule.dealership_id, rule.id, member.user_id
from rule
join dealership_user as member on member.dealership_id = rule.dealership_id
""")

# The manager hears of everything, and the dealership's other system of what comes from the website, as ADF.
ADD_NOTIFICATION_RULES = Query("""
insert into notification_rule (dealership_id, name, addresses, user_ids, format, source, quiet_from, quiet_to)
select
    dealership.id, rule.name, rule.addresses,
    case when rule.to_user then array[manager.id] else '{}' end,
    rule.format, rule.source, rule.quiet_from, rule.quiet_to
from dealership
join user_account as manager on manager.email = :email
cross join (
    values
    ('Every enquiry to the manager', cast('{}' as text[]), true, 'html', null, time '21:00', time '07:00'),
    ('The website''s into the DMS', array['adf@dms.example.com'], false, 'adf', 'Website', null, null)
) as rule (name, addresses, to_user, format, source, quiet_from, quiet_to)
where dealership.slug = :slug
""")

ADD_TEMPLATES = Query("""
insert into message_template (dealership_id, kind, name, subject, body, marketing)
select dealership.id, template.kind, template.name, template.subject, template.body, template.marketing
from dealership
cross join (
    values
    (
        'email', 'Still here', 'The {{ lead.car | default: "car you asked about" }} is here',
        'Hi {{ customer.first_name | default: "there" }},' || repeat(e'\\n', 2)
            || 'The **{{ lead.car | default: "car" }}** is in the yard and ready to drive. When would suit you?'
            || repeat(e'\\n', 2) || '{{ user.name }}',
        false
    ),
    (
        'sms', 'Ring you back', null,
        'Hi {{ customer.first_name | default: "there" }}, it is {{ user.name }} from {{ dealership.name }}. When may I ring?',
        false
    ),
    (
        'email', 'This month''s offer', 'Something for you at {{ dealership.name }}',
        'Hi {{ customer.first_name | default: "there" }},' || repeat(e'\\n', 2)
            || 'Service is half price with every car from the yard until the end of the month.',
        true
    )
) as template (kind, name, subject, body, marketing)
where dealership.slug = :slug
""")
