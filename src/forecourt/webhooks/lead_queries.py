"""The statement that reads leads as they are exported."""

from __future__ import annotations

from forecourt.infra.database import Query
from forecourt.leads.find_queries import LEAD_COLUMNS

# Each by its id or, where what happened was about a cluster as a whole, the latest of the cluster that answers now. What
# only v2 tells is looked up where :whole says so, the test drives where :with_drives does.
LEADS = Query(
    """
select
    asked.place,"""
    + LEAD_COLUMNS.rstrip()
    + """,
    dealership.slug as dealership_slug,
    (
        select website.slug from website
        where website.dealership_id = lead.dealership_id and website.id = lead.website_id
    ) as website_slug,
    case when :whole then (
        select json_build_object(
            'car', (
                select json_build_object(
                    'id', car.id, 'stocknum', car.stocknum, 'name', car.name, 'make', car.make, 'model', car.model,
                    'badge', car.badge, 'year', car.year, 'colour', car.colour, 'condition', car.condition,
                    'price', car.price
                )
                from car where car.dealership_id = lead.dealership_id and car.id = lead.car_id
            ),
            'model', (
                select json_build_object('id', model.id, 'name', model.name) from model where model.id = lead.model_id
            ),
            'model_variant', (
                select json_build_object('id', model_variant.id, 'name', model_variant.name)
                from model_variant where model_variant.id = lead.model_variant_id
            ),
            'colour', (
                select json_build_object('id', colour.id, 'name', colour.name)
                from colour where colour.id = lead.colour_id
            ),
            'location', (
                select json_build_object(
                    'id', location.id, 'name', location.name, 'location_type', location.location_type
                )
                from location
                where location.dealership_id = lead.dealership_id and location.id = lead.location_id
            ),
            'website', (
                select json_build_object(
                    'id', website.id, 'slug', website.slug, 'name', website.name, 'url', website.url
                )
                from website where website.dealership_id = lead.dealership_id and website.id = lead.website_id
            ),
            'page', (
                select json_build_object('id', page.id, 'name', page.name, 'url', page.url)
                from page where page.dealership_id = lead.dealership_id and page.id = lead.page_id
            ),
            'team_member', (
                select json_build_object('id', team_member.id, 'name', team_member.name)
                from team_member
                where team_member.dealership_id = lead.dealership_id and team_member.id = lead.team_member_id
            ),
            'assigned_user', (
                select json_build_object('id', person.id, 'name', person.name, 'email', person.email)
                from user_account as person where person.id = cluster.user_id
            ),
            'secondary_user', (
                select json_build_object('id', person.id, 'name', person.name, 'email', person.email)
                from user_account as person where person.id = cluster.secondary_user_id
            ),
            'payments', (
                select json_agg(json_build_object(
                    'id', payment.id, 'amount', payment.amount, 'car_id', payment.car_id,
                    'payment_processor_id', payment.payment_processor_id,
                    'external_transaction_id', payment.external_transaction_id, 'created_at', payment.created_at
                ) order by payment.id)
                from payment
                where payment.dealership_id = lead.dealership_id and payment.lead_id = lead.id
            ),
            'lead_files_attributes', (
                select json_agg(json_build_object(
                    'id', file.id, 'file_type', file.file_type, 'filename', file.filename,
                    'content_type', file.content_type, 'size', file.size, 'sha256', encode(file.sha256, 'hex'),
                    'created_at', file.created_at, 'url', '/api/v1/leads/' || lead.id || '/files/' || file.id
                ) order by file.id)
                from lead_file as file
                where file.dealership_id = lead.dealership_id and file.lead_id = lead.id
            )
        )
        from lead_cluster as cluster
        where cluster.dealership_id = lead.dealership_id and cluster.id = lead.lead_cluster_id
    ) end as beside,
    case when :with_drives then (
        select coalesce(json_agg(json_build_object(
            'id', drive.id, 'ai_generated', drive.ai_generated, 'user_id', drive.user_id,
            'starts_at', to_char(
                drive.starts_at at time zone coalesce(nullif(dealership.timezone, ''), 'Australia/Brisbane'),
                'YYYY-MM-DD HH24:MI:SS'
            ),
            'status', drive.status, 'length_in_minutes', drive.length_in_minutes, 'note', drive.note,
            'location_id', drive.location_id,
            'car_for_test_drive', coalesce(
                car.name, nullif(concat_ws(' ', car.year, car.make, car.model, car.badge), '')
            )
        ) order by drive.starts_at, drive.id), '[]')
        from appointment as drive
        left join car on car.dealership_id = drive.dealership_id and car.id = drive.car_id
        where drive.dealership_id = lead.dealership_id
            and drive.lead_cluster_id = lead.lead_cluster_id
            and drive.purpose = 'Test Drive'
    ) end as test_drives
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
"""
)
