"""Making something happen, by the use cases that serve the API: for whoever builds a receiver of webhooks."""

from __future__ import annotations

import secrets
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from forecourt.dealerships.operation import DealershipNotFound
from forecourt.demo.people import MAIL_DOMAINS, MOBILES, NAMES
from forecourt.demo.trigger_queries import DEALERSHIP, LEND_KEY, TAKE_KEY_BACK, YOUNGEST_LEAD
from forecourt.ids import LeadId
from forecourt.infra.database import record
from forecourt.leads.create import create_lead
from forecourt.leads.reading import read_lead
from forecourt.leads.update import update_lead
from forecourt.leads.write import WriteRequest

if TYPE_CHECKING:
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Database

Happening: TypeAlias = Literal["lead.created", "lead.updated"]

_CHANCE = SystemRandom()
_MESSAGES = (
    "Is it still available?",
    "Could I drive it on Saturday morning?",
    "What would you give me for my old one?",
    "How long is the wait at the moment?",
    "Please ring me after five.",
)


class Triggered(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened."""

    event: Happening
    lead_id: int
    lead_cluster_id: int
    dealership: str
    version: int


class _Answered(msgspec.Struct):
    """Of the answer, what is told."""

    id: int
    lead_cluster_id: int
    version: int


async def trigger(
    database: Database, store: FileStore, happening: Happening, dealership: str | None
) -> Triggered:
    """Let an enquiry come in, or the youngest one change; where there is none to change, one comes in before.

    Raises:
        DealershipNotFound: there is none.
    """
    async with database.connection() as connection:
        at = await connection.one_or_none(record, DEALERSHIP, dealership=dealership)
        if at is None:
            said = "no dealership yet" if dealership is None else f"no dealership {dealership}"
            raise DealershipNotFound(f"there is {said}; forecourt dealerships create makes one")
        token_hash = secrets.token_bytes(32)
        await connection.one(record, LEND_KEY, token_hash=token_hash, dealership_id=at["id"])
    try:
        if happening == "lead.created":
            answered = await _create(database, store, token_hash, at["slug"])
        else:
            answered = await _update(database, store, token_hash, at)
    finally:
        async with database.connection() as connection:
            await connection.run(TAKE_KEY_BACK, token_hash=token_hash)
    return Triggered(
        event=happening,
        lead_id=answered.id,
        lead_cluster_id=answered.lead_cluster_id,
        dealership=at["slug"],
        version=answered.version,
    )


async def _create(database: Database, store: FileStore, token_hash: bytes, dealership: str) -> _Answered:
    first, last = _CHANCE.choice(NAMES)
    lead = {
        "name": first,
        "last_name": last,
        # A number makes it somebody whom nobody knows yet.
        "email": f"triggered{_CHANCE.randrange(10**9)}@{_CHANCE.choice(MAIL_DOMAINS)}",
        "phone": _CHANCE.choice(MOBILES),
        "message": _CHANCE.choice(_MESSAGES),
        "category": "General Enquiry",
        "source": "Website",
        "dealership_slug": dealership,
    }
    written = await create_lead(database, store, _request("POST /api/v1/leads", token_hash, lead))
    return msgspec.json.decode(written.body, type=_Answered)


async def _update(database: Database, store: FileStore, token_hash: bytes, at: dict[str, Any]) -> _Answered:
    async with database.connection() as connection:
        lead = await connection.one_or_none(record, YOUNGEST_LEAD, dealership_id=at["id"])
    if lead is None:
        await _create(database, store, token_hash, at["slug"])
        return await _update(database, store, token_hash, at)
    lead_id = LeadId(lead.pop("id"))
    words = _CHANCE.choice(_MESSAGES)
    # Never twice the same: an update that changes nothing is no event.
    lead |= {"message": f"{words} ({_CHANCE.randrange(1_000_000)})", "dealership_slug": at["slug"]}
    request = _request(f"PUT /api/v1/leads/{lead_id}", token_hash, lead)
    written = await update_lead(database, store, lead_id, request)
    return msgspec.json.decode(written.body, type=_Answered)


def _request(operation: str, token_hash: bytes, lead: dict[str, Any]) -> WriteRequest:
    return WriteRequest(
        token_hash=token_hash,
        operation=operation,
        sent=read_lead({"lead": lead | {"disable_strict_validation": True}}, typed=True),
        refusal=None,
        payload_hash=b"",
        idempotency_key=None,
        if_match=None,
        dry_run=False,
        request_id="command:trigger",
    )
