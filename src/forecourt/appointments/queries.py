"""The statements about appointments."""

from __future__ import annotations

from typing import LiteralString

from forecourt.infra.database import Query

# Of an ``appointment`` of a ``dealership``.
COLUMNS: LiteralString = """
    appointment.id, appointment.lead_cluster_id, appointment.version, appointment.purpose,
    to_char(appointment.starts_at at time zone dealership.timezone, 'YYYY-MM-DD HH24:MI:SS') as starts_at,
    appointment.starts_at as starts_at_instant,
    appointment.length_in_minutes, appointment.location_id, appointment.user_id, appointment.car_id,
    (
        select coalesce(car.name, car.stocknum) from car
        where car.dealership_id = appointment.dealership_id and car.id = appointment.car_id
    ) as car_for_test_drive,
    appointment.status, appointment.outcome, appointment.note, appointment.ai_generated,
    appointment.created_at, appointment.updated_at
from appointment
join dealership on dealership.id = appointment.dealership_id
"""

APPOINTMENT = Query(
    "select"
    + COLUMNS
    + """where appointment.dealership_id = :dealership_id
    and appointment.id = :id
    and (cast(:test as boolean) is null or appointment.test = :test)
"""
)

# Locked, with its cluster, in the order in which every write locks them.
LOCK_CLUSTER_OF = Query("""
select cluster.id as lead_cluster_id
from appointment
join lead_cluster as cluster
    on cluster.dealership_id = appointment.dealership_id and cluster.id = appointment.lead_cluster_id
where appointment.dealership_id = :dealership_id
    and appointment.id = :id
    and (cast(:test as boolean) is null or cluster.test = :test)
for no key update of cluster
""")

OF_CLUSTER = Query(
    "select"
    + COLUMNS
    + """where appointment.dealership_id = :dealership_id and appointment.lead_cluster_id = :lead_cluster_id
order by appointment.starts_at nulls last, appointment.id
"""
)

# The diary: what begins in a period, the earliest in front.
DIARY = Query(
    "select"
    + COLUMNS
    + """where appointment.dealership_id = :dealership_id
    and appointment.starts_at >= :from
    and appointment.starts_at < :to
    and (cast(:test as boolean) is null or appointment.test = :test)
    and (cast(:user_id as bigint) is null or appointment.user_id = :user_id)
    and (cast(:location_id as bigint) is null or appointment.location_id = :location_id)
    and (cast(:car_id as bigint) is null or appointment.car_id = :car_id)
    and (cast(:status as text) is null or appointment.status = :status)
    and (appointment.starts_at, appointment.id) > (:after, :after_id)
order by appointment.starts_at, appointment.id
limit :size
"""
)

# What the ids mean in the dealership, and where its clock stands at a wall time. The car is locked: whoever books it
# next finds this booking.
NAMED = Query("""
select
    cluster.state, cluster.test, cluster.location_id as cluster_location_id, dealership.uses_appointment_state,
    exists (
        select from contact
        where contact.dealership_id = cluster.dealership_id
            and contact.lead_cluster_id = cluster.id
            and contact.erased_at is not null
    ) as erased,
    (
        select member.user_id from dealership_user as member
        where member.dealership_id = dealership.id and member.user_id = :user_id
    ) as user_id,
    (
        select member.user_id from dealership_user as member
        where member.dealership_id = dealership.id and member.user_id = :by_user_id
    ) as by_user_id,
    (
        select location.id from location
        where location.dealership_id = dealership.id and location.id = :location_id
    ) as location_id
from dealership
join lead_cluster as cluster on cluster.dealership_id = dealership.id and cluster.id = :lead_cluster_id
where dealership.id = :dealership_id
""")

LOCK_CAR = Query("""
select id from car where dealership_id = :dealership_id and id = :car_id for no key update
""")

# When the car is free for so long from then on: at once, or when a drive that is booked ends. Within opening hours
# where the time that was asked for is, else at any hour.
NEXT_FREE = Query("""
with booked as (
    select
        appointment.starts_at,
        appointment.starts_at + make_interval(mins => appointment.length_in_minutes) as ends_at
    from appointment
    where appointment.dealership_id = :dealership_id
        and appointment.car_id = :car_id
        and appointment.test = :test
        and appointment.status = 'pending'
        and appointment.id is distinct from :id
        and appointment.starts_at + make_interval(mins => appointment.length_in_minutes) > :starts_at
), open as (
    select period.opens_at, period.closes_at
    from open_periods(
        :dealership_id, :location_id,
        cast(cast(:starts_at as timestamptz) as date) - 1, cast(cast(:starts_at as timestamptz) as date) + 60
    ) as period
), kept as (
    select exists (
        select from open
        where open.opens_at <= :starts_at
            and open.closes_at >= cast(:starts_at as timestamptz) + make_interval(mins => :length_in_minutes)
    ) as in_hours
)
select candidate.starts_at
from (
    select cast(:starts_at as timestamptz) as starts_at
    union
    select booked.ends_at from booked
    union
    select open.opens_at from open where open.opens_at > :starts_at
) as candidate
cross join kept
where not exists (
        select from booked
        where booked.starts_at < candidate.starts_at + make_interval(mins => :length_in_minutes)
            and booked.ends_at > candidate.starts_at
    )
    and (
        not kept.in_hours
        or exists (
            select from open
            where open.opens_at <= candidate.starts_at
                and open.closes_at >= candidate.starts_at + make_interval(mins => :length_in_minutes)
        )
    )
order by candidate.starts_at
limit 1
""")

IN_HOURS = Query("""
select exists (
    select from open_periods(
        :dealership_id, :location_id,
        cast(cast(:starts_at as timestamptz) as date) - 1, cast(cast(:starts_at as timestamptz) as date) + 1
    ) as period
    where period.opens_at <= :starts_at
        and period.closes_at >= cast(:starts_at as timestamptz) + make_interval(mins => :length_in_minutes)
) as in_hours
""")

BOOK = Query("""
insert into appointment (
    dealership_id, lead_cluster_id, test, purpose, starts_at, length_in_minutes, location_id, user_id, car_id, status,
    outcome, note, ai_generated, created_at, updated_at
)
values (
    :dealership_id, :lead_cluster_id, :test, :purpose, :starts_at, :length_in_minutes, :location_id, :user_id, :car_id,
    :status, :outcome, :note, :ai_generated, :now, :now
)
returning id
""")

CHANGE = Query("""
update appointment set
    version = version + 1,
    updated_at = :now,
    purpose = :purpose,
    starts_at = :starts_at,
    length_in_minutes = :length_in_minutes,
    location_id = :location_id,
    user_id = :user_id,
    car_id = :car_id,
    status = :status,
    outcome = :outcome,
    note = :note,
    ai_generated = :ai_generated
where dealership_id = :dealership_id and id = :id
""")
