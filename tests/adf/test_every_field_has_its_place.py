"""Where each part of a prospect goes in a lead, by the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.adf.asking import contact, document, imported, prospect, warned
from tests.clusters.asking import act, cluster, enquiry
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

    from tests.world import World

VEHICLE = "<year>2026</year><make>Ford</make><model>Ranger</model>"


@pytest.mark.parametrize(
    ("attributes", "category"),
    [
        ("", "New Vehicle Enquiry"),
        ('interest="buy" status="new"', "New Vehicle Enquiry"),
        ('interest="buy" status="used"', "Used Vehicle Enquiry"),
        ('status="demo"', "Used Vehicle Enquiry"),
        ('interest="test-drive"', "Test Drive Booking"),
        ('interest="sell"', "Sell My Car Enquiry"),
        ('interest="lease"', "Finance Enquiry"),
        ('interest="trade-in"', "Trade-in Enquiry"),
        ('interest="admire"', "New Vehicle Enquiry"),
    ],
)
async def test_the_category_is_what_interest_and_status_say(
    attributes: str, category: str, api: httpx.AsyncClient
) -> None:
    lead, _ = await imported(api, document(prospect(f"<vehicle {attributes}>{VEHICLE}</vehicle>")))

    assert lead["category"] == category


@pytest.mark.parametrize(
    ("provider", "source", "name", "marketing"),
    [
        ("<name>carsales.com.au</name>", "Carsales", "carsales.com.au", None),
        ("<name>AutoTrader Leads</name>", "Autotrader", "AutoTrader Leads", None),
        (
            "<name>Social Hub</name><service>Facebook Marketplace</service>",
            "Facebook Marketplace",
            "Social Hub",
            "Facebook",
        ),
        ("<name>Ad Desk</name><service>Google Ads</service>", "Google Ads", "Ad Desk", "Adwords"),
        ("<name>Example Portal</name>", "Website", "Example Portal", None),
        ("<name>Example Portal</name><service>walk in</service>", "Walk In", "Example Portal", None),
    ],
)
async def test_the_source_is_what_the_provider_says(
    provider: str, source: str, name: str, marketing: str | None, api: httpx.AsyncClient
) -> None:
    lead, report = await imported(api, document(prospect(provider=f"<provider>{provider}</provider>")))

    assert (lead["source"], lead["provider"], lead["marketing_source"]) == (source, name, marketing)
    assert ("/adf/prospect[1]/provider" in warned(report)) == (provider == "<name>Example Portal</name>")


async def test_the_senders_id_is_the_providers_id(api: httpx.AsyncClient) -> None:
    ids = '<id sequence="1" source="Portal">P-1</id><id sequence="2" source="Hub">H-9</id>'

    lead, _ = await imported(api, document(prospect(ids=ids, provider="")))

    assert (lead["provider"], lead["provider_id"]) == ("Portal", "P-1")
    assert lead["fields"]["adf"]["ids"] == [
        {"value": "P-1", "source": "Portal", "sequence": "1"},
        {"value": "H-9", "source": "Hub", "sequence": "2"},
    ]


@pytest.mark.parametrize(
    ("names", "name", "last_name", "company"),
    [
        ('<name part="full">Mia Chen</name>', "Mia Chen", None, None),
        ('<name part="first">Mia</name><name part="last">Chen</name>', "Mia", "Chen", None),
        (
            '<name part="first">Mia</name><name part="middle">Anh</name><name part="surname">Chen</name>',
            "Mia Anh",
            "Chen",
            None,
        ),
        ('<name part="full">Mia Chen</name><name part="last">Chen</name>', "Mia", "Chen", None),
        (
            '<name part="full">Mia Chen</name><name type="business">Chen Pty Ltd</name>',
            "Mia Chen",
            None,
            "Chen Pty Ltd",
        ),
        ('<name type="business">Chen Pty Ltd</name>', "Chen Pty Ltd", None, "Chen Pty Ltd"),
    ],
)
async def test_names(
    names: str, name: str, last_name: str | None, company: str | None, api: httpx.AsyncClient
) -> None:
    lead, _ = await imported(api, document(prospect(customer=f"<customer>{contact(names)}</customer>")))

    assert (lead["name"], lead["last_name"]) == (name, last_name)
    assert lead["fields"].get("company") == company


async def test_the_preferred_address_and_number_are_the_leads_and_all_recognise_the_customer(
    api: httpx.AsyncClient,
) -> None:
    reached = (
        "<email>first@several.example</email><email preferredcontact='1'>second@several.example</email>"
        "<phone type='voice'>07 3000 7001</phone><phone type='cellphone'>0491 570 401</phone>"
        "<phone type='voice' preferredcontact='1'>07 3000 7002</phone><phone type='fax'>07 3000 7003</phone>"
    )
    customer = f"<customer><contact><name>Mia</name>{reached}</contact></customer>"

    lead, _ = await imported(api, document(prospect(customer=customer)))

    assert (lead["email"], lead["phone"]) == ("second@several.example", "07 3000 7002")
    told = await cluster(api, lead["lead_cluster_id"])
    assert {point["value"] for point in told["contact"]["emails"]} == {
        "first@several.example",
        "second@several.example",
    }
    assert {point["value"] for point in told["contact"]["phones"]} == {
        "+61730007001",
        "+61730007002",
        "+61491570401",
    }
    again = await enquiry(api, email="elsewhere@several.example", phone="0491 570 401")
    assert again["lead_cluster_id"] == lead["lead_cluster_id"]


async def test_a_second_number_finds_the_customer_who_is_known_by_it(api: httpx.AsyncClient) -> None:
    known = await enquiry(api, phone="0491 570 402")
    customer = f"<customer>{contact(email='new@second.example').replace('</phone>', '</phone><phone>0491 570 402</phone>')}</customer>"

    lead, _ = await imported(api, document(prospect(customer=customer)))

    assert lead["lead_cluster_id"] == known["lead_cluster_id"]


async def test_a_second_number_goes_with_its_lead_when_it_is_split_off(
    api: httpx.AsyncClient, world: World
) -> None:
    known = await enquiry(api, phone="0491 570 403")
    reached = contact(phone="0491 570 403", email="apart@second.example")
    customer = f"<customer>{reached.replace('</phone>', '</phone><phone>0491 570 404</phone>')}</customer>"
    lead, _ = await imported(api, document(prospect(customer=customer)))
    assert lead["lead_cluster_id"] == known["lead_cluster_id"]

    apart = await act(api, known["lead_cluster_id"], "split", lead_ids=[lead["id"]])

    numbers = {point["value"] for point in apart["contact"]["phones"]}
    assert numbers == {"+61491570403", "+61491570404"}
    left = await cluster(api, known["lead_cluster_id"])
    assert {point["value"] for point in left["contact"]["phones"]} == {"+61491570403"}
    again = await enquiry(api, phone="0491 570 404", email="later@second.example")
    assert again["lead_cluster_id"] == apart["id"]
    merged = await act(api, known["lead_cluster_id"], "merge", lead_cluster_id=apart["id"])
    assert len(merged["contact"]["phones"]) == 2
    back = await act(api, known["lead_cluster_id"], "unmerge", lead_cluster_id=apart["id"])
    assert {point["value"] for point in back["contact"]["phones"]} == {"+61491570403"}
    apart = await cluster(api, apart["id"])
    assert {point["value"] for point in apart["contact"]["phones"]} == numbers
    assert len(await world.rows("select 1 from lead_point where lead_id = $1", lead["id"])) == 3


async def test_the_address(api: httpx.AsyncClient) -> None:
    address = (
        '<address type="home"><street line="1">12 High Street</street><street line="2">Rear</street><apartment>5</apartment>'
        "<city>Cairns</city><regioncode>QLD</regioncode><postalcode>0870</postalcode><country>AU</country></address>"
    )
    customer = f"<customer>{contact().replace('</contact>', address + '</contact>')}</customer>"

    lead, _ = await imported(api, document(prospect(customer=customer)))

    assert lead["address_attributes"] == {
        "street": "5, 12 High Street, Rear",
        "city": "Cairns",
        "state": "QLD",
        "postcode": "0870",
        "country": "Australia",
    }


async def test_comments_are_joined_with_their_labels(api: httpx.AsyncClient) -> None:
    vehicles = (
        f"<vehicle>{VEHICLE}<comments>In red?</comments></vehicle>"
        '<vehicle interest="trade-in"><year>2010</year><make>Kia</make><model>Rio</model><comments>A scratch</comments></vehicle>'
    )
    sent = prospect(vehicles, f"<customer>{contact()}<comments>Call after five</comments></customer>")

    lead, _ = await imported(
        api, document(sent.replace("</prospect>", "<comments>urgent</comments></prospect>"))
    )

    assert lead["message"] == (
        "Customer: Call after five\n\nEnquiry: urgent\n\nVehicle: In red?\n\nTrade-in: A scratch"
    )


async def test_a_comment_longer_than_a_message_is_kept_whole(api: httpx.AsyncClient) -> None:
    long = "word " * 20_000

    lead, report = await imported(
        api, document(prospect(customer=f"<customer>{contact()}<comments>{long}</comments></customer>"))
    )

    assert lead["message"] + lead["fields"]["adf"]["message_rest"] == long.strip()
    assert "lead.message" in [one["rule"] for one in report["warnings"]]


async def test_when_the_customer_wants_it(api: httpx.AsyncClient) -> None:
    as_text = f"<customer>{contact()}<timeframe>within a month</timeframe></customer>"
    in_parts = (
        f"<customer>{contact()}<timeframe><description>soon</description><earliestdate>2026-12-01</earliestdate></timeframe>"
        "</customer>"
    )

    first, _ = await imported(api, document(prospect(customer=as_text)))
    second, report = await imported(api, document(prospect(customer=in_parts)))

    assert first["fields"]["timeframe"] == "within a month"
    assert second["fields"]["timeframe"] == {"description": "soon", "earliestdate": "2026-12-01"}
    assert "/adf/prospect[1]/customer/timeframe" in warned(report)


async def test_finance_price_option_and_colour_are_kept(api: httpx.AsyncClient) -> None:
    vehicle = (
        f"<vehicle>{VEHICLE}<colorcombination><interiorcolor>Black</interiorcolor><exteriorcolor>Red</exteriorcolor>"
        "<preference>1</preference></colorcombination><price type='offer' currency='AUD'>61000</price>"
        "<option><optionname>Tow bar</optionname></option><finance><method>finance</method>"
        "<amount type='monthly' limit='maximum' currency='AUD'>900</amount><balance type='finance'>30000</balance></finance></vehicle>"
    )

    lead, _ = await imported(api, document(prospect(vehicle)))

    assert lead["fields"]["adf"]["vehicles"] == [
        {
            "year": "2026",
            "make": "Ford",
            "model": "Ranger",
            "colours": [{"interior": "Black", "exterior": "Red", "preference": "1"}],
            "prices": [{"value": "61000", "type": "offer", "currency": "AUD"}],
            "options": [{"name": "Tow bar"}],
            "finance": {
                "method": "finance",
                "amounts": [{"value": "900", "type": "monthly", "limit": "maximum", "currency": "AUD"}],
                "balance": {"value": "30000", "type": "finance"},
            },
        }
    ]


async def test_what_can_be_ordered_is_found_by_its_names(api: httpx.AsyncClient, world: World) -> None:
    await world.run("update model set make = 'Ford' where id = 701")
    vehicle = (
        "<vehicle><year>2026</year><make>FORD</make><model>ranger</model><trim>xlt</trim>"
        "<colorcombination><exteriorcolor>red</exteriorcolor><preference>1</preference></colorcombination></vehicle>"
    )

    lead, report = await imported(api, document(prospect(vehicle)))

    assert (lead["model_id"], lead["model_variant_id"], lead["colour_id"]) == (701, 801, 901)
    assert report["warnings"] == []


async def test_a_car_is_found_by_its_vin_before_its_stock_number(
    api: httpx.AsyncClient, world: World
) -> None:
    await world.run("update car set vin = 'JF1GG12345678', condition = 'used' where id = 611")
    by_vin = "<vehicle><year>2020</year><make>Kia</make><model>Rio</model><vin>jf1gg12345678</vin><stock>THEIRS7</stock></vehicle>"
    by_stock = "<vehicle><year>2020</year><make>Kia</make><model>Rio</model><vin>UNKNOWN</vin><stock>stock1</stock></vehicle>"

    first, told = await imported(api, document(prospect(by_vin)))
    second, _ = await imported(api, document(prospect(by_stock)))

    assert (first["car_id"], first["stocknum"], first["category"]) == (611, "THEIRS7", "Used Vehicle Enquiry")
    assert second["car_id"] == 601
    assert "lead.stocknum" in [one["rule"] for one in told["warnings"]]


async def test_fields_that_are_too_long_are_cut_and_kept_whole_beside(api: httpx.AsyncClient) -> None:
    name = "M" * 300

    lead, _ = await imported(
        api, document(prospect(customer=f"<customer>{contact(f'<name>{name}</name>')}</customer>"))
    )

    assert lead["name"] == name[:255]
    assert lead["fields"]["adf"]["contact"]["names"] == [{"value": name}]


# ------------------------------------------------------------------------------------------------------------ vendors


def vendor(name: str | None = None, *ids: tuple[str, str | None]) -> str:
    told = "".join(
        f"<id source='{source}'>{value}</id>" if source else f"<id>{value}</id>" for value, source in ids
    )
    return f"<vendor>{told}{f'<vendorname>{name}</vendorname>' if name else ''}</vendor>"


@pytest.mark.parametrize(
    "told",
    [
        vendor("brisbane  MOTORS!"),
        vendor("brisbane-motors"),
        vendor("Something else", ("brisbane-motors", None)),
        vendor("Something else", ("1", "Forecourt")),
        vendor("The Yard on High"),
        vendor("Something else", ("D-77", "Carsales")),
    ],
    ids=["name", "slug-as-name", "slug", "our-id", "alias", "alias-id"],
)
async def test_the_dealership_is_found_by_what_the_vendor_is_called(
    told: str, api: httpx.AsyncClient
) -> None:
    for called in ({"name": "The Yard on High"}, {"vendor_id": "D-77", "source": "carsales"}):
        added = await api.post(f"/api/v1/dealerships/{OURS}/adf_vendors", json={"adf_vendor": called})
        assert added.status_code == 201, added.text

    lead, _ = await imported(api, document(prospect(vendor=told)))

    assert lead["dealership_slug"] == OURS


async def test_of_an_id_the_source_counts(api: httpx.AsyncClient) -> None:
    await api.post(
        f"/api/v1/dealerships/{OURS}/adf_vendors",
        json={"adf_vendor": {"vendor_id": "D-78", "source": "Carsales"}},
    )
    answer = await api.post(
        "/api/v1/adf",
        content=document(prospect(vendor=vendor(None, ("D-78", "Autotrader")))),
        headers={"Content-Type": "text/xml"},
    )

    assert answer.json()["prospects"][0]["outcome"] == "held"


async def test_a_key_with_one_dealership_need_not_name_it(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, document(prospect(vendor="<vendor/>")))

    assert lead["dealership_slug"] == OURS
    assert "vendor" in [one["rule"] for one in report["warnings"]]


async def test_vendors_are_listed_kept_once_and_taken_off(api: httpx.AsyncClient) -> None:
    at = f"/api/v1/dealerships/{OURS}/adf_vendors"
    body: dict[str, Any] = {"adf_vendor": {"name": "Once"}}
    first, again = await api.post(at, json=body), await api.post(at, json=body)
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])

    gone = await api.delete(f"{at}/{first.json()['id']}")

    assert gone.status_code == 200
    assert "Once" not in [one["name"] for one in (await api.get(at)).json()["adf_vendors"]]
    assert (await api.delete(f"{at}/{first.json()['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("called", "field"),
    [
        ({}, "adf_vendor"),
        ({"name": "a", "vendor_id": "b"}, "adf_vendor"),
        ({"name": "a", "source": "b"}, "adf_vendor.source"),
        ({"nome": "a"}, "adf_vendor.nome"),
    ],
)
async def test_a_vendor_that_does_not_fit_is_refused(
    called: dict[str, str], field: str, api: httpx.AsyncClient
) -> None:
    answer = await api.post(f"/api/v1/dealerships/{OURS}/adf_vendors", json={"adf_vendor": called})

    assert answer.status_code == 422
    assert field in [problem["field"] for problem in answer.json()["errors"]]
