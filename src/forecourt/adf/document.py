"""An ADF document as it is read and written: every part of the format, and what it does not know.

Texts are as they were sent but for the space around them; attributes keep their own words, however odd.
"""

from __future__ import annotations

from typing import Any

import msgspec


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a document; what is not there is not told."""


class Id(_Part, frozen=True):
    """What somebody calls the thing it stands in.

    Attributes:
        source: who calls it so.
    """

    value: str
    source: str | None = None
    sequence: str | None = None


class Price(_Part, frozen=True):
    """A price; ``value`` is text, for ``call`` has none."""

    value: str
    type: str | None = None
    currency: str | None = None
    delta: str | None = None
    relativeto: str | None = None
    source: str | None = None


class Odometer(_Part, frozen=True):
    """How far a vehicle has gone."""

    value: str
    status: str | None = None
    units: str | None = None


class Colour(_Part, frozen=True):
    """A combination of colours; ``preference`` 1 is the favourite."""

    interior: str | None = None
    exterior: str | None = None
    preference: str | None = None


class Image(_Part, frozen=True):
    """The address of a picture."""

    url: str
    width: str | None = None
    height: str | None = None
    alttext: str | None = None


class Option(_Part, frozen=True):
    """Something to have in the vehicle, or not to have, by its weight."""

    name: str
    manufacturercode: str | None = None
    stock: str | None = None
    weighting: str | None = None
    price: Price | None = None


class Amount(_Part, frozen=True):
    """An amount of a finance plan."""

    value: str
    type: str | None = None
    limit: str | None = None
    currency: str | None = None


class Balance(_Part, frozen=True):
    """What is left to pay."""

    value: str
    type: str | None = None
    currency: str | None = None


class Finance(_Part, frozen=True):
    """How it is to be paid."""

    method: str | None = None
    amounts: tuple[Amount, ...] = ()
    balance: Balance | None = None


class Vehicle(_Part, frozen=True):
    """A vehicle that is asked for, offered or given in part exchange."""

    interest: str | None = None
    status: str | None = None
    ids: tuple[Id, ...] = ()
    year: str | None = None
    make: str | None = None
    model: str | None = None
    vin: str | None = None
    stock: str | None = None
    trim: str | None = None
    doors: str | None = None
    bodystyle: str | None = None
    transmission: str | None = None
    odometer: Odometer | None = None
    condition: str | None = None
    colours: tuple[Colour, ...] = ()
    images: tuple[Image, ...] = ()
    prices: tuple[Price, ...] = ()
    pricecomments: str | None = None
    options: tuple[Option, ...] = ()
    finance: Finance | None = None
    comments: str | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether it tells of no vehicle at all."""
        return msgspec.structs.replace(self, interest=None, status=None, comments=None) == Vehicle()


class Name(_Part, frozen=True):
    """A name, or a part of one."""

    value: str
    part: str | None = None
    type: str | None = None


class Email(_Part, frozen=True):
    """An e-mail address."""

    value: str
    preferred: bool = False


class Phone(_Part, frozen=True):
    """A telephone number."""

    value: str
    type: str | None = None
    time: str | None = None
    preferred: bool = False


class Address(_Part, frozen=True):
    """Where somebody lives or works."""

    streets: tuple[str, ...] = ()
    apartment: str | None = None
    city: str | None = None
    regioncode: str | None = None
    postalcode: str | None = None
    country: str | None = None
    type: str | None = None


class Contact(_Part, frozen=True):
    """Somebody, and how to reach them."""

    names: tuple[Name, ...] = ()
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    address: Address | None = None


class Timeframe(_Part, frozen=True):
    """When the customer wants it: text by the DTD, three elements by the prose."""

    text: str | None = None
    description: str | None = None
    earliestdate: str | None = None
    latestdate: str | None = None


class Customer(_Part, frozen=True):
    """Who asks.

    Attributes:
        others: further contacts, which the format does not allow and people send.
    """

    contact: Contact = Contact()
    others: tuple[Contact, ...] = ()
    ids: tuple[Id, ...] = ()
    timeframe: Timeframe | None = None
    comments: str | None = None


class Vendor(_Part, frozen=True):
    """Who is asked: the dealership, as the sender knows it."""

    ids: tuple[Id, ...] = ()
    name: str | None = None
    url: str | None = None
    contact: Contact | None = None


class Provider(_Part, frozen=True):
    """Who sends it."""

    ids: tuple[Id, ...] = ()
    name: str | None = None
    service: str | None = None
    url: str | None = None
    email: str | None = None
    phone: str | None = None
    contact: Contact | None = None


class Extension(_Part, frozen=True):
    """What the format does not know, verbatim.

    Attributes:
        path: where it stood in its prospect, as ``vehicle[1]/leadtype``; of an attribute, ``vehicle[1]/@foo``.
        xml: the element as XML; of an attribute, its value.
        is_read: whether what it says is in the lead too, so that it is not told a second time.
    """

    path: str
    xml: str
    is_read: bool = False


class Prospect(_Part, frozen=True):
    """One enquiry.

    Attributes:
        path: where it stood in the document, as ``/adf/prospect[1]``.
        leadtype: a word outside the format about what kind of enquiry it is.
        comments: of the prospect itself and of its contact, where the format allows none.
        transcript: a chat, a line a message.
        is_call: whether it tells of a telephone call.
        carried: what another Forecourt has sent beside the format (docs/adf.md).
    """

    path: str = "/adf/prospect[1]"
    status: str | None = None
    ids: tuple[Id, ...] = ()
    requestdate: str | None = None
    vehicles: tuple[Vehicle, ...] = ()
    customer: Customer = Customer()
    vendor: Vendor | None = None
    provider: Provider | None = None
    leadtype: str | None = None
    comments: tuple[str, ...] = ()
    transcript: str | None = None
    is_call: bool = False
    extensions: tuple[Extension, ...] = ()
    carried: dict[str, Any] = {}
