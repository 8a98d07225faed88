"""The statements of a creation: one that reads, then one transaction that places and writes the lead."""

from __future__ import annotations

from functools import cache

from forecourt.assignment.queries import RULES_IN_FORCE
from forecourt.infra.database import Query
from forecourt.leads.effect_queries import Part, effect_parts
from forecourt.leads.reference_queries import (
    ANSWER_OF_KEY,
    ANSWERED_BEFORE,
    FOUND,
    FOUND_RARELY,
    KEY_IN_FORCE,
)

# The key, the dealership that the request names if the key holds it, and what else the request names there.
# No row: no such key. A row whose dealership_id is null: no such dealership, or one that the key does not hold.
DEALERSHIP_AS_SEEN_BY = Query(
    """
select
    key.id as api_key_id,
    key.permissions,
    key.mode = 'test' as test,
    now() as now,
    dealership.id as dealership_id,
    dealership.slug as dealership_slug,
    dealership.country as dealership_country,
    (
        select website.slug from website
        where website.dealership_id = dealership.id
            and (website.id = :website_id or (:website_id is null and website.slug = :website_slug))
    ) as website_slug,
"""
    + FOUND
    + ","
    + FOUND_RARELY
    + ","
    + RULES_IN_FORCE
    + ","
    + ANSWERED_BEFORE
    + """
from api_key as key
left join dealership
    on (dealership.id = :dealership_id or (:dealership_id is null and dealership.slug = :dealership_slug))
    and exists (
        select from api_key_dealership as held
        where held.api_key_id = key.id and held.dealership_id = dealership.id
    )
"""
    + ANSWER_OF_KEY
    + KEY_IN_FORCE
)


NEXT_LEAD_ID = Query("""
select nextval(pg_get_serial_sequence('lead', 'id')) as id
""")

_CREATED = """
with updated as (
    insert into lead (
        dealership_id, id, lead_cluster_id, version, created_at, updated_at, name, last_name, email,
        email_normalised, phone, phone_e164, message, dob, customer_address, category, source,
        marketing_source, website_id, page_id, location_id, car_id, stocknum, model_id, model_variant_id,
        colour_id, team_member_id, user_id, user_email, provider, provider_id, certified, golden,
        lead_state, sms_verified, tags, opt_in_to_marketing, opt_in_to_marketing_at,
        opt_in_to_marketing_api_key_id, send_customer_email, delay_customer_email_minutes,
        delay_dealership_notification_minutes, disable_strict_validation, time_on_site_seconds,
        time_to_submit_seconds, address_attributes, fields, charge_breakdown, extra, test
    )
    values (
        :dealership_id, :id, :lead_cluster_id, :version, :created_at, :updated_at, :name, :last_name,
        :email, :email_normalised, :phone, :phone_e164, :message, :dob, :customer_address, :category,
        :source, :marketing_source, :website_id, :page_id, :location_id, :car_id, :stocknum, :model_id,
        :model_variant_id, :colour_id, :team_member_id, :user_id, :user_email, :provider, :provider_id,
        :certified, :golden, :lead_state, :sms_verified, :tags, :opt_in_to_marketing,
        :opt_in_to_marketing_at, :opt_in_to_marketing_api_key_id, :send_customer_email,
        :delay_customer_email_minutes, :delay_dealership_notification_minutes, :disable_strict_validation,
        :time_on_site_seconds, :time_to_submit_seconds, :address_attributes, :fields, :charge_breakdown,
        :extra, :test
    )
    returning id, version, created_at, test
), logged as (
    insert into event (
        dealership_id, lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id, request_id, changes
    )
    select
        :dealership_id, :lead_cluster_id, updated.id, updated.version, 'lead.created', :now, :api_key_id,
        :request_id, :changes
    from updated
), joined as (
    insert into lead_membership (
        dealership_id, lead_id, lead_cluster_id, rule, matched, since, api_key_id, request_id
    )
    select :dealership_id, updated.id, :lead_cluster_id, :rule, :matched, :now, :api_key_id, :request_id
    from updated
)
"""


@cache
def write_create(parts: Part) -> Query:
    """The statement that writes a lead with what else it does."""
    return Query(_CREATED + effect_parts(parts))
