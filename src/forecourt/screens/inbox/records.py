"""A row of the inbox, and what the sidebar counts."""

from __future__ import annotations

from datetime import datetime

import msgspec

from forecourt.contacts.names import whole_name

_SOON_MINUTES = 5


def lateness_of(
    waiting_since: datetime | None, due_at: datetime | None, overdue_at: datetime | None, now: datetime
) -> str | None:
    """``overdue``, ``late``, ``soon``, ``waiting``; None where nobody waits."""
    if waiting_since is None or due_at is None:
        return None
    if overdue_at is not None and overdue_at <= now:
        return "overdue"
    left = (due_at - now).total_seconds()
    if left <= 0:
        return "late"
    return "soon" if left <= _SOON_MINUTES * 60 else "waiting"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A lead cluster as the inbox shows it.

    Attributes:
        place: what the list is ordered by.
        lead_id: of the latest enquiry, as are message, category, source, stocknum and car.
        phone_is_odd: whether the number that was sent is not a valid one.
        first_response_seconds: until a human answered; None while somebody waits, or nobody ever did.
        test: whether the customer is one of test mode.
        draft: whether the one who looks has begun to write.
        mentioned: whether a note names them, and they have not seen it.
    """

    id: int
    dealership_id: int
    dealership_slug: str
    dealership_name: str
    timezone: str
    country: str
    golden: bool
    state: str
    waiting_since: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    snoozed_until: datetime | None
    last_lead_created_at: datetime
    test: bool
    place: datetime
    user_id: int | None
    user_name: str | None
    name: str | None
    last_name: str | None
    business_name: str | None
    sms_verified: bool
    opt_in_to_marketing: bool | None
    erased_at: datetime | None
    leads: int
    lead_id: int | None
    message: str | None
    category: str | None
    source: str | None
    stocknum: str | None
    car: str | None
    location: str | None
    phone_is_odd: bool
    first_response_seconds: int | None
    possible_duplicate: bool
    draft: bool
    mentioned: bool
    now: datetime

    @property
    def address(self) -> str:
        """Of the customer's page."""
        return f"/dealerships/{self.dealership_slug}/lead_clusters/{self.id}"

    @property
    def shown_name(self) -> str:
        """Who it is, as far as anybody knows."""
        if self.erased_at is not None:
            return "Erased person"
        return whole_name(self.name, self.last_name) or self.business_name or "Unknown customer"

    @property
    def lateness(self) -> str | None:
        """``overdue``, ``late``, ``soon``, ``waiting``; None where nobody waits."""
        return lateness_of(self.waiting_since, self.due_at, self.overdue_at, self.now)


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many customers each view holds; counted to a hundred and no further."""

    waiting: int
    mine: int
    unassigned: int
    golden: int
    overdue: int
    snoozed: int
    test: int
    mentions: int
