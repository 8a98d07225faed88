"""The statements behind the diary."""

from __future__ import annotations

from forecourt.infra.database import Query

# What begins in a period at some dealerships, with whom and in what; nothing of test mode.
DIARY = Query("""
select
    appointment.id, appointment.dealership_id, dealership.slug as dealership_slug,
    dealership.name as dealership_name, dealership.timezone, appointment.lead_cluster_id, appointment.version,
    appointment.purpose, appointment.starts_at, appointment.length_in_minutes, appointment.status, appointment.note,
    appointment.user_id, person.name as user, appointment.car_id, coalesce(car.name, car.stocknum) as car, car.stocknum,
    location.name as location, contact.name, contact.last_name, contact.business_name, contact.erased_at
from unnest(cast(:dealership_ids as bigint[])) as asked (dealership_id)
join appointment on appointment.dealership_id = asked.dealership_id
join dealership on dealership.id = appointment.dealership_id
join contact
    on contact.dealership_id = appointment.dealership_id and contact.lead_cluster_id = appointment.lead_cluster_id
left join user_account as person on person.id = appointment.user_id
left join car on car.dealership_id = appointment.dealership_id and car.id = appointment.car_id
left join location on location.dealership_id = appointment.dealership_id and location.id = appointment.location_id
where appointment.starts_at >= :since
    and appointment.starts_at < :until
    and not appointment.test
    and (cast(:user_id as bigint) is null or appointment.user_id = :user_id)
    and (cast(:location_id as bigint) is null or appointment.location_id = :location_id)
    and (cast(:car_id as bigint) is null or appointment.car_id = :car_id)
    and (:cancelled or appointment.status <> 'cancelled')
order by appointment.starts_at, appointment.id
limit 1000
""")

# What the diary can be narrowed to: people, places, and the cars that have something booked in the period.
CHOICES = Query("""
select
    (
        select json_agg(json_build_object('id', person.id, 'name', person.name) order by lower(person.name), person.id)
        from user_account as person
        where person.disabled_at is null
            and exists (
                select from dealership_user as member
                where member.user_id = person.id and member.dealership_id = any (cast(:dealership_ids as bigint[]))
            )
    ) as people,
    (
        select json_agg(json_build_object('id', location.id, 'name', location.name) order by location.name, location.id)
        from location
        where location.dealership_id = any (cast(:dealership_ids as bigint[]))
    ) as locations,
    (
        select json_agg(json_build_object('id', booked.id, 'name', booked.name) order by booked.name, booked.id)
        from (
            select distinct car.id, coalesce(car.name, car.stocknum, '') as name
            from appointment
            join car on car.dealership_id = appointment.dealership_id and car.id = appointment.car_id
            where appointment.dealership_id = any (cast(:dealership_ids as bigint[]))
                and appointment.starts_at >= :since
                and appointment.starts_at < :until
                and not appointment.test
            limit 200
        ) as booked
    ) as cars
""")

ONE = Query("""
select
    appointment.id, dealership.slug as dealership_slug, dealership.name as dealership_name, appointment.purpose,
    appointment.starts_at, appointment.length_in_minutes, appointment.status, appointment.note, appointment.version,
    appointment.updated_at, appointment.lead_cluster_id, coalesce(car.name, car.stocknum) as car,
    location.name as location, location.address, person.name as user, contact.name, contact.last_name,
    contact.business_name, contact.erased_at
from appointment
join dealership on dealership.id = appointment.dealership_id
join contact
    on contact.dealership_id = appointment.dealership_id and contact.lead_cluster_id = appointment.lead_cluster_id
left join car on car.dealership_id = appointment.dealership_id and car.id = appointment.car_id
left join location on location.dealership_id = appointment.dealership_id and location.id = appointment.location_id
left join user_account as person on person.id = appointment.user_id
where appointment.dealership_id = :dealership_id and appointment.id = :id
""")
