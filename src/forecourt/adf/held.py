"""The holding inbox: what waits there, whose it is said to be, what is dismissed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from forecourt.access.caller import PermissionMissing
from forecourt.adf.documents import read_again
from forecourt.adf.held_queries import DECIDE, HELD_ONE, HELD_PAGE
from forecourt.adf.hold import Summary
from forecourt.adf.intake import Intake
from forecourt.adf.refusals import HeldIsDecided, HeldIsUnreadable, HeldNotFound
from forecourt.adf.report import Deviation
from forecourt.adf.sender import Sender, the_sender
from forecourt.adf.take import Taken, take
from forecourt.adf.vendor_desk import MANAGE
from forecourt.adf.vendor_queries import ADD_VENDOR
from forecourt.adf.vendors import Alias, aliases_of
from forecourt.dealerships.paging import id_in_cursor, limit_in
from forecourt.infra.database import record
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Erased, Invalid, Problem, Refusal
from forecourt.infra.sent import MAX_ID, Id, Line, Sent
from forecourt.leads.create import PERMISSION as CREATE
from forecourt.leads.find import PERMISSION as READ

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.adf.mapping import Recipient
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Connection, Database, Query
    from forecourt.leads.records import Lead

STATES = ("open", "accepted", "dismissed", "erased")


class HeldOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the holding inbox.

    Attributes:
        reason: ``unknown_vendor``, ``ambiguous_vendor``, ``unreadable`` (no ADF was found in it) or ``refused``.
        state: ``open``, ``accepted``, ``dismissed`` or ``erased``.
        summary: what it says in short; null once somebody has decided, for its content is gone then.
        api_key: which sent it.
        dealership_slug: whose it was said to be.
    """

    id: int
    reason: str
    state: str
    received_at: datetime
    api_key: dict[str, Any]
    request_id: str
    summary: Summary | None
    decided_at: datetime | None
    dealership_slug: str | None
    lead_id: int | None


class HeldDocumentOut(HeldOut, frozen=True, kw_only=True):
    """Likewise, with what was sent.

    Attributes:
        document: the prospect as XML, or the text in which none was found.
    """

    document: str | None


class HeldPage(msgspec.Struct, frozen=True):
    """A page of the holding inbox, the latest in front.

    Attributes:
        next_cursor: what to send as ``cursor`` for the next page; null on the last.
    """

    held: list[HeldOut]
    next_cursor: str | None


class AcceptIn(msgspec.Struct, kw_only=True, frozen=True):
    """Whose it is: ``dealership_id`` or ``dealership_slug``; ``remember`` makes the vendor's name known there."""

    dealership_id: Sent[Id] = UNSET
    dealership_slug: Sent[Line] = UNSET
    remember: Sent[Annotated[bool, Meta(description="Know this vendor from now on.")]] = UNSET


class AcceptedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What became of something that was held.

    Attributes:
        outcome: ``created``, ``updated`` or ``unchanged``.
    """

    held_id: int
    outcome: str
    lead_id: int
    dealership_slug: str
    warnings: tuple[Deviation, ...]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A request to decide about something that is held.

    Attributes:
        sent: None where the body was refused.
        refusal: why it was; told only after all that comes before it.
    """

    token_hash: bytes
    held_id: int
    sent: AcceptIn | None
    refusal: Refusal | None
    request_id: str


async def held_page(database: Database, token_hash: bytes, query: dict[str, list[str]]) -> HeldPage:
    """A page of what the key may see.

    Raises:
        Unauthorised, PermissionMissing: in this order.
        BadQuery: a parameter does not fit.
    """
    async with database.connection() as connection:
        sender = await the_sender(connection, token_hash)
        sender.caller.require(READ)
        return await page_of(connection, HELD_PAGE, query, api_key_id=sender.api_key_id)


async def page_of(
    connection: Connection, statement: Query, query: Mapping[str, list[str]], **who: object
) -> HeldPage:
    """A page of what *statement* shows to *who*.

    Raises:
        BadQuery: a parameter does not fit.
    """
    state = query.get("state", ["open"])[0]
    if state not in STATES:
        raise BadQuery(problems=(Problem("state", "must be one of these", STATES),))
    limit = limit_in(query)
    before = id_in_cursor(query) or MAX_ID
    rows = await connection.every(record, statement, state=state, before=before, size=limit + 1, **who)
    shown = [msgspec.convert(_told(row), HeldOut) for row in rows[:limit]]
    return HeldPage(shown, str(shown[-1].id) if len(rows) > limit else None)


async def held_document(database: Database, token_hash: bytes, held_id: int) -> HeldDocumentOut:
    """What is held under an id, with its content.

    Raises:
        Unauthorised, HeldNotFound, PermissionMissing: in this order.
    """
    async with database.connection() as connection:
        sender = await the_sender(connection, token_hash)
        row = await _visible(connection, sender, held_id)
    sender.caller.require(READ)
    return document_of(row)


