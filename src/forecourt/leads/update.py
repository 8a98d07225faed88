"""Update Lead: read once, decide, write once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.access.caller import Unauthorised
from forecourt.infra.conditional import VersionMismatch, matches_strongly
from forecourt.infra.database import ConstraintBroken, DatabaseUnavailable, OvertakenByAnother, record
from forecourt.infra.idempotency import UNLOCK, answered_before
from forecourt.infra.refusals import Erased
from forecourt.leads import answers, changes, edit_window, json_text
from forecourt.leads.answers import Warned
from forecourt.leads.effects import Effects, cluster_changes, follow
from forecourt.leads.records import Lead
from forecourt.leads.refusals import LeadNotFound
from forecourt.leads.seen import KeySeen, LeadSeen, asked, is_rare
from forecourt.leads.update_queries import (
    LOCK_LEAD,
    STORE_ANSWER,
    lead_as_seen_by,
    write_update,
)
from forecourt.leads.validation import Payment, ValidLead, validate
from forecourt.leads.write import (
    KeptFiles,
    WriteRequest,
    Written,
    additions_told,
    columns_of,
    kept_files,
    payment_parameters,
    stored_version,
)

if TYPE_CHECKING:
    from forecourt.files.store import FileStore
    from forecourt.ids import LeadId
    from forecourt.infra.database import Connection, Database, Query
    from forecourt.leads.records import Companions

PERMISSION = "update:lead"

# After that many updates of others that came between reading and writing, the lead is locked first.
_FREE_ATTEMPTS = 2
_ATTEMPTS = 6


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What an update comes to.

    Attributes:
        changes: what the log will say; empty where there is nothing to write.
        payment: the payment to record; None where there is none or it is recorded already.
        dry_run: whether the answer is all.
    """

    valid: ValidLead
    after: Lead
    changes: changes.Changes
    effects: Effects
    payment: Payment | None
    warnings: tuple[Warned, ...]


async def update_lead(
    database: Database, store: FileStore, lead_id: LeadId, request: WriteRequest
) -> Written:
    """Update a lead as *request* says.

    Two round trips. Where somebody else's update came between them, the lead is read again and the update
    decided anew, so that the last one wins field by field and nobody is turned away.

    Raises:
        Refusal: whatever ``decide`` refuses, in its order.
        DatabaseUnavailable: it did not take effect.
        OutcomeUnknown: it may have.
    """
    async with database.connection() as connection, kept_files(store) as files:
        try:
            return await _until_written(connection, files, lead_id, request)
        except BaseException:
            if request.idempotency_key is not None:
                # Where the connection has ended the lock has too, and why it did is what is to be told.
                with suppress(DatabaseUnavailable):
                    await connection.run(UNLOCK)
            raise


async def _until_written(
    connection: Connection, files: KeptFiles, lead_id: LeadId, request: WriteRequest
) -> Written:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            if attempt <= _FREE_ATTEMPTS:
                written = await _read_decide_write(connection, files, lead_id, request)
            else:
                async with connection.transaction():
                    await connection.run(LOCK_LEAD, lead_id=lead_id)
                    written = await _read_decide_write(connection, files, lead_id, request)
        except OvertakenByAnother:
            continue
        except ConstraintBroken:
            # What was looked up a moment ago is gone, was written by a twin of this request, or stood in the
            # way of another: reading again tells.
            if attempt == _ATTEMPTS:
                raise
        else:
            if written is not None:
                return written
    raise DatabaseUnavailable("too many writers at once")


async def _read_decide_write(
    connection: Connection, files: KeptFiles, lead_id: LeadId, request: WriteRequest
) -> Written | None:
    lookups = asked(request.sent)
    seen = await connection.one_or_none(
        LeadSeen.of_row,
        lead_as_seen_by(rare=is_rare(lookups), keyed=request.idempotency_key is not None),
        token_hash=request.token_hash,
        lead_id=lead_id,
        operation=request.operation,
        idempotency_key=request.idempotency_key,
        **lookups,
    )
    decision = decide(seen, request)
    if isinstance(decision, Written):
        if request.idempotency_key is not None:
            await connection.run(UNLOCK)
        return decision
    assert isinstance(seen, LeadSeen)  # noqa: S101 - decide refuses anything else
    return await _write(connection, files, request, seen, decision)


