"""The statements about what was set by hand."""

from __future__ import annotations

from forecourt.infra.database import Query

# What the leads that are there have said, wherever they were when they said it: under the names that provenance has
# for the fields. Of the golden mark there is nothing to be told: it is the cluster's.
SAID = Query("""
select told.field, jsonb_agg(told.word order by event.id) as said
from lead
join event on event.dealership_id = lead.dealership_id and event.lead_id = lead.id
cross join lateral (values
    ('state', event.changes #> '{lead_state,to}'),
    ('contact.name', event.changes #> '{name,to}'),
    ('contact.last_name', event.changes #> '{last_name,to}'),
    ('contact.dob', to_jsonb(to_date(event.changes #>> '{dob,to}', 'DD/MM/YYYY'))),
    ('contact.customer_address', event.changes #> '{customer_address,to}'),
    ('contact.address_attributes', event.changes #> '{address_attributes,to}'),
    ('contact.sms_verified', event.changes #> '{sms_verified,to}'),
    ('contact.opt_in_to_marketing', event.changes #> '{opt_in_to_marketing,to}')
) as told (field, word)
where lead.dealership_id = :dealership_id
    and lead.lead_cluster_id = :lead_cluster_id
    and event.kind in ('lead.created', 'lead.updated')
    and (cast(:since as timestamptz) is null or event.occurred_at > :since)
    and told.word <> 'null'
group by told.field
""")

MARKS = Query("""
select by_hand, conflicts from lead_cluster where dealership_id = :dealership_id and id = :lead_cluster_id
""")
