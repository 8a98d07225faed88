"""Makes up the demo's enquiries: who asks what, where and when, as the bodies that Create Lead takes. Pure."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from forecourt.demo import stories
from forecourt.demo.people import NAMES, Customer, customers
from forecourt.demo.staff import STILL_WAITING

Body: TypeAlias = dict[str, object]

# How many of the enquiries each dealership gets.
ENQUIRIES = {
    "test-dealer": 62,
    "wattlebird-motors": 40,
    "ironbark-autos": 38,
    "karri-coast-cars": 22,
    "saltbush-motor-company": 20,
    "kereru-motors": 18,
}
GOLDEN = 6
_SHARE_OF_GOLDEN = 0.08
FIRST_DEALERSHIP = "test-dealer"

# Most enquiries can still be updated, and for some hours to come; the others go three weeks back.
RECENT = (timedelta(minutes=4), timedelta(hours=60))
EARLIER = (timedelta(hours=74), timedelta(days=21))
_SHARE_OF_RECENT = 0.72
# When people write: they sleep, and so do most forms.
_AWAKE = range(7, 23)
_ATTEMPTS = 20
_STEP = (timedelta(hours=2), timedelta(hours=40))

# How the workshop's categories begin.
_WORKSHOP = ("Service", "Loan Car")

_RESUME = b"Resume\n\nApprentice in light vehicle mechanics, second year. Looking for a workshop near a train line.\n"


class Page(msgspec.Struct, frozen=True):
    """A page of a website."""

    id: int
    website_slug: str


class Car(msgspec.Struct, frozen=True):
    """A car in the yard."""

    id: int
    stocknum: str
    name: str
    condition: str


class Variant(msgspec.Struct, frozen=True):
    """A model that can be ordered, with its full name."""

    id: int
    model_id: int
    name: str


class TeamMember(msgspec.Struct, frozen=True):
    """Somebody of the team."""

    id: int
    name: str


class Yard(msgspec.Struct, frozen=True):
    """A dealership, with all that an enquiry there may name.

    Attributes:
        timezone: its name in the IANA database.
        locations: one id by type.
    """

    slug: str
    name: str
    timezone: str
    pages: list[Page]
    locations: dict[str, int]
    cars: list[Car]
    variants: list[Variant]
    colour_ids: list[int]
    team: list[TeamMember]
    user_emails: list[str]


class Enquiry(msgspec.Struct, frozen=True):
    """One enquiry.

    Attributes:
        at: when it came.
        lead: the body's ``lead``.
    """

    at: datetime
    lead: Body


def enquiries(yards: list[Yard], now: datetime, random: Random) -> list[Enquiry]:
    """Every enquiry of the demo, the oldest first.

    Args:
        yards: the dealerships.
        now: the database's clock; no enquiry comes later.
        random: where chance comes from; the same one gives the same enquiries at the same time.
    """
    names = random.sample(NAMES, len(NAMES))
    found: list[Enquiry] = []
    for yard in yards:
        journeys = _journeys(ENQUIRIES[yard.slug], random)
        people = customers(yard.slug, names[: len(journeys)], random)
        # A name may turn up at two dealerships, a customer of one of them never at the other.
        names = names[len(journeys) :] + names[: len(journeys)]
        for person, steps in zip(people, journeys, strict=True):
            found += _Visit(yard, person, random).enquiries(steps, now)
    for enquiry in random.sample(found, GOLDEN):
        enquiry.lead["golden"] = True
    return sorted(found, key=lambda enquiry: enquiry.at)


def next_enquiry(yards: list[Yard], random: Random) -> Body:
    """An enquiry of somebody new at one of *yards*, as if it were made now: the body's ``lead``."""
    yard = random.choice(yards)
    person = customers(yard.slug, random.sample(NAMES, 1), random)[0]
    category = random.choices(
        [steps[0] for _, steps in stories.JOURNEYS], [weight for weight, _ in stories.JOURNEYS]
    )[0]
    lead = _Visit(yard, person, random).one(category)
    lead["send_customer_email"] = True
    if random.random() < _SHARE_OF_GOLDEN:
        lead["golden"] = True
    return lead


