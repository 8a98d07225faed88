"""What staff do with ADF: they look into the holding inbox and decide, by the use cases that keys have.

A lead is written by a key, always. So whoever decides is lent one for that moment, for what their role allows and no more:
the lead's history names it, and it names them.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from forecourt.access.caller import RoleMissing
from forecourt.adf import held
from forecourt.adf.envelope import looks_like_a_letter
from forecourt.adf.export import MEDIA
from forecourt.adf.held_queries import MODE, STAFFS_ONE, STAFFS_PAGE
from forecourt.adf.receive import Parcel, receive
from forecourt.adf.refusals import HeldNotFound
from forecourt.adf.vendor_desk import MANAGE
from forecourt.infra.database import record
from forecourt.infra.refusals import BadBody, Invalid, Problem
from forecourt.keys.lend import lent_key
from forecourt.leads.create import PERMISSION as CREATE
from forecourt.leads.find import PERMISSION as READ
from forecourt.leads.update import PERMISSION as UPDATE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from forecourt.access.sessions import Visitor
    from forecourt.adf.report import AdfReportOut
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Connection, Database

_NAME = "{} (holding inbox)"


async def held_for(connection: Connection, who: Visitor, query: Mapping[str, list[str]]) -> held.HeldPage:
    """A page of what *who* may see: what keys sent that hold a dealership of theirs.

    Raises:
        BadQuery: a parameter does not fit.
    """
    return await held.page_of(connection, STAFFS_PAGE, query, dealership_ids=_places(who, READ))


async def document_for(connection: Connection, who: Visitor, held_id: int) -> held.HeldDocumentOut:
    """What is held under an id, with its content.

    Raises:
        HeldNotFound: there is none such, or it is not *who*'s to see.
    """
    row = await connection.one_or_none(record, STAFFS_ONE, held_id=held_id, dealership_ids=_places(who, READ))
    if row is None:
        raise HeldNotFound
    return held.document_of(row)


async def accept_by(
    database: Database,
    store: FileStore,
    who: Visitor,
    held_id: int,
    *,
    slug: str,
    remember: bool,
    request_id: str,
) -> held.AcceptedOut:
    """Make a lead of what is held, at the dealership with this *slug*.

    Raises:
        Invalid: *who* has no such dealership.
        RoleMissing: their role there does not allow it.
        HeldNotFound, HeldIsDecided, HeldIsUnreadable, Erased: as for a key.
    """
    place = next((one for one in who.memberships if one.slug == slug), None)
    if place is None:
        raise Invalid(problems=(Problem("dealership_slug", "is not a dealership of yours"),))
    for permission in (CREATE, *((MANAGE,) if remember else ())):
        if not place.may(permission):
            raise RoleMissing(f"your role does not give the permission {permission}")
    mode = await _mode_of(database, held_id)
    async with _lent(database, who, MANAGE if remember else CREATE, mode) as token_hash:
        decision = held.Decision(
            token_hash=token_hash,
            held_id=held_id,
            sent=held.AcceptIn(dealership_slug=slug, remember=remember),
            refusal=None,
            request_id=request_id,
        )
        return await held.accept(database, store, decision)


async def dismiss_by(database: Database, who: Visitor, held_id: int) -> held.HeldOut:
    """Say that what is held is no lead.

    Raises:
        HeldNotFound, HeldIsDecided: as for a key.
    """
    async with _lent(database, who, CREATE) as token_hash:
        return await held.dismiss(database, token_hash, held_id)


async def report_for(
    database: Database, store: FileStore, who: Visitor, text: str, request_id: str
) -> AdfReportOut:
    """What would become of a document that a key of all of *who*'s dealerships sent; nothing is written.

    Raises:
        BadBody: there is nothing in it.
        Refusal: it is never read, whoever sends it.
    """
    content = text.encode()
    refusal = None if text.strip() else BadBody("paste an ADF document, or a whole e-mail that holds one")
    async with _lent(database, who, CREATE) as token_hash:
        parcel = Parcel(
            content=content,
            refusal=refusal,
            media="message/rfc822" if looks_like_a_letter(content) else MEDIA,
            charset="utf-8",
            token_hash=token_hash,
            request_id=request_id,
            dry_run=True,
        )
        return await receive(database, store, parcel)


async def _mode_of(database: Database, held_id: int) -> str:
    async with database.connection() as connection:
        row = await connection.one_or_none(record, MODE, held_id=held_id)
    if row is None:
        raise HeldNotFound
    return str(row["mode"])


@asynccontextmanager
async def _lent(
    database: Database, who: Visitor, permission: str, mode: str = "live"
) -> AsyncGenerator[bytes]:
    """A key for the dealerships where *who* may create leads, and *permission* beside it."""
    async with lent_key(
        database,
        user_id=who.user_id,
        name=_NAME.format(who.name),
        mode=mode,
        permissions=sorted({READ, CREATE, UPDATE, permission}),
        dealership_ids=_places(who, CREATE),
    ) as token_hash:
        yield token_hash


def _places(who: Visitor, permission: str) -> list[int]:
    return [place.dealership_id for place in who.memberships if place.may(permission)]
