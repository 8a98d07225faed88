"""Makes up what the demo's staff did with its customers: who called whom and when, what was booked, why it was lost. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    from random import Random

# Minutes ago at which the last customers of the first dealership came, who are all still waiting: one who is overdue, one who
# is late, one who soon will be, and some who have just written.
STILL_WAITING = (185, 31, 13, 9, 6, 4, 2)

_FIRST_ANSWER_MINUTES = (2, 3, 4, 5, 6, 8, 9, 11, 12, 14, 17, 22, 28, 41, 65, 110, 190)
_SHARE_TEXTED = 0.55
_SHARE_NOTED = 0.3
_SUNDAY = 6
_NOTES = (
    "Wants to bring her partner on Saturday.",
    "Comparing with a {make} at another yard; price matters most.",
    "Trade-in looked over by phone: tidy, one owner, full books.",
    "Finance pre-approved, waiting for the letter.",
    "Prefers text messages, works nights.",
    "Asked for the brochure in hard copy; posted.",
)
_SAID = (
    "Hi {name}, thanks for getting in touch about the {car}. It is here and ready to drive; when would suit you?",
    "Hi {name}, I have put the {car} aside for you until tomorrow evening. Shall I book a test drive?",
    "Hi {name}, the numbers you asked for are in your inbox. Happy to talk them through.",
)
REASONS = ("Bought elsewhere", "Price", "No longer looking", "Could not be reached", "Finance declined")
WORDS = {
    "contacted": ("Quote sent", "Waiting for finance", "Thinking it over"),
    "lost": REASONS,
    "converted": ("Sold new", "Sold used", "Service booked"),
}


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as the staff find them.

    Attributes:
        asked_at: the first enquiry.
        last_asked_at: the last one.
        user_ids: the staff of the dealership.
        timezone: the dealership's, its name in the IANA database.
    """

    dealership_id: int
    lead_cluster_id: int
    state: str
    user_id: int | None
    name: str | None
    car: str | None
    car_id: int | None
    location_id: int | None
    drives: bool
    asked_at: datetime
    last_asked_at: datetime
    user_ids: list[int]
    timezone: str


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What the staff did, as rows of the tables that keep it."""

    activities: list[dict[str, Any]]
    appointments: list[dict[str, Any]]
    assigned: list[dict[str, Any]]


def staff_work(customers: list[Served], waiting: frozenset[int], now: datetime, random: Random) -> Work:
    """What was done with every customer; with those in *waiting* only before they wrote again."""
    work = Work(activities=[], appointments=[], assigned=[])
    for customer in customers:
        if customer.lead_cluster_id not in waiting:
            _Serving(customer, now, random).into(work)
        elif customer.last_asked_at - customer.asked_at > timedelta(hours=1):
            before = msgspec.structs.replace(customer, last_asked_at=customer.asked_at, drives=False)
            _Serving(before, customer.last_asked_at, random).into(work)
    return work


class _Serving:
    def __init__(self, customer: Served, now: datetime, random: Random) -> None:
        self.customer = customer
        self.now = now
        self.random = random
        self.user_id = customer.user_id or random.choice(customer.user_ids)

    def into(self, work: Work) -> None:
        customer, random = self.customer, self.random
        at = customer.asked_at + timedelta(
            minutes=random.choice(_FIRST_ANSWER_MINUTES), seconds=random.randrange(60)
        )
        steps: list[tuple[str, str | None, str | None]] = [
            ("call", random.choice(("spoke", "spoke", "no_answer", "voicemail")), None)
        ]
        if random.random() < _SHARE_TEXTED:
            steps.append(("sms", None, self._said()))
        if random.random() < _SHARE_NOTED:
            steps.append(("note", None, random.choice(_NOTES).format(make="Mazda")))
        if steps[0][1] != "spoke":
            steps.append(("call", "spoke", None))
        after_last = customer.last_asked_at + timedelta(minutes=random.choice(_FIRST_ANSWER_MINUTES))
        for number, (kind, outcome, body) in enumerate(steps):
            moment = max(at, after_last) if number == len(steps) - 1 else at
            moment = min(moment + timedelta(minutes=number), self.now - timedelta(minutes=1, seconds=number))
            work.activities.append(self._activity(kind, outcome, body, moment))
            at += timedelta(minutes=random.randint(20, 400))
        if customer.user_id is None:
            work.assigned.append(self._row(at=customer.asked_at + timedelta(minutes=1)))
        if customer.drives:
            work.appointments.append(self._drive())

    def _row(self, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - a row's columns
        own = {
            "dealership_id": self.customer.dealership_id,
            "lead_cluster_id": self.customer.lead_cluster_id,
            "user_id": self.user_id,
        }
        return own | values

    def _said(self) -> str:
        first = (self.customer.name or "there").split()[0]
        return self.random.choice(_SAID).format(name=first, car=self.customer.car or "car")

    def _activity(self, kind: str, outcome: str | None, body: str | None, at: datetime) -> dict[str, Any]:
        return self._row(kind=kind, outcome=outcome, body=body, at=at, human=kind != "note")

    def _drive(self) -> dict[str, Any]:
        """A test drive by day: soon after the customer asked where that is past, in the days to come otherwise."""
        soon = self._by_day(self.customer.last_asked_at + timedelta(days=self.random.randint(1, 3)))
        past = soon < self.now - timedelta(hours=2)
        start = soon if past else self._by_day(self.now + timedelta(days=self.random.randint(1, 4)))
        status = self.random.choice(("completed", "completed", "no-show")) if past else "pending"
        return self._row(
            starts_at=start,
            status=status,
            car_id=self.customer.car_id,
            location_id=self.customer.location_id,
            booked_at=min(
                self.customer.last_asked_at + timedelta(minutes=30), self.now - timedelta(minutes=3)
            ),
        )

    def _by_day(self, moment: datetime) -> datetime:
        """A half hour while the dealership is open; nobody drives on a Sunday."""
        local = moment.astimezone(ZoneInfo(self.customer.timezone))
        if local.weekday() == _SUNDAY:
            local += timedelta(days=1)
        return local.replace(
            hour=self.random.randint(9, 16), minute=self.random.choice((0, 30)), second=0, microsecond=0
        )