def decide(seen: KeySeen | None, request: WriteRequest) -> Decision | Written:
    """Decide an update; an answer where nothing is to be written.

    The order is the contract's: the key, the lead, the permission, the Idempotency-Key, the precondition, the
    body, the person, the age of the lead.

    Raises:
        Unauthorised, LeadNotFound, PermissionMissing, IdempotencyKeyReused, RequestInFlight, VersionMismatch,
        Invalid or another refusal of the body, Erased, LeadTooOld: in this order.
    """
    if seen is None:
        raise Unauthorised
    if not isinstance(seen, LeadSeen):
        raise LeadNotFound
    seen.caller.require(PERMISSION)
    if answered_before(seen.stored, request.payload_hash, locked=seen.locked):
        assert seen.stored is not None  # noqa: S101
        return Written(seen.stored.status, seen.stored.body, stored_version(seen.stored.body), replayed=True)
    if request.if_match is not None and not matches_strongly(request.if_match, seen.lead.version):
        raise VersionMismatch(seen.lead.version)
    if request.sent is None:
        assert request.refusal is not None  # noqa: S101
        raise request.refusal
    valid = validate(request.sent, seen.found, seen.dealership, attached=seen.files)
    if seen.erased:
        raise Erased
    edit_window.check(seen.lead.created_at, seen.now)
    decision = _decision(valid, seen)
    if request.dry_run:
        return _dry_run(decision, seen)
    if not decision.changes and request.idempotency_key is None:
        body = answers.encoded(
            answers.lead_out(seen.lead, _companions(seen, decision.after), decision.warnings)
        )
        return Written(200, body, seen.lead.version)
    return decision


def _decision(valid: ValidLead, seen: LeadSeen) -> Decision:
    after = changes.apply(valid, seen.lead, by=seen.caller.api_key_id, now=seen.now)
    followed = follow(valid, seen.lead, after, seen.cluster, now=seen.now)
    after, effect = followed.lead, followed.effects
    payment, warnings = valid.payment, valid.warnings + followed.warnings
    if payment is not None and seen.found_payment_id is not None:
        payment = None
        warnings += (
            Warned("lead.payment_attributes", "this transaction was recorded before; kept as it was"),
        )
    told = changes.difference(seen.lead, after)
    told |= changes.additions(valid.files, payment)
    told |= cluster_changes(effect, seen.cluster)
    return Decision(
        valid=valid, after=after, changes=told, effects=effect, payment=payment, warnings=warnings
    )


def _dry_run(decision: Decision, seen: LeadSeen) -> Written:
    companions = _companions(seen, decision.after)
    after = _stamped(decision, seen)
    body = answers.encoded_dry_run(answers.lead_out(after, companions, decision.warnings), decision.changes)
    return Written(200, body, seen.lead.version)


def _stamped(decision: Decision, seen: LeadSeen) -> Lead:
    """The lead after the update, with its new version and time; unchanged where nothing changes."""
    if not decision.changes:
        return seen.lead
    return msgspec.structs.replace(decision.after, version=seen.lead.version + 1, updated_at=seen.now)


def _companions(seen: LeadSeen, after: Lead) -> Companions:
    if after.website_id is None:
        return msgspec.structs.replace(seen.companions, website_slug=None)
    return seen.companions


async def _write(
    connection: Connection, files: KeptFiles, request: WriteRequest, seen: LeadSeen, decision: Decision
) -> Written | None:
    after = _stamped(decision, seen)
    rows = await files.keep(decision.valid.files, seen.new_file_ids)
    companions = additions_told(
        _companions(seen, after), after, rows, decision.payment, seen.new_payment_id, seen.now
    )
    body = answers.encoded(answers.lead_out(after, companions, decision.warnings))
    query, parameters = _statement(request, seen, decision, after)
    parameters |= {"files": json_text.encode(rows).decode() if rows else "[]", "answer": body}
    row = await connection.one_or_none(record, query, **parameters)
    if row is None:
        return None
    files.known()
    return Written(200, body, after.version)


def _statement(
    request: WriteRequest, seen: LeadSeen, decision: Decision, after: Lead
) -> tuple[Query, dict[str, Any]]:
    """The statement that writes *decision*, and its parameters without the answer."""
    parameters: dict[str, Any] = columns_of(after) | {
        "version": seen.lead.version,
        "cluster_version": seen.cluster.version,
        "now": seen.now,
        "api_key_id": seen.caller.api_key_id,
        "request_id": request.request_id,
        "changes": json_text.encode(decision.changes).decode(),
        "operation": request.operation,
        "idempotency_key": request.idempotency_key,
        "payload_hash": request.payload_hash,
        "status": 200,
    }
    if not decision.changes:
        return STORE_ANSWER, parameters
    parameters |= msgspec.structs.asdict(decision.effects)
    parameters |= payment_parameters(decision.payment, seen.new_payment_id)
    parts = decision.effects.parts(
        files=bool(decision.valid.files),
        payment=decision.payment is not None,
        keyed=request.idempotency_key is not None,
    )
    return write_update(parts), parameters
