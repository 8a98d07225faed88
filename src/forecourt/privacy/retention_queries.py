"""The statements about how long people's data is kept."""

from __future__ import annotations

from forecourt.infra.database import Query

SETTINGS = Query("""
select erase_closed_after_days from dealership where id = :dealership_id
""")

CHANGE_SETTINGS = Query("""
update dealership set erase_closed_after_days = :erase_closed_after_days where id = :dealership_id
""")

DEALERSHIPS_THAT_ERASE = Query("""
select slug, erase_closed_after_days as days
from dealership
where erase_closed_after_days is not null
order by id
""")

# Whose time is over: lost or invalid in every cluster of theirs, nothing happened for so long, and nothing is booked.
_OVER = """
select contact.id as contact_id
from lead_cluster as cluster
join contact
    on contact.dealership_id = cluster.dealership_id
    and contact.lead_cluster_id = cluster.id
    and contact.erased_at is null
where cluster.dealership_id = :dealership_id
    and cluster.merged_into_id is null
    and cluster.state in ('lost', 'invalid')
    and cluster.updated_at < now() - make_interval(days => :days)
    and not exists (
        select from clusters_of_person(cluster.dealership_id, cluster.id) as same
        join lead_cluster as other on other.dealership_id = cluster.dealership_id and other.id = same
        where other.merged_into_id is null
            and (
                other.state not in ('lost', 'invalid')
                or greatest(other.updated_at, other.last_lead_created_at) >= now() - make_interval(days => :days)
            )
    )
    and not exists (
        select from clusters_of_person(cluster.dealership_id, cluster.id) as same
        join appointment
            on appointment.dealership_id = cluster.dealership_id
            and appointment.lead_cluster_id = same
            and appointment.status = 'pending'
            and appointment.starts_at > now()
    )
"""

OVER = Query(
    _OVER
    + """
order by cluster.updated_at, cluster.id
limit :size
"""
)

# The same of one contact, once nobody can turn to it any more.
IS_OVER = Query(
    _OVER
    + """
    and contact.id = :contact_id
"""
)
