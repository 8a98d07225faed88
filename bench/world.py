"""The database that the benchmarks run on: dealerships, stock and many leads, made by SQL in bulk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from forecourt.access import tokens
from forecourt.access.permissions import PERMISSIONS
from forecourt.infra.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Sequence

DEALERSHIPS = 20
KEYS = 200
CARS = 20_000

_REFERENCE = """
insert into dealership (id, slug, name) select i, 'dealer-' || i, 'Dealer ' || i from generate_series(1, 20) as i;
insert into location (dealership_id, id, name) select 1 + i % 20, i, 'Yard' from generate_series(1, 60) as i;
insert into website (dealership_id, id, slug, name)
    select 1 + i % 20, i, 'site-' || i, 'Site' from generate_series(1, 100) as i;
insert into page (dealership_id, id, website_id) select 1 + i % 20, i, i from generate_series(1, 100) as i;
insert into user_account (id, name, email)
    select i, 'User ' || i, 'user' || i || '@example.com' from generate_series(1, 500) as i;
insert into dealership_user select 1 + i % 20, i from generate_series(1, 500) as i;
insert into car (dealership_id, id, stocknum, name)
    select 1 + i % 20, i, 'S' || i, 'Car ' || i from generate_series(1, 20000) as i;
"""

# The first half of the leads are younger than three days; each has a cluster and a contact of its own, and a quarter of
# them have been updated once. Of the older ones, one in twenty came through a broker, under its address, number and id:
# a filter by these then finds more than a page.
_LEADS = """
insert into lead_cluster (
    dealership_id, id, golden, tags, state, user_id, location_id, first_lead_created_at, last_lead_created_at,
    waiting_since
)
    select
        1 + i % 20, i, i % 100 = 0, array['tag' || i % 50], (array['new', 'contacted', 'lost'])[1 + i / 20 % 3],
        case when i / 20 % 10 <> 0 then 1 + i % 20 + 19 end, 1 + i % 20 + 19, came, came, case when i / 20 % 3 = 0 then came end
    from generate_series(1, $1::int) as i
    cross join lateral (select now() - interval '1 second' * i) as at (came);
insert into contact (dealership_id, id, lead_cluster_id, name, last_name)
    select
        dealership_id, id, id, (array['Mia', 'Leo', 'Kim', 'Ann', 'Bob', 'Zoe', 'Max'])[1 + id / 20 % 7],
        (array['Chen', 'Okafor', 'Smith', 'Nguyen', 'Jones'])[1 + id / 140 % 5] || id / 700 % 40
    from lead_cluster;
insert into lead (
    dealership_id, id, lead_cluster_id, version, golden, created_at, updated_at, name, email, email_normalised, phone, phone_e164,
    message, category, source, lead_state, provider, provider_id, website_id, location_id, tags, send_customer_email,
    address_attributes, stocknum
)
    select
        1 + i % 20, i, i, case when i % 80 < 20 then 2 else 1 end, i % 100 = 0,
        began, case when i % 80 < 20 then began + interval '1 minute' else began end,
        'Customer ' || i, address, address, '0' || number, '+61' || number, 'I would like to know more.',
        (array['New Vehicle Enquiry', 'Used Vehicle Enquiry', 'Test Drive Booking', 'Finance Enquiry'])[1 + i / 20 % 4],
        (array['Website', 'Carsales', 'Facebook', 'Walk In', 'Autotrader'])[1 + i / 20 % 5],
        (array['new', 'contacted', 'lost'])[1 + i / 20 % 3],
        'Provider ' || i / 20 % 10, case when brokered then 'broker' else 'P' || i end, 1 + i % 20 + 19, 1 + i % 20 + 19, array['tag' || i % 50], false,
        '{"city":"Melbourne","state":"VIC","postcode":3000}', 'S' || i % 20 + 20 * (1 + i / 20 % 900)
    from generate_series(1, $1::int) as i
    cross join lateral (select i > $1::int / 2 and i / 20 % 20 = 0) as of (brokered)
    cross join lateral (select now() - case when i <= $1::int / 2 then interval '1 second' * (i % 200000)
        else interval '4 days' + interval '1 minute' * (i % 500000) end) as at (began)
    cross join lateral (select
        case when brokered then 'enquiries@broker.example' else 'customer' || i || '@example.com' end,
        case when brokered then '411111111' else '4' || lpad(i::text, 8, '1') end
    ) as reached (address, number);
insert into contact_point (dealership_id, kind, value, contact_id)
    select dealership_id, 'email', email_normalised, id from lead
    union all
    select dealership_id, 'phone', phone_e164, id from lead;
insert into lead_tag select dealership_id, tags[1], created_at, id from lead;
insert into event (
    dealership_id, lead_cluster_id, lead_id, lead_version, kind, occurred_at, request_id, changes
)
    select dealership_id, id, id, 1, 'lead.created', created_at, 'filled', '{}'::jsonb from lead
    union all
    select dealership_id, id, id, 2, 'lead.updated', created_at + interval '1 minute', 'filled', '{}'::jsonb
    from lead where version = 2;
select setval(pg_get_serial_sequence('lead', 'id'), $1::int);
"""


class Key(NamedTuple):
    """A key of the benchmarks: it holds three dealerships."""

    token: str
    dealership_ids: tuple[int, ...]


def fill(
    url: str, leads: int = 100_000, *, checked: bool = False, dealerships: int = DEALERSHIPS
) -> list[Key]:
    """Fill the empty database at *url*; its keys.

    Args:
        url: of a database where the tables may be made.
        leads: how many; half of them are younger than three days.
        checked: whether each reference is checked as it is written. That takes several times as long.
        dealerships: over how many of the twenty the leads are spread.
    """
    return asyncio.run(_fill(url, leads, checked=checked, dealerships=dealerships))


async def _fill(url: str, leads: int, *, checked: bool, dealerships: int) -> list[Key]:
    await migrate(url)
    connection = await asyncpg.connect(url)
    if not checked:
        await connection.execute("set session_replication_role = replica")
    await connection.execute(_REFERENCE)
    spread = _LEADS.replace("1 + i % 20", f"1 + i % {dealerships}")
    await connection.execute(spread.replace("$1::int", str(leads)))
    keys = [
        Key(tokens.new_token("live"), tuple(1 + (number + step) % DEALERSHIPS for step in range(3)))
        for number in range(KEYS)
    ]
    await _insert_keys(connection, keys)
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")
    await connection.close()
    return keys


async def _insert_keys(connection: asyncpg.Connection[asyncpg.Record], keys: Sequence[Key]) -> None:
    for key in keys:
        await connection.execute(
            """
            with issued as (
                insert into api_key (name, mode, token_hash, token_hint, permissions)
                values ('bench', 'live', $1, 'hint', $2) returning id
            )
            insert into api_key_dealership select issued.id, unnest($3::bigint[]) from issued
            """,
            tokens.hash_of(key.token),
            list(PERMISSIONS[:6]),
            list(key.dealership_ids),
        )
