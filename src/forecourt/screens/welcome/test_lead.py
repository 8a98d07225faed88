"""The first run's test lead: by Create Lead itself, as a website would send it."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

import structlog

from forecourt.infra.database import DatabaseUnavailable, record
from forecourt.infra.refusals import Refusal
from forecourt.leads.create import create_lead
from forecourt.leads.reading import read_lead
from forecourt.leads.write import WriteRequest
from forecourt.screens.welcome.queries import END_KEY, OPEN_KEY

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Database

log = structlog.get_logger()

# Until the inbox is open and listens.
_PAUSE_SECONDS = 1.5
# A number that nobody has: set aside for stories (ACMA), and New Zealand's likewise.
_NUMBERS = {"AU": "0491 570 156", "NZ": "021 000 0000"}
_under_way: set[asyncio.Task[None]] = set()


async def send_test_lead(database: Database, store: FileStore, place: Membership) -> None:
    """Create a lead at *place*, under a key that is made for it and ends with it.

    Raises:
        Refusal: whatever Create Lead refuses.
    """
    token_hash = secrets.token_bytes(32)
    async with database.connection() as connection:
        await connection.one(record, OPEN_KEY, token_hash=token_hash, dealership_id=place.dealership_id)
    lead = {
        "dealership_slug": place.slug,
        "name": "Test Customer",
        "email": "test.customer@example.com",
        "phone": _NUMBERS.get(place.country, ""),
        "category": "General Enquiry",
        "source": "Website",
        "message": "Hello! This is a test. If you can read me, enquiries reach your inbox.",
    }
    try:
        request = WriteRequest(
            token_hash=token_hash,
            operation="POST /api/v1/leads",
            sent=read_lead({"lead": lead}, typed=True),
            refusal=None,
            payload_hash=b"",
            idempotency_key=None,
            if_match=None,
            dry_run=False,
            request_id=f"test_lead_{secrets.token_hex(8)}",
        )
        await create_lead(database, store, request)
    finally:
        async with database.connection() as connection:
            await connection.run(END_KEY, token_hash=token_hash)


def send_soon(database: Database, store: FileStore, place: Membership) -> None:
    """The same in a moment: whoever asked for it is on the way to the inbox."""

    async def send() -> None:
        await asyncio.sleep(_PAUSE_SECONDS)
        try:
            await send_test_lead(database, store, place)
        except (Refusal, DatabaseUnavailable) as refusal:
            log.warning("test_lead.not_sent", code=refusal.code)

    task = asyncio.create_task(send())
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
