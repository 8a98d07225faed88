"""What is answered about lead clusters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from forecourt.clusters.provenance import Conflict, SetByHand


class UserOut(msgspec.Struct, frozen=True):
    """A user of the staff."""

    id: int
    name: str
    email: str


class StatusOptionOut(msgspec.Struct, frozen=True):
    """One of the dealership's own words under a state."""

    id: int
    name: str


class ApproverOut(msgspec.Struct, frozen=True):
    """Who approved: the key that said so, and the user where one was named."""

    api_key_id: int | None
    user: UserOut | None


class PointOut(msgspec.Struct, frozen=True):
    """A way to reach the customer, normalised, and since when it is known."""

    value: str
    first_seen_at: datetime


class ConsentOut(msgspec.Struct, frozen=True):
    """An answer that the customer gave about marketing.

    Attributes:
        source: of the lead that brought it.
    """

    value: bool
    given_at: datetime
    lead_id: int | None
    api_key_id: int | None
    source: str | None


class ContactOut(msgspec.Struct, frozen=True):
    """The customer.

    Attributes:
        dob: DD/MM/YYYY.
        erased_at: when the personal data was removed; null where it was not.
    """

    id: int
    name: str | None
    last_name: str | None
    business_name: str | None
    dob: str | None
    customer_address: str | None
    address_attributes: dict[str, Any] | None
    sms_verified: bool
    opt_in_to_marketing: bool | None
    erased_at: datetime | None
    emails: list[PointOut]
    phones: list[PointOut]


class CarOut(msgspec.Struct, frozen=True):
    """A car that the customer looks at."""

    id: int
    car_id: int
    stocknum: str | None
    name: str | None
    family_id: int | None
    manufacturer_id: int | None
    year: int | None
    badge: str | None
    colour: str | None


class MatchOut(msgspec.Struct, frozen=True):
    """What a lead and its cluster have in common."""

    kind: str
    value: str


class MembershipOut(msgspec.Struct, frozen=True):
    """Why a lead is in its cluster.

    Attributes:
        rule: ``new_customer``, ``same_contact_point``, ``earlier_cluster_closed``, ``merge``, ``unmerge`` or ``split``.
        matched: what it matched on.
        since: when it came.
    """

    rule: str
    matched: list[MatchOut]
    since: datetime


class LeadOfCluster(msgspec.Struct, frozen=True):
    """An enquiry of the customer; all of it is under ``/api/v1/leads/{id}``."""

    id: int
    version: int
    created_at: datetime
    category: str
    source: str
    lead_state: str | None
    message: str | None
    stocknum: str | None
    car_id: int | None
    provider: str | None
    membership: MembershipOut | None


class ResponseClockOut(msgspec.Struct, frozen=True):
    """How the customer's question stands against the dealership's limits, which count opening hours.

    Attributes:
        answered_at: when a human first turned to the customer; null where nobody has.
        answered_by: ``call``, ``sms``, ``email``, ``walk_in``, ``appointment``, or ``manual`` where staff only marked it.
        due_at: until when the one who waits is to be answered; null where nobody waits, as ``overdue_at``.
    """

    answered_at: datetime | None
    answered_by: str | None
    target_minutes: int
    overdue_minutes: int
    due_at: datetime | None
    overdue_at: datetime | None
    overdue: bool


class LeadClusterOut(msgspec.Struct, kw_only=True):
    """A lead cluster: one customer of one dealership, with every enquiry.

    Attributes:
        version: counted up with every change; the ETag.
        waiting_since: since when the customer has waited for a human; null when nobody waits.
        first_response_seconds: from the first enquiry to the first human act; null where there was none yet.
        first_response_business_seconds: the same, counting only the location's opening hours.
        earlier_lead_cluster_id: the same customer's cluster that was closed too long ago to take this one's first lead.
        merged_lead_cluster_ids: clusters that were merged into this one.
        by_hand: fields that staff set: by whom, when, and what integrations had said before.
        conflicts: what integrations said since and was not followed.
        possible_duplicates: how many undecided ones there are.
        leads: the enquiries, newest first, each with why it is here; left out in lists.
        consents: every answer about marketing, newest first; left out in lists.
        warnings: what was taken in this request, but not as the sender may think.
    """

    id: int
    dealership_id: int
    dealership_slug: str
    version: int
    lead_state: str
    lead_status_option_id: int | None
    lead_status_option: StatusOptionOut | None
    golden: bool
    user_id: int | None
    user: UserOut | None
    secondary_user_id: int | None
    secondary_user: UserOut | None
    location_id: int | None
    approved: bool
    approved_at: datetime | None
    approver: ApproverOut | None
    tags: list[str]
    car_ids: list[int]
    car_lead_clusters: list[CarOut]
    contact: ContactOut
    lead_count: int
    first_lead_created_at: datetime
    last_lead_created_at: datetime
    waiting_since: datetime | None
    first_response_seconds: int | None
    first_response_business_seconds: int | None
    response_clock: ResponseClockOut
    closed_at: datetime | None
    earlier_lead_cluster_id: int | None
    merged_lead_cluster_ids: list[int]
    by_hand: dict[str, SetByHand]
    conflicts: dict[str, Conflict]
    possible_duplicates: int
    created_at: datetime
    updated_at: datetime
    leads: list[LeadOfCluster] | None = None
    consents: list[ConsentOut] | None = None
    warnings: list[str] = []


class LeadClusterPage(msgspec.Struct, frozen=True):
    """A page of lead clusters.

    Attributes:
        next_cursor: what to send as ``cursor`` for the next page; null on the last.
    """

    lead_clusters: list[LeadClusterOut]
    next_cursor: str | None


class ReasonOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why two clusters may be one customer.

    Attributes:
        kind: ``email``, ``phone`` or ``name``.
        value: what they share; for names, the other's.
        lead_id: the lead that brought it.
        score: how much the names are alike, of 100.
    """

    kind: str
    value: str
    lead_id: int | None = None
    at: datetime | None = None
    score: float | None = None


class PossibleDuplicateOut(msgspec.Struct, frozen=True):
    """Another cluster that may be the same customer.

    Attributes:
        decision: ``not_a_duplicate``, or null while nobody has decided.
    """

    lead_cluster_id: int
    name: str | None
    last_name: str | None
    reasons: list[ReasonOut]
    found_at: datetime | None
    decision: str | None


class PossibleDuplicatesOut(msgspec.Struct, frozen=True):
    """All of a cluster, the likeliest first."""

    possible_duplicates: list[PossibleDuplicateOut]
