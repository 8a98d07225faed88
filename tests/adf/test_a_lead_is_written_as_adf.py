"""A lead as ADF: valid by the DTD whatever it holds, and read again it is the same lead."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from forecourt import vocabulary
from forecourt.adf.checking import load_dtd
from forecourt.adf.countries import NAMES, country_code, country_name
from forecourt.adf.documents import read_document
from forecourt.adf.export import adf_of
from forecourt.adf.mapping import Recipient, Stock, mapped
from forecourt.adf.telling import Car, ToldLead, as_text, prospect_of
from forecourt.adf.vocabulary import can_say
from forecourt.adf.writing import document as written
from forecourt.ids import DealershipId, LeadId
from forecourt.infra.database import Database
from forecourt.leads.schema import LeadIn
from forecourt.leads.text import line, lines
from tests.adf.asking import contact, document, imported, prospect
from tests.conftest import bearer
from tests.leads.asking import created, put

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

BRISBANE = Recipient(
    id=1, slug="brisbane-motors", name="Brisbane Motors", country="AU", timezone="Australia/Brisbane"
)


def is_valid(xml: bytes) -> bool:
    """Whether the DTD holds *xml* valid."""
    return load_dtd().validate(etree.parse(io.BytesIO(xml)))


async def as_adf(api: httpx.AsyncClient, lead_id: int, **query: str) -> bytes:
    answer = await api.get(f"/api/v1/leads/{lead_id}.adf", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-adf+xml"), answer.text
    return answer.content


# ---------------------------------------------------------------------------------------------------------- the route


async def test_a_lead_with_everything(api: httpx.AsyncClient, world: World) -> None:
    await world.run(
        "update car set make = 'Ford', model = 'Ranger', badge = 'XLT', year = 2024, colour = 'Red', condition = 'used', "
        "price = 61000, vin = 'VIN7' where id = 601"
    )
    await world.run(
        "update dealership set phone = '+61730000000', email = 'sales@brisbane.example' where id = 1"
    )
    lead = await created(
        api,
        name="Mia",
        last_name="Chen",
        email="mia@export.example",
        phone="0491 570 501",
        message="Is it <there> & red?\nThanks",
        category="Used Vehicle Enquiry",
        source="Carsales",
        provider="Carsales",
        provider_id="CS-900",
        stocknum="STOCK1",
        address_attributes={
            "street": "1 High St",
            "city": "Cairns",
            "state": "QLD",
            "postcode": 4870,
            "country": "Australia",
        },
    )

    xml = await as_adf(api, lead["id"])

    assert is_valid(xml)
    root = etree.fromstring(xml)
    found = {path: root.findtext(f"prospect/{path}") for path in (
        "vehicle/year", "vehicle/make", "vehicle/model", "vehicle/trim", "vehicle/stock", "vehicle/vin", "vehicle/price",
        "customer/contact/email", "customer/contact/phone", "customer/comments", "vendor/vendorname", "vendor/contact/email",
        "customer/contact/address/country", "customer/contact/address/postalcode", "provider/name",
    )}  # fmt: skip
    assert list(found.values()) == [
        "2024", "Ford", "Ranger", "XLT", "STOCK1", "VIN7", "61000.00", "mia@export.example", "0491 570 501",
        "Is it <there> & red?\nThanks", "Brisbane Motors", "sales@brisbane.example", "AU", "4870", "Carsales",
    ]  # fmt: skip
    ids = [(one.text, one.get("source"), one.get("sequence")) for one in root.findall("prospect/id")]
    assert ids == [("CS-900", "Carsales", "1"), (str(lead["id"]), "Forecourt", "2")]
    assert root.findtext("prospect/requestdate", "").endswith("+10:00")
    assert [child.tag for child in root.find("prospect/customer")] == ["contact", "comments"]  # type: ignore[union-attr]


async def test_a_lead_with_nothing_that_must_not_be_missing(api: httpx.AsyncClient) -> None:
    lead = await created(api, email="nowhere", phone="none", disable_strict_validation=True)

    assert is_valid(await as_adf(api, lead["id"]))


async def test_of_somebody_who_was_erased_the_document_names_nobody(
    api: httpx.AsyncClient, world: World
) -> None:
    lead = await created(api, name="Gone", email="gone@export.example", phone="0491 570 502")
    await world.run(
        "update lead set name = null, email = null, phone = null, fields = null where id = $1", lead["id"]
    )

    xml = await as_adf(api, lead["id"])

    assert is_valid(xml)
    assert b"Gone" not in xml


async def test_the_path_of_a_lead_takes_no_ending(api: httpx.AsyncClient) -> None:
    lead = await created(api)

    assert (await api.get(f"/api/v1/leads/{lead['id']}")).headers["content-type"] == "application/json"
    for path in ("0.adf", "x.adf", "999999.adf", "1.adf.adf", "options.adf", f"{lead['id']}.xml"):
        answer = await api.get(f"/api/v1/leads/{path}")
        assert (answer.status_code, answer.json()["error"]) == (404, "Lead NOT found"), path
    assert (await api.get("/api/v1/leads/options")).status_code == 200


async def test_a_foreign_lead_and_an_absent_one_are_refused_alike(
    api: httpx.AsyncClient, server: str, world: World
) -> None:
    lead = await created(api)
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.their_token)) as them:
        answers = [
            await them.get(f"/api/v1/leads/{lead_id}.adf", headers={"X-Request-Id": "x"})
            for lead_id in (lead["id"], 999_999)
        ]

    assert answers[0].status_code == 404
    assert answers[0].content == answers[1].content


async def test_the_text_beside_it(api: httpx.AsyncClient, database_url: str) -> None:
    lead = await created(
        api,
        name="Mia",
        last_name="Chen",
        email="mia@text.example",
        phone="0491 570 503",
        message="Is it there?",
    )
    database = Database(connections=1)
    await database.open(database_url)
    async with database.connection() as connection:
        trips = database.round_trips
        told = await adf_of(connection, DealershipId(1), LeadId(lead["id"]))
        assert database.round_trips - trips == 1
    await database.close()

    assert told.xml == await as_adf(api, lead["id"])
    text = told.text.splitlines()
    assert text[0] == "General Enquiry at Brisbane Motors"
    assert {
        "Customer: Mia Chen",
        "E-mail: mia@text.example",
        "Phone: 0491 570 503",
        "Source: Website",
    } <= set(text)
    assert text[-1] == "Is it there?"


# -------------------------------------------------------------------------------------------------- there and back again


@pytest.fixture(scope="module")
async def theirs(server: str, world: World) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.their_token), timeout=60) as client:
        yield client


async def test_an_import_is_written_again_as_it_came(api: httpx.AsyncClient) -> None:
    vehicle = (
        '<vehicle interest="test-drive" status="used"><id source="Portal">V1</id><year>2020</year><make>Kia</make>'
        "<model>Rio</model><vin>V7</vin><doors>5</doors><odometer status='original' units='km'>5000</odometer>"
        "<colorcombination><exteriorcolor>Red</exteriorcolor><preference>1</preference></colorcombination>"
        "<price type='asking' currency='AUD'>18990</price><option><optionname>Sunroof</optionname></option>"
        "<finance><method>finance</method><amount type='monthly'>300</amount></finance></vehicle>"
        '<vehicle interest="trade-in"><year>2010</year><make>Kia</make><model>Carnival</model></vehicle>'
    )
    reached = contact().replace("<phone>", '<phone type="cellphone" time="evening">')
    customer = f"<customer>{reached}<id source='Portal'>C1</id><timeframe>soon</timeframe><comments>Hi</comments></customer>"
    vendor = (
        "<vendor><id source='Portal' sequence='1'>D9</id><vendorname>Brisbane Motors</vendorname>"
        "<contact><name>Desk</name><phone>1</phone></contact></vendor>"
    )
    sent = document(prospect(vehicle, customer, vendor))

    lead, _ = await imported(api, sent)
    xml = await as_adf(api, lead["id"])

    assert is_valid(xml)
    before, after = etree.fromstring(sent.encode()), etree.fromstring(xml)
    for path in ("vehicle", "customer", "provider", "requestdate"):
        pairs = zip(before.findall(f"prospect/{path}"), after.findall(f"prospect/{path}"), strict=True)
        for one, other in pairs:
            if path == "provider":
                assert one.findtext("name") == other.findtext("name")
            else:
                assert shape(one) == shape(other)
    assert [one.text for one in after.findall("prospect/vendor/id")] == ["D9", "brisbane-motors"]


def shape(element: etree._Element) -> Any:
    """An element without the space between its parts."""
    children = [shape(child) for child in element]
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    return (element.tag, attributes, (element.text or "").strip(), children)


async def test_what_the_format_does_not_know_is_written_to_who_takes_it(
    api: httpx.AsyncClient, theirs: httpx.AsyncClient
) -> None:
    score = '<score kind="x">7</score>'
    sent = prospect(customer=f"<customer>{contact(email='wide@extended.example')}{score}</customer>")
    lead, _ = await imported(api, document(sent))
    tagged = await put(
        api,
        lead["id"],
        email="wide@extended.example",
        tags=["caravan"],
        golden=True,
        category="Fleet Enquiry",
        dob="01/02/1980",
    )
    assert tagged.status_code == 200, tagged.text

    plain, extended = await as_adf(api, lead["id"]), await as_adf(api, lead["id"], extended="true")

    assert (score.encode() in plain, score.encode() in extended) == (False, True)
    assert (b"caravan" in plain, b"caravan" in extended) == (True, True)
    assert is_valid(plain)
    root = etree.fromstring(extended)
    for one in root.iter("score"):
        one.getparent().remove(one)  # type: ignore[union-attr]
    assert is_valid(etree.tostring(root))
    there, _ = await imported(
        theirs, extended.replace(b"Brisbane Motors", b"perth-autos").replace(b"brisbane-motors", b"")
    )
    same = (
        "category",
        "tags",
        "golden",
        "dob",
        "name",
        "last_name",
        "email",
        "phone",
        "source",
        "provider",
        "provider_id",
    )
    now = (await api.get(f"/api/v1/leads/{lead['id']}")).json()
    assert {name: there[name] for name in same} == {name: now[name] for name in same}
    assert there["fields"]["adf_extensions"] == [{"path": "customer[1]/score[1]", "xml": score}]


async def test_what_another_forecourt_carries_is_checked_like_any_lead(api: httpx.AsyncClient) -> None:
    carried = (
        '<?forecourt {"category": "Nonsense", "tags": "no list", "website_slug": "unknown", "golden": true, "dob": "01/02/1980", '
        '"dealership_id": 3, "fields": {"document_type": 7}, "extra": {"send_customer_email": true, "shoe_size": 44}}?>'
    )
    sent = document(prospect().replace("<requestdate>", carried + "<requestdate>"))
    answer = await api.post("/api/v1/adf", content=sent, headers={"Content-Type": "text/xml"})

    assert answer.json()["prospects"][0]["outcome"] == "held"
    lead, report = await imported(
        api, sent.replace('"category": "Nonsense"', '"category": "Document Request"')
    )

    assert (lead["dealership_id"], lead["golden"], lead["dob"], lead["tags"]) == (1, True, "01/02/1980", [])
    assert (lead["extra"], lead["send_customer_email"]) == ({"shoe_size": 44}, None)
    assert lead["fields"]["adf"]["not_taken"] == {
        "tags": "no list",
        "website_slug": "unknown",
        "fields.document_type": 7,
    }
    assert {"lead.tags", "lead.website_slug", "lead.fields.document_type"} <= {
        one["rule"] for one in report["warnings"]
    }


# --------------------------------------------------------------------------------------------- for every lead there can be

_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co"))


def _kept(clean: Any) -> Any:
    """Texts as a lead stores them."""

    def cleaned(text: str) -> str | None:
        try:
            return clean(text) or None
        except ValueError:
            return None

    return cleaned


LINES = st.one_of(st.none(), st.text(_LETTERS, max_size=20).map(_kept(line)))
WORDS = st.one_of(
    st.none(), st.sampled_from(["Mia", "O'Neill & Sons", "a < b > c", '"q"', "]]>", "–", "李 伟"]), LINES
)
MESSAGES = st.one_of(
    st.none(), st.text(st.one_of(_LETTERS, st.sampled_from("\n\r\t")), max_size=60).map(_kept(lines))
)
COUNTRIES = st.one_of(st.none(), st.sampled_from(sorted(NAMES.values())), st.just("Middle-earth"))
PROVIDERS = WORDS.filter(lambda name: name is None or name.casefold() != "forecourt")


@st.composite
def leads(draw: st.DrawFn) -> ToldLead:
    """A lead, as the API may have made it."""
    address = {
        name: value
        for name, value in {
            "street": draw(WORDS),
            "city": draw(WORDS),
            "state": draw(WORDS),
            "postcode": draw(st.sampled_from([None, "4000", "0870", "SW1A 1AA"])),
            "country": draw(COUNTRIES),
        }.items()
        if value is not None
    }
    fields: dict[str, Any] = draw(
        st.sampled_from(
            [
                {},
                {"timeframe": "soon"},
                {"trade_in": {"make": "Kia", "model": "Rio", "year": "2010"}},
                {"score": 7},
            ]
        )
    )
    car = draw(
        st.sampled_from(
            [
                None,
                Car(
                    year=2024,
                    make="Ford",
                    model="Ranger",
                    badge="XLT",
                    colour="Red",
                    condition="used",
                    price="1.00",
                ),
            ]
        )
    )
    return ToldLead(
        id=draw(st.integers(1, 2**62)),
        recipient=BRISBANE,
        created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, 10**7))),
        name=draw(WORDS),
        last_name=draw(WORDS),
        email=draw(st.sampled_from(["mia@example.com", "a+b@example.org", "not an address", ""])),
        phone=draw(st.sampled_from(["0412 345 678", "(07) 3000 0000", "ask", ""])),
        message=draw(MESSAGES),
        category=draw(st.sampled_from(vocabulary.CATEGORIES)),
        source=draw(st.sampled_from(vocabulary.SOURCES)),
        provider=draw(PROVIDERS),
        provider_id=draw(WORDS),
        stocknum=draw(WORDS),
        address_attributes=address,
        fields=fields,
        carried={
            "marketing_source": draw(st.sampled_from([None, "Facebook"])),
            "tags": draw(st.sampled_from([None, ["a", "ü>?"]])),
            "dob": draw(st.sampled_from([None, "01/02/1980"])),
            "extra": draw(st.sampled_from([None, {"shoe_size": 44}])),
            "charge_breakdown": draw(st.sampled_from([None, {"total": {"amount": 50}}])),
        },
        car=car,
    )


def read_back(lead: ToldLead, *, whole: bool) -> dict[str, Any]:
    """The lead that an import makes of *lead*'s document."""
    xml = written(prospect_of(lead, whole=whole))
    assert is_valid(xml)
    reading = read_document(xml, "application/x-adf+xml", None)
    assert (reading.repairs, reading.warnings) == ((), ())
    [found] = reading.prospects
    return mapped(found, BRISBANE, Stock()).values


