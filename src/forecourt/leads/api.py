"""The leads' routes: decode, one use case, encode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from forecourt import vocabulary
from forecourt.access.caller import token_hash
from forecourt.ids import LeadId
from forecourt.infra.bodies import read_body
from forecourt.infra.conditional import entity_tag, entity_tags
from forecourt.infra.http import Answer, BadQuery
from forecourt.infra.idempotency import key_of
from forecourt.infra.refusals import Problem, Refusal
from forecourt.leads import find
from forecourt.leads.create import create_lead
from forecourt.leads.reading import read_lead
from forecourt.leads.refusals import FileNotFound, LeadNotFound
from forecourt.leads.schema import MAX_ID
from forecourt.leads.update import update_lead
from forecourt.leads.write import WriteRequest, Written

if TYPE_CHECKING:
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Database
    from forecourt.infra.http import Call

# Plain digits without a zero in front: what other systems also read as an integer is not an id here.
_ID = re.compile(r"[1-9][0-9]{0,18}")


class Leads:
    """The handlers of the leads' routes."""

    def __init__(self, database: Database, store: FileStore) -> None:
        self._database = database
        self._store = store

    async def put_lead(self, call: Call) -> Answer:
        """Update Lead."""
        lead_id = path_id(call)
        hashed = token_hash(call)
        return await self._write(call, hashed, lead_id)

    async def post_lead(self, call: Call) -> Answer:
        """Create Lead."""
        return await self._write(call, token_hash(call), None)

    async def _write(self, call: Call, hashed: bytes, lead_id: LeadId | None) -> Answer:
        dry_run = _dry_run(call)
        idempotency_key = key_of(call.headers.get("idempotency-key"))
        if_match = entity_tags(call.headers.get("if-match"))
        body, sent, refusal = None, None, None
        try:
            body = await read_body(
                content_type=call.headers.get("content-type"),
                content_length=call.headers.get("content-length"),
                receive=call.receive,
                spool=self._store.spool,
            )
            call.body = body
            sent = read_lead(body.tree, typed=body.typed, path_id=lead_id)
        except Refusal as why:
            # Told only when the key, the lead and the preconditions have had their say.
            refusal = why
        request = WriteRequest(
            token_hash=hashed,
            operation=f"{call.scope['method']} {call.scope['path']}",
            sent=sent,
            refusal=refusal,
            payload_hash=body.fingerprint() if body is not None and idempotency_key is not None else b"",
            idempotency_key=idempotency_key,
            if_match=if_match,
            dry_run=dry_run,
            request_id=call.request_id,
        )
        try:
            if lead_id is None:
                return _written(await create_lead(self._database, self._store, request))
            return _written(await update_lead(self._database, self._store, lead_id, request))
        finally:
            if body is not None:
                body.discard()

    async def get_lead(self, call: Call) -> Answer:
        """Get Lead."""
        lead_id = path_id(call)
        hashed = token_hash(call)
        unless = entity_tags(call.headers.get("if-none-match"))
        found = await find.lead(self._database, hashed, lead_id, unless=unless)
        headers = ((b"etag", entity_tag(found.version).encode()),)
        if found.body is None:
            return Answer(304, b"", headers=headers)
        return Answer(200, found.body, headers=headers)

    async def get_leads(self, call: Call) -> Answer:
        """List Leads."""
        hashed = token_hash(call)
        page = await find.leads(self._database, hashed, call.query(find.PARAMETERS, find.REPEATED))
        return Answer(200, page)

    async def get_events(self, call: Call) -> Answer:
        """List a Lead's Events."""
        lead_id = path_id(call)
        hashed = token_hash(call)
        return Answer(
            200, await find.events(self._database, hashed, lead_id, call.query(("limit", "cursor")))
        )

    async def get_file(self, call: Call) -> Answer:
        """Download a Lead's File: as an attachment, never shown in the browser."""
        lead_id = path_id(call)
        file_id = call.path["file_id"]
        if not _ID.fullmatch(file_id) or int(file_id) > MAX_ID:
            raise FileNotFound
        return await find.file(self._database, self._store, token_hash(call), lead_id, int(file_id))

    async def get_options(self, call: Call) -> Answer:
        """List the Allowed Values."""
        await find.known_key(self._database, token_hash(call))
        return Answer(200, vocabulary.OPTIONS)


def path_id(call: Call) -> LeadId:
    """The lead's id in the path.

    Raises:
        LeadNotFound: it is not an id.
    """
    text = call.path["id"]
    if not _ID.fullmatch(text) or int(text) > MAX_ID:
        raise LeadNotFound
    return LeadId(int(text))


def _dry_run(call: Call) -> bool:
    asked = call.query(("dry_run",)).get("dry_run", ["false"])[0].lower()
    if asked not in {"true", "false"}:
        raise BadQuery(problems=(Problem("dry_run", "must be true or false", ("true", "false")),))
    return asked == "true"


def _written(written: Written) -> Answer:
    headers: list[tuple[bytes, bytes]] = [(b"etag", entity_tag(written.version).encode())]
    if written.replayed:
        headers.append((b"idempotency-replay", b"true"))
    return Answer(written.status, written.body, headers=tuple(headers))
