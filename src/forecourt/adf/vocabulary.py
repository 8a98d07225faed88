"""What ADF's words and senders' names mean in the contract's words, and back. Pure tables.

To know another provider, add a line to ``_SOURCES``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from forecourt.adf.wording import folded
from forecourt.vocabulary import SOURCE

if TYPE_CHECKING:
    from forecourt.adf.document import Provider, Vehicle

NEW = "New Vehicle Enquiry"
USED = "Used Vehicle Enquiry"
TRADE_IN = "Trade-in Enquiry"
GENERAL = "General Enquiry"
PHONE_CALL = "Phone Call"
DEFAULT_SOURCE = "Website"

# How this server calls itself as a provider, and as the source of its own ids.
OURSELVES = "Forecourt"

_INTERESTS = {
    "buy": "buy",
    "purchase": "buy",
    "lease": "lease",
    "finance": "lease",
    "sell": "sell",
    "trade-in": "trade-in",
    "trade": "trade-in",
    "tradein": "trade-in",
    "trade in": "trade-in",
    "test-drive": "test-drive",
    "testdrive": "test-drive",
    "test drive": "test-drive",
}
_STATUSES = {
    "new": "new",
    "used": "used",
    "cpo": "used",
    "certified": "used",
    "certified pre-owned": "used",
    "pre-owned": "used",
    "preowned": "used",
    "demo": "used",
    "demonstrator": "used",
}
_CERTIFIED = frozenset({"cpo", "certified", "certified pre-owned"})
_PHONES = {
    "voice": "voice",
    "phone": "voice",
    "home": "voice",
    "work": "voice",
    "business": "voice",
    "day": "voice",
    "evening": "voice",
    "landline": "voice",
    "cellphone": "cellphone",
    "cell": "cellphone",
    "cellular": "cellphone",
    "mobile": "cellphone",
    "fax": "fax",
    "pager": "pager",
}
_CATEGORIES = {"lease": "Finance Enquiry", "sell": "Sell My Car Enquiry", "test-drive": "Test Drive Booking"}
_LEADTYPES = (
    (re.compile(r"\bservice\b"), "Service Enquiry"),
    (re.compile(r"\b(?:parts?|accessor\w*)\b"), "Parts Enquiry"),
    (re.compile(r"\b(?:finance|credit|loan)\b"), "Finance Enquiry"),
    (re.compile(r"\b(?:phone|call)\b"), PHONE_CALL),
    (re.compile(r"\btest ?drive\b"), "Test Drive Booking"),
    (re.compile(r"\b(?:trade|appraisal|valuation)\b"), TRADE_IN),
)
# What is read from more than a vehicle.
HINTED = frozenset({GENERAL, PHONE_CALL, *(category for _, category in _LEADTYPES)})
# Category -> interest and status of the vehicle that says so.
_VEHICLES: dict[str, tuple[str | None, str | None]] = {
    NEW: ("buy", "new"),
    USED: ("buy", "used"),
    "Test Drive Booking": ("test-drive", None),
    "Sell My Car Enquiry": ("sell", None),
    "Finance Enquiry": ("lease", None),
    TRADE_IN: ("trade-in", None),
}

# The first that is found in what the provider says of itself; the more particular in front.
_SOURCES = tuple(
    (re.compile(rf"\b(?:{words})\b"), source)
    for words, source in (
        ("carsales", "Carsales"),
        ("auto ?trader", "Autotrader"),
        ("(?:facebook|fb) market ?place", "Facebook Marketplace"),
        ("facebook|fb|instagram|meta", "Facebook"),
        ("google ads?|adwords", "Google Ads"),
        ("google", "Google Referral"),
        ("car ?expert", "Car Expert"),
        ("autograb", "Autograb"),
        ("only ?cars", "Only Cars"),
        ("carbee", "Carbee"),
        ("connect ?drive", "Connect Drive"),
        ("brisbane cars", "Brisbane Cars"),
        ("tweed cars", "Tweed Cars"),
        ("iapprise", "IApprise"),
        ("ford (?:mobile )?app", "Ford Mobile App"),
        ("cba|commbank|commonwealth bank", "CBA"),
        ("call ?rail|call ?tracking|call ?source|who ?s ?calling|phone (?:call|lead)s?", "Phone Call"),
        (
            "gubagoo|activ ?engage|carnow|contact ?at ?once|podium|live ?chat|chat ?bots?|chat",
            "Chatbot - External",
        ),
        ("qr ?code", "QR Code"),
        ("sms|text messages?", "SMS"),
        ("walk ?ins?|showroom", "Walk In"),
        ("oem|manufacturer|tier 1", "Manufacturer"),
        ("web ?site|dealer site|web ?form|internet", "Website"),
    )
)
_MARKETING = (
    (re.compile(r"\binstagram\b"), "Instagram"),
    (re.compile(r"\b(?:facebook|fb|meta)\b"), "Facebook"),
    (re.compile(r"\b(?:google ads?|adwords)\b"), "Adwords"),
    (re.compile(r"\btik ?tok\b"), "TikTok"),
    (re.compile(r"\byou ?tube\b"), "YouTube"),
    (re.compile(r"\blinked ?in\b"), "Linkedin"),
    (re.compile(r"\b(?:gmb|google my business|google business)\b"), "GMB"),
)


class Origin(msgspec.Struct, frozen=True):
    """Where a lead comes from, in the contract's words.

    Attributes:
        is_known: whether the provider is one that the tables know, or there is none.
    """

    source: str
    marketing_source: str | None
    is_known: bool


def interest_of(vehicle: Vehicle) -> str | None:
    """The vehicle's interest, one of ADF's five; None where it has none, or another."""
    return _INTERESTS.get((vehicle.interest or "").lower())


def status_of(vehicle: Vehicle) -> str | None:
    """``new`` or ``used``; None where the vehicle says neither."""
    return _STATUSES.get((vehicle.status or "").lower())


def is_certified(vehicle: Vehicle) -> bool:
    """Whether it is sold as certified."""
    return (vehicle.status or "").lower() in _CERTIFIED


def phone_type(sent: str | None) -> str | None:
    """One of ADF's four; None where it is none, or not told."""
    return _PHONES.get((sent or "").lower())


