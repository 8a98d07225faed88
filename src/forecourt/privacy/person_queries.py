"""The statement that tells who a person is."""

from __future__ import annotations

from forecourt.infra.database import Query

PERSON = Query("""
select
    contact.id as contact_id,
    contact.lead_cluster_id as of_lead_cluster_id,
    whole.lead_cluster_ids,
    array(
        select erased.lead_cluster_id
        from contact as erased
        where erased.dealership_id = contact.dealership_id
            and erased.lead_cluster_id = any (whole.lead_cluster_ids)
            and erased.erased_at is not null
        order by erased.lead_cluster_id
    ) as erased_lead_cluster_ids,
    array(
        select lead.id
        from lead
        where lead.dealership_id = contact.dealership_id and lead.lead_cluster_id = any (whole.lead_cluster_ids)
        order by lead.id
    ) as lead_ids
from contact
cross join lateral (
    select array(
        select cluster_id
        from clusters_of_person(contact.dealership_id, contact.lead_cluster_id) as cluster_id
        order by cluster_id
    ) as lead_cluster_ids
) as whole
where contact.dealership_id = :dealership_id
    and contact.id = :contact_id
    and is_seen(contact.dealership_id, contact.lead_cluster_id, :test)
""")
