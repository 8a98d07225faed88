"""What Create Lead and Update Lead have in common: the request, the answer, files and payments."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.database import DatabaseUnavailable
from forecourt.infra.refusals import Refusal
from forecourt.leads import json_text
from forecourt.leads.reading import SentLead
from forecourt.leads.records import LEAD_COLUMNS, Lead

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from forecourt.files.store import FileStore
    from forecourt.leads.attachments import Attachment
    from forecourt.leads.records import Companions
    from forecourt.leads.validation import Payment


class WriteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request to write one lead, decoded.

    Attributes:
        token_hash: SHA-256 of the API key's token.
        operation: method and resource, as ``PUT /api/v1/leads/7``: what an Idempotency-Key is scoped to.
        sent: the lead as it was sent; None where the body was refused.
        refusal: why the body was refused. It is told only after everything that comes before the body.
        payload_hash: SHA-256 of what was sent.
        if_match: the entity tags of If-Match.
        dry_run: whether to answer without writing.
    """

    token_hash: bytes
    operation: str
    sent: SentLead | None
    refusal: Refusal | None
    payload_hash: bytes
    idempotency_key: str | None
    if_match: frozenset[str] | None
    dry_run: bool
    request_id: str


class Written(msgspec.Struct, frozen=True):
    """How a write is answered.

    Attributes:
        version: the lead's, for the ETag; None in a stored answer, whose body tells it.
        replayed: whether this is the stored answer of an earlier request.
    """

    status: int
    body: bytes
    version: int
    replayed: bool = False


def columns_of(lead: Lead) -> dict[str, Any]:
    """The lead's columns as a statement's parameters."""
    return {name: getattr(lead, name) for name in LEAD_COLUMNS}


def payment_parameters(payment: Payment | None, payment_id: int | None) -> dict[str, Any]:
    """A payment as a statement's parameters; without an id none is written."""
    return {
        "payment_id": payment_id if payment else None,
        "payment_amount": payment.amount if payment else None,
        "payment_car_id": payment.car_id if payment else None,
        "payment_processor_id": payment.payment_processor_id if payment else None,
        "external_transaction_id": payment.external_transaction_id if payment else None,
    }


class KeptFiles:
    """A request's files, put where they stay before the database knows them."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._names: list[str] = []

    async def keep(self, files: tuple[Attachment, ...], ids: list[int]) -> list[dict[str, Any]]:
        """Put *files* on disk, the first time it is asked to; their rows, with *ids*."""
        if not self._names:
            for file in files:
                kept = self._store.keep(file.path) if file.path else self._store.put(file.content or b"")
                self._names.append(await kept)
        return [
            {
                "id": file_id,
                "file_type": file.file_type,
                "filename": file.filename,
                "content_type": file.content_type,
                "size": file.size,
                "sha256": file.sha256,
                "stored_name": name,
            }
            for file, file_id, name in zip(files, ids, self._names, strict=True)
        ]

    def known(self) -> None:
        """The database knows them now: they stay."""
        self._names = []

    async def discard(self) -> None:
        """Remove what the database never came to know."""
        for name in self._names:
            await self._store.remove(name)


@asynccontextmanager
async def kept_files(store: FileStore) -> AsyncGenerator[KeptFiles]:
    """A request's files; those that the database does not know in the end are removed.

    Where it cannot be known whether it does, because the connection ended meanwhile, they stay: the sweep
    removes orphans later.
    """
    files = KeptFiles(store)
    try:
        yield files
    except DatabaseUnavailable:
        raise
    except BaseException:
        await files.discard()
        raise


def additions_told(
    companions: Companions,
    lead: Lead,
    files: list[dict[str, Any]],
    payment: Payment | None,
    payment_id: int | None,
    now: datetime,
) -> Companions:
    """The lead's files and payments as they will be told, the new ones at their ends."""
    told = [
        {name: value for name, value in file.items() if name != "stored_name"}
        | {"created_at": now, "url": f"/api/v1/leads/{lead.id}/files/{file['id']}"}
        for file in files
    ]
    paid = []
    if payment is not None:
        paid = [{"id": payment_id} | msgspec.structs.asdict(payment) | {"created_at": now}]
    return msgspec.structs.replace(
        companions,
        lead_files=_lengthened(companions.lead_files, told),
        payments=_lengthened(companions.payments, paid),
    )


def _lengthened(existing: str | None, added: list[dict[str, Any]]) -> str | None:
    """A JSON list in text with rows added at its end; None where it stays empty."""
    if not added:
        return existing
    before = msgspec.json.decode(existing, type=list[msgspec.Raw]) if existing else []
    return json_text.encode([*before, *added]).decode()


def stored_version(body: bytes) -> int:
    """The version of the lead that a stored answer tells."""
    return msgspec.json.decode(body, type=_Versioned).version


class _Versioned(msgspec.Struct):
    version: int
