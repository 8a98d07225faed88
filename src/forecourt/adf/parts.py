"""The parts of a prospect, each read liberally: other spellings, other places, several where one is allowed. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from forecourt.adf.document import (
    Address,
    Amount,
    Balance,
    Colour,
    Contact,
    Customer,
    Email,
    Finance,
    Id,
    Image,
    Name,
    Odometer,
    Option,
    Phone,
    Price,
    Provider,
    Timeframe,
    Vehicle,
    Vendor,
)
from forecourt.adf.wording import one_line

if TYPE_CHECKING:
    from forecourt.adf.opening import Opened

# type="monthly currency=USD": two attributes in the quotes of one.
_STRAY_QUOTE = re.compile(r"""(\S{1,60})\s+(\w{1,60})="?([^"]{0,60})""")
_OF_CONTACT = ("name", "email", "phone", "address")
_OF_VEHICLE = (
    "year",
    "make",
    "model",
    "vin",
    "stock",
    "trim",
    "doors",
    "bodystyle",
    "transmission",
    "condition",
)


def _line(opened: Opened, *names: str) -> str | None:
    return opened.first(_own_line, *names)


def _own_line(opened: Opened) -> str | None:
    text = opened.own_text()
    return (one_line(text) or None) if text else None


def _attributes(opened: Opened, *names: str) -> dict[str, str | None]:
    """The attributes with these *names*; one that slipped into the quotes of another in its own place."""
    found = {name: opened.attribute(name) for name in names}
    for name, value in list(found.items()):
        slipped = _STRAY_QUOTE.fullmatch(value) if value else None
        if slipped and slipped[2] in found and not found[slipped[2]]:
            found |= {name: slipped[1], slipped[2]: slipped[3] or None}
    return found


def _flag(opened: Opened, name: str) -> bool:
    return (opened.attribute(name) or "").lower() in {"1", "true", "yes"}


def ids(opened: Opened) -> tuple[Id, ...]:
    """The ids in *opened*; an empty one tells nothing."""
    return opened.every(_id, "id")


def _id(opened: Opened) -> Id | None:
    attributes = _attributes(opened, "source", "sequence")
    value = _own_line(opened)
    return Id(value=value, **attributes) if value else None


def _price(opened: Opened) -> Price:
    attributes = _attributes(opened, "type", "currency", "delta", "relativeto", "source")
    return Price(value=_own_line(opened) or "", **attributes)


def vehicle(opened: Opened) -> Vehicle:
    """A vehicle."""
    return Vehicle(
        **_attributes(opened, "interest", "status"),
        ids=ids(opened),
        **{name: _line(opened, name) for name in _OF_VEHICLE},
        odometer=opened.first(_odometer, "odometer"),
        colours=_colours(opened),
        images=opened.every(_image, "imagetag"),
        prices=opened.every(_price, "price"),
        pricecomments="\n".join(opened.texts("pricecomments", "pricecomment")) or None,
        options=opened.every(_option, "option"),
        finance=opened.first(_finance, "finance"),
        comments="\n".join(opened.texts("comments", "comment")) or None,
    )


def _odometer(opened: Opened) -> Odometer | None:
    """As text with attributes, or with its value and units as elements."""
    attributes = _attributes(opened, "status", "units")
    units = _line(opened, "units")
    if units:
        attributes["units"] = units
    value = _line(opened, "value") or _own_line(opened)
    return Odometer(value=value, **attributes) if value else None


def _colours(opened: Opened) -> tuple[Colour, ...]:
    combined = opened.every(_colour, "colorcombination")
    # Without a combination around it.
    bare = _colour(opened)
    return combined if bare is None else (*combined, bare)


def _colour(opened: Opened) -> Colour | None:
    read = Colour(
        interior=_line(opened, "interiorcolor"),
        exterior=_line(opened, "exteriorcolor", "color", "colour"),
        preference=_line(opened, "preference"),
    )
    return None if read == Colour() else read


def _image(opened: Opened) -> Image | None:
    attributes = _attributes(opened, "width", "height", "alttext")
    url = _own_line(opened)
    return Image(url=url, **attributes) if url else None


def _option(opened: Opened) -> Option | None:
    """With a name inside, or as text alone."""
    name = _line(opened, "optionname", "name")
    details = {part: _line(opened, part) for part in ("manufacturercode", "stock", "weighting")}
    price = opened.first(_price, "price")
    read = Option(name=name or _own_line(opened) or "", price=price, **details)
    return None if read == Option(name="") else read


def _finance(opened: Opened) -> Finance | None:
    read = Finance(
        method=_line(opened, "method"),
        amounts=opened.every(_amount, "amount"),
        balance=opened.first(_balance, "balance"),
    )
    return None if read == Finance() else read


def _amount(opened: Opened) -> Amount | None:
    attributes = _attributes(opened, "type", "limit", "currency")
    value = _own_line(opened)
    return Amount(value=value, **attributes) if value else None


def _balance(opened: Opened) -> Balance | None:
    attributes = _attributes(opened, "type", "currency")
    value = _own_line(opened)
    return Balance(value=value, **attributes) if value else None


def customer(opened: Opened) -> Customer:
    """A customer; comments inside a contact, where the format has none, join the customer's."""
    aside: list[str] = []

    def contact_and_comments(one: Opened) -> Contact:
        aside.extend(one.texts("comments", "comment"))
        return contact(one)

    contacts = opened.every(contact_and_comments, "contact")
    if not contacts and opened.has(*_OF_CONTACT):
        # Without a contact around it.
        contacts = (contact(opened),)
    return Customer(
        contact=contacts[0] if contacts else Contact(),
        others=contacts[1:],
        ids=ids(opened),
        timeframe=opened.first(_timeframe, "timeframe"),
        comments="\n".join([*opened.texts("comments", "comment"), *aside]) or None,
    )


