"""A customer as ADF tells one, as a lead's columns, and back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.adf.countries import country_code, country_name
from forecourt.adf.document import Address, Contact, Email, Name, Phone
from forecourt.adf.report import Deviation
from forecourt.adf.vocabulary import phone_type
from forecourt.contacts.email import NotAnEmail, loose_email, read_email
from forecourt.contacts.phone import NotAPhone, loose_phone, read_phone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LINE = 255
_EMAIL = 320
_PHONE = 64
_POSTCODE = 16
_FAX = "fax"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in a lead's columns.

    Attributes:
        address: the members of ``address_attributes``; None where none is told.
        company: the name of a business.
    """

    name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: dict[str, str] | None = None
    company: str | None = None


def person_of(contact: Contact, country: str) -> Person:
    """*contact* in a lead's columns; which address and number count is what ``preferredcontact`` says.

    Args:
        contact: as it was sent.
        country: where its telephone numbers are read.
    """
    name, last_name = _names(contact.names)
    company = next((one.value for one in contact.names if _is_business(one)), None)
    if name is None and last_name is None:
        name = company
    emails = sorted(contact.emails, key=lambda one: (loose_email(one.value) is None, not one.preferred))
    phones = sorted(
        (one for one in contact.phones if len(one.value) <= _PHONE),
        key=lambda one: (
            not _is_phone(one, country),
            not one.preferred,
            phone_type(one.type) != "cellphone",
            phone_type(one.type) in {_FAX, "pager"},
        ),
    )
    return Person(
        name=_clipped(name),
        last_name=_clipped(last_name),
        email=next((one.value for one in emails if len(one.value) <= _EMAIL), None),
        phone=phones[0].value if phones else None,
        address=_address_attributes(contact.address) if contact.address else None,
        company=_clipped(company),
    )


def contact_of(person: Person) -> Contact:
    """*person* as ADF tells one."""
    names = []
    if person.name is not None and person.last_name is not None:
        names = [Name(value=person.name, part="first"), Name(value=person.last_name, part="last")]
    elif person.name is not None and person.name != person.company:
        names = [Name(value=person.name, part="full")]
    elif person.last_name is not None:
        names = [Name(value=person.last_name, part="last")]
    if person.company is not None:
        names.append(Name(value=person.company, part="full", type="business"))
    return Contact(
        names=tuple(names),
        emails=(Email(value=person.email),) if person.email else (),
        phones=(Phone(value=person.phone),) if person.phone else (),
        address=_address(person.address) if person.address else None,
    )


def changed_contact(sent: Contact, person: Person) -> Contact:
    """*sent*, with what the lead says by now; further addresses and numbers stay."""
    new = contact_of(person)
    emails = [one for one in sent.emails if one.value != person.email]
    phones = [one for one in sent.phones if one.value != person.phone]
    return msgspec.structs.replace(
        new,
        emails=(*(msgspec.structs.replace(one, preferred=True) for one in new.emails), *emails),
        phones=(*(msgspec.structs.replace(one, preferred=True) for one in new.phones), *phones),
    )


def points_of(contacts: Sequence[Contact], country: str) -> tuple[tuple[str, str], ...]:
    """Every way to reach somebody, kind and normalised value; but for fax machines, which whole floors share."""
    found: dict[tuple[str, str], None] = {}
    for contact in contacts:
        for email in contact.emails:
            if normalised := loose_email(email.value):
                found["email", normalised] = None
        for phone in contact.phones:
            if phone_type(phone.type) != _FAX and (e164 := loose_phone(phone.value, country)):
                found["phone", e164] = None
    return tuple(found)


def oddities(contact: Contact, person: Person, country: str, path: str) -> Iterator[Deviation]:
    """What of the chosen address and number is no address and no number."""
    if person.email is None:
        yield Deviation(path, "lead.email", "tells no e-mail address")
    else:
        try:
            read_email(person.email)
        except NotAnEmail:
            at = [one.value for one in contact.emails].index(person.email) + 1
            yield Deviation(f"{path}/email[{at}]", "lead.email", "is no e-mail address; kept as it was sent")
    if person.phone is None:
        yield Deviation(path, "lead.phone", "tells no telephone number")
    elif not _is_phone(Phone(value=person.phone), country):
        at = [one.value for one in contact.phones].index(person.phone) + 1
        yield Deviation(f"{path}/phone[{at}]", "lead.phone", "is no telephone number; kept as it was sent")


def _is_phone(phone: Phone, country: str) -> bool:
    try:
        read_phone(phone.value, country)
    except NotAPhone:
        return False
    return True


def _names(names: Sequence[Name]) -> tuple[str | None, str | None]:
    """Name and last name: in two where they are told in two, else in one."""
    told: dict[str, str] = {}
    for one in names:
        if not _is_business(one):
            part = (one.part or "full").lower()
            told.setdefault("last" if part == "surname" else part, one.value)
    first = " ".join(part for part in (told.get("first"), told.get("middle")) if part) or None
    last = " ".join(part for part in (told.get("last"), told.get("suffix")) if part) or None
    full = told.get("full")
    if first is None and full is not None:
        whole = full if last is None else full.removesuffix(last).strip()
        return whole or None, last
    return first, last


def _is_business(name: Name) -> bool:
    return (name.type or "").lower() == "business"


def _clipped(text: str | None) -> str | None:
    return text[:_LINE].strip() if text else None


def _address_attributes(address: Address) -> dict[str, str] | None:
    street = ", ".join(part for part in (address.apartment, *address.streets) if part)
    members = {
        "street": _clipped(street or None),
        "city": _clipped(address.city),
        "state": _clipped(address.regioncode),
        "postcode": address.postalcode
        if address.postalcode and len(address.postalcode) <= _POSTCODE
        else None,
        "country": _clipped(country_name(address.country)) if address.country else None,
    }
    return {name: value for name, value in members.items() if value} or None


def _address(members: dict[str, str]) -> Address:
    country = members.get("country")
    return Address(
        streets=(members["street"],) if members.get("street") else (),
        city=members.get("city"),
        regioncode=members.get("state"),
        postalcode=members.get("postcode"),
        country=country_code(country) if country else None,
    )
