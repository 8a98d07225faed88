"""What may have happened to customers, made up; and what reports must say of it, counted one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.response.test_opening_hours_are_counted_as_a_calendar_counts_them import Calendar, without_overlap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import asyncpg

# Clocks go back in Melbourne in the night to the 5th of April 2026, and on Lord Howe by half an hour.
ZONES = ("Australia/Melbourne", "Australia/Brisbane", "Australia/Lord_Howe", "Australia/Perth")
FROM = datetime(2026, 3, 24, tzinfo=UTC)
DAYS = 22
SOURCES = ("Website", "Carsales", "Facebook")
CATEGORIES = ("General Enquiry", "Test Drive Booking")
STATES = ("new", "contacted", "lost", "invalid", "converted")
STATUSES = ("pending", "completed", "cancelled", "no-show", "interest_registered")
DEALERSHIPS = (1, 2)
# By dealership: what its clusters may name.
LOCATIONS = {1: (None, 101, 111), 2: (None, 102)}
USERS = {1: (None, 501, 511), 2: (None, 502)}
REASONS = {1: (None, 1, 2), 2: (None, 3)}
REASON_NAMES = {1: "Price", 2: "Bought elsewhere", 3: "price"}

_times = st.sampled_from([time(0), time(4, 15), time(9), time(12), time(17, 30), time(23)])
_hours = st.lists(
    st.tuples(st.integers(1, 7), _times, _times).filter(lambda row: row[1] < row[2]), min_size=1, max_size=8
)
_moments = st.integers(0, DAYS * 24 * 60).map(lambda minutes: FROM + timedelta(minutes=minutes))
_days = st.sets(st.integers(0, DAYS).map(lambda number: FROM.date() + timedelta(days=number)), max_size=3)


@dataclass
class Lead:
    at: datetime
    source: str
    category: str
    id: int = 0


@dataclass
class Customer:
    """A cluster with what happened to it; ``into`` is another's place in the history, where it was merged."""

    dealership_id: int
    leads: list[Lead]
    acts: list[tuple[datetime, bool]]
    appointments: list[tuple[datetime, str]]
    state: str
    location_id: int | None
    user_id: int | None
    reason_id: int | None
    waits: bool
    into: int | None = None
    id: int = 0
    absorbed: list[Customer] = field(default_factory=list)

    def every_act(self) -> Iterable[tuple[datetime, bool]]:
        yield from self.acts
        for other in self.absorbed:
            yield from other.every_act()


@dataclass
class History:
    """What happened at two dealerships."""

    zones: dict[int, str]
    hours: list[tuple[int, time, time]]
    closed: set[date]
    targets: list[tuple[str | None, str | None, int]]
    customers: list[Customer]


@st.composite
def histories(draw: st.DrawFn) -> History:
    customers = draw(st.lists(_customer(), min_size=1, max_size=9))
    for place, customer in enumerate(customers):
        into = draw(st.one_of(st.none(), st.none(), st.integers(0, len(customers) - 1)))
        # Into an earlier one, of the same dealership: so no merge goes round in a circle.
        if into is not None and into < place and customers[into].dealership_id == customer.dealership_id:
            customer.into = into
    for customer in reversed(customers):
        if customer.into is not None:
            survivor = customers[customer.into]
            survivor.leads += customer.leads
            survivor.appointments += customer.appointments
            survivor.absorbed.append(customer)
            customer.leads, customer.appointments = [], []
    return History(
        zones={1: draw(st.sampled_from(ZONES)), 2: draw(st.sampled_from(ZONES))},
        hours=without_overlap(draw(_hours)),
        closed=draw(_days),
        targets=draw(st.lists(_target, max_size=3, unique_by=lambda row: row[:2])),
        customers=customers,
    )


_target = st.tuples(
    st.sampled_from((None, *CATEGORIES)), st.sampled_from((None, *SOURCES)), st.integers(1, 300)
).filter(lambda row: row[0] is not None or row[1] is not None)


@st.composite
def _customer(draw: st.DrawFn) -> Customer:
    dealership_id = draw(st.sampled_from(DEALERSHIPS))
    state = draw(st.sampled_from(STATES))
    lead = st.builds(Lead, _moments, st.sampled_from(SOURCES), st.sampled_from(CATEGORIES))
    return Customer(
        dealership_id=dealership_id,
        leads=draw(st.lists(lead, min_size=1, max_size=3)),
        acts=draw(st.lists(st.tuples(_moments, st.booleans()), max_size=3)),
        appointments=draw(st.lists(st.tuples(_moments, st.sampled_from(STATUSES)), max_size=2)),
        state=state,
        location_id=draw(st.sampled_from(LOCATIONS[dealership_id])),
        user_id=draw(st.sampled_from(USERS[dealership_id])),
        reason_id=draw(st.sampled_from(REASONS[dealership_id])) if state == "lost" else None,
        waits=draw(st.booleans()),
    )


