"""What Create Lead and Update Lead have in common: the request, the answer, and the effects of a lead."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.database import DatabaseUnavailable
from forecourt.infra.refusals import Refusal
from forecourt.leads import json_text
from forecourt.leads.effect_queries import Part
from forecourt.leads.reading import SentLead
from forecourt.leads.records import LEAD_COLUMNS, Lead

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from forecourt.clusters.records import LeadCluster
    from forecourt.files.store import FileStore
    from forecourt.leads.attachments import Attachment
    from forecourt.leads.records import Companions
    from forecourt.leads.validation import Payment, ValidLead


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


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """What a lead that was sent does beyond its own row; None where it leaves a thing as it is.

    Attributes:
        cluster_tags: tags that the cluster lacks.
        point_kinds: beside each of ``point_values``, ``email`` or ``phone``.
    """

    cluster_golden: bool | None
    cluster_state: str | None
    cluster_user_id: int | None
    cluster_tags: list[str]
    contact_sms_verified: bool | None
    point_kinds: list[str]
    point_values: list[str]
    tags_change: bool

    @property
    def touches_cluster(self) -> bool:
        """Whether the cluster's row changes."""
        return bool(
            self.cluster_golden is not None
            or self.cluster_state is not None
            or self.cluster_user_id is not None
            or self.cluster_tags
        )

    def parts(self, *, files: bool, payment: bool, keyed: bool) -> Part:
        """What the statement that writes the lead needs to have.

        Args:
            files: whether there are files to record.
            payment: whether there is a payment to record.
            keyed: whether the answer is kept under an Idempotency-Key.
        """
        needed = {
            Part.CLUSTER: self.touches_cluster,
            Part.GOLDEN: self.cluster_golden is not None,
            Part.VERIFIED: self.contact_sms_verified is not None,
            Part.POINTS: bool(self.point_kinds),
            Part.TAGS: self.tags_change,
            Part.FILES: files,
            Part.PAYMENT: payment,
            Part.ANSWER: keyed,
        }
        return Part(sum(part.value for part, is_needed in needed.items() if is_needed))


def effects(valid: ValidLead, before: Lead | None, after: Lead, cluster: LeadCluster) -> Effects:
    """What *valid* does to the cluster and its customer.

    Args:
        valid: what was sent.
        before: the lead as it was; None where it is new.
        after: the lead as it will be.
        cluster: the cluster as it is.
    """
    sent = valid.values
    state = sent.get("lead_state")
    verified = sent.get("sms_verified")
    return Effects(
        cluster_golden=after.golden if "golden" in sent and after.golden != cluster.golden else None,
        cluster_state=state if state != cluster.state else None,
        cluster_user_id=sent.get("user_id") if cluster.user_id is None else None,
        cluster_tags=[tag for tag in sent.get("tags") or () if tag not in cluster.tags],
        contact_sms_verified=verified if verified != cluster.sms_verified else None,
        point_kinds=[kind for kind, _ in new_points(before, after)],
        point_values=[value for _, value in new_points(before, after)],
        tags_change=(before.tags if before else []) != after.tags,
    )


def new_points(before: Lead | None, after: Lead) -> list[tuple[str, str]]:
    """The ways to reach the customer that *after* has and *before* had not."""
    points = (
        ("email", before and before.email_normalised, after.email_normalised),
        ("phone", before and before.phone_e164, after.phone_e164),
    )
    return [(kind, new) for kind, old, new in points if new and new != old]


def cluster_changes(effect: Effects, cluster: LeadCluster) -> dict[str, dict[str, Any]]:
    """What *effect* changes about the cluster and its contact, for the log."""
    told: dict[str, dict[str, Any]] = {}
    if effect.cluster_golden is not None:
        told["lead_cluster.golden"] = {"from": cluster.golden, "to": effect.cluster_golden}
    if effect.cluster_state is not None:
        told["lead_cluster.state"] = {"from": cluster.state, "to": effect.cluster_state}
    if effect.cluster_user_id is not None:
        told["lead_cluster.user_id"] = {"from": None, "to": effect.cluster_user_id}
    if effect.cluster_tags:
        told["lead_cluster.tags"] = {"from": cluster.tags, "to": cluster.tags + effect.cluster_tags}
    if effect.contact_sms_verified is not None:
        told["contact.sms_verified"] = {"from": cluster.sms_verified, "to": effect.contact_sms_verified}
    return told


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
