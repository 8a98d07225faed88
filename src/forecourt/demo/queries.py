"""Statements of the demo alone."""

from __future__ import annotations

from forecourt.infra.database import Query

# What an enquiry at each dealership may name, as one JSON document (enquiries.py: Yard).
YARDS = Query("""
select jsonb_agg(yard.document order by yard.id) as document
from (
    select
        dealership.id,
        jsonb_build_object(
            'slug', dealership.slug,
            'name', dealership.name,
            'timezone', dealership.timezone,
            'pages', (
                select jsonb_agg(jsonb_build_object('id', page.id, 'website_slug', website.slug) order by page.id)
                from page
                join website on website.dealership_id = page.dealership_id and website.id = page.website_id
                where page.dealership_id = dealership.id
            ),
            'locations', (
                select jsonb_object_agg(location.location_type, location.id order by location.id desc)
                from location
                where location.dealership_id = dealership.id
            ),
            'cars', (
                select jsonb_agg(
                    jsonb_build_object('id', id, 'stocknum', stocknum, 'name', name, 'condition', condition)
                    order by id
                )
                from car
                where dealership_id = dealership.id
            ),
            'variants', (
                select jsonb_agg(
                    jsonb_build_object(
                        'id', model_variant.id,
                        'model_id', model.id,
                        -- Some makes repeat themselves in a model's name: Mazda3.
                        'name', concat_ws(
                            ' ',
                            case when not starts_with(model.name, model.make) then model.make end,
                            model.name,
                            model_variant.name
                        )
                    )
                    order by model_variant.id
                )
                from dealership_model_variant as granted
                join model_variant on model_variant.id = granted.model_variant_id
                join model on model.id = model_variant.model_id
                where granted.dealership_id = dealership.id
            ),
            'colour_ids', (
                select jsonb_agg(colour_id order by colour_id)
                from dealership_colour
                where dealership_id = dealership.id
            ),
            'team', (
                select jsonb_agg(jsonb_build_object('id', id, 'name', name) order by id)
                from team_member
                where dealership_id = dealership.id
            ),
            'user_emails', (
                select jsonb_agg(user_account.email order by user_account.id)
                from dealership_user
                join user_account on user_account.id = dealership_user.user_id
                where dealership_user.dealership_id = dealership.id
            )
        ) as document
    from dealership
    where dealership.slug = any (cast(:slugs as text[]))
) as yard
""")

CLOCK = Query("select now() as now")

USER = Query("select id, name from user_account where email = :email")

NEXT_LEAD = Query("select coalesce(max(id), 0) + 1 as id from lead")

# The key that the demo's enquiries came with: its token was never anywhere, so nobody holds it.
OPEN_KEY = Query("""
with opened as (
    insert into api_key (name, mode, token_hash, token_hint, permissions, created_at)
    values (
        'Demo enquiries', 'live', :token_hash, 'never issued', array['create:lead'], now() - interval '30 days'
    )
    returning id
), held as (
    insert into api_key_dealership (api_key_id, dealership_id)
    select opened.id, dealership.id
    from opened
    cross join dealership
    where dealership.slug = any (cast(:slugs as text[]))
)
select id from opened
""")

REVOKE_KEY = Query("update api_key set revoked_at = now() where token_hash = :token_hash")

# Everything that the use case writes now moves to the time at which the enquiry is to have come.
MOVE_EVENTS = Query("""
update event
set occurred_at = moved.at
from unnest(cast(:request_ids as text[]), cast(:times as timestamptz[])) as moved (request_id, at)
where event.request_id = moved.request_id and event.lead_id >= :first_lead_id
""")

MOVE_LEADS = Query("""
update lead
set
    created_at = history.created_at,
    updated_at = history.updated_at,
    opt_in_to_marketing_at = case when lead.opt_in_to_marketing_at is not null then history.created_at end
from (
    select dealership_id, lead_id, min(occurred_at) as created_at, max(occurred_at) as updated_at
    from event
    where lead_id >= :first_lead_id
    group by dealership_id, lead_id
) as history
where lead.dealership_id = history.dealership_id and lead.id = history.lead_id
""")

MOVE_CLUSTERS = Query("""
with moved as (
    update lead_cluster
    set created_at = history.created_at, updated_at = history.updated_at
    from (
        select dealership_id, lead_cluster_id, min(created_at) as created_at, max(updated_at) as updated_at
        from lead
        where id >= :first_lead_id
        group by dealership_id, lead_cluster_id
    ) as history
    where lead_cluster.dealership_id = history.dealership_id and lead_cluster.id = history.lead_cluster_id
    returning lead_cluster.dealership_id, lead_cluster.id, history.created_at
), met as (
    update contact
    set created_at = moved.created_at
    from moved
    where contact.dealership_id = moved.dealership_id and contact.lead_cluster_id = moved.id
    returning contact.dealership_id, contact.id, moved.created_at
)
update contact_point
set first_seen_at = met.created_at
from met
where contact_point.dealership_id = met.dealership_id and contact_point.contact_id = met.id
""")

MOVE_FILES = Query("""
update lead_file
set created_at = lead.created_at
from lead
where lead.id >= :first_lead_id and lead_file.dealership_id = lead.dealership_id and lead_file.lead_id = lead.id
""")

MOVE_PAYMENTS = Query("""
update payment
set created_at = lead.created_at
from lead
where lead.id >= :first_lead_id and payment.dealership_id = lead.dealership_id and payment.lead_id = lead.id
""")

# The lead for the first request that anybody tries: young enough to be updated for days, and of no customer with
# other enquiries, so that nothing else changes with it.
LEAD_TO_UPDATE = Query("""
select lead.id
from lead
join dealership on dealership.id = lead.dealership_id
where dealership.slug = :slug
    and lead.id >= :first_lead_id
    and lead.category = 'New Vehicle Enquiry'
    and not lead.golden
    and not exists (
        select from lead as other
        where other.dealership_id = lead.dealership_id
            and other.lead_cluster_id = lead.lead_cluster_id
            and other.id <> lead.id
    )
order by lead.created_at desc, lead.id desc
limit 1
""")
