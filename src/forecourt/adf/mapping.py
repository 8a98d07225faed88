"""What a prospect is as a lead: every field that the contract has, the rest kept beside them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.adf import keeping, vocabulary
from forecourt.adf.document import Id, Provider, Vehicle, Vendor
from forecourt.adf.keeping import Kept, as_fields
from forecourt.adf.moments import RULE, STRICT, in_zone, moment_of
from forecourt.adf.people import Person, contact_of, oddities, person_of, points_of
from forecourt.adf.report import Deviation
from forecourt.adf.wording import many_lines
from forecourt.leads.schema import LeadIn

if TYPE_CHECKING:
    from forecourt.adf.document import Prospect, Timeframe

LONGEST_MESSAGE = 65_536
_LINE = 255

# What another Forecourt may send beside the format; ids of its own mean nothing here.
CARRIED = (
    "category",
    "source",
    "marketing_source",
    "dob",
    "customer_address",
    "address_attributes",
    "website_slug",
    "user_email",
    "certified",
    "golden",
    "lead_state",
    "sms_verified",
    "tags",
    "opt_in_to_marketing",
    "time_on_site_seconds",
    "time_to_submit_seconds",
    "charge_breakdown",
)
# Likewise: whole objects, whose members join those of the lead.
CARRIED_WHOLE = ("fields", "extra")


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """The dealership that a lead is for, as far as ADF asks."""

    id: int
    slug: str
    name: str
    country: str
    timezone: str
    phone: str | None = None
    email: str | None = None


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """What the dealership knows of the vehicle that is asked for; None where it knows nothing.

    Attributes:
        car_id: by the vehicle's identification number.
        condition: of that car, or of the one with the stock number.
    """

    car_id: int | None = None
    condition: str | None = None
    model_id: int | None = None
    model_variant_id: int | None = None
    colour_id: int | None = None


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """A prospect as a lead.

    Attributes:
        values: field -> value, as the body of Create Lead has them.
        points: every way to reach the customer, kind and normalised value.
    """

    values: dict[str, Any]
    points: tuple[tuple[str, str], ...]
    warnings: tuple[Deviation, ...]


def main_vehicle(prospect: Prospect) -> Vehicle | None:
    """The vehicle that is asked for: the first that is no trade-in."""
    return next((one for one in prospect.vehicles if vocabulary.interest_of(one) != "trade-in"), None)


def vendor_of(recipient: Recipient) -> Vendor:
    """The dealership as a vendor of ADF."""
    person = person_of_recipient(recipient)
    own = Id(value=recipient.slug, source=vocabulary.OURSELVES, sequence="1")
    return Vendor(ids=(own,), name=recipient.name, contact=contact_of(person))


def person_of_recipient(recipient: Recipient) -> Person:
    """The dealership as somebody to be reached."""
    return Person(name=recipient.name, phone=recipient.phone, email=recipient.email)


def mapped(prospect: Prospect, recipient: Recipient, stock: Stock) -> Mapped:
    """*prospect* as a lead of *recipient*."""
    contact = prospect.customer.contact
    person = person_of(contact, recipient.country)
    path = f"{prospect.path}/customer/contact"
    warnings = list(oddities(contact, person, recipient.country, path))
    message, rest = _message(prospect)
    if rest:
        told = f"are longer than {LONGEST_MESSAGE:,} characters; the rest is kept under fields.adf"
        warnings.append(Deviation(prospect.path, "lead.message", f"the comments {told}"))
    origin = vocabulary.origin_of(prospect.provider)
    if not origin.is_known:
        told = f"is none that is known here; the lead's source is {origin.source}"
        warnings.append(Deviation(f"{prospect.path}/provider", "lead.source", told))
    values = _customer_values(person) | _vehicle_values(prospect, stock) | _provider_values(prospect)
    values |= {"source": origin.source, "dealership_id": recipient.id}
    values |= {"marketing_source": origin.marketing_source} if origin.marketing_source else {}
    values |= {"message": message} if message else {}
    if warnings and any(one.rule in {"lead.email", "lead.phone"} for one in warnings):
        values["disable_strict_validation"] = True
    kept, asked = _kept(prospect, recipient, person, values, rest)
    warnings += asked
    trade_in = _trade_in(prospect)
    fields = as_fields(kept, trade_in, prospect.extensions)
    if prospect.customer.timeframe is not None:
        fields[keeping.TIMEFRAME] = _timeframe(prospect.customer.timeframe)
    if person.company is not None:
        fields[keeping.COMPANY] = person.company
    values["fields"] = fields
    _take_what_is_carried(prospect, values)
    if not values["fields"]:
        del values["fields"]
    contacts = (contact, *prospect.customer.others)
    return Mapped(values=values, points=points_of(contacts, recipient.country), warnings=tuple(warnings))


def _customer_values(person: Person) -> dict[str, Any]:
    # Required of every lead; who tells none has none.
    values: dict[str, Any] = {"email": person.email or "", "phone": person.phone or ""}
    told = {"name": person.name, "last_name": person.last_name, "address_attributes": person.address}
    return values | {name: value for name, value in told.items() if value is not None}


def _vehicle_values(prospect: Prospect, stock: Stock) -> dict[str, Any]:
    main = main_vehicle(prospect)
    category = vocabulary.category_of(
        main or next(iter(prospect.vehicles), None),
        leadtype=prospect.leadtype,
        is_call=prospect.is_call,
        is_used=(stock.condition or "").lower() not in {"", "new"},
    )
    values: dict[str, Any] = {"category": category}
    if main is None:
        return values
    if main.stock:
        values["stocknum"] = main.stock[:_LINE].strip()
    if stock.car_id is not None:
        values["car_id"] = stock.car_id
    elif category == vocabulary.NEW and stock.condition is None:
        ordered = {
            "model_id": stock.model_id,
            "model_variant_id": stock.model_variant_id,
            "colour_id": stock.colour_id,
        }
        values |= {name: value for name, value in ordered.items() if value is not None}
    if vocabulary.is_certified(main):
        values["certified"] = True
    return values


def _provider_values(prospect: Prospect) -> dict[str, Any]:
    """Who supplied the lead, and its name for it; without a provider, whoever gave the id."""
    named = prospect.provider.name if prospect.provider else None
    foreign = next((one for one in prospect.ids if not is_ours(one)), None)
    provider = None if named == vocabulary.OURSELVES else named
    if provider is None and foreign is not None:
        provider = foreign.source
    values = {"provider": provider, "provider_id": foreign.value if foreign else None}
    return {name: value[:_LINE].strip() for name, value in values.items() if value}


def is_ours(one: Id) -> bool:
    """Whether a Forecourt gave the id."""
    return (one.source or "").casefold() == vocabulary.OURSELVES.casefold()


def _message(prospect: Prospect) -> tuple[str, str]:
    """The comments as one message, each with its label where there are several; and what is too long of it."""
    said = [("Customer", prospect.customer.comments)]
    said += [("Enquiry", comment) for comment in prospect.comments]
    for vehicle in prospect.vehicles:
        label = "Trade-in" if vocabulary.interest_of(vehicle) == "trade-in" else "Vehicle"
        said.append((label, vehicle.comments))
    said.append(("Chat", prospect.transcript))
    told = list(dict.fromkeys((label, text) for label, text in said if text))
    whole = told[0][1] if len(told) == 1 else "\n\n".join(f"{label}: {text}" for label, text in told)
    whole = many_lines(whole)
    return whole[:LONGEST_MESSAGE].strip(), whole[LONGEST_MESSAGE:]


def _kept(
    prospect: Prospect, recipient: Recipient, person: Person, values: dict[str, Any], rest: str
) -> tuple[Kept, list[Deviation]]:
    """What is kept beside the columns: whatever would not be written the same again."""
    customer = prospect.customer
    submitted_at, warnings = _submitted_at(prospect, recipient)
    provider, provider_id = values.get("provider"), values.get("provider_id")
    ids_again = (Id(value=provider_id or "", source=provider, sequence="1"),)
    provider_again = Provider(name=provider or vocabulary.OURSELVES, service=values["source"])
    trade_in = _trade_in_sent(prospect)
    interest, status = vocabulary.vehicle_words(values["category"])
    told_by_category = (Vehicle(), Vehicle(interest=interest, status=status))
    vehicles = tuple(
        msgspec.structs.replace(one, comments=None) for one in prospect.vehicles if one is not trade_in
    )
    kept = Kept(
        requestdate=prospect.requestdate,
        submitted_at=submitted_at,
        ids=() if prospect.ids == ids_again else prospect.ids,
        vehicles=tuple(one for one in vehicles if one not in told_by_category),
        contact=None if customer.contact == contact_of(person) else customer.contact,
        contacts=customer.others,
        customer_ids=customer.ids,
        vendor=None if prospect.vendor == vendor_of(recipient) else prospect.vendor,
        provider=None if prospect.provider == provider_again else prospect.provider,
        message_rest=rest or None,
    )
    return kept, warnings


def _submitted_at(prospect: Prospect, recipient: Recipient) -> tuple[str | None, list[Deviation]]:
    path = f"{prospect.path}/requestdate"
    if prospect.requestdate is None:
        return None, []
    found = moment_of(prospect.requestdate)
    if found is None:
        return None, [Deviation(path, RULE, "is no date that can be read; kept as it was sent")]
    at = in_zone(found, recipient.timezone).isoformat()
    if found.is_ambiguous:
        return at, [Deviation(path, RULE, "could be two days; the month was taken to stand first")]
    if found.at.tzinfo is None:
        return at, [Deviation(path, RULE, "has no offset; read by the dealership's clock")]
    if not STRICT.fullmatch(prospect.requestdate):
        return at, [Deviation(path, RULE, "is written otherwise")]
    return at, []


def _trade_in_sent(prospect: Prospect) -> Vehicle | None:
    return next((one for one in prospect.vehicles if vocabulary.interest_of(one) == "trade-in"), None)


def _trade_in(prospect: Prospect) -> Vehicle | None:
    sent = _trade_in_sent(prospect)
    return None if sent is None else msgspec.structs.replace(sent, interest=None, comments=None)


def _timeframe(timeframe: Timeframe) -> str | dict[str, str]:
    told: dict[str, str] = msgspec.to_builtins(timeframe)
    return told["text"] if set(told) == {"text"} else told


def _take_what_is_carried(prospect: Prospect, values: dict[str, Any]) -> None:
    """What another Forecourt sent beside the format counts before what the format could say of it."""
    carried = prospect.carried
    values |= {name: carried[name] for name in CARRIED if name in carried}
    fields = carried.get("fields")
    if isinstance(fields, dict):
        values["fields"] |= {name: value for name, value in fields.items() if name not in keeping.OURS[:2]}
    extra = carried.get("extra")
    if isinstance(extra, dict):
        values |= {name: value for name, value in extra.items() if name not in LeadIn.__struct_fields__}