def staged(asked: list[Enquiry], now: datetime) -> list[Enquiry]:
    """*asked*, with the last customers of the first dealership come just now: they wait while somebody looks."""
    alone = [one for one in asked if one.lead["dealership_slug"] == FIRST_DEALERSHIP and _is_only(one, asked)]
    last = alone[-len(STILL_WAITING) :]
    # They get the automatic reply, which is in the outbox when the demo begins.
    told: list[Body] = [{"lead_state": "new", "send_customer_email": True} for _ in last]
    told[-3]["golden"] = True
    # Somebody under one customer's address and another's number: the two may be the same.
    told[-2] |= {"email": alone[0].lead["email"], "phone": alone[1].lead["phone"]}
    chosen = {
        id(one): Enquiry(now - timedelta(minutes=minutes), one.lead | more)
        for one, minutes, more in zip(last, STILL_WAITING, told, strict=True)
    }
    moved = [chosen.get(id(one), one) for one in asked]
    return sorted(moved, key=lambda enquiry: enquiry.at)


def _is_only(one: Enquiry, asked: list[Enquiry]) -> bool:
    """Whether the customer asked nothing else, and is not golden by chance."""
    return (
        not one.lead.get("golden") and sum(other.lead["email"] == one.lead["email"] for other in asked) == 1
    )


def _journeys(count: int, random: Random) -> list[tuple[str, ...]]:
    """Journeys of *count* steps in all."""
    weights = [weight for weight, _ in stories.JOURNEYS]
    found: list[tuple[str, ...]] = []
    while count > 0:
        steps = random.choices(stories.JOURNEYS, weights)[0][1][:count]
        found.append(steps)
        count -= len(steps)
    return found


