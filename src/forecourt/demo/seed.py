"""Fills an empty database with the demo's world: reference data by a load, leads by Create Lead itself."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.demo import queries
from forecourt.demo import settled_queries as settled
from forecourt.demo import staff_queries as staff
from forecourt.demo.enquiries import ENQUIRIES, Enquiry, Yard, enquiries, staged
from forecourt.demo.staff import STILL_WAITING, WORDS, Served, staff_work
from forecourt.infra.database import record
from forecourt.infra.refusals import Refusal
from forecourt.leads.create import create_lead
from forecourt.leads.reading import read_lead
from forecourt.leads.write import WriteRequest
from forecourt.loading import load, read_json

if TYPE_CHECKING:
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Connection, Database

# The dealership, the website and the rest of the contract's own example.
EXAMPLE_DEALERSHIP = "test-dealer"
# So many of the last enquiries are answered and told of when the demo begins.
_STILL_DELIVERED = 12
# Who signs in by the demo's link.
SIGNED_IN = "mia.kowalski@example.com"
WORLD = Path(__file__).with_name("world.json")


class Seeded(msgspec.Struct, frozen=True):
    """What the demo holds.

    Attributes:
        lead_id: a lead of the example's dealership that can be updated for days to come.
        dealership_slug: the example's dealership.
        dealership_slugs: all of them.
        user_id: whom the demo's link signs in.
        user_name: as people call them.
        leads: how many there are.
        cars: how many there are.
        lively_yards: where new enquiries keep coming.
    """

    lead_id: int
    dealership_slug: str
    dealership_slugs: list[str]
    user_id: int
    user_name: str
    leads: int
    cars: int
    lively_yards: list[Yard]


class WorldRefused(Refusal):
    """The database holds something else under the demo's names or ids; the detail tells the first."""

    code = "world-refused"
    title = "The demo needs a database of its own"


async def seed(database: Database, store: FileStore, *, chance: int = 1) -> Seeded:
    """Fill *database* with the demo's world; the same world for the same *chance* and time.

    The leads are created by the use case that serves Create Lead, under an API key that is revoked afterwards, and
    then moved back to the time at which they are to have come.

    Args:
        database: migrated and empty.
        store: where the leads' files go.
        chance: the seed of everything made up.

    Raises:
        WorldRefused: the database holds something else under the demo's names or ids.
        DatabaseUnavailable: the database cannot be asked.
    """
    world = read_json(WORLD)
    report = await load(database, world)
    if report.errors:
        first = report.errors[0]
        raise WorldRefused(f"{first.table}, row {first.row}: {first.message}")
    async with database.connection() as connection:
        now = (await connection.one(_Moment, queries.CLOCK)).now
        yards = await _yards(connection)
        first_lead_id = (await connection.one(_Id, queries.NEXT_LEAD)).id
    asked = staged(enquiries(yards, now, Random(chance)), now)  # noqa: S311 - nothing secret is drawn
    await _create(database, store, asked, [yard.slug for yard in yards])
    async with database.connection() as connection:
        await _move_back(connection, asked, first_lead_id)
        await _work(connection, [yard.slug for yard in yards], now, Random(chance))  # noqa: S311 - likewise
        found = await connection.one(
            _Id, queries.LEAD_TO_UPDATE, slug=EXAMPLE_DEALERSHIP, first_lead_id=first_lead_id
        )
        user = await connection.one(_User, queries.USER, email=SIGNED_IN)
    return Seeded(
        lead_id=found.id,
        dealership_slug=EXAMPLE_DEALERSHIP,
        dealership_slugs=[yard.slug for yard in yards],
        user_id=user.id,
        user_name=user.name,
        leads=len(asked),
        cars=len(world["cars"]),
        lively_yards=[yard for yard in yards if yard.slug == EXAMPLE_DEALERSHIP],
    )


class _Id(msgspec.Struct):
    id: int


class _User(msgspec.Struct):
    id: int
    name: str


class _Moment(msgspec.Struct):
    now: datetime


class _Document(msgspec.Struct):
    document: str


async def _yards(connection: Connection) -> list[Yard]:
    row = await connection.one(_Document, queries.YARDS, slugs=list(ENQUIRIES))
    return msgspec.json.decode(row.document, type=list[Yard])


async def _create(database: Database, store: FileStore, asked: list[Enquiry], slugs: list[str]) -> None:
    """Create a lead for each enquiry, one after the other, so that later ones have higher ids."""
    token_hash = secrets.token_bytes(32)
    async with database.connection() as connection:
        await connection.one(_Id, queries.OPEN_KEY, token_hash=token_hash, slugs=slugs)
    try:
        for number, enquiry in enumerate(asked):
            request = WriteRequest(
                token_hash=token_hash,
                operation="POST /api/v1/leads",
                sent=read_lead({"lead": enquiry.lead}, typed=True),
                refusal=None,
                payload_hash=b"",
                idempotency_key=None,
                if_match=None,
                dry_run=False,
                request_id=_request_id(number),
            )
            await create_lead(database, store, request)
    finally:
        async with database.connection() as connection:
            await connection.run(queries.REVOKE_KEY, token_hash=token_hash)


async def _move_back(connection: Connection, asked: list[Enquiry], first_lead_id: int) -> None:
    """Move what was written to the times of the enquiries."""
    async with connection.transaction():
        await connection.run(
            queries.MOVE_EVENTS,
            request_ids=[_request_id(number) for number in range(len(asked))],
            times=[enquiry.at for enquiry in asked],
            first_lead_id=first_lead_id,
        )
        for query in (queries.MOVE_LEADS, queries.MOVE_CLUSTERS, queries.MOVE_FILES, queries.MOVE_PAYMENTS):
            await connection.run(query, first_lead_id=first_lead_id)


async def _work(connection: Connection, slugs: list[str], now: datetime, random: Random) -> None:
    """Write down what the staff have done until now, and set every clock by it."""
    words = [(state, name, place) for state, names in WORDS.items() for place, name in enumerate(names)]
    async with connection.transaction():
        await connection.run(staff.OPEN_ALWAYS, slug=EXAMPLE_DEALERSHIP)
        await connection.run(
            staff.ADD_WORDS,
            slugs=slugs,
            states=[state for state, _, _ in words],
            names=[name for _, name, _ in words],
            positions=[place for _, _, place in words],
        )
        await connection.run(staff.DATE_CLUSTERS)
        last = await connection.every(
            record, staff.LAST_CUSTOMERS, slug=EXAMPLE_DEALERSHIP, size=len(STILL_WAITING)
        )
        waiting = frozenset(row["lead_cluster_id"] for row in last)
        work = staff_work(await connection.every(Served, staff.CUSTOMERS), waiting, now, random)
        await connection.run(staff.ASSIGN, turns=_json(work.assigned))
        await connection.run(staff.ACT, acts=_json(work.activities))
        await connection.run(staff.BOOK, drives=_json(work.appointments))
        await connection.run(staff.BRING_TO_STATES)
        await connection.run(staff.SET_CLOCKS)
        await connection.run(settled.ADD_ASSIGNMENT_RULE, slug=EXAMPLE_DEALERSHIP)
        await connection.run(settled.ADD_NOTIFICATION_RULES, slug=EXAMPLE_DEALERSHIP, email=SIGNED_IN)
        await connection.run(settled.ADD_TEMPLATES, slug=EXAMPLE_DEALERSHIP)
        await connection.run(staff.FORGET_DELIVERIES, but_for=_STILL_DELIVERED)


def _json(rows: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()


def _request_id(number: int) -> str:
    return f"demo_{number:04}"
