"""The routes of ADF: decode, one use case, encode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.access.caller import token_hash
from forecourt.adf import held, vendor_desk
from forecourt.adf.envelope import is_letter, is_xml
from forecourt.adf.export import MEDIA, adf_for
from forecourt.adf.receive import Parcel, receive
from forecourt.adf.refusals import HeldNotFound
from forecourt.dealerships.desk import id_in
from forecourt.infra.bodies import read_body, read_bytes, typed
from forecourt.infra.fitting import what_fits
from forecourt.infra.http import Answer, BadQuery
from forecourt.infra.refusals import BadBody, Invalid, Problem, Refusal, UnsupportedBody
from forecourt.leads.api import path_id

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Database
    from forecourt.infra.http import Call

# What a document may be sent as.
SENT_AS = (MEDIA, "application/xml", "text/xml", "message/rfc822")
_READ = f"read are {', '.join(SENT_AS)}"


class Adf:
    """The handlers of ADF's routes."""

    def __init__(self, database: Database, store: FileStore, desk: Desk) -> None:
        """The routes on *database*, those about one dealership at *desk*."""
        self._database = database
        self._store = store
        self._desk = desk

    async def post_adf(self, call: Call) -> Answer:
        """Import ADF."""
        hashed = token_hash(call)
        dry_run = _flag(call, "dry_run")
        content, media, charset, refusal = b"", "", None, None
        try:
            media, parameters = typed(call.headers.get("content-type"), _READ)
            if not (is_xml(media) or is_letter(media)):
                raise UnsupportedBody(_READ)
            charset = parameters.get("charset")
            content = await read_bytes(
                content_length=call.headers.get("content-length"), receive=call.receive
            )
            if not content.strip():
                raise BadBody("the body is empty; an ADF document is expected")
        except Refusal as why:
            # Told only when the key and its permission have had their say.
            refusal = why
        parcel = Parcel(
            content=content,
            refusal=refusal,
            media=media,
            charset=charset,
            token_hash=hashed,
            request_id=call.request_id,
            dry_run=dry_run,
        )
        return _answer(await receive(self._database, self._store, parcel))

    async def get_adf(self, call: Call) -> Answer:
        """Get a Lead as ADF."""
        lead_id = path_id(call)
        hashed = token_hash(call)
        extended = _flag(call, "extended")
        told = await adf_for(self._database, hashed, lead_id, extended=extended)
        name = f'attachment; filename="lead-{lead_id}.adf"'
        return Answer(200, told.xml, MEDIA.encode(), ((b"content-disposition", name.encode()),))

    async def get_held_page(self, call: Call) -> Answer:
        """List what is Held."""
        query = call.query(("state", "limit", "cursor"))
        return _answer(await held.held_page(self._database, token_hash(call), query))

    async def get_held(self, call: Call) -> Answer:
        """Get what is Held."""
        held_id = id_in(call.path, "held_id", HeldNotFound)
        hashed = token_hash(call)
        call.query(())
        return _answer(await held.held_document(self._database, hashed, held_id))

    async def post_accept(self, call: Call) -> Answer:
        """Accept what is Held."""
        held_id = id_in(call.path, "held_id", HeldNotFound)
        hashed = token_hash(call)
        call.query(())
        sent, refusal = None, None
        try:
            sent = await self._accepted(call)
        except Refusal as why:
            refusal = why
        decision = held.Decision(
            token_hash=hashed, held_id=held_id, sent=sent, refusal=refusal, request_id=call.request_id
        )
        return _answer(await held.accept(self._database, self._store, decision))

    async def _accepted(self, call: Call) -> held.AcceptIn:
        body = await read_body(
            content_type=call.headers.get("content-type"),
            content_length=call.headers.get("content-length"),
            receive=call.receive,
            spool=self._store.spool,
        )
        body.discard()
        known = held.AcceptIn.__struct_fields__
        unknown = [Problem(name, "is not known here", known) for name in body.tree if name not in known]
        sent, problems = what_fits(body.tree, held.AcceptIn, "body", strict=body.typed)
        problems = [Problem(one.field.removeprefix("body."), one.message, one.allowed) for one in problems]
        if unknown or problems:
            raise Invalid(problems=(*unknown, *problems))
        return sent

    async def delete_held(self, call: Call) -> Answer:
        """Dismiss what is Held."""
        held_id = id_in(call.path, "held_id", HeldNotFound)
        hashed = token_hash(call)
        call.query(())
        return _answer(await held.dismiss(self._database, hashed, held_id))

    async def get_vendors(self, call: Call) -> Answer:
        """List the ADF Vendors."""
        call.query(())
        return _answer(await self._desk.read(call, vendor_desk.READ, vendor_desk.vendors))

    async def post_vendor(self, call: Call) -> Answer:
        """Add an ADF Vendor."""
        return await self._desk.write(call, vendor_desk.ADD)

    async def delete_vendor(self, call: Call) -> Answer:
        """Take an ADF Vendor off."""
        return await self._desk.write(call, vendor_desk.REMOVE)


def _answer(body: msgspec.Struct) -> Answer:
    return Answer(200, msgspec.json.encode(body))


def _flag(call: Call, name: str) -> bool:
    asked = call.query((name,)).get(name, ["false"])[0].lower()
    if asked not in {"true", "false"}:
        raise BadQuery(problems=(Problem(name, "must be true or false", ("true", "false")),))
    return asked == "true"
