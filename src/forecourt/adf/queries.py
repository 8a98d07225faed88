"""The statements of an import and an export."""

from __future__ import annotations

from forecourt.infra.database import Query

KEY_IN_FORCE = """
where key.token_hash = :token_hash
    and key.revoked_at is null
    and (key.expires_at is null or key.expires_at > now())
"""

# The key, and every dealership that it holds, with what senders call it. No row: no such key.
SENDER = Query(
    """
select
    key.id as api_key_id,
    key.permissions,
    key.mode = 'test' as test,
    (
        select coalesce(json_agg(json_build_object(
            'recipient', json_build_object(
                'id', dealership.id, 'slug', dealership.slug, 'name', dealership.name,
                'country', dealership.country, 'timezone', dealership.timezone,
                'phone', dealership.phone, 'email', dealership.email
            ),
            'aliases', (
                select coalesce(json_agg(json_build_object(
                    'name', vendor.name, 'vendor_id', vendor.vendor_id, 'source', vendor.source
                )), '[]')
                from adf_vendor as vendor where vendor.dealership_id = dealership.id
            )
        ) order by dealership.id), '[]')
        from api_key_dealership as held
        join dealership on dealership.id = held.dealership_id
        where held.api_key_id = key.id
    ) as candidates
from api_key as key
"""
    + KEY_IN_FORCE
)

# The leads that a prospect may be: by the sender's id, by what it says; for one that is sent again without an id, the
# latest of the same provider and customer; by our own id, where a document of ours comes back.
PRIORS = Query("""
with known as (
    select 'id' as kind, lead_id, content_hash, is_reused
    from adf_prospect
    where dealership_id = :dealership_id and identity = :by_id
    union all
    select 'content', lead_id, content_hash, is_reused
    from adf_prospect
    where dealership_id = :dealership_id
        and identity = :by_content
        and by_content
        and received_at > now() - interval '24 hours'
    union all
    (
        select 'resend', lead.id, coalesce(prospect.content_hash, ''), false
        from lead
        join adf_prospect as prospect
            on prospect.dealership_id = lead.dealership_id and prospect.lead_id = lead.id
        where :is_resend
            and lead.dealership_id = :dealership_id
            and lead.test = :test
            and lead.created_at > now() - interval '72 hours'
            and lead.provider is not distinct from :provider
            and (
                lead.email_normalised = any (cast(:points as text[]))
                or lead.phone_e164 = any (cast(:points as text[]))
            )
        order by lead.created_at desc, lead.id desc
        limit 1
    )
    union all
    select 'own', id, '', false
    from lead
    where dealership_id = :dealership_id and id = :own_id
)
select
    known.kind, known.lead_id, known.content_hash, known.is_reused, lead.version,
    now() - lead.created_at > interval '72 hours' as is_old,
    contact.erased_at is not null as is_erased,
    array(
        select point.value from contact_point as point
        where point.dealership_id = contact.dealership_id and point.contact_id = contact.id
        order by point.value
    ) as points,
    lead.category, lead.email, lead.phone, lead.fields
from known
join lead on lead.dealership_id = :dealership_id and lead.id = known.lead_id and lead.test = :test
join contact on contact.dealership_id = lead.dealership_id and contact.lead_cluster_id = lead.lead_cluster_id
""")

# What the dealership knows of a vehicle: a car of its stock, or else what can be ordered under these names.
STOCK = Query("""
select
    by_vin.id as car_id,
    coalesce(by_vin.condition, by_stocknum.condition) as condition,
    ordered.id as model_id,
    (
        select variant.id
        from dealership_model_variant as held
        join model_variant as variant on variant.id = held.model_variant_id
        where held.dealership_id = :dealership_id
            and lower(variant.name) = lower(:trim)
            and (variant.model_id is null or variant.model_id = ordered.id)
        order by variant.model_id nulls last, variant.id
        limit 1
    ) as model_variant_id,
    (
        select colour.id
        from dealership_colour as held
        join colour on colour.id = held.colour_id
        where held.dealership_id = :dealership_id and lower(colour.name) = lower(:colour)
        order by colour.id
        limit 1
    ) as colour_id
from (values (1)) as one
left join lateral (
    select car.id, coalesce(car.condition, 'used') as condition
    from car
    where car.dealership_id = :dealership_id and lower(car.vin) = lower(:vin)
    order by car.id desc
    limit 1
) as by_vin on true
left join lateral (
    select coalesce(car.condition, 'used') as condition
    from car
    where car.dealership_id = :dealership_id and lower(car.stocknum) = lower(:stocknum)
    order by car.id desc
    limit 1
) as by_stocknum on true
left join lateral (
    select model.id
    from dealership_model as held
    join model on model.id = held.model_id
    where held.dealership_id = :dealership_id
        and lower(model.name) = lower(:model)
        and (model.make is null or cast(:make as text) is null or lower(model.make) = lower(:make))
    order by model.make is null, model.id
    limit 1
) as ordered on true
""")

