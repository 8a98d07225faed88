"""Reading leads: one, a page of them, a history, a file."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.access.caller import Caller, Unauthorised
from forecourt.files.store import content_disposition
from forecourt.ids import ApiKeyId, DealershipId
from forecourt.infra.conditional import matches_weakly
from forecourt.infra.database import record
from forecourt.infra.http import Answer, BadQuery
from forecourt.infra.refusals import Problem
from forecourt.leads import answers, filters
from forecourt.leads.answers import EventOut, EventPage, LeadPage
from forecourt.leads.find_queries import EVENTS, FILE, KEY, LEAD
from forecourt.leads.listing import page_query
from forecourt.leads.records import LEAD_COLUMNS, Companions, Lead
from forecourt.leads.refusals import FileNotFound, LeadNotFound

if TYPE_CHECKING:
    from forecourt.files.store import FileStore
    from forecourt.ids import LeadId
    from forecourt.infra.database import Connection, Database

PERMISSION = "read:lead"
PARAMETERS = filters.PARAMETERS
REPEATED = filters.REPEATED

_MOST_EVENTS = 200


class FoundLead(msgspec.Struct, frozen=True):
    """A lead, encoded; without a body where the caller has this version already."""

    version: int
    body: bytes | None


class Key(msgspec.Struct, frozen=True):
    """A key in force, and the dealerships that it holds."""

    api_key_id: ApiKeyId
    permissions: list[str]
    dealership_ids: list[DealershipId]
    test: bool

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return Caller(self.api_key_id, tuple(self.permissions), test=self.test)


async def known_key(database: Database, token_hash: bytes) -> Key:
    """The key with this hash.

    Raises:
        Unauthorised: there is none in force.
    """
    async with database.connection() as connection:
        key = await connection.one_or_none(Key, KEY, token_hash=token_hash)
    if key is None:
        raise Unauthorised
    return key


async def lead(
    database: Database, token_hash: bytes, lead_id: LeadId, *, unless: frozenset[str] | None
) -> FoundLead:
    """One lead; *unless* are the entity tags of If-None-Match.

    Raises:
        Unauthorised, LeadNotFound, PermissionMissing: in this order.
    """
    async with database.connection() as connection:
        row = await connection.one_or_none(record, LEAD, token_hash=token_hash, lead_id=lead_id)
    _may_read(row, "id")
    assert row is not None  # noqa: S101 - refused above
    if unless is not None and matches_weakly(unless, row["version"]):
        return FoundLead(row["version"], None)
    return FoundLead(row["version"], answers.encoded(lead_of_row(row)))


async def leads(database: Database, token_hash: bytes, query: dict[str, list[str]]) -> bytes:
    """A page of the leads that the key may see.

    Raises:
        Unauthorised, PermissionMissing: in this order.
        BadQuery: a filter, the sort order, the limit or the cursor does not fit.
    """
    key = await known_key(database, token_hash)
    key.caller.require(PERMISSION)
    async with database.connection() as connection:
        held = await held_by(connection, key)
        asked = filters.read(query, held, test=key.test)
        rows, more = await page(connection, asked)
    cursor = filters.cursor(asked.sort, rows[-1]["at"], rows[-1]["id"]) if more else None
    return msgspec.json.encode(LeadPage([lead_of_row(row) for row in rows], cursor))


async def held_by(connection: Connection, key: Key) -> list[filters.HeldDealership]:
    """The dealerships that *key* holds."""
    return await connection.every(filters.HeldDealership, filters.HELD, dealership_ids=key.dealership_ids)


async def page(connection: Connection, asked: filters.Asked) -> tuple[list[dict[str, Any]], bool]:
    """The rows of a page, for ``lead_of_row``, each with its place ``at`` in the order; whether there are more."""
    if not asked.dealership_ids:
        return [], False
    statement = page_query(
        asked.conditions,
        asked.sort,
        after=asked.after is not None,
        one_dealership=len(asked.dealership_ids) == 1,
    )
    rows = await connection.every(record, statement, **asked.parameters())
    return rows[: asked.limit], len(rows) > asked.limit


async def events(
    database: Database, token_hash: bytes, lead_id: LeadId, query: dict[str, list[str]]
) -> bytes:
    """A page of a lead's history.

    Raises:
        Unauthorised, LeadNotFound, PermissionMissing: in this order.
        BadQuery: the limit or the cursor does not fit.
    """
    async with database.connection() as connection:
        limit, before, refused = _paging(query)
        rows = await connection.every(
            record, EVENTS, token_hash=token_hash, lead_id=lead_id, before_version=before, size=limit + 1
        )
    _may_read(rows[0] if rows else None, "lead_id")
    if refused is not None:
        raise refused
    found = [
        EventOut(
            row["lead_version"],
            row["kind"],
            row["occurred_at"],
            {"id": row["actor_id"], "name": row["actor_name"]} if row["actor_id"] is not None else None,
            row["request_id"],
            msgspec.Raw(row["changes"].encode()),
        )
        for row in rows
        if row["lead_version"] is not None
    ]
    cursor = _event_cursor(found[limit - 1].version) if len(found) > limit else None
    return msgspec.json.encode(EventPage(found[:limit], cursor))


async def file(
    database: Database, store: FileStore, token_hash: bytes, lead_id: LeadId, file_id: int
) -> Answer:
    """A lead's file, as an attachment.

    Raises:
        Unauthorised, LeadNotFound, PermissionMissing, FileNotFound: in this order.
    """
    async with database.connection() as connection:
        row = await connection.one_or_none(
            record, FILE, token_hash=token_hash, lead_id=lead_id, file_id=file_id
        )
    _may_read(row, "lead_id")
    assert row is not None  # noqa: S101 - refused above
    if row["stored_name"] is None:
        raise FileNotFound
    content = await store.read(row["stored_name"])
    headers = (
        (b"content-disposition", content_disposition(row["filename"]).encode("latin-1")),
        (b"content-security-policy", b"sandbox; default-src 'none'"),
    )
    return Answer(200, content, row["content_type"].encode(), headers)


def _may_read(row: dict[str, Any] | None, lead_id: str) -> None:
    if row is None:
        raise Unauthorised
    if row[lead_id] is None:
        raise LeadNotFound
    Caller(row["api_key_id"], tuple(row["permissions"])).require(PERMISSION)


def lead_of_row(row: dict[str, Any]) -> answers.LeadOut:
    """A row with ``LEAD_COLUMNS`` and ``COMPANIONS``, as it is answered."""
    companions = Companions(**{name: row[name] for name in Companions.__struct_fields__})
    return answers.lead_out(Lead(**{name: row[name] for name in LEAD_COLUMNS}), companions)


def _paging(query: dict[str, list[str]]) -> tuple[int, int | None, BadQuery | None]:
    """Limit and cursor of a history, and what is wrong with them."""
    try:
        limit = filters.limit_of(query, most=_MOST_EVENTS)
        return limit, _event_version(query), None
    except BadQuery as refused:
        return 1, None, refused


def _event_cursor(version: int) -> str:
    return base64.urlsafe_b64encode(str(version).encode()).decode()


def _event_version(query: dict[str, list[str]]) -> int | None:
    if "cursor" not in query:
        return None
    try:
        text = base64.urlsafe_b64decode(query["cursor"][0].encode()).decode("ascii")
    except (ValueError, binascii.Error):
        text = ""
    if not text.isdigit() or len(text) > 9:  # noqa: PLR2004 - versions are 32-bit
        raise BadQuery(problems=(Problem("cursor", "is not a cursor of this list"),))
    return int(text)
