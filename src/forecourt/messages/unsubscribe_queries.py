"""The statements by which offers are called off."""

from __future__ import annotations

from forecourt.infra.database import Query

BY_TOKEN = Query("""
select
    dealership.id as dealership_id, dealership.slug, dealership.name, dealership.timezone, dealership.country,
    now() as now, message.id as message_id,
    exists (
        select from contact
        where contact.dealership_id = message.dealership_id
            and contact.id in (select contacts_reached_by(message))
            and contact.opt_in_to_marketing
    ) as wanted
from message
join dealership on dealership.id = message.dealership_id
where message.unsubscribe_token = :token and message.lead_cluster_id is not null
""")

# Each contact that has not called off yet: the answer, the log of answers, the cluster's new version.
CALL_OFFERS_OFF = Query("""
with asked as materialized (
    select contact.id, contact.lead_cluster_id, contact.opt_in_to_marketing as before
    from message
    join contact
        on contact.dealership_id = message.dealership_id and contact.id in (select contacts_reached_by(message))
    where message.dealership_id = :dealership_id
        and message.id = :message_id
        and contact.opt_in_to_marketing is distinct from false
    order by contact.id
    for no key update of contact
), called_off as (
    update contact set opt_in_to_marketing = false
    from asked
    where contact.dealership_id = :dealership_id and contact.id = asked.id
), told as (
    insert into marketing_consent (dealership_id, contact_id, value, given_at, source)
    select :dealership_id, asked.id, false, :now, 'unsubscribe' from asked
)
update lead_cluster as cluster set version = cluster.version + 1, updated_at = :now
from asked
where cluster.dealership_id = :dealership_id and cluster.id = asked.lead_cluster_id
returning cluster.id as lead_cluster_id, cluster.merged_into_id, cluster.version, asked.before
""")
