"""What mail can tell of a lead, as parts of the statements that read it."""

from __future__ import annotations

from forecourt.infra.database import Query

FACTS = """
    lead.dealership_id, lead.id as lead_id, lead.version as lead_version, lead.lead_cluster_id, lead.created_at,
    lead.name, lead.last_name, lead.email, lead.email_normalised, lead.phone, lead.phone_e164, lead.message,
    lead.category, lead.source, coalesce(car.stocknum, lead.stocknum) as stocknum, lead.golden,
    coalesce(
        nullif(trim(car.name), ''),
        nullif(concat_ws(' ', car.year, car.make, car.model, car.badge), ''),
        nullif(concat_ws(' ', model.make, model.name, variant.name), '')
    ) as car,
    contact.opt_in_to_marketing, contact.erased_at,
    dealership.slug as dealership_slug, dealership.name as dealership_name, dealership.phone as dealership_phone,
    dealership.email as dealership_email, dealership.sender_name, dealership.reply_to, dealership.timezone,
    dealership.country,
    location.name as location_name, location.phone as location_phone, location.email as location_email,
    location.address as location_address,
    person.name as user_name, person.email as user_email
"""

# Of a lead that the statement has already.
BELONGING = """
join lead_cluster as cluster on cluster.dealership_id = lead.dealership_id and cluster.id = lead.lead_cluster_id
join contact on contact.dealership_id = lead.dealership_id and contact.lead_cluster_id = lead.lead_cluster_id
join dealership on dealership.id = lead.dealership_id
left join car on car.dealership_id = lead.dealership_id and car.id = lead.car_id
left join model on model.id = lead.model_id
left join model_variant as variant on variant.id = lead.model_variant_id
left join location
    on location.dealership_id = lead.dealership_id
    and location.id = coalesce(lead.location_id, cluster.location_id)
left join user_account as person on person.id = cluster.user_id
"""

# The updates of a delivery's lead since it was planned, with the fields that each changed.
UPDATES = """
    (
        select json_agg(json_build_object(
            'id', event.id, 'fields', array(select jsonb_object_keys(event.changes))
        ) order by event.id)
        from event
        where event.dealership_id = lead.dealership_id
            and event.lead_id = lead.id
            and event.id > delivery.event_id
            and event.kind = 'lead.updated'
    ) as updates
"""

FACTS_OF_LEAD = Query(
    "select"
    + FACTS
    + "from lead"
    + BELONGING
    + """
where lead.dealership_id = :dealership_id and lead.id = :lead_id
"""
)

# What there is to know without a lead.
DEALERSHIP_OF_MAIL = Query("""
select
    slug as dealership_slug, name as dealership_name, phone as dealership_phone, email as dealership_email,
    sender_name, reply_to, timezone, country
from dealership
where id = :dealership_id
""")