# ------------------------------------------------------------------------------------------------- into the database

SETTING = """
insert into location (dealership_id, id, name) values (1, 111, 'North') on conflict do nothing;
insert into user_account (id, name, email) values (511, 'Other', 'other@example.com') on conflict do nothing;
insert into dealership_user (dealership_id, user_id) values (1, 511) on conflict do nothing;
insert into lead_status_option (dealership_id, id, state, name) values
    (1, 1, 'lost', 'Price'), (1, 2, 'lost', 'Bought elsewhere'), (2, 3, 'lost', 'price') on conflict do nothing;
"""


async def write(connection: asyncpg.Connection[asyncpg.Record], history: History) -> None:
    """Write *history* into the database, in a transaction that somebody rolls back."""
    await connection.execute("set local session_replication_role = replica")
    for dealership_id, zone in history.zones.items():
        await connection.execute(
            "update dealership set timezone = $1, country = 'XX', response_target_minutes = 15 where id = $2",
            zone,
            dealership_id,
        )
    await connection.execute("delete from opening_hours")
    await _insert(
        connection,
        "insert into opening_hours (dealership_id, weekday, opens, closes) values ($1, $2, $3, $4)",
        [(one, *row) for one in DEALERSHIPS for row in history.hours],
    )
    await _insert(
        connection,
        "insert into closed_day (dealership_id, day, name) values ($1, $2, 'closed')",
        [(one, day) for one in DEALERSHIPS for day in history.closed],
    )
    await _insert(
        connection,
        "insert into response_target (dealership_id, category, source, target_minutes, overdue_minutes) "
        "values ($1, $2, $3, $4, 10000)",
        [(one, *row) for one in DEALERSHIPS for row in history.targets],
    )
    number = 0
    for place, customer in enumerate(history.customers):
        customer.id = 1000 + place
        for lead in customer.leads:
            number += 1
            lead.id = 5000 + number
    await _write_clusters(connection, history.customers)
    await _write_acts(connection, history.customers)


async def _write_clusters(connection: asyncpg.Connection[asyncpg.Record], customers: list[Customer]) -> None:
    moments = {one.id: [lead.at for lead in one.leads] or [FROM] for one in customers}
    await _insert(
        connection,
        "insert into lead_cluster (dealership_id, id, state, location_id, user_id, lead_status_option_id, "
        "first_lead_created_at, last_lead_created_at, waiting_since, due_at, merged_into_id) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
        [
            (
                one.dealership_id, one.id, one.state, one.location_id, one.user_id, one.reason_id,
                min(moments[one.id]), max(moments[one.id]), min(moments[one.id]) if one.waits else None,
                None if one.into is None else customers[one.into].id,
            )
            for one in customers
        ],
    )  # fmt: skip
    await connection.execute(
        "insert into contact (dealership_id, lead_cluster_id) "
        "select dealership_id, id from lead_cluster where id >= 1000"
    )
    await _insert(
        connection,
        "insert into lead (dealership_id, id, lead_cluster_id, created_at, source, category) "
        "values ($1, $2, $3, $4, $5, $6)",
        [
            (one.dealership_id, lead.id, one.id, lead.at, lead.source, lead.category)
            for one in customers
            for lead in one.leads
        ],
    )


async def _write_acts(connection: asyncpg.Connection[asyncpg.Record], customers: list[Customer]) -> None:
    await _insert(
        connection,
        "insert into cluster_merge (dealership_id, survivor_id, merged_id, merged_at, request_id, changes, given, "
        "lead_ids) values ($1, $2, $3, now(), 'test', '{}', '{}', '{}')",
        [(one.dealership_id, customers[one.into].id, one.id) for one in customers if one.into is not None],
    )
    await _insert(
        connection,
        "insert into appointment (dealership_id, lead_cluster_id, purpose, starts_at, status, created_at) "
        "values ($1, $2, 'Appointment', $3, $4, $3)",
        [(one.dealership_id, one.id, at, status) for one in customers for at, status in one.appointments],
    )
    await _insert(
        connection,
        "with act as (insert into event (dealership_id, lead_cluster_id, kind, occurred_at, request_id, human, changes) "
        "values ($1, $2, 'call.logged', $3, 'test', true, '{}') returning id) "
        "insert into event (dealership_id, lead_cluster_id, kind, occurred_at, request_id, changes, undoes_event_id) "
        "select $1, $2, 'activity.undone', $3, 'test', '{}', act.id from act where $4",
        [(one.dealership_id, one.id, at, undone) for one in customers for at, undone in one.acts],
    )


