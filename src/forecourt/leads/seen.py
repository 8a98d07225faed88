"""What the reading half of a write brings back: the key, the lead, its surroundings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import msgspec
from msgspec import UNSET

from forecourt.access.caller import Caller
from forecourt.clusters.records import LeadCluster
from forecourt.ids import DealershipId
from forecourt.infra.idempotency import StoredAnswer
from forecourt.leads.records import LEAD_COLUMNS, Companions, Lead, References
from forecourt.leads.validation import Dealership

if TYPE_CHECKING:
    from forecourt.leads.reading import SentLead

_REFERENCES = References.__struct_fields__


class KeySeen(msgspec.Struct, frozen=True, kw_only=True):
    """The key that asks, and what it was answered before.

    Attributes:
        now: the database's clock at the start of the statement.
        stored: the answer under the request's Idempotency-Key.
        locked: whether that key's lock was got; None where the request has none.
    """

    caller: Caller
    now: datetime
    stored: StoredAnswer | None
    locked: bool | None


class LeadSeen(KeySeen, frozen=True, kw_only=True):
    """Everything that an update needs to be decided.

    Attributes:
        found: what the request's ids and names mean in the lead's dealership.
        found_payment_id: the payment that has the request's processor and transaction already.
        files: how many files the lead has.
        erased: whether the person whose lead it is was erased.
        new_file_ids: an id for each file that will be added.
        new_payment_id: an id for the payment that will be.
    """

    lead: Lead
    dealership: Dealership
    cluster: LeadCluster
    companions: Companions
    found: References
    found_payment_id: int | None
    files: int
    erased: bool
    new_file_ids: list[int]
    new_payment_id: int | None

    @classmethod
    def of_row(cls, **row: Any) -> Self | KeySeen:  # noqa: ANN401 - a row is what the statement says
        """The row of ``lead_as_seen_by``; without a lead where the key may see none."""
        key = key_seen(row)
        if row["id"] is None:
            return key
        return cls(
            caller=key.caller,
            now=key.now,
            stored=key.stored,
            locked=key.locked,
            lead=Lead(**{name: row[name] for name in LEAD_COLUMNS}),
            dealership=Dealership(
                DealershipId(row["dealership_id"]), row["dealership_slug"], row["dealership_country"]
            ),
            cluster=LeadCluster(
                lead_cluster_id=row["lead_cluster_id"],
                version=row["cluster_version"],
                golden=row["cluster_golden"],
                state=row["cluster_state"],
                user_id=row["cluster_user_id"],
                tags=row["cluster_tags"],
                location_id=row["cluster_location_id"],
                by_hand=row["cluster_by_hand"],
                conflicts=row["cluster_conflicts"],
                sms_verified=row["contact_sms_verified"],
            ),
            companions=Companions(
                dealership_slug=row["dealership_slug"],
                website_slug=row["website_slug"],
                lead_files=row["lead_files"],
                payments=row["payments"],
            ),
            found=references_of(row),
            found_payment_id=row["found_payment_id"],
            files=len(msgspec.json.decode(row["lead_files"] or "[]")),
            erased=row["contact_erased_at"] is not None,
            new_file_ids=row["new_file_ids"] or [],
            new_payment_id=row["new_payment_id"],
        )


def key_seen(row: dict[str, Any]) -> KeySeen:
    """The part of a row that every write's reading half begins with."""
    stored = None
    if row["answer_payload_hash"] is not None:
        stored = StoredAnswer(row["answer_payload_hash"], row["answer_status"], row["answer_body"])
    return KeySeen(
        caller=Caller(row["api_key_id"], tuple(row["permissions"]), test=row["test"]),
        now=row["now"],
        stored=stored,
        locked=row["idempotency_locked"],
    )


def references_of(row: dict[str, Any]) -> References:
    """The ``found_`` columns of a row."""
    return References(**{name: row[f"found_{name}"] for name in _REFERENCES})


def asked(sent: SentLead | None) -> dict[str, Any]:
    """The ids and names in *sent* that are to be looked up, by the name of their parameter."""
    if sent is None:
        return dict.fromkeys(_ASKED) | _NOTHING_NEW
    lead = sent.lead
    values = {name: _sent(getattr(lead, name)) for name in _ASKED_OF_LEAD}
    payment = lead.payment_attributes
    paid = isinstance(payment, msgspec.Struct)
    for name, attribute in _ASKED_OF_PAYMENT.items():
        values[name] = _sent(getattr(payment, attribute)) if paid else None
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = value.strip()
    files = lead.lead_files_attributes
    return values | {"new_files": len(files) if isinstance(files, list) else 0, "new_payment": paid}


def is_rare(lookups: dict[str, Any]) -> bool:
    """Whether *lookups* hold something that is seldom sent."""
    return any(lookups[name] for name in _RARE)


_ASKED_OF_LEAD = (
    "website_id",
    "website_slug",
    "page_id",
    "location_id",
    "model_id",
    "model_variant_id",
    "colour_id",
    "car_id",
    "stocknum",
    "team_member_id",
    "user_email",
)
_ASKED_OF_PAYMENT = {
    "payment_car_id": "car_id",
    "payment_processor_id": "payment_processor_id",
    "external_transaction_id": "external_transaction_id",
}
_ASKED = (*_ASKED_OF_LEAD, *_ASKED_OF_PAYMENT)
_NOTHING_NEW = {"new_files": 0, "new_payment": False}
_RARE = ("model_id", "model_variant_id", "colour_id", "team_member_id", *_ASKED_OF_PAYMENT, *_NOTHING_NEW)


def _sent(value: object) -> Any:  # noqa: ANN401
    return None if value is UNSET else value
