"""Create Lead: read once, decide, then place and write in one transaction."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import msgspec
from msgspec import UNSET

from forecourt.access.caller import Unauthorised
from forecourt.assignment.assign import Author, assign
from forecourt.assignment.rules import OPEN_STATES, Enquiry, Rule
from forecourt.clusters.place import place, suggest
from forecourt.ids import DealershipId, LeadId
from forecourt.infra.database import ConstraintBroken, DatabaseUnavailable, OvertakenByAnother, record
from forecourt.infra.idempotency import UNLOCK, answered_before
from forecourt.infra.refusals import Invalid, Problem
from forecourt.leads import answers, changes, json_text
from forecourt.leads.answers import Warned
from forecourt.leads.create_queries import DEALERSHIP_AS_SEEN_BY, NEXT_LEAD_ID, write_create
from forecourt.leads.effects import cluster_changes, follow, new_points
from forecourt.leads.records import Companions, Lead, References
from forecourt.leads.seen import KeySeen, asked, key_seen, references_of
from forecourt.leads.validation import Dealership, Payment, ValidLead, validate
from forecourt.leads.write import (
    Written,
    additions_told,
    columns_of,
    kept_files,
    payment_parameters,
    stored_version,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from forecourt.clusters.records import LeadCluster
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Connection, Database
    from forecourt.leads.effects import Followed
    from forecourt.leads.write import KeptFiles, WriteRequest

PERMISSION = "create:lead"

Within: TypeAlias = "Callable[[Connection, Lead], Awaitable[None]]"

_ATTEMPTS = 3


class DealershipSeen(KeySeen, frozen=True, kw_only=True):
    """Everything that a creation needs to be decided; see ``LeadSeen``.

    Attributes:
        dealership: the one that the request names; None where the key holds no such dealership.
        assignment_rules: the dealership's, in force.
    """

    dealership: Dealership | None
    website_slug: str | None
    found: References
    found_payment_id: int | None
    new_file_ids: list[int]
    new_payment_id: int | None
    assignment_rules: list[Rule]

    @classmethod
    def of_row(cls, **row: Any) -> Self:  # noqa: ANN401 - a row is what the statement says
        """The row of ``DEALERSHIP_AS_SEEN_BY``."""
        key = key_seen(row)
        dealership = None
        if row["dealership_id"] is not None:
            dealership = Dealership(
                DealershipId(row["dealership_id"]), row["dealership_slug"], row["dealership_country"]
            )
        return cls(
            caller=key.caller,
            now=key.now,
            stored=key.stored,
            locked=key.locked,
            dealership=dealership,
            website_slug=row["website_slug"],
            found=references_of(row),
            found_payment_id=row["found_payment_id"],
            new_file_ids=row["new_file_ids"] or [],
            new_payment_id=row["new_payment_id"],
            assignment_rules=msgspec.json.decode(row["assignment_rules"] or "[]", type=list[Rule]),
        )


class Creation(msgspec.Struct, frozen=True, kw_only=True):
    """What a creation comes to, before it is placed in a cluster.

    Attributes:
        lead: as it will be, without its ids.
        payment: the payment to record; None where there is none or it is recorded already.
    """

    valid: ValidLead
    lead: Lead
    payment: Payment | None
    warnings: tuple[Warned, ...]


async def create_lead(
    database: Database, store: FileStore, request: WriteRequest, *, within: Within | None = None
) -> Written:
    """Create a lead as *request* says, in the cluster of its customer.

    Args:
        database: where.
        store: of its files.
        request: decoded.
        within: what else is written in the same transaction, once the lead is there; what it raises undoes all.

    Raises:
        Refusal: whatever ``decide`` refuses, in its order.
        DatabaseUnavailable: it was not created.
        OutcomeUnknown: it may have been.
    """
    async with database.connection() as connection, kept_files(store) as files:
        try:
            return await _until_written(connection, files, request, within)
        except BaseException:
            if request.idempotency_key is not None:
                # Where the connection has ended the lock has too, and why it did is what is to be told.
                with suppress(DatabaseUnavailable):
                    await connection.run(UNLOCK)
            raise


async def _until_written(
    connection: Connection, files: KeptFiles, request: WriteRequest, within: Within | None
) -> Written:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return await _read_decide_write(connection, files, request, within)
        except OvertakenByAnother:
            continue
        except ConstraintBroken:
            # A twin of this request was faster, or what was looked up is gone: reading again tells.
            if attempt == _ATTEMPTS:
                raise
    raise DatabaseUnavailable("too many writers at once")


async def _read_decide_write(
    connection: Connection, files: KeptFiles, request: WriteRequest, within: Within | None
) -> Written:
    seen = await connection.one_or_none(
        DealershipSeen.of_row,
        DEALERSHIP_AS_SEEN_BY,
        token_hash=request.token_hash,
        operation=request.operation,
        idempotency_key=request.idempotency_key,
        **asked(request.sent),
        **_dealership_asked(request),
    )
    decision = decide(seen, request)
    if isinstance(decision, Written):
        if request.idempotency_key is not None:
            await connection.run(UNLOCK)
        return decision
    assert seen is not None  # noqa: S101 - decide refuses it
    async with connection.transaction():
        lead, written = await _place_and_write(connection, files, request, seen, decision)
        if within is not None:
            await within(connection, lead)
        files.known()
    return written


def _dealership_asked(request: WriteRequest) -> dict[str, Any]:
    if request.sent is None:
        return {"dealership_id": None, "dealership_slug": None}
    lead = request.sent.lead
    return {
        "dealership_id": None if lead.dealership_id is UNSET else lead.dealership_id,
        "dealership_slug": None if lead.dealership_slug is UNSET else lead.dealership_slug.strip(),
    }


def decide(seen: DealershipSeen | None, request: WriteRequest) -> Creation | Written:
    """Decide a creation; an answer where nothing is to be written.

    Raises:
        Unauthorised, PermissionMissing, IdempotencyKeyReused, RequestInFlight, Invalid or another refusal of
        the body: in this order.
    """
    if seen is None:
        raise Unauthorised
    seen.caller.require(PERMISSION)
    if answered_before(seen.stored, request.payload_hash, locked=seen.locked):
        assert seen.stored is not None  # noqa: S101
        return Written(seen.stored.status, seen.stored.body, stored_version(seen.stored.body), replayed=True)
    if request.sent is None:
        assert request.refusal is not None  # noqa: S101
        raise request.refusal
    if seen.dealership is None:
        raise _dealership_refused(request.sent.lead.dealership_id is not UNSET, request.sent.problems)
    valid = validate(request.sent, seen.found, seen.dealership)
    creation = _creation(valid, seen, seen.dealership)
    if request.dry_run:
        told = changes.difference(_blank(seen.dealership.id, seen), creation.lead)
        out = answers.lead_out(creation.lead, _companions(seen, creation.lead), creation.warnings)
        return Written(200, answers.encoded_dry_run(out, told), 1)
    return creation


def _dealership_refused(by_id: bool, problems: tuple[Problem, ...]) -> Invalid:  # noqa: FBT001
    field = "lead.dealership_id" if by_id else "lead.dealership_slug"
    if any(problem.field == field for problem in problems):
        return Invalid(problems=problems)
    return Invalid(problems=(*problems, Problem(field, "is not a dealership that this key holds")))


def _creation(valid: ValidLead, seen: DealershipSeen, dealership: Dealership) -> Creation:
    lead = changes.apply(valid, _blank(dealership.id, seen), by=seen.caller.api_key_id, now=seen.now)
    payment, warnings = valid.payment, valid.warnings
    if payment is not None and seen.found_payment_id is not None:
        payment = None
        warnings += (
            Warned("lead.payment_attributes", "this transaction was recorded before; kept as it was"),
        )
    return Creation(valid=valid, lead=lead, payment=payment, warnings=warnings)


def _blank(dealership_id: DealershipId, seen: DealershipSeen) -> Lead:
    """A lead of which nothing is known yet."""
    values: dict[str, Any] = dict.fromkeys(Lead.__struct_fields__)
    return Lead(
        **values
        | {
            "dealership_id": dealership_id,
            "version": 1,
            "created_at": seen.now,
            "updated_at": seen.now,
            "golden": False,
            "tags": [],
        }
    )


def _companions(seen: DealershipSeen, lead: Lead) -> Companions:
    assert seen.dealership is not None  # noqa: S101
    return Companions(
        dealership_slug=seen.dealership.slug,
        website_slug=None if lead.website_id is None else seen.website_slug,
        lead_files=None,
        payments=None,
    )


async def _place_and_write(
    connection: Connection, files: KeptFiles, request: WriteRequest, seen: DealershipSeen, creation: Creation
) -> tuple[Lead, Written]:
    placement = await place(
        connection,
        creation.lead.dealership_id,
        new_points(None, creation.lead, creation.valid.reached),
        location_id=creation.lead.location_id,
        now=seen.now,
        test=seen.caller.test is True,
    )
    lead_id = LeadId((await connection.one(record, NEXT_LEAD_ID))["id"])
    followed = _placed(creation, lead_id, placement.cluster, seen)
    lead, effect = followed.lead, followed.effects
    rows = await files.keep(creation.valid.files, seen.new_file_ids)
    companions = additions_told(
        _companions(seen, lead), lead, rows, creation.payment, seen.new_payment_id, seen.now
    )
    body = answers.encoded(answers.lead_out(lead, companions, creation.warnings + followed.warnings))
    told = changes.difference(_blank(lead.dealership_id, seen), lead)
    told |= changes.additions(creation.valid.files, creation.payment)
    told |= cluster_changes(effect, placement.cluster)
    parameters = columns_of(lead) | msgspec.structs.asdict(effect)
    parameters |= payment_parameters(creation.payment, seen.new_payment_id)
    parameters |= {
        "now": seen.now,
        "api_key_id": seen.caller.api_key_id,
        "request_id": request.request_id,
        "changes": json_text.encode(told).decode(),
        "operation": request.operation,
        "idempotency_key": request.idempotency_key,
        "payload_hash": request.payload_hash,
        "status": 201,
        "answer": body,
        "files": json_text.encode(rows).decode(),
        "rule": placement.rule,
        "matched": placement.matched,
        "test": seen.caller.test is True,
    }
    parts = effect.parts(
        files=bool(rows), payment=creation.payment is not None, keyed=request.idempotency_key is not None
    )
    await connection.one(record, write_create(parts), **parameters)
    await suggest(connection, lead.dealership_id, placement, lead_id=lead_id, now=seen.now)
    if placement.cluster.user_id is None and effect.cluster_user_id is None:
        await _find_somebody(connection, request, seen, lead, effect.cluster_state or placement.cluster.state)
    return lead, Written(201, body, lead.version)


async def _find_somebody(
    connection: Connection, request: WriteRequest, seen: DealershipSeen, lead: Lead, state: str
) -> None:
    """Give the lead's cluster, which nobody answers for, to the user whose turn it is; at no cost without rules.

    What is only a test costs nobody their turn.
    """
    if not seen.assignment_rules or state not in OPEN_STATES or seen.caller.test:
        return
    await assign(
        connection,
        lead.dealership_id,
        lead.lead_cluster_id,
        seen.assignment_rules,
        Enquiry(location_id=lead.location_id, category=lead.category, source=lead.source),
        Author(now=seen.now, api_key_id=seen.caller.api_key_id, request_id=request.request_id),
    )


def _placed(creation: Creation, lead_id: LeadId, cluster: LeadCluster, seen: DealershipSeen) -> Followed:
    """The lead with its ids, and what it does; one that does not speak of it takes the cluster's golden mark."""
    golden = creation.lead.golden if "golden" in creation.valid.values else cluster.golden
    lead = msgspec.structs.replace(
        creation.lead, id=lead_id, lead_cluster_id=cluster.lead_cluster_id, golden=golden
    )
    return follow(creation.valid, None, lead, cluster, now=seen.now)
