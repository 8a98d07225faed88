"""A lead as a prospect of ADF, and as text for people. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.adf import vocabulary
from forecourt.adf.document import Colour, Customer, Id, Price, Prospect, Provider, Timeframe, Vehicle
from forecourt.adf.keeping import COMPANY, OURS, TIMEFRAME, extensions_in, kept_in, text_in, trade_in_of
from forecourt.adf.mapping import CARRIED, Recipient, vendor_of
from forecourt.adf.moments import written
from forecourt.adf.people import Person, changed_contact, contact_of, person_of
from forecourt.contacts.names import whole_name

if TYPE_CHECKING:
    from forecourt.adf.document import Contact, Vendor
    from forecourt.adf.keeping import Kept

_ADDRESS = ("street", "city", "state", "postcode", "country")


class Car(msgspec.Struct, frozen=True, kw_only=True):
    """The vehicle that a lead refers to, from the dealership's stock or its catalogue."""

    year: int | None = None
    make: str | None = None
    model: str | None = None
    badge: str | None = None
    stocknum: str | None = None
    vin: str | None = None
    colour: str | None = None
    condition: str | None = None
    price: str | None = None


class ToldLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead, with all that is told of it in ADF.

    Attributes:
        fields: of the lead, decoded; as is ``address_attributes``.
        carried: what ADF has no place for, by the contract's names.
        car: None where the lead refers to none.
    """

    id: int
    recipient: Recipient
    created_at: datetime
    name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    message: str | None
    category: str
    source: str
    provider: str | None
    provider_id: str | None
    stocknum: str | None
    address_attributes: dict[str, Any]
    fields: dict[str, Any]
    carried: dict[str, Any] = {}
    car: Car | None = None


def prospect_of(lead: ToldLead, *, whole: bool = True, extended: bool = False) -> Prospect:
    """*lead* as a prospect.

    Args:
        lead: as it is stored.
        whole: whether what the format has no place for is told too, where only another Forecourt reads it.
        extended: whether the receiver takes elements that the format does not know.
    """
    kept = kept_in(lead.fields)
    return Prospect(
        ids=_ids(lead, kept),
        requestdate=written(_submitted_at(lead, kept), lead.recipient.timezone),
        vehicles=_vehicles(lead, kept),
        customer=Customer(
            contact=_contact(lead, kept),
            ids=kept.customer_ids,
            timeframe=_timeframe(lead.fields.get(TIMEFRAME)),
            comments=lead.message or None,
        ),
        vendor=_vendor(lead, kept),
        provider=_provider(lead, kept),
        extensions=extensions_in(lead.fields) if extended else (),
        carried=_carried(lead) if whole else {},
    )


def _ids(lead: ToldLead, kept: Kept) -> tuple[Id, ...]:
    """The ids that were received, then ours."""
    foreign = next((one.value for one in kept.ids if one.source != vocabulary.OURSELVES), None)
    received = kept.ids
    if not received or (lead.provider_id or None) != foreign:
        received = (
            (Id(value=lead.provider_id, source=lead.provider, sequence="1"),) if lead.provider_id else ()
        )
    own = Id(value=str(lead.id), source=vocabulary.OURSELVES, sequence=str(len(received) + 1))
    return (*received, own)


def _submitted_at(lead: ToldLead, kept: Kept) -> datetime:
    try:
        at = datetime.fromisoformat(kept.submitted_at or "")
    except ValueError:
        return lead.created_at
    return at if at.tzinfo else lead.created_at


def _contact(lead: ToldLead, kept: Kept) -> Contact:
    """The contact as it was sent, where that still says what the lead says."""
    address = {
        name: str(lead.address_attributes[name])
        for name in _ADDRESS
        if lead.address_attributes.get(name) not in (None, "")
    }
    person = Person(
        name=lead.name or None,
        last_name=lead.last_name or None,
        email=lead.email or None,
        phone=lead.phone or None,
        address=address or None,
        company=text_in(lead.fields, COMPANY),
    )
    if kept.contact is None:
        return contact_of(person)
    if person_of(kept.contact, lead.recipient.country) == person:
        return kept.contact
    return changed_contact(kept.contact, person)


def _vehicles(lead: ToldLead, kept: Kept) -> tuple[Vehicle, ...]:
    """The vehicle that the lead is about, others that were told with it, and the trade-in."""
    first, *others = kept.vehicles or (_vehicle_of(lead.car),)
    trade_in = trade_in_of(lead.fields)
    given = () if trade_in is None else (msgspec.structs.replace(trade_in, interest="trade-in"),)
    if lead.category == vocabulary.TRADE_IN and first.says_nothing and not others and not lead.stocknum:
        return given or (Vehicle(interest="trade-in"),)
    if lead.stocknum:
        first = msgspec.structs.replace(first, stock=lead.stocknum)
    return (_saying(first, lead), *others, *given)


def _saying(vehicle: Vehicle, lead: ToldLead) -> Vehicle:
    """*vehicle* with the interest and status from which the lead's category can be read again, if any can."""
    said = vocabulary.category_of(vehicle, leadtype=None, is_call=False, is_used=False)
    # A vehicle beside the trade-in is asked for, whatever the lead is called.
    if said == lead.category or not vocabulary.can_say(lead.category) or lead.category == vocabulary.TRADE_IN:
        return vehicle
    interest, status = vocabulary.vehicle_words(lead.category)
    return msgspec.structs.replace(vehicle, interest=interest, status=status or vehicle.status)