COLUMNS = ("name", "last_name", "email", "phone", "message", "source", "provider", "provider_id", "stocknum")


def told(lead: ToldLead) -> dict[str, Any]:
    """What the columns of *lead* say, as a body has them."""
    return {name: getattr(lead, name) for name in COLUMNS}


@settings(max_examples=300, deadline=None)
@given(leads())
def test_what_adf_can_say_of_a_lead_is_the_same_when_it_is_imported(lead: ToldLead) -> None:
    values = read_back(lead, whole=False)

    assert {
        name: values.get(name) or ("" if name in {"email", "phone"} else None) for name in COLUMNS
    } == told(lead)
    assert values.get("address_attributes", {}) == lead.address_attributes
    is_alone = lead.category == "Trade-in Enquiry" and (lead.car or lead.stocknum)
    is_about_a_car = lead.category == "General Enquiry" and (lead.car or lead.stocknum)
    if (can_say(lead.category) and not is_alone) or (
        lead.category == "General Enquiry" and not is_about_a_car
    ):
        assert values["category"] == lead.category
    fields = values.get("fields", {})
    for name in ("timeframe", "trade_in"):
        assert fields.get(name) == lead.fields.get(name)


@settings(max_examples=200, deadline=None)
@given(leads())
def test_an_exported_lead_is_the_same_when_it_is_imported(lead: ToldLead) -> None:
    values = read_back(lead, whole=True)

    assert values["category"] == lead.category
    assert values.get("marketing_source") == lead.carried["marketing_source"]
    for name in ("tags", "dob", "charge_breakdown"):
        assert values.get(name) == lead.carried[name]
    assert {name: value for name, value in values.items() if name not in LeadIn.__struct_fields__} == (
        lead.carried["extra"] or {}
    )
    fields = {name: value for name, value in values.get("fields", {}).items() if not name.startswith("adf")}
    assert fields == lead.fields


@settings(max_examples=100, deadline=None)
@given(
    leads(),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(["vehicles", "contact", "ids", "value", "path", "xml", "names"]),
                inner,
                max_size=4,
            ),
        ),
        max_leaves=12,
    ),
)
def test_whatever_anybody_writes_into_the_fields_the_document_is_valid(lead: ToldLead, fields: Any) -> None:
    odd = {
        "adf": fields,
        "adf_extensions": fields,
        "trade_in": fields,
        "timeframe": fields,
        "company": fields,
    }

    for part in (odd, fields if isinstance(fields, dict) else {}):
        changed = msgspec.structs.replace(lead, fields=part)
        assert is_valid(written(prospect_of(changed, whole=False)))
        etree.fromstring(written(prospect_of(changed, extended=True)))
        assert as_text(changed)


def test_countries_go_by_two_letters_and_come_back_by_name() -> None:
    assert [country_name(country_code(name)) for name in NAMES.values()] == list(NAMES.values())
    assert (country_code("Middle-earth"), country_name("Middle-earth")) == ("Middle-earth", "Middle-earth")