async def _insert(
    connection: asyncpg.Connection[asyncpg.Record], statement: str, rows: list[tuple[Any, ...]]
) -> None:
    if rows:
        await connection.executemany(statement, rows)


# ------------------------------------------------------------------------------------------------------ counted by hand


@dataclass
class Seen:
    """A customer of a period."""

    customer: Customer
    first: Lead
    enquiries: list[Lead]
    wall: datetime
    answered_at: datetime | None
    seconds: int | None
    business_seconds: int | None
    in_target: bool
    out_of_target: bool

    def has(self, *statuses: str) -> bool:
        return any(at >= self.first.at and status in statuses for at, status in self.customer.appointments)


# Figure -> whether it counts a customer.
COUNTED: dict[str, Callable[[Seen], bool]] = {
    "customers": lambda _: True,
    "answered": lambda seen: seen.answered_at is not None,
    "in_target": lambda seen: seen.in_target,
    "out_of_target": lambda seen: seen.out_of_target,
    "waiting": lambda seen: seen.customer.waits,
    "appointments": lambda seen: seen.has("pending", "completed", "no-show"),
    "kept": lambda seen: seen.has("completed"),
    "no_shows": lambda seen: seen.has("no-show"),
    "converted": lambda seen: seen.customer.state == "converted",
    "lost": lambda seen: seen.customer.state == "lost",
    "invalid": lambda seen: seen.customer.state == "invalid",
    "merged": lambda seen: bool(seen.customer.absorbed),
}
KEYS: dict[str, Callable[[Seen], str | None]] = {
    "source": lambda seen: seen.first.source,
    "category": lambda seen: seen.first.category,
    "location": lambda seen: str(seen.customer.location_id) if seen.customer.location_id else None,
    "person": lambda seen: str(seen.customer.user_id) if seen.customer.user_id else None,
    "hour": lambda seen: f"{seen.wall:%a}-{seen.wall:%H}".lower(),
    "reason": lambda seen: REASON_NAMES[seen.customer.reason_id].lower() if seen.customer.reason_id else None,
}
OF_LEADS: dict[str, Callable[[Lead, ZoneInfo], str]] = {
    "source": lambda lead, _: lead.source,
    "category": lambda lead, _: lead.category,
    "hour": lambda lead, zone: f"{lead.at.astimezone(zone):%a}-{lead.at.astimezone(zone):%H}".lower(),
}


def seen_in(history: History, first: date, last: date) -> list[Seen]:
    """The customers who enquired from *first* to *last*, each day by the clock of their dealership."""
    found = []
    for customer in history.customers:
        zone = ZoneInfo(history.zones[customer.dealership_id])
        asked = [lead for lead in customer.leads if first <= lead.at.astimezone(zone).date() <= last]
        if asked:
            found.append(_seen(history, customer, asked, zone))
    return found


def _seen(history: History, customer: Customer, asked: list[Lead], zone: ZoneInfo) -> Seen:
    begun = min(asked, key=lambda lead: (lead.at, lead.id))
    answers = [at for at, undone in customer.every_act() if at >= begun.at and not undone]
    answered_at = min(answers, default=None)
    calendar = Calendar(zone.key, history.hours, history.closed)
    business = calendar.seconds(begun.at, answered_at) if answered_at else None
    target = _target_of(history, begun) * 60
    # It is long ago: whoever was not answered is late, unless there was nobody to answer.
    nobody = customer.state in {"invalid", "converted"}
    return Seen(
        customer=customer,
        first=begun,
        enquiries=asked,
        wall=begun.at.astimezone(zone),
        answered_at=answered_at,
        seconds=int((answered_at - begun.at).total_seconds()) if answered_at else None,
        business_seconds=business,
        in_target=business is not None and business <= target,
        out_of_target=not nobody if business is None else business > target,
    )


def _target_of(history: History, lead: Lead) -> int:
    targets = {(category, source): minutes for category, source, minutes in history.targets}
    for key in ((lead.category, lead.source), (lead.category, None), (None, lead.source)):
        if key in targets:
            return targets[key]
    return 15


def quantile(values: list[int], part: float) -> float | None:
    """With a straight line between two values."""
    if not values:
        return None
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def by_key(seen: list[Seen], by: str) -> dict[str | None, list[Seen]]:
    """The customers of each part; of reasons those who are lost."""
    found: dict[str | None, list[Seen]] = defaultdict(list)
    for one in seen:
        if by != "reason" or one.customer.state == "lost":
            found[KEYS[by](one)].append(one)
    return found
