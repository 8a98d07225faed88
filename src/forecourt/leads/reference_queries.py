"""Parts that the reading statements of an update and of a creation share; both name the ``dealership``."""

from __future__ import annotations

# What the ids and names of a request mean in the dealership: null where nothing there answers to them.
FOUND = """
    (
        select website.id from website
        where website.dealership_id = dealership.id and website.id = :website_id
    ) as found_website_id,
    (
        select website.id from website
        where website.dealership_id = dealership.id and website.slug = :website_slug
    ) as found_website_id_of_slug,
    (
        select page.id from page where page.dealership_id = dealership.id and page.id = :page_id
    ) as found_page_id,
    (
        select location.id from location
        where location.dealership_id = dealership.id and location.id = :location_id
    ) as found_location_id,
    (
        select car.id from car where car.dealership_id = dealership.id and car.id = :car_id
    ) as found_car_id,
    (
        select car.id from car
        where car.dealership_id = dealership.id and lower(car.stocknum) = lower(:stocknum)
        order by car.id desc limit 1
    ) as found_car_id_of_stocknum,
    (
        select member.user_id
        from user_account as person
        join dealership_user as member
            on member.user_id = person.id and member.dealership_id = dealership.id
        where person.email = lower(:user_email)
    ) as found_user_id_of_email
"""

# What is seldom sent: each subquery costs even where it looks for nothing.
FOUND_RARELY = """
    (
        select held.model_id from dealership_model as held
        where held.dealership_id = dealership.id and held.model_id = :model_id
    ) as found_model_id,
    (
        select held.model_variant_id from dealership_model_variant as held
        where held.dealership_id = dealership.id and held.model_variant_id = :model_variant_id
    ) as found_model_variant_id,
    (
        select held.colour_id from dealership_colour as held
        where held.dealership_id = dealership.id and held.colour_id = :colour_id
    ) as found_colour_id,
    (
        select member.id from team_member as member
        where member.dealership_id = dealership.id and member.id = :team_member_id
    ) as found_team_member_id,
    (
        select car.id from car where car.dealership_id = dealership.id and car.id = :payment_car_id
    ) as found_payment_car_id,
    (
        select paid.id from payment as paid
        where paid.dealership_id = dealership.id
            and paid.payment_processor_id = :payment_processor_id
            and paid.external_transaction_id = :external_transaction_id
    ) as found_payment_id,
    -- Ids for what will be added, so that the answer can be written down together with it.
    (
        select array_agg(nextval(pg_get_serial_sequence('lead_file', 'id'))) from generate_series(1, :new_files)
    ) as new_file_ids,
    case when :new_payment then nextval(pg_get_serial_sequence('payment', 'id')) end as new_payment_id
"""

NOTHING_RARE = """
    cast(null as bigint) as found_model_id,
    cast(null as bigint) as found_model_variant_id,
    cast(null as bigint) as found_colour_id,
    cast(null as bigint) as found_team_member_id,
    cast(null as bigint) as found_payment_car_id,
    cast(null as bigint) as found_payment_id,
    cast(null as bigint[]) as new_file_ids,
    cast(null as bigint) as new_payment_id
"""

# The answer given before under the request's Idempotency-Key, and whether this request got the key's lock.
ANSWERED_BEFORE = """
    answer.payload_hash as answer_payload_hash,
    answer.status as answer_status,
    answer.body as answer_body,
    case when cast(:idempotency_key as text) is not null then pg_try_advisory_lock(
        hashtextextended(key.id || ' ' || :operation || ' ' || :idempotency_key, 0)
    ) end as idempotency_locked
"""

# The same for a request without an Idempotency-Key.
NO_ANSWER_BEFORE = """
    cast(null as bytea) as answer_payload_hash,
    cast(null as integer) as answer_status,
    cast(null as bytea) as answer_body,
    cast(null as boolean) as idempotency_locked
"""

# Of the answered keys only those of the last 72 hours count.
ANSWER_OF_KEY = """
left join idempotent_answer as answer
    on answer.api_key_id = key.id
    and answer.operation = :operation
    and answer.idempotency_key = :idempotency_key
    and answer.created_at > now() - interval '72 hours'
"""

KEY_IN_FORCE = """
where key.token_hash = :token_hash
    and key.revoked_at is null
    and (key.expires_at is null or key.expires_at > now())
"""
