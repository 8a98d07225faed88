"""A prospect as a document that the DTD holds valid, whatever the prospect says. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from forecourt.adf import vocabulary
from forecourt.adf.checking import RULES
from forecourt.adf.document import Contact, Vehicle
from forecourt.adf.parsing import fragment
from forecourt.adf.wording import writable
from forecourt.leads import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecourt.adf.document import (
        Address,
        Colour,
        Extension,
        Finance,
        Id,
        Option,
        Price,
        Prospect,
        Provider,
        Timeframe,
        Vendor,
    )

_OUR_INSTRUCTION = "forecourt"
_STREETS = 5


def _put(
    parent: etree._Element, name: str, text: str | None = "", **attributes: str | None
) -> etree._Element:
    """Put an element at the end of *parent*; attributes that the DTD does not allow there are left out."""
    element = etree.SubElement(parent, name)
    for attribute, value in attributes.items():
        if value and _is_allowed(name, attribute, value):
            element.set(attribute, writable(value))
    element.text = writable(text) if text else None
    return element


def _put_known(parent: etree._Element, name: str, text: str | None, **attributes: str | None) -> None:
    if text is not None:
        _put(parent, name, text, **attributes)


def _is_allowed(element: str, attribute: str, value: str) -> bool:
    rule = RULES[f"{element}/@{attribute}"]
    words = rule[rule.find("(") + 1 : rule.find(")")].split(" | ") if "(" in rule else None
    return words is None or value in words


def document(prospect: Prospect) -> bytes:
    """*prospect* as an ADF document in UTF-8.

    Its extensions, where it has any, are put back to where they stood; without them the DTD holds the document valid.
    """
    root = etree.Element("adf")
    at = etree.SubElement(root, "prospect")
    at.set("status", "resend" if (prospect.status or "").lower() == "resend" else "new")
    _ids(at, prospect.ids)
    _put(at, "requestdate", prospect.requestdate)
    for vehicle in prospect.vehicles or (Vehicle(),):
        _vehicle(at, vehicle)
    customer = _put(at, "customer")
    _contact(customer, prospect.customer.contact)
    _ids(customer, prospect.customer.ids)
    _timeframe(customer, prospect.customer.timeframe)
    _put_known(customer, "comments", prospect.customer.comments)
    _vendor(at, prospect.vendor)
    if prospect.provider is not None:
        _provider(at, prospect.provider)
    if prospect.carried:
        at.insert(0, _instruction(prospect.carried))
    etree.indent(root, "  ")
    for extension in prospect.extensions:
        if not extension.is_read:
            _extend(at, extension)
    written = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<?adf version="1.0"?>\n{written}\n'.encode()


def _ids(parent: etree._Element, ids: Iterable[Id]) -> None:
    for one in ids:
        _put(parent, "id", one.value, sequence=one.sequence, source=one.source)


def _vehicle(parent: etree._Element, vehicle: Vehicle) -> None:
    at = _put(
        parent,
        "vehicle",
        interest=vocabulary.interest_of(vehicle),
        status=vocabulary.status_of(vehicle),
    )
    _ids(at, vehicle.ids)
    for name in ("year", "make", "model"):
        _put(at, name, getattr(vehicle, name))
    for name in ("vin", "stock", "trim", "doors", "bodystyle", "transmission"):
        _put_known(at, name, getattr(vehicle, name))
    if vehicle.odometer is not None:
        units = {"miles": "mi", "kms": "km"}.get(vehicle.odometer.units or "", vehicle.odometer.units)
        _put(at, "odometer", vehicle.odometer.value, status=vehicle.odometer.status, units=units)
    for colour in vehicle.colours:
        _colour(at, colour)
    for image in vehicle.images[:1]:
        _put(at, "imagetag", image.url, width=image.width, height=image.height, alttext=image.alttext)
    for price in vehicle.prices[:1]:
        _price(at, price)
    _put_known(at, "pricecomments", _price_comments(vehicle))
    for option in vehicle.options:
        _option(at, option)
    if vehicle.finance is not None and vehicle.finance.amounts:
        _finance(at, vehicle.finance)
    _put_known(at, "comments", vehicle.comments)


def _price_comments(vehicle: Vehicle) -> str | None:
    """The format has one price and no place for the condition: the others are told in words."""
    said = [vehicle.pricecomments] if vehicle.pricecomments else []
    said += [
        " ".join(part for part in (price.type, price.value, price.currency) if part)
        for price in vehicle.prices[1:]
    ]
    return "; ".join(said) or None


def _colour(parent: etree._Element, colour: Colour) -> None:
    if not (colour.interior or colour.exterior):
        return
    at = _put(parent, "colorcombination")
    _put_known(at, "interiorcolor", colour.interior)
    _put_known(at, "exteriorcolor", colour.exterior)
    _put(at, "preference", colour.preference or "1")


def _price(parent: etree._Element, price: Price) -> None:
    _put(
        parent,
        "price",
        price.value,
        type=price.type,
        currency=price.currency,
        delta=price.delta,
        relativeto=price.relativeto,
        source=price.source,
    )


def _option(parent: etree._Element, option: Option) -> None:
    at = _put(parent, "option")
    _put(at, "optionname", option.name)
    for name in ("manufacturercode", "stock", "weighting"):
        _put_known(at, name, getattr(option, name))
    if option.price is not None:
        _price(at, option.price)


def _finance(parent: etree._Element, finance: Finance) -> None:
    at = _put(parent, "finance")
    _put(at, "method", finance.method)
    for amount in finance.amounts:
        _put(at, "amount", amount.value, type=amount.type, limit=amount.limit, currency=amount.currency)
    if finance.balance is not None:
        _put(
            at, "balance", finance.balance.value, type=finance.balance.type, currency=finance.balance.currency
        )


def _contact(parent: etree._Element, contact: Contact) -> None:
    """A contact; who has no name, or cannot be reached, has an empty one."""
    at = _put(parent, "contact")
    for name in contact.names:
        _put(at, "name", name.value, part=(name.part or "").lower(), type=(name.type or "").lower())
    if not contact.names:
        _put(at, "name", part="full")
    for email in contact.emails:
        _put(at, "email", email.value, preferredcontact="1" if email.preferred else None)
    for phone in contact.phones:
        preferred = "1" if phone.preferred else None
        kind = vocabulary.phone_type(phone.type)
        _put(at, "phone", phone.value, type=kind, time=(phone.time or "").lower(), preferredcontact=preferred)
    if not (contact.emails or contact.phones):
        _put(at, "phone")
    if contact.address is not None:
        _address(at, contact.address)


def _address(parent: etree._Element, address: Address) -> None:
    at = _put(parent, "address", type=(address.type or "").lower())
    streets = address.streets[: _STREETS - 1]
    if len(address.streets) >= _STREETS:
        streets = (*streets, ", ".join(address.streets[_STREETS - 1 :]))
    for number, street in enumerate(streets or ("",), 1):
        _put(at, "street", street, line=str(number))
    for name in ("apartment", "city", "regioncode", "postalcode", "country"):
        _put_known(at, name, getattr(address, name))


def _timeframe(parent: etree._Element, timeframe: Timeframe | None) -> None:
    """As text, for so the DTD has it."""
    if timeframe is None:
        return
    said = [timeframe.text or "", timeframe.description or ""]
    said += [f"from {timeframe.earliestdate}"] if timeframe.earliestdate else []
    said += [f"until {timeframe.latestdate}"] if timeframe.latestdate else []
    _put(parent, "timeframe", ", ".join(part for part in said if part))


def _vendor(parent: etree._Element, vendor: Vendor | None) -> None:
    at = _put(parent, "vendor")
    _ids(at, vendor.ids if vendor else ())
    _put(at, "vendorname", vendor.name if vendor else None)
    _put_known(at, "url", vendor.url if vendor else None)
    _contact(at, (vendor.contact if vendor else None) or Contact())


def _provider(parent: etree._Element, provider: Provider) -> None:
    at = _put(parent, "provider")
    _ids(at, provider.ids)
    _put(at, "name", provider.name, part="full")
    for name in ("service", "url", "email", "phone"):
        _put_known(at, name, getattr(provider, name))
    if provider.contact is not None:
        _contact(at, provider.contact)


def _instruction(carried: dict[str, object]) -> etree._Element:
    """What only another Forecourt reads, where the DTD allows anything: in a processing instruction, in ASCII."""
    text = json_text.encode(carried).decode()
    escaped = "".join(each if each.isascii() and each != ">" else _escaped(each) for each in text)
    return etree.ProcessingInstruction(_OUR_INSTRUCTION, escaped)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _extend(prospect: etree._Element, extension: Extension) -> None:
    """Put an extension back to where it stood; one whose place is gone, into the prospect itself."""
    parent_path, _, name = extension.path.rpartition("/")
    parent = _at(prospect, parent_path)
    if name.startswith("@"):
        if parent is not None and etree.QName(name[1:]).localname not in parent.attrib:
            _set_freely(parent, name[1:], extension.xml)
        return
    element = fragment(extension.xml)
    if element is not None:
        (prospect if parent is None else parent).append(element)


def _set_freely(element: etree._Element, name: str, value: str) -> None:
    try:
        element.set(name, writable(value))
    except ValueError:
        # A name that anybody may have written into ``fields``, and that is none.
        return


def _at(prospect: etree._Element, path: str) -> etree._Element | None:
    at: etree._Element | None = prospect
    for step in filter(None, path.split("/")):
        name, _, number = step.partition("[")
        index = int(number[:-1]) if number[:-1].isdecimal() and len(number) < 6 else 1  # noqa: PLR2004
        same = [] if at is None else [child for child in at if child.tag == name]
        at = same[index - 1] if 0 < index <= len(same) else None
    return at
