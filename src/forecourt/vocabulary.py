"""The contract's words: every allowed value of a lead's fields, spelt as its page spells them.

Written as types, so that an editor completes them for whoever uses the client.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
from rapidfuzz import fuzz, process

Category = Literal[
    "New Vehicle Enquiry",
    "Used Vehicle Enquiry",
    "Test Drive Booking",
    "Special Offer Enquiry",
    "Fleet Enquiry",
    "Finance Enquiry",
    "Insurance Enquiry",
    "Subscription Enquiry",
    "Team Member Enquiry",
    "Vehicle Reservation",
    "Online Purchase",
    "Brochure Download",
    "Document Request",
    "Trade-in Enquiry",
    "Sell My Car Enquiry",
    "Service Booking",
    "Service Enquiry",
    "Parts Enquiry",
    "Service Retention",
    "Loan Car Booking",
    "General Enquiry",
    "Survey",
    "Competition Enquiry",
    "Phone Call",
    "Event Enquiry",
]

Source = Literal[
    "Walk In",
    "Website",
    "Event",
    "Facebook",
    "Facebook Marketplace",
    "Chatbot",
    "Chatbot - External",
    "QR Code",
    "Carsales",
    "Autotrader",
    "Phone Call",
    "SMS",
    "Connect Drive",
    "Car Expert",
    "Manufacturer",
    "Autograb",
    "Ford Mobile App",
    "Only Cars",
    "Google Ads",
    "Google Referral",
    "Brisbane Cars",
    "Tweed Cars",
    "Repeat",
    "IApprise",
    "CBA",
    "Bulk SMS Campaign",
    "Retention",
    "Carbee",
]

MarketingSource = Literal[
    "Facebook",
    "Adwords",
    "Organic",
    "Unknown",
    "QR Code",
    "Email",
    "SMS",
    "GMB",
    "Carsales",
    "Instagram",
    "Popup",
    "Linkedin",
    "CRM",
    "Messenger",
    "Audience Network",
    "TikTok",
    "YouTube",
]

LeadState = Literal["new", "contacted", "lost", "invalid", "converted"]

FileType = Literal["resume", "cover_letter", "other"]

# What the field ``document_type`` of a Document Request may be.
DocumentType = Literal["car_analysis", "ppsr", "equifax"]

CATEGORIES: tuple[Category, ...] = get_args(Category)
SOURCES: tuple[Source, ...] = get_args(Source)
MARKETING_SOURCES: tuple[MarketingSource, ...] = get_args(MarketingSource)
LEAD_STATES: tuple[LeadState, ...] = get_args(LeadState)
FILE_TYPES: tuple[FileType, ...] = get_args(FileType)
DOCUMENT_TYPES: tuple[DocumentType, ...] = get_args(DocumentType)

DOCUMENT_REQUEST = "Document Request"
NEW_VEHICLE_ENQUIRY = "New Vehicle Enquiry"
TEAM_MEMBER_ENQUIRY = "Team Member Enquiry"


class Vocabulary:
    """One list of allowed values, forgiving about case and the space around a word.

    Attributes:
        values: the canonical spellings, in the contract's order.
    """

    def __init__(self, values: tuple[str, ...]) -> None:
        self.values = values
        self._canonical = {_folded(value): value for value in values}
        self._exact = frozenset(values)

    def canonical(self, text: str) -> str | None:
        """The value that *text* means, in its canonical spelling; None where it means none."""
        return text if text in self._exact else self._canonical.get(_folded(text))

    def nearest(self, text: str) -> str:
        """The allowed value that looks most like *text*."""
        found = process.extractOne(_folded(text[:256]), list(self._canonical), scorer=fuzz.WRatio)
        return self._canonical[found[0]]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


CATEGORY = Vocabulary(CATEGORIES)
SOURCE = Vocabulary(SOURCES)
MARKETING_SOURCE = Vocabulary(MARKETING_SOURCES)
LEAD_STATE = Vocabulary(LEAD_STATES)
FILE_TYPE = Vocabulary(FILE_TYPES)
DOCUMENT_TYPE = Vocabulary(DOCUMENT_TYPES)

# What ``GET /api/v1/leads/options`` answers: everything that a form needs to be filled from.
OPTIONS = msgspec.json.encode(
    {
        "categories": CATEGORIES,
        "sources": SOURCES,
        "marketing_sources": MARKETING_SOURCES,
        "lead_states": LEAD_STATES,
        "file_types": FILE_TYPES,
        "document_types": DOCUMENT_TYPES,
    }
)
