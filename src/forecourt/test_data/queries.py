"""The statements that clear a dealership's test data."""

from __future__ import annotations

from forecourt.infra.database import Query

LOCK = Query("""
select id from lead_cluster where dealership_id = :dealership_id and test order by id for update
""")

# Everything about its customers of test mode, in one statement: foreign keys are checked when all of it is gone. Files lose
# their names here, and their bytes when the store is swept.
CLEAR = Query("""
with cluster as materialized (
    select cluster.dealership_id, cluster.id
    from lead_cluster as cluster
    where cluster.dealership_id = :dealership_id and cluster.test
), enquiry as materialized (
    select lead.dealership_id, lead.id
    from cluster
    join lead on lead.dealership_id = cluster.dealership_id and lead.lead_cluster_id = cluster.id
), person as materialized (
    select contact.dealership_id, contact.id
    from cluster
    join contact on contact.dealership_id = cluster.dealership_id and contact.lead_cluster_id = cluster.id
), happened as materialized (
    select event.dealership_id, event.id
    from cluster
    join event on event.dealership_id = cluster.dealership_id and event.lead_cluster_id = cluster.id
), told as materialized (
    select delivery.dealership_id, delivery.id
    from happened
    join delivery on delivery.dealership_id = happened.dealership_id and delivery.event_id = happened.id
), activities as materialized (
    select activity.dealership_id, activity.id
    from cluster
    join activity on activity.dealership_id = cluster.dealership_id and activity.lead_cluster_id = cluster.id
), no_attempts as (
    delete from delivery_attempt using told
    where delivery_attempt.dealership_id = told.dealership_id and delivery_attempt.delivery_id = told.id
), no_messages as (
    delete from message using told
    where message.dealership_id = told.dealership_id and message.delivery_id = told.id
), no_deliveries as (
    delete from delivery using told
    where delivery.dealership_id = told.dealership_id and delivery.id = told.id
), no_mentions as (
    delete from mention using activities
    where mention.dealership_id = activities.dealership_id and mention.activity_id = activities.id
), no_activities as (
    delete from activity using activities
    where activity.dealership_id = activities.dealership_id and activity.id = activities.id
), no_appointments as (
    delete from appointment using cluster
    where appointment.dealership_id = cluster.dealership_id and appointment.lead_cluster_id = cluster.id
), no_drafts as (
    delete from draft using cluster
    where draft.dealership_id = cluster.dealership_id and draft.lead_cluster_id = cluster.id
), no_cars as (
    delete from car_lead_cluster using cluster
    where car_lead_cluster.dealership_id = cluster.dealership_id and car_lead_cluster.lead_cluster_id = cluster.id
), no_merges as (
    delete from cluster_merge using cluster
    where cluster_merge.dealership_id = cluster.dealership_id and cluster_merge.survivor_id = cluster.id
), no_possible_duplicates as (
    delete from possible_duplicate using cluster
    where possible_duplicate.dealership_id = cluster.dealership_id and possible_duplicate.lead_cluster_id = cluster.id
), no_consents as (
    delete from marketing_consent using person
    where marketing_consent.dealership_id = person.dealership_id and marketing_consent.contact_id = person.id
), no_contact_points as (
    delete from contact_point using person
    where contact_point.dealership_id = person.dealership_id and contact_point.contact_id = person.id
), no_contacts as (
    delete from contact using person
    where contact.dealership_id = person.dealership_id and contact.id = person.id
), no_documents as (
    delete from adf_document using enquiry
    join adf_document_lead as link on link.dealership_id = enquiry.dealership_id and link.lead_id = enquiry.id
    where adf_document.id = link.adf_document_id
), no_links as (
    delete from adf_document_lead using enquiry
    where adf_document_lead.dealership_id = enquiry.dealership_id and adf_document_lead.lead_id = enquiry.id
), no_held as (
    delete from adf_held using enquiry
    where adf_held.dealership_id = enquiry.dealership_id and adf_held.lead_id = enquiry.id
), no_prospects as (
    delete from adf_prospect using enquiry
    where adf_prospect.dealership_id = enquiry.dealership_id and adf_prospect.lead_id = enquiry.id
), no_files as (
    delete from lead_file using enquiry
    where lead_file.dealership_id = enquiry.dealership_id and lead_file.lead_id = enquiry.id
), no_payments as (
    delete from payment using enquiry
    where payment.dealership_id = enquiry.dealership_id and payment.lead_id = enquiry.id
), no_memberships as (
    delete from lead_membership using enquiry
    where lead_membership.dealership_id = enquiry.dealership_id and lead_membership.lead_id = enquiry.id
), no_points as (
    delete from lead_point using enquiry
    where lead_point.dealership_id = enquiry.dealership_id and lead_point.lead_id = enquiry.id
), no_answers as (
    delete from idempotent_answer
    where lead_id in (select enquiry.id from enquiry) or lead_cluster_id in (select cluster.id from cluster)
), no_events as (
    delete from event using happened
    where event.dealership_id = happened.dealership_id and event.id = happened.id
), no_leads as (
    delete from lead using enquiry
    where lead.dealership_id = enquiry.dealership_id and lead.id = enquiry.id
), no_clusters as (
    delete from lead_cluster using cluster
    where lead_cluster.dealership_id = cluster.dealership_id and lead_cluster.id = cluster.id
)
select (select count(*) from cluster) as lead_clusters, (select count(*) from enquiry) as leads
""")
