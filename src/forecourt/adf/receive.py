"""Receiving an ADF document: each prospect becomes a lead, an update, or waits in the holding inbox."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from forecourt.adf.documents import Reading, read_document
from forecourt.adf.hold import Held, held_before, hold, hold_unreadable
from forecourt.adf.intake import Intake
from forecourt.adf.queries import FORGET_DOCUMENTS, KEEP_DOCUMENT
from forecourt.adf.report import AdfReportOut, Deviation, ProspectOut, report_of
from forecourt.adf.sender import the_sender
from forecourt.adf.take import take
from forecourt.adf.vendors import match
from forecourt.infra.database import DatabaseUnavailable, OvertakenByAnother
from forecourt.infra.refusals import Invalid, Refusal
from forecourt.leads.create import PERMISSION

if TYPE_CHECKING:
    from forecourt.adf.mapping import Recipient
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Connection, Database

DOCUMENTS_KEPT = timedelta(days=30)
_ATTEMPTS = 3
# Longer ones are read beside the event loop.
_LONG = 64 * 1024


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A document as it came.

    Attributes:
        content: empty where the body was refused.
        refusal: why it was; told only after the key and its permission have had their say.
        media: its type.
        charset: as the transport tells it.
        dry_run: whether only to tell what would become of it.
    """

    content: bytes
    refusal: Refusal | None
    media: str
    charset: str | None
    token_hash: bytes
    request_id: str
    dry_run: bool


class _Handled(msgspec.Struct, frozen=True):
    """A prospect that something became of, at the dealership with the id if at any."""

    told: ProspectOut
    warnings: tuple[Deviation, ...]
    dealership_id: int | None = None


async def receive(database: Database, store: FileStore, parcel: Parcel) -> AdfReportOut:
    """Take what *parcel* brings.

    Raises:
        Unauthorised, PermissionMissing, a refusal of the body: in this order.
        DatabaseUnavailable: some may have been taken; sent again, they are found.
    """
    async with database.connection() as connection:
        sender = await the_sender(connection, parcel.token_hash)
    sender.caller.require(PERMISSION)
    if parcel.refusal is not None:
        raise parcel.refusal
    reading = await _read(parcel)
    intake = Intake(
        database=database, store=store, sender=sender, request_id=parcel.request_id, dry_run=parcel.dry_run
    )
    if not reading.prospects:
        return await _hold_whole(intake, reading)
    handled = [
        await _handle(intake, Held(prospect, source))
        for prospect, source in zip(reading.prospects, reading.sources, strict=True)
    ]
    if not parcel.dry_run:
        await _keep(intake, parcel, reading, handled)
    warnings = [*reading.warnings, *(warning for one in handled for warning in one.warnings)]
    return report_of([one.told for one in handled], reading.repairs, warnings)


async def forget_documents(connection: Connection) -> int:
    """Delete the documents that are older than 30 days; how many there were."""
    return await connection.run(FORGET_DOCUMENTS, kept=DOCUMENTS_KEPT)


async def _read(parcel: Parcel) -> Reading:
    if len(parcel.content) < _LONG:
        return read_document(parcel.content, parcel.media, parcel.charset)
    return await asyncio.to_thread(read_document, parcel.content, parcel.media, parcel.charset)


async def _hold_whole(intake: Intake, reading: Reading) -> AdfReportOut:
    """Nothing in it can become a lead by itself; somebody may read it."""
    held_ids = []
    if not intake.dry_run:
        async with intake.database.connection() as connection:
            held_ids = [await hold_unreadable(connection, intake, reading.text)]
    return report_of([], reading.repairs, list(reading.warnings), held_ids=held_ids)


async def _handle(intake: Intake, one: Held) -> _Handled:
    prospect = one.prospect
    found = match(prospect.vendor, intake.sender.candidates)
    at = f"{prospect.path}/vendor"
    if found.recipient is not None:
        guessed = Deviation(at, "vendor", "names nobody; taken for the only dealership of the key")
        return await _take(intake, one, found.recipient, (guessed,) if found.is_guessed else ())
    async with intake.database.connection() as connection:
        before = await held_before(connection, intake.sender, one)
    if before is not None:
        decided = intake.sender.recipient(by_id=before.dealership_id) if before.dealership_id else None
        if decided is not None:
            # Somebody has said whose it is.
            return await _take(intake, one, decided, ())
        if before.state in {"dismissed", "erased"} and before.content_hash == one.identity.content_hash:
            outcome = "dismissed" if before.state == "dismissed" else "refused"
            told = Deviation(prospect.path, before.state, "the same was held before, and is held no more")
            return _Handled(ProspectOut(path=prospect.path, outcome=outcome), (told,))
    reason = "ambiguous_vendor" if found.is_ambiguous else "unknown_vendor"
    said = "fits several dealerships" if found.is_ambiguous else "fits no dealership"
    told = Deviation(at, "vendor", f"{said} of this key; held until somebody says whose it is")
    return await _hold(intake, one, reason, (told,))


async def _take(intake: Intake, one: Held, recipient: Recipient, warnings: tuple[Deviation, ...]) -> _Handled:
    path = one.prospect.path
    try:
        taken = await take(intake, one.prospect, recipient)
    except Invalid as invalid:
        problems = (Deviation(path, problem.field, problem.message) for problem in invalid.problems)
        return await _hold(intake, one, "refused", (*warnings, *problems))
    told = ProspectOut(
        path=path, outcome=taken.outcome, lead_id=taken.lead_id, dealership_slug=recipient.slug
    )
    return _Handled(told, (*warnings, *taken.warnings), recipient.id)


async def _hold(intake: Intake, one: Held, reason: str, warnings: tuple[Deviation, ...]) -> _Handled:
    held_id = None
    if not intake.dry_run:
        async with intake.database.connection() as connection:
            held_id = await hold(connection, intake, one, reason)
    return _Handled(ProspectOut(path=one.prospect.path, outcome="held", held_id=held_id), warnings)


async def _keep(intake: Intake, parcel: Parcel, reading: Reading, handled: list[_Handled]) -> None:
    """Keep the document as it came; but not one that tells of somebody who was erased."""
    if any(one.told.outcome == "refused" for one in handled):
        return
    leads = sorted(
        {
            (one.dealership_id, one.told.lead_id)
            for one in handled
            if one.dealership_id is not None and one.told.lead_id is not None
        }
    )
    points = {point for prospect in reading.prospects for point in intake.sender.points(prospect)}
    for _ in range(_ATTEMPTS):
        try:
            async with intake.database.connection() as connection:
                await connection.run(
                    KEEP_DOCUMENT,
                    api_key_id=intake.sender.api_key_id,
                    request_id=intake.request_id,
                    content_type=parcel.media,
                    content=parcel.content,
                    prospects=len(reading.prospects),
                    points=sorted(points),
                    dealership_ids=[dealership_id for dealership_id, _ in leads],
                    lead_ids=[lead_id for _, lead_id in leads],
                )
        except OvertakenByAnother:
            continue
        return
    raise DatabaseUnavailable("too many writers at once")
