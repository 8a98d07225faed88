"""The world of the tests: our dealership, another one in the same group, and somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forecourt.access import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

OURS = "brisbane-motors"
SISTER = "cairns-motors"
THEIRS = "perth-autos"

EVERYTHING = (
    "read:lead",
    "create:lead",
    "update:lead",
    "read:lead_cluster",
    "update:lead_cluster",
    "read:contact",
    "erase:contact",
    "read:dealership",
    "manage:dealership",
    "read:webhook",
    "manage:webhook",
    "read:request_log",
    "read:report",
    "read:audit",
)

# What an update must send at least.
LEAD: dict[str, Any] = {
    "email": "mia@example.com",
    "phone": "0412 345 678",
    "category": "General Enquiry",
    "source": "Website",
    "dealership_slug": OURS,
}

# Ids: what ends in 1 is ours, in 2 our sister's, in 3 somebody else's.
_WORLD = """
insert into dealership_group (id, slug, name) values (1, 'northern', 'Northern'), (2, 'western', 'Western');
insert into dealership (id, dealership_group_id, slug, name, timezone) values
    (1, 1, 'brisbane-motors', 'Brisbane Motors', 'Australia/Brisbane'),
    (2, 1, 'cairns-motors', 'Cairns Motors', 'Australia/Brisbane'),
    (3, 2, 'perth-autos', 'Perth Autos', 'Australia/Perth');
insert into location (dealership_id, id, name) select id, 100 + id, 'Yard' from dealership;
insert into website (dealership_id, id, slug, name) select id, 200 + id, 'site-' || id, 'Site' from dealership;
insert into page (dealership_id, id, website_id) select id, 300 + id, 200 + id from dealership;
insert into team_member (dealership_id, id, name) select id, 400 + id, 'Sam' from dealership;
insert into user_account (id, name, email) select 500 + id, 'User', 'user' || id || '@example.com' from dealership;
insert into dealership_user (dealership_id, user_id) select id, 500 + id from dealership;
insert into car (dealership_id, id, stocknum, name) select id, 600 + id, 'STOCK' || id, 'Car' from dealership;
insert into car (dealership_id, id, stocknum, name) values (1, 611, 'SPARE1', 'Spare car');
insert into model (id, name) values (701, 'Ranger'), (703, 'Hilux');
insert into dealership_model values (1, 701), (2, 701), (3, 703);
insert into model_variant (id, model_id, name) values (801, 701, 'XLT'), (803, 703, 'SR5');
insert into dealership_model_variant values (1, 801), (2, 801), (3, 803);
insert into colour (id, name) values (901, 'Red'), (903, 'Blue');
insert into dealership_colour values (1, 901), (2, 901), (3, 903);
"""


@dataclass
class World:
    """What the tests know of it.

    Attributes:
        token: of a key that may do everything at Brisbane Motors.
        their_token: likewise at Perth Autos.
        group_token: likewise at Brisbane Motors and Cairns Motors.
    """

    connection: asyncpg.Connection[asyncpg.Record]
    token: str = ""
    their_token: str = ""
    group_token: str = ""

    async def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What the database says."""
        return [dict(row) for row in await self.connection.fetch(query, *values)]

    async def run(self, query: str, *values: object) -> None:
        """What an operator does with SQL."""
        await self.connection.execute(query, *values)

    async def key(
        self,
        permissions: Sequence[str] = EVERYTHING,
        dealerships: Sequence[str] = (OURS,),
        *,
        mode: str = "live",
        expired: bool = False,
        revoked: bool = False,
    ) -> str:
        """A new key's token."""
        token = tokens.new_token(mode)
        await self.connection.execute(
            """
            with issued as (
                insert into api_key (name, mode, token_hash, token_hint, permissions, expires_at, revoked_at)
                values (
                    'test', $6, $1, 'hint', $2,
                    case when $4 then now() - interval '1 second' end, case when $5 then now() end
                )
                returning id
            )
            insert into api_key_dealership
            select issued.id, dealership.id from issued, dealership where dealership.slug = any ($3)
            """,
            tokens.hash_of(token),
            list(permissions),
            list(dealerships),
            expired,
            revoked,
            mode,
        )
        return token


async def fill(connection: asyncpg.Connection[asyncpg.Record]) -> World:
    """The world, in an empty database."""
    await connection.execute(_WORLD)
    world = World(connection)
    world.token = await world.key()
    world.their_token = await world.key(dealerships=[THEIRS])
    world.group_token = await world.key(dealerships=[OURS, SISTER])
    return world