# In the transaction that creates the lead. No row: another made a lead of the same prospect meanwhile.
CLAIM = Query("""
with told_apart as (
    update adf_prospect set is_reused = true
    where dealership_id = :dealership_id and identity = :reused_identity
)
insert into adf_prospect (dealership_id, identity, by_content, lead_id, content_hash, received_at)
values (:dealership_id, :identity, :by_content, :lead_id, :content_hash, now())
on conflict (dealership_id, identity) do update set
    by_content = excluded.by_content,
    lead_id = excluded.lead_id,
    content_hash = excluded.content_hash,
    received_at = excluded.received_at
where adf_prospect.lead_id = :replaces
    or adf_prospect.by_content and adf_prospect.received_at <= now() - interval '24 hours'
returning lead_id
""")

# What was sent last about a lead: the same again is no news.
MARK = Query("""
update adf_prospect set content_hash = :content_hash
where dealership_id = :dealership_id and lead_id = :lead_id
""")

# The document as it came, once everything in it has become something. Of a person who was erased meanwhile nothing is
# kept: whoever erases waits for the lock, or has been faster and is seen.
KEEP_DOCUMENT = Query("""
with told as materialized (
    select lead.dealership_id, lead.id as lead_id
    from unnest(cast(:dealership_ids as bigint[]), cast(:lead_ids as bigint[])) as named (dealership_id, lead_id)
    join lead on lead.dealership_id = named.dealership_id and lead.id = named.lead_id
    join lead_cluster as cluster on cluster.dealership_id = lead.dealership_id and cluster.id = lead.lead_cluster_id
    join contact on contact.dealership_id = lead.dealership_id and contact.lead_cluster_id = lead.lead_cluster_id
    where contact.erased_at is null
    -- In the order in which whoever erases locks them.
    order by cluster.id
    for share of cluster, contact
), document as (
    insert into adf_document (
        api_key_id, received_at, request_id, content_type, content, sha256, prospects, points
    )
    select
        :api_key_id, now(), :request_id, :content_type, :content, sha256(:content), :prospects,
        cast(:points as text[])
    where (select count(*) from told) = cardinality(cast(:lead_ids as bigint[]))
    on conflict (api_key_id, sha256) do update set
        received_at = excluded.received_at,
        request_id = excluded.request_id,
        points = excluded.points
    returning id
)
insert into adf_document_lead (dealership_id, lead_id, adf_document_id)
select told.dealership_id, told.lead_id, document.id
from told
cross join document
on conflict do nothing
""")

FORGET_DOCUMENTS = Query("""
delete from adf_document where received_at < now() - cast(:kept as interval)
""")

# No row: no such key. A row whose dealership_id is null: no such lead, or somebody else's.
LEAD_SEEN = Query(
    """
select key.id as api_key_id, key.permissions, lead.dealership_id
from api_key as key
left join lead
    on lead.id = :lead_id
    and lead.test = (key.mode = 'test')
    and exists (
        select from api_key_dealership as held
        where held.api_key_id = key.id and held.dealership_id = lead.dealership_id
    )
"""
    + KEY_IN_FORCE
)

# Leads with all that ADF tells of them: the dealership, the vehicle from the stock or from the catalogue. Where a cluster
# as a whole is asked for, its latest lead.
LEADS_TOLD = Query("""
select
    asked.place,
    lead.id, lead.created_at, lead.name, lead.last_name, lead.email, lead.phone, lead.message, lead.dob,
    lead.customer_address, lead.category, lead.source, lead.marketing_source, lead.provider, lead.provider_id,
    lead.stocknum, lead.certified, lead.golden, lead.lead_state, lead.sms_verified, lead.tags,
    lead.opt_in_to_marketing, lead.time_on_site_seconds, lead.time_to_submit_seconds, lead.user_email,
    lead.address_attributes, lead.fields, lead.charge_breakdown, lead.extra,
    website.slug as website_slug,
    dealership.id as dealership_id, dealership.slug, dealership.name as dealership_name, dealership.country,
    dealership.timezone, dealership.phone as dealership_phone, dealership.email as dealership_email,
    car.id is not null or model.id is not null as has_vehicle,
    car.year, coalesce(car.make, model.make) as make, coalesce(car.model, model.name, car.name) as model,
    coalesce(car.badge, variant.name) as badge, car.stocknum as car_stocknum, car.vin,
    coalesce(car.colour, colour.name) as colour, coalesce(car.condition, case when car.id is null then 'new' end)
    as condition,
    cast(car.price as text) as price
from unnest(
    cast(:dealership_ids as bigint[]), cast(:lead_ids as bigint[]), cast(:lead_cluster_ids as bigint[])
) with ordinality as asked (dealership_id, lead_id, lead_cluster_id, place)
cross join lateral (
    select coalesce(asked.lead_id, (
        select latest.id
        from lead as latest
        where latest.dealership_id = asked.dealership_id
            and latest.lead_cluster_id = survivor_of(asked.dealership_id, asked.lead_cluster_id)
        order by latest.created_at desc, latest.id desc
        limit 1
    )) as id
) as meant
join lead on lead.dealership_id = asked.dealership_id and lead.id = meant.id
join dealership on dealership.id = lead.dealership_id
left join website on website.dealership_id = lead.dealership_id and website.id = lead.website_id
left join car on car.dealership_id = lead.dealership_id and car.id = lead.car_id
left join model on model.id = lead.model_id
left join model_variant as variant on variant.id = lead.model_variant_id
left join colour on colour.id = lead.colour_id
""")
