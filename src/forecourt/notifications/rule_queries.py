"""The statements about notification rules, and the dealership's own mail."""

from __future__ import annotations

from forecourt.infra.database import Query

_COLUMNS = """
    rule.id, rule.version, rule.name, rule.addresses, rule.user_ids, rule.format, rule.category, rule.source,
    rule.location_id, rule.website_id, to_char(rule.quiet_from, 'HH24:MI') as quiet_from,
    to_char(rule.quiet_to, 'HH24:MI') as quiet_to, rule.enabled, rule.created_at, rule.updated_at
"""

_RULE = (
    "select"
    + _COLUMNS
    + """
from notification_rule as rule
where rule.dealership_id = :dealership_id and rule.deleted_at is null
"""
)

RULES = Query(
    _RULE
    + """
order by rule.id
"""
)

RULE = Query(
    _RULE
    + """
    and rule.id = :rule_id
"""
)

LOCKED_RULE = Query(
    _RULE
    + """
    and rule.id = :rule_id
for no key update
"""
)

# What a rule names that is not of the dealership.
NOT_OF_THE_DEALERSHIP = Query("""
select
    array(
        select sent.id from unnest(cast(:user_ids as bigint[])) as sent (id)
        where not exists (
            select from dealership_user as member
            where member.dealership_id = :dealership_id and member.user_id = sent.id
        )
    ) as user_ids,
    cast(:location_id as bigint) is not null and not exists (
        select from location where location.dealership_id = :dealership_id and location.id = :location_id
    ) as location_id,
    cast(:website_id as bigint) is not null and not exists (
        select from website where website.dealership_id = :dealership_id and website.id = :website_id
    ) as website_id
""")

ADD_RULE = Query(
    """
insert into notification_rule as rule (
    dealership_id, name, addresses, user_ids, format, category, source, location_id, website_id, quiet_from, quiet_to,
    enabled
)
values (
    :dealership_id, :name, :addresses, :user_ids, :format, :category, :source, :location_id, :website_id,
    cast(cast(:quiet_from as text) as time), cast(cast(:quiet_to as text) as time), :enabled
)
returning"""
    + _COLUMNS
)

CHANGE_RULE = Query(
    """
update notification_rule as rule set
    name = :name,
    addresses = :addresses,
    user_ids = :user_ids,
    format = :format,
    category = :category,
    source = :source,
    location_id = :location_id,
    website_id = :website_id,
    quiet_from = cast(cast(:quiet_from as text) as time),
    quiet_to = cast(cast(:quiet_to as text) as time),
    enabled = :enabled,
    version = rule.version + 1,
    updated_at = :now
where rule.dealership_id = :dealership_id and rule.id = :rule_id
returning"""
    + _COLUMNS
)

# Deliveries name it: it is kept, and tells nobody any more.
REMOVE_RULE = Query("""
update notification_rule set deleted_at = :now where dealership_id = :dealership_id and id = :rule_id
""")

# Whom the rules would tell of the last leads, or of one: a row for each, and one without a target for a lead that nobody
# would be told of.
TRY_RULES = Query("""
select
    tried.id as lead_id, tried.golden, dealership.timezone,
    now() + make_interval(mins => coalesce(tried.delay, 0)) as due_at,
    told.address, told.format, told.notification_rule_id, told.quiet_from, told.quiet_to
from (
    select
        lead.id, lead.created_at, lead.golden, lead.delay_dealership_notification_minutes as delay, lead
    from lead
    where lead.dealership_id = :dealership_id
        and case when cast(:lead_id as bigint) is null then not lead.test else lead.id = :lead_id end
    order by lead.created_at desc, lead.id desc
    limit :how_many
) as tried
join dealership on dealership.id = :dealership_id
left join lateral notification_targets(tried.lead) as told on true
order by tried.created_at desc, tried.id desc, told.format desc, told.address
""")

MAIL_SETTINGS = Query("""
select sender_name, reply_to from dealership where id = :dealership_id
""")

CHANGE_MAIL_SETTINGS = Query("""
update dealership set sender_name = :sender_name, reply_to = :reply_to where id = :dealership_id
""")