def document_of(row: dict[str, Any]) -> HeldDocumentOut:
    """A row with its content, as it is answered."""
    return msgspec.convert(_told(row) | {"document": row["content"]}, HeldDocumentOut)


async def accept(database: Database, store: FileStore, decision: Decision) -> AcceptedOut:
    """Make a lead of what is held, at the dealership that it is said to be for.

    Raises:
        Unauthorised, HeldNotFound, PermissionMissing, a refusal of the body, HeldIsDecided, HeldIsUnreadable, Erased:
        in this order.
    """
    async with database.connection() as connection:
        sender = await the_sender(connection, decision.token_hash)
        row = await _visible(connection, sender, decision.held_id)
    sender.caller.require(CREATE)
    if decision.sent is None:
        assert decision.refusal is not None  # noqa: S101
        raise decision.refusal
    recipient = _recipient(sender, decision.sent)
    remember = decision.sent.remember is True
    if remember:
        sender.caller.require(MANAGE)
    if row["state"] != "open":
        raise HeldIsDecided
    prospect = read_again(row["content"]) if row["reason"] != "unreadable" else None
    if prospect is None:
        raise HeldIsUnreadable

    async def decided(connection: Connection, lead: Lead) -> None:
        await _decide(connection, sender, decision.held_id, "accepted", recipient.id, lead.id)

    intake = Intake(database=database, store=store, sender=sender, request_id=decision.request_id)
    taken = await take(intake, prospect, recipient, within=decided)
    lead_id = _lead_of(taken)
    async with database.connection() as connection:
        if taken.outcome != "created":
            await _decide(connection, sender, decision.held_id, "accepted", recipient.id, lead_id)
        for alias in aliases_of(prospect.vendor) if remember else ():
            await _remember(connection, recipient, alias)
    return AcceptedOut(
        held_id=decision.held_id,
        outcome=taken.outcome,
        lead_id=lead_id,
        dealership_slug=recipient.slug,
        warnings=taken.warnings,
    )


async def dismiss(database: Database, token_hash: bytes, held_id: int) -> HeldOut:
    """Say that what is held is no lead; its content goes.

    Raises:
        Unauthorised, HeldNotFound, PermissionMissing, HeldIsDecided: in this order.
    """
    async with database.connection() as connection:
        sender = await the_sender(connection, token_hash)
        row = await _visible(connection, sender, held_id)
        sender.caller.require(CREATE)
        if row["state"] != "open":
            raise HeldIsDecided
        await _decide(connection, sender, held_id, "dismissed", None, None)
        row = await _visible(connection, sender, held_id)
    return msgspec.convert(_told(row), HeldOut)


async def _visible(connection: Connection, sender: Sender, held_id: int) -> dict[str, Any]:
    row = await connection.one_or_none(record, HELD_ONE, held_id=held_id, api_key_id=sender.api_key_id)
    if row is None:
        raise HeldNotFound
    return row


def _told(row: dict[str, Any]) -> dict[str, Any]:
    summary = None if row["summary"] is None else msgspec.json.decode(row["summary"], type=Summary)
    told = {name: row[name] for name in HeldOut.__struct_fields__ if name in row}
    return told | {"summary": summary, "api_key": {"id": row["api_key_id"], "name": row["api_key_name"]}}


def _recipient(sender: Sender, sent: AcceptIn) -> Recipient:
    by_id = sent.dealership_id if isinstance(sent.dealership_id, int) else None
    by_slug = sent.dealership_slug.strip() if isinstance(sent.dealership_slug, str) else None
    field = "dealership_slug" if by_id is None else "dealership_id"
    if by_id is None and by_slug is None:
        raise Invalid(problems=(Problem(field, "is required, or dealership_id"),))
    recipient = sender.recipient(by_id=by_id, by_slug=by_slug)
    if recipient is None or (by_id not in {None, recipient.id}) or (by_slug not in {None, recipient.slug}):
        raise Invalid(problems=(Problem(field, "is not a dealership that this key holds"),))
    return recipient


async def _decide(
    connection: Connection,
    sender: Sender,
    held_id: int,
    state: str,
    dealership_id: int | None,
    lead_id: int | None,
) -> None:
    decided = await connection.one_or_none(
        record,
        DECIDE,
        held_id=held_id,
        state=state,
        api_key_id=sender.api_key_id,
        dealership_id=dealership_id,
        lead_id=lead_id,
    )
    if decided is None:
        raise HeldIsDecided


def _lead_of(taken: Taken) -> int:
    """The lead that was made or updated.

    Raises:
        Erased, PermissionMissing: it was not.
    """
    if taken.outcome != "refused" and taken.lead_id is not None:
        return taken.lead_id
    if any(warning.rule == "permission" for warning in taken.warnings):
        raise PermissionMissing(taken.warnings[-1].message)
    raise Erased


async def _remember(connection: Connection, recipient: Recipient, alias: Alias) -> None:
    await connection.one(
        record,
        ADD_VENDOR,
        dealership_id=recipient.id,
        name=alias.name,
        vendor_id=alias.vendor_id,
        source=alias.source,
    )
