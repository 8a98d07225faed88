"""What the customer's page shows, as it is read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from forecourt.clusters.answers import LeadClusterOut
from forecourt.contacts.names import whole_name
from forecourt.screens.inbox.records import lateness_of


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """A user of the dealership's staff.

    Attributes:
        away: whether they are absent now.
        gone: whether they cannot sign in any more.
    """

    id: int
    name: str
    away: bool
    gone: bool


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of the dealership's that has a name."""

    id: int
    name: str


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One of the dealership's own words under a state."""

    id: int
    name: str
    state: str


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """When the location is open on a day of the week; 1 is Monday."""

    weekday: int
    opens: str
    closes: str


class CarCard(msgspec.Struct, frozen=True, kw_only=True):
    """A car that the customer asked about or looks at.

    Attributes:
        others: how many other customers with a live enquiry ask about it; counted to twenty.
    """

    id: int
    stocknum: str | None
    name: str | None
    year: int | None
    make: str | None
    model: str | None
    badge: str | None
    colour: str | None
    condition: str | None
    price: float | None
    others: int

    @property
    def shown_name(self) -> str:
        """What it is called."""
        parts = (str(self.year) if self.year else None, self.make, self.model, self.badge)
        return self.name or " ".join(part for part in parts if part) or self.stocknum or "Car"


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster that was merged into this one.

    Attributes:
        undoable: whether it can still be taken back.
    """

    merged_id: int
    merged_at: datetime
    name: str | None
    undoable: bool


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What the visitor has begun to write."""

    medium: str
    subject: str | None
    body: str
    updated_at: datetime


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """A note that names the visitor, who has not seen it."""

    activity_id: int
    by: str | None
    body: str | None
    at: datetime


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A customer, but for what they wrote and what happened.

    Attributes:
        test: whether the customer is one of test mode.
        models: models that were asked for, where no car was.
        uses_appointment_state: whether the dealership does.
    """

    cluster: LeadClusterOut
    dealership_name: str
    timezone: str
    country: str
    uses_appointment_state: bool
    now: datetime
    due_at: datetime | None
    overdue_at: datetime | None
    snoozed_until: datetime | None
    location: str | None
    test: bool
    people: list[Colleague]
    locations: list[Named]
    options: list[Option]
    hours: list[Opening]
    cars: list[CarCard]
    merges: list[Merge]
    drafts: list[Draft]
    mentions: list[Mention]

    @property
    def id(self) -> int:
        """Of the cluster."""
        return self.cluster.id

    @property
    def address(self) -> str:
        """Of the page."""
        return f"/dealerships/{self.cluster.dealership_slug}/lead_clusters/{self.cluster.id}"

    @property
    def erased(self) -> bool:
        """Whether the person was erased."""
        return self.cluster.contact.erased_at is not None

    @property
    def shown_name(self) -> str:
        """Who it is, as far as anybody knows."""
        contact = self.cluster.contact
        if self.erased:
            return "Erased person"
        return whole_name(contact.name, contact.last_name) or contact.business_name or "Unknown customer"

    @property
    def lateness(self) -> str | None:
        """As of a row of the inbox."""
        return lateness_of(self.cluster.waiting_since, self.due_at, self.overdue_at, self.now)

    @property
    def snoozed(self) -> bool:
        """Whether the customer is put off."""
        return self.snoozed_until is not None and self.snoozed_until > self.now

    @property
    def is_open(self) -> bool:
        """Whether somebody works on it."""
        return self.cluster.lead_state in {"new", "contacted", "appointment"}

    def options_of(self, state: str) -> list[Option]:
        """The dealership's own words under *state*."""
        return [option for option in self.options if option.state == state]

    def colleague(self, user_id: int | None) -> str | None:
        """A colleague's name; None for nobody."""
        if user_id is None:
            return None
        return next((one.name for one in self.people if one.id == user_id), "somebody who has left")

    def draft(self, medium: str) -> Draft | None:
        """What the visitor has begun to write."""
        return next((draft for draft in self.drafts if draft.medium == medium), None)


class Enquiry(msgspec.Struct, frozen=True, kw_only=True):
    """A lead with the names of what it names.

    Attributes:
        lead: every column of the lead, by its name.
        key: the API key that created it.
        files: as ``[{"id", "filename", "size", …}]``.
        payments: likewise.
    """

    lead: dict[str, Any]
    key: str | None
    request_id: str | None
    files: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    names: dict[str, str]
    rule: str | None
    matched: list[dict[str, str]]

    @property
    def id(self) -> int:
        """Of the lead."""
        return int(self.lead["id"])

    @property
    def created_at(self) -> datetime:
        """When it came."""
        created_at: datetime = self.lead["created_at"]
        return created_at


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the log, with what belongs to it.

    Attributes:
        user: the colleague who did it; ``key`` the API key, where one did.
        changes: field -> ``{"from", "to"}``.
        activity: of a call, a message, a visit or a note that was logged.
        appointment: as it is now.
        other: the other customer of a merge or a split.
        undone_by: who took it back, where somebody did.
    """

    id: int
    kind: str
    occurred_at: datetime
    lead_id: int | None
    other_lead_cluster_id: int | None
    human: bool
    request_id: str
    changes: dict[str, dict[str, Any]]
    user: str | None
    user_id: int | None
    key: str | None
    activity: dict[str, Any] | None
    appointment: dict[str, Any] | None
    other: str | None
    undone_at: datetime | None
    undone_by: str | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was told to somebody, or is about to be.

    Attributes:
        body: of a message by staff, as ``writer``.
        activity_id: what it became once it was sent.
    """

    id: int
    channel: str
    topic: str
    state: str
    reason: str | None
    due_at: datetime
    ended_at: datetime | None
    attempts: int
    message_id: int | None
    medium: str | None
    recipient: str | None
    subject: str | None
    body: str | None
    activity_id: int | None
    writer: str | None
    endpoint: str | None