def _timeframe(opened: Opened) -> Timeframe | None:
    """As text, by the DTD, or as three elements, by the prose."""
    described = {name: _line(opened, name) for name in ("description", "earliestdate", "latestdate")}
    if any(described.values()):
        return Timeframe(**described)
    text = _own_line(opened)
    return Timeframe(text=text) if text else None


def contact(opened: Opened) -> Contact:
    """Somebody, and how to reach them."""
    # Who is meant, where there are several, is said in the prose alone.
    opened.attribute("primarycontact")
    return Contact(
        names=opened.every(_name, "name"),
        emails=opened.every(_email, "email"),
        phones=opened.every(_phone, "phone"),
        address=opened.first(_address, "address"),
    )


def _name(opened: Opened) -> Name | None:
    attributes = _attributes(opened, "part", "type")
    value = _own_line(opened)
    return Name(value=value, **attributes) if value else None


def _email(opened: Opened) -> Email | None:
    preferred = _flag(opened, "preferredcontact")
    value = _own_line(opened)
    return Email(value=value, preferred=preferred) if value else None


def _phone(opened: Opened) -> Phone | None:
    attributes = _attributes(opened, "type", "time")
    # So the format's own example spells it once.
    attributes["time"] = attributes["time"] or opened.attribute("besttime")
    preferred = _flag(opened, "preferredcontact")
    value = _own_line(opened)
    return Phone(value=value, preferred=preferred, **attributes) if value else None


def _address(opened: Opened) -> Address | None:
    kind = opened.attribute("type")
    read = Address(
        streets=opened.every(_street, "street"),
        type=kind,
        **{
            name: _line(opened, name) for name in ("apartment", "city", "regioncode", "postalcode", "country")
        },
    )
    return None if read == Address(type=kind) else read


def _street(opened: Opened) -> str | None:
    # Which line it is, their order says too.
    opened.attribute("line")
    return _own_line(opened)


def vendor(opened: Opened) -> Vendor | None:
    """A vendor."""
    read = Vendor(
        ids=ids(opened),
        name=_line(opened, "vendorname", "name"),
        url=_line(opened, "url"),
        contact=opened.first(_known_contact, "contact"),
    )
    return None if read == Vendor() else read


def provider(opened: Opened) -> Provider | None:
    """A provider."""
    read = Provider(
        ids=ids(opened),
        name=opened.first(_name_of_provider, "name"),
        contact=opened.first(_known_contact, "contact"),
        **{name: _line(opened, name) for name in ("service", "url", "email", "phone")},
    )
    return None if read == Provider() else read


def _name_of_provider(opened: Opened) -> str | None:
    # What part of a name it is, and which of several, says nothing about a provider.
    for name in ("part", "type", "sequence"):
        opened.attribute(name)
    return _own_line(opened)


def _known_contact(opened: Opened) -> Contact | None:
    read = contact(opened)
    return None if read == Contact() else read