def _vehicle_of(car: Car | None) -> Vehicle:
    if car is None:
        return Vehicle()
    return Vehicle(
        status=None if car.condition is None else "new" if car.condition.lower() == "new" else "used",
        year=None if car.year is None else str(car.year),
        make=car.make,
        model=car.model,
        vin=car.vin,
        stock=car.stocknum,
        trim=car.badge,
        colours=(Colour(exterior=car.colour, preference="1"),) if car.colour else (),
        prices=(Price(value=car.price, type="asking"),) if car.price else (),
    )


def _vendor(lead: ToldLead, kept: Kept) -> Vendor:
    """The dealership by its own name; what the sender calls it comes along as ids."""
    own = vendor_of(lead.recipient)
    if kept.vendor is None:
        return own
    theirs = tuple(one for one in kept.vendor.ids if one.source != vocabulary.OURSELVES)
    ours = tuple(
        msgspec.structs.replace(one, sequence=str(number))
        for number, one in enumerate(own.ids, len(theirs) + 1)
    )
    return msgspec.structs.replace(own, ids=(*theirs, *ours), url=kept.vendor.url)


def _provider(lead: ToldLead, kept: Kept) -> Provider:
    """The provider as it was sent; the service says the lead's source where the provider does not."""
    provider = msgspec.structs.replace(
        kept.provider or Provider(service=lead.source), name=lead.provider or vocabulary.OURSELVES
    )
    if vocabulary.origin_of(provider).source != lead.source:
        provider = msgspec.structs.replace(provider, service=lead.source)
    return provider


def _timeframe(said: object) -> Timeframe | None:
    if isinstance(said, str):
        return Timeframe(text=said) if said else None
    if isinstance(said, dict):
        told = {name: text for name in Timeframe.__struct_fields__ if isinstance(text := said.get(name), str)}
        return Timeframe(**told) if told else None
    return None


def _carried(lead: ToldLead) -> dict[str, Any]:
    """What only another Forecourt reads: whatever the format cannot say of the lead."""
    carried = {name: lead.carried[name] for name in CARRIED if lead.carried.get(name) is not None}
    carried |= {"category": lead.category, "source": lead.source}
    # Told even where there is none, or a provider's name would be taken for one.
    carried["marketing_source"] = lead.carried.get("marketing_source")
    if lead.address_attributes:
        carried["address_attributes"] = lead.address_attributes
    fields = {name: value for name, value in lead.fields.items() if name not in OURS[:2]}
    if fields:
        carried["fields"] = fields
    extra = lead.carried.get("extra")
    return carried | ({"extra": extra} if extra else {})


def as_text(lead: ToldLead) -> str:
    """*lead* for people: the text beside the document in a letter."""
    person = _contact(lead, kept_in(lead.fields))
    name = whole_name(lead.name, lead.last_name)
    address = ", ".join(
        str(lead.address_attributes[part]) for part in _ADDRESS if lead.address_attributes.get(part)
    )
    main, *others = _vehicles(lead, kept_in(lead.fields))
    lines = [
        f"{lead.category} at {lead.recipient.name}",
        "",
        *_named("Received", written(lead.created_at, lead.recipient.timezone)),
        *_named("Customer", name),
        *_named("Company", text_in(lead.fields, COMPANY)),
        *_named("E-mail", ", ".join(one.value for one in person.emails)),
        *_named("Phone", ", ".join(one.value for one in person.phones)),
        *_named("Address", address),
        *_named("Vehicle", _in_words(main)),
        *(line for one in others for line in _named(_role(one), _in_words(one))),
        *_named("Source", lead.source),
        *_named("Provider", " ".join(part for part in (lead.provider, lead.provider_id) if part)),
        *_named("Lead", str(lead.id)),
    ]
    if lead.message:
        lines += ["", lead.message]
    return "\n".join(lines) + "\n"


def _named(label: str, value: str | None) -> list[str]:
    return [f"{label}: {value}"] if value else []


def _role(vehicle: Vehicle) -> str:
    return "Trade-in" if vocabulary.interest_of(vehicle) == "trade-in" else "Also"


def _in_words(vehicle: Vehicle) -> str:
    words = " ".join(part for part in (vehicle.year, vehicle.make, vehicle.model, vehicle.trim) if part)
    marks = [f"stock {vehicle.stock}" if vehicle.stock else "", f"VIN {vehicle.vin}" if vehicle.vin else ""]
    return ", ".join(part for part in (words, *marks) if part)
