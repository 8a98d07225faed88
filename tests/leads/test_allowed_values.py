"""Words from a list: every one is taken, in any case and with any space, and a refusal names the nearest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt import vocabulary
from tests.leads.asking import LEADS, created, problems, put, updated

if TYPE_CHECKING:
    import httpx

    from forecourt.vocabulary import Vocabulary

# The contract's lists, written down here a second time, on purpose.
CATEGORIES = [
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
SOURCES = [
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
MARKETING_SOURCES = [
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
LEAD_STATES = ["new", "contacted", "lost", "invalid", "converted"]
FILE_TYPES = ["resume", "cover_letter", "other"]
DOCUMENT_TYPES = ["car_analysis", "ppsr", "equifax"]

OF_LEAD = {
    "category": CATEGORIES,
    "source": SOURCES,
    "marketing_source": MARKETING_SOURCES,
    "lead_state": LEAD_STATES,
}
EVERY = [(field, value) for field, values in OF_LEAD.items() for value in values]
WORDS = {
    "category": vocabulary.CATEGORY,
    "source": vocabulary.SOURCE,
    "marketing_source": vocabulary.MARKETING_SOURCE,
    "lead_state": vocabulary.LEAD_STATE,
    "file_type": vocabulary.FILE_TYPE,
    "document_type": vocabulary.DOCUMENT_TYPE,
}
ANY_WORDS = st.sampled_from(list(WORDS.values()))
SPACES = st.text(" \t\n\u00a0", max_size=3)


@pytest.fixture(scope="module")
async def lead_id(api: httpx.AsyncClient) -> int:
    return int((await created(api))["id"])


def test_the_lists_are_as_long_as_the_contracts() -> None:
    assert [len(values) for values in OF_LEAD.values()] == [25, 28, 17, 5]


async def test_the_options_are_the_contracts_lists(api: httpx.AsyncClient) -> None:
    assert (await api.get(f"{LEADS}/options")).json() == {
        "categories": CATEGORIES,
        "sources": SOURCES,
        "marketing_sources": MARKETING_SOURCES,
        "lead_states": LEAD_STATES,
        "file_types": FILE_TYPES,
        "document_types": DOCUMENT_TYPES,
    }


@pytest.mark.parametrize(("field", "value"), EVERY)
async def test_every_value_is_taken_and_its_case_and_spaces_are_forgiven(
    field: str, value: str, api: httpx.AsyncClient, lead_id: int
) -> None:
    for spelling in (value, f"  {value.swapcase().replace(' ', '  ')} "):
        assert (await updated(api, lead_id, **{field: spelling}))[field] == value


@pytest.mark.parametrize("value", FILE_TYPES)
async def test_every_file_type_is_taken(value: str, api: httpx.AsyncClient) -> None:
    files = [
        {"file_type": spelling, "file": "data:text/plain;base64,aGVsbG8="}
        for spelling in (value, f" {value.upper()} ")
    ]
    told = (await created(api, lead_files_attributes=files))["lead_files_attributes"]

    assert [file["file_type"] for file in told] == [value, value]


@pytest.mark.parametrize("value", DOCUMENT_TYPES)
async def test_every_document_type_is_taken(value: str, api: httpx.AsyncClient, lead_id: int) -> None:
    for spelling in (value, f" {value.upper()} "):
        lead = await updated(
            api, lead_id, category="Document Request", fields={"document_type": spelling, "more": "x"}
        )
        assert lead["fields"] == {"document_type": value, "more": "x"}


async def test_a_document_type_is_asked_for_in_document_requests_only(
    api: httpx.AsyncClient, lead_id: int
) -> None:
    fields = {"document_type": "driving licence"}

    refused = await put(api, lead_id, category="Document Request", fields=fields)
    assert list(problems(refused)) == ["lead.fields.document_type"]
    assert refused.json()["errors"][0]["allowed"] == DOCUMENT_TYPES

    assert (await updated(api, lead_id, category="Survey", fields=fields))["fields"] == fields


@pytest.mark.parametrize(
    ("field", "sent", "nearest"),
    [
        ("category", "New Vehicle Inquiry", "New Vehicle Enquiry"),
        ("category", "Trade in Enquiry", "Trade-in Enquiry"),
        ("category", "Test Drive", "Test Drive Booking"),
        ("source", "Chatbot-External", "Chatbot - External"),
        ("source", "Facebok", "Facebook"),
        ("source", "Google Add", "Google Ads"),
        ("marketing_source", "You Tube", "YouTube"),
        ("marketing_source", "Insta", "Instagram"),
        ("lead_state", "convert", "converted"),
    ],
)
async def test_a_refusal_names_the_nearest_value_and_lists_all(
    field: str, sent: Any, nearest: str, api: httpx.AsyncClient, lead_id: int
) -> None:
    answer = await put(api, lead_id, **{field: sent})

    assert problems(answer) == {f"lead.{field}": f"is not an allowed value; the nearest is {nearest}"}
    assert answer.json()["errors"][0]["allowed"] == OF_LEAD[field]


@pytest.mark.parametrize(
    "sent", ["", " ", "\u2003", "?", "x" * 3_000, 7, True, [], {}, ["Website"], "\u0130"]
)
@pytest.mark.parametrize("field", OF_LEAD)
async def test_what_is_no_word_is_refused(
    field: str, sent: Any, api: httpx.AsyncClient, lead_id: int
) -> None:
    assert list(problems(await put(api, lead_id, **{field: sent}))) == [f"lead.{field}"]


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[Vocabulary, str, str]:
    """A list, one of its values, and that value in another case with other spaces."""
    words = draw(ANY_WORDS)
    value = draw(st.sampled_from(words.values))
    cases = draw(st.lists(st.booleans(), min_size=len(value), max_size=len(value)))
    letters = "".join(
        letter.upper() if upper else letter.lower() for letter, upper in zip(value, cases, strict=True)
    )
    inner = " " + draw(st.text(" \t", max_size=2))
    return words, value, draw(SPACES) + letters.replace(" ", inner) + draw(SPACES)


@given(misspelt())
def test_any_case_and_any_space_means_the_canonical_value(given_: tuple[Vocabulary, str, str]) -> None:
    words, value, spelling = given_

    assert words.canonical(spelling) == value


@given(words=ANY_WORDS, text=st.text())
def test_nothing_else_is_forgiven(words: Vocabulary, text: str) -> None:
    meant = words.canonical(text)

    assert meant is None or re.sub(r"\s+", " ", meant.casefold()) == " ".join(text.casefold().split())


@given(words=ANY_WORDS, text=st.text(max_size=300))
def test_the_nearest_is_always_one_of_the_list(words: Vocabulary, text: str) -> None:
    assert words.nearest(text) in words.values


@given(misspelt())
def test_the_nearest_of_a_forgiven_spelling_is_what_it_means(given_: tuple[Vocabulary, str, str]) -> None:
    words, value, spelling = given_

    assert words.nearest(spelling) == value