def category_of(vehicle: Vehicle | None, *, leadtype: str | None, is_call: bool, is_used: bool) -> str:
    """The category of an enquiry about *vehicle*.

    Args:
        vehicle: the one it is about; None where there is none.
        leadtype: what the sender calls the kind of enquiry, outside the format.
        is_call: whether it tells of a telephone call.
        is_used: whether the dealership knows the vehicle as a used one, which counts where the sender does not say.
    """
    hinted = next((word for hint, word in _LEADTYPES if leadtype and hint.search(folded(leadtype))), None)
    if vehicle is None or (vehicle.says_nothing and vehicle.interest is None and vehicle.status is None):
        return hinted or (PHONE_CALL if is_call else GENERAL)
    interest = interest_of(vehicle)
    if interest == "trade-in":
        return TRADE_IN
    if interest in _CATEGORIES:
        return _CATEGORIES[interest]
    status = status_of(vehicle) or ("used" if is_used else "new")
    return USED if status == "used" else NEW


def vehicle_words(category: str) -> tuple[str | None, str | None]:
    """Interest and status of a vehicle that says *category*; None twice where ADF cannot say it."""
    return _VEHICLES.get(category, (None, None))


def can_say(category: str) -> bool:
    """Whether ADF has a way to say *category*."""
    return category in _VEHICLES


def origin_of(provider: Provider | None) -> Origin:
    """Where a lead that *provider* sends comes from."""
    if provider is None:
        return Origin(DEFAULT_SOURCE, None, is_known=True)
    said = " | ".join(folded(part) for part in (provider.service, provider.name, provider.url) if part)
    marketing = next((word for hint, word in _MARKETING if hint.search(said)), None)
    for exact in (provider.service, provider.name):
        word = SOURCE.canonical(exact) if exact else None
        if word is not None:
            return Origin(word, marketing, is_known=True)
    found = next((source for hint, source in _SOURCES if hint.search(said)), None)
    return Origin(found or DEFAULT_SOURCE, marketing, is_known=found is not None)
