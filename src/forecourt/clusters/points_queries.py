"""The statements about contact points of leads that part."""

from __future__ import annotations

from forecourt.infra.database import Query

# What the leads have, and what they had as it was sent.
POINTS_SAID = Query("""
select told.kind, told.value, told.said_at, told.normalised
from lead
cross join lateral (
    select 'email' as kind, lead.email_normalised as value, lead.created_at as said_at, true as normalised
    union all
    select 'phone', lead.phone_e164, lead.created_at, true
    union all
    -- What it brought beside them (an ADF document tells every number).
    select point.kind, point.value, lead.created_at, true
    from lead_point as point
    where point.dealership_id = lead.dealership_id and point.lead_id = lead.id
    union all
    select said.kind, said.value, event.occurred_at, false
    from event
    cross join lateral (values
        ('email', event.changes #>> '{email,to}'),
        ('phone', event.changes #>> '{phone,to}')
    ) as said (kind, value)
    where event.dealership_id = lead.dealership_id
        and event.lead_id = lead.id
        and event.kind in ('lead.created', 'lead.updated')
) as told
where lead.dealership_id = :dealership_id and lead.lead_cluster_id = :lead_cluster_id and told.value is not null
""")

# After leads went from one contact to another: each has what its own leads have said; what nobody has said stays.
PART_POINTS = Query("""
with given as (
    insert into contact_point (dealership_id, kind, value, contact_id, first_seen_at)
    select :dealership_id, gone.kind, gone.value, :to_contact_id, gone.said_at
    from unnest(cast(:gone_kinds as text[]), cast(:gone_values as text[]), cast(:gone_at as timestamptz[]))
        as gone (kind, value, said_at)
    on conflict do nothing
)
delete from contact_point as point
where point.dealership_id = :dealership_id
    and point.contact_id = :from_contact_id
    and (point.kind, point.value) not in (
        select staying.kind, staying.value
        from unnest(cast(:staying_kinds as text[]), cast(:staying_values as text[])) as staying (kind, value)
    )
    and (point.kind, point.value) in (
        select gone.kind, gone.value
        from unnest(cast(:gone_kinds as text[]), cast(:gone_values as text[])) as gone (kind, value)
    )
    and (cast(:since as timestamptz) is null or point.first_seen_at >= :since)
""")