class _Visit:
    """One customer at one dealership."""

    def __init__(self, yard: Yard, customer: Customer, random: Random) -> None:
        self._yard = yard
        self._customer = customer
        self._random = random
        # Times depend on the hour at which the demo starts; what is asked must not.
        self._times = Random(random.getrandbits(64))  # noqa: S311 - nothing secret is drawn
        self._old_car = random.choice(stories.OLD_CARS)
        self._person = random.choice(yard.team)
        self._user_email = random.choice(yard.user_emails)
        self._car = random.choice([car for car in yard.cars if car.condition == "used"])
        self._variant = random.choice(yard.variants)

    def enquiries(self, steps: tuple[str, ...], now: datetime) -> list[Enquiry]:
        """What the customer asks, step by step."""
        recent = self._chance(_SHARE_OF_RECENT)
        at = self._awake(now, *(RECENT if recent else EARLIER))
        found = []
        for number, category in enumerate(reversed(steps)):
            lead = self._lead(category)
            if number == 0:
                lead |= self._outcome(recent=recent)
            found.append(Enquiry(at, lead))
            at = self._awake(at, *_STEP)
        return found[::-1]

    def one(self, category: str) -> Body:
        """One enquiry of the customer, as it comes."""
        return self._lead(category)

    def _awake(self, before: datetime, least: timedelta, most: timedelta) -> datetime:
        """A time between *least* and *most* before *before*, in waking hours where that can be."""
        zone = ZoneInfo(self._yard.timezone)
        for _ in range(_ATTEMPTS):
            at = before - least - (most - least) * self._times.random()
            if at.astimezone(zone).hour in _AWAKE:
                break
        return at.replace(microsecond=0)

    def _lead(self, category: str) -> Body:
        customer = self._customer
        lead: Body = {
            "name": customer.name,
            "last_name": customer.last_name,
            "email": customer.email,
            "phone": customer.phone,
            "dealership_slug": self._yard.slug,
            "category": category,
            "message": self._message(category),
        }
        lead |= self._origin(category)
        lead |= self._wish(category)
        if self._chance(0.3):
            lead["user_email"] = self._user_email
        if self._chance(0.25):
            tags = stories.WORKSHOP_TAGS if category.startswith(_WORKSHOP) else stories.TAGS
            lead["tags"] = self._random.sample(tags, self._random.randint(1, 2))
        return lead

    def _message(self, category: str) -> str:
        new = category in {"New Vehicle Enquiry", "Brochure Download"}
        return self._random.choice(stories.MESSAGES[category]).format(
            car=self._variant.name if new else self._car.name,
            old=self._old_car,
            person=self._person.name.split()[0],
            dealership=self._yard.name,
            suburb=self._customer.address["city"],
        )

    def _origin(self, category: str) -> Body:
        """Where the enquiry comes from, with what such a source sends along."""
        places = stories.SOURCES + (stories.MARKETPLACES if category == "Used Vehicle Enquiry" else ())
        source = self._random.choices([name for _, name in places], [weight for weight, _ in places])[0]
        if category == "Phone Call" or category in stories.ONLINE_ONLY:
            source = "Phone Call" if category == "Phone Call" else "Website"
        if source in {name for _, name in stories.MARKETPLACES}:
            return {
                "source": source,
                "provider": source,
                "provider_id": f"{source[:2].upper()}-{self._random.randint(10**7, 10**8 - 1)}",
            }
        if source not in {"Website", "Google Ads", "Facebook", "Chatbot"}:
            return {"source": source}
        page = self._random.choice(self._yard.pages)
        origin: Body = {
            "source": source,
            "marketing_source": self._random.choice(stories.MARKETING_SOURCES),
            "website_slug": page.website_slug,
            "page_id": page.id,
            "time_on_site_seconds": self._random.randint(40, 1_500),
            "time_to_submit_seconds": self._random.randint(12, 240),
        }
        if self._chance(0.5):
            origin["opt_in_to_marketing"] = self._chance(0.6)
        return origin

    def _wish(self, category: str) -> Body:
        """What the enquiry is about."""
        wish: Body = {}
        location_type = "service" if category.startswith(_WORKSHOP) else "sales"
        if self._chance(0.6):
            wish["location_id"] = self._yard.locations[location_type]
        if category in stories.ABOUT_A_CAR:
            wish["stocknum"] = self._car.stocknum
        if category == "New Vehicle Enquiry":
            wish |= self._order()
        if category in {"Finance Enquiry", "Trade-in Enquiry", "Sell My Car Enquiry"} or self._chance(0.1):
            wish["address_attributes"] = self._customer.address
        wish |= self._special(category)
        return wish

    def _order(self) -> Body:
        order: Body = {"model_id": self._variant.model_id, "model_variant_id": self._variant.id}
        if self._chance(0.6):
            order["colour_id"] = self._random.choice(self._yard.colour_ids)
        return order

    def _special(self, category: str) -> Body:
        """What only some kinds of enquiry have."""
        if category in {"Vehicle Reservation", "Online Purchase"}:
            return self._deposit()
        if category == "General Enquiry":
            return self._application() if self._chance(0.5) else {}
        special: dict[str, Body] = {
            "Team Member Enquiry": {"team_member_id": self._person.id},
            "Document Request": {"fields": {"document_type": "ppsr"}},
            "Finance Enquiry": {
                "dob": self._customer.birthday,
                "fields": {"term_months": 60, "deposit": 5_000},
            },
            "Sell My Car Enquiry": {"fields": {"vehicle": self._old_car}},
        }
        return special.get(category, {})

    def _deposit(self) -> Body:
        return {
            "charge_breakdown": {
                "total": {"amount": 500},
                "charges": [{"name": "Holding deposit", "amount": 500}],
            },
            "payment_attributes": {
                "amount": 500,
                "car_id": self._car.id,
                "payment_processor_id": 1,
                "external_transaction_id": f"demo_{self._random.getrandbits(48):012x}",
            },
        }

    def _application(self) -> Body:
        resume = base64.b64encode(_RESUME).decode()
        return {
            "message": "Is there an opening for an apprentice in the workshop? My resume is attached.",
            "lead_files_attributes": [
                {"file_type": "resume", "filename": "resume.txt", "file": f"data:text/plain;base64,{resume}"}
            ],
        }

    def _outcome(self, *, recent: bool) -> Body:
        """How far the dealership has got with the customer."""
        states = (
            ("new", "new", "contacted")
            if recent
            else ("contacted", "contacted", "converted", "lost", "invalid")
        )
        outcome: Body = {"lead_state": self._random.choice(states)}
        if not recent and self._chance(0.5):
            outcome["sms_verified"] = True
        return outcome

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability
