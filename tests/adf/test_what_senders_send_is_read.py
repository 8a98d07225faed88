"""Everything that calls itself ADF becomes a lead: each way in which senders leave the format has its test."""

from __future__ import annotations

import base64
import html
import quopri
from typing import TYPE_CHECKING

import pytest

from tests.adf.asking import DATE, contact, document, imported, prospect, repairs, reported, warned

if TYPE_CHECKING:
    import httpx

XML = "application/xml"


def body_of(content: str) -> str:
    """A document without its prolog."""
    return content[content.index("<adf>") :]


# ------------------------------------------------------------------------------------------------------ the envelope


@pytest.mark.parametrize(
    ("prolog", "told"),
    [
        ("", []),
        ('<?xml version="1.0"?>', []),
        ('<?xml version="1.0"?><?ADF VERSION "1.0"?>', []),
        ('<?ADF VERSION "1.0"?>\n<?XML VERSION 1.0?>\n', ["processing-instructions"]),
        ('<?adf version="1.0"?>\n<?xml version="1.0" encoding="UTF-8"?>\n', ["processing-instructions"]),
        ('<?XML VERSION="1.0" ENCODING="UTF-8"?>\n<?ADF VERSION="1.0"?>\n', ["processing-instructions"]),
        ('\n\n  <?xml version="1.0"?>\n<?adf version="1.0"?>\n', ["leading-space"]),
        ('\ufeff<?xml version="1.0"?><?adf version="1.0"?>', []),
        ("Here is your lead:\n\n", ["found-in-text"]),
    ],
    ids=[
        "none",
        "no-adf",
        "upper-case",
        "wrong-and-first",
        "adf-first",
        "all-upper-case",
        "blank",
        "bom",
        "text",
    ],
)
async def test_whatever_stands_before_the_document(
    prolog: str, told: list[str], api: httpx.AsyncClient
) -> None:
    lead, report = await imported(api, prolog + body_of(document()))

    assert (lead["name"], lead["last_name"]) == ("Mia", "Chen")
    assert repairs(report) == told


async def test_the_formats_own_smallest_example_as_it_is_printed(api: httpx.AsyncClient) -> None:
    """Put together from what is known of it: neither well-formed nor valid."""
    sent = (
        '<?ADF VERSION "1.0"?>\n<?XML VERSION 1.0?>\n<adf>\n<prospect>\n'
        "<requestdate>2000-03-30T15:30:20-08:00</requestdate>\n"
        "<vehicle>\n<year>1999</year>\n<make>Chevrolet</make>\n<model>Blazer</model>\n</vehicle>\n"
        '<customer>\n<contact>\n<name part="full">Jane Roe</name>\n<phone>0491 570 006</phone>\n</contact>\n</customer>\n'
        '<vendor>\n<contact>\n<name part="full">Somebody</name>\n</contact>\n</vendor>\n</prospect>\n</adf>\n'
    )

    lead, report = await imported(api, sent)

    assert (lead["name"], lead["email"], lead["phone"]) == ("Jane Roe", "", "0491 570 006")
    assert lead["fields"]["adf"]["submitted_at"] == "2000-03-30T15:30:20-08:00"
    assert repairs(report) == ["processing-instructions"]
    rules = {warning["path"]: warning["message"] for warning in report["warnings"]}
    assert rules["/adf/prospect[1]/vendor/contact"] == "lacks email or phone"
    assert "lacks vendorname" in [warning["message"] for warning in report["warnings"]]


async def test_a_prospect_at_the_root(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, prospect())

    assert lead["name"] == "Mia"
    assert repairs(report) == ["root-added"]


async def test_several_prospects_at_the_root(api: httpx.AsyncClient) -> None:
    report = await reported(api, prospect() + "\n" + prospect())

    assert (report["accepted"], len(report["lead_ids"])) == (True, 2)
    assert "root-added" in repairs(report)


async def test_vendor_and_provider_outside_the_prospect(api: httpx.AsyncClient) -> None:
    outside = "<vendor><vendorname>Brisbane Motors</vendorname></vendor><provider><name>Autotrader</name></provider>"
    sent = f"<adf>{prospect(vendor='', provider='')}{outside}</adf>"

    lead, report = await imported(api, sent)

    assert (lead["provider"], lead["source"]) == ("Autotrader", "Autotrader")
    assert report["repairs"] == [
        {"name": "moved-into-prospect", "detail": "vendor, provider stood outside the prospect"}
    ]


async def test_a_document_without_a_prospect_around_its_parts(api: httpx.AsyncClient) -> None:
    lead, report = await imported(
        api, f"<adf><requestdate>{DATE}</requestdate><customer>{contact()}</customer></adf>"
    )

    assert lead["name"] == "Mia"
    assert "moved-into-prospect" in repairs(report)


async def test_comments_inside_the_contact(api: httpx.AsyncClient) -> None:
    inside = contact().replace("</contact>", "<comments>Call me</comments></contact>")

    lead, report = await imported(api, document(prospect(customer=f"<customer>{inside}</customer>")))

    assert lead["message"] == "Call me"
    assert "/adf/prospect[1]/customer/contact" in warned(report)


async def test_several_prospects_in_one_document(api: httpx.AsyncClient) -> None:
    report = await reported(api, document(prospect(), prospect(), prospect()))

    assert report["accepted"] is True
    assert len(set(report["lead_ids"])) == 3
    assert [one["path"] for one in report["prospects"]] == [
        f"/adf/prospect[{number}]" for number in (1, 2, 3)
    ]


async def test_elements_in_upper_case(api: httpx.AsyncClient) -> None:
    sent = body_of(
        document(prospect(vendor="", customer=f"<customer>{contact(email='up@per.example')}</customer>"))
    )
    for name in ("adf", "prospect", "customer", "contact", "email"):
        sent = sent.replace(f"<{name}>", f"<{name.upper()}>").replace(f"</{name}>", f"</{name.upper()}>")

    lead, _ = await imported(api, sent)

    assert lead["email"] == "up@per.example"


async def test_a_namespace_on_the_root(api: httpx.AsyncClient) -> None:
    root = '<adf xmlns="http://www.example.com/adf" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="adf.xsd">'

    lead, report = await imported(api, document().replace("<adf>", root))

    assert (lead["name"], repairs(report)) == ("Mia", [])


async def test_a_prefix_that_nothing_declares(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, document().replace("<adf>", '<adf xsi:schemaLocation="adf.xsd">'))

    assert (lead["name"], repairs(report)) == ("Mia", ["namespaces"])


# ----------------------------------------------------------------------------------------------------------- letters


def letter(*parts: tuple[str, str, bytes], kind: str = "mixed") -> bytes:
    """A multipart message of parts: type, encoding, content."""
    lines = [
        b"From: leads@portal.example",
        b"Subject: A lead",
        f"Content-Type: multipart/{kind}; boundary=cut".encode(),
        b"",
    ]
    for media, encoding, content in parts:
        lines += [
            b"--cut",
            f"Content-Type: {media}".encode(),
            f"Content-Transfer-Encoding: {encoding}".encode(),
            b"",
            content,
        ]
    return b"\r\n".join([*lines, b"--cut--", b""])


LETTER = "message/rfc822"


async def test_a_letter_with_the_document_as_its_whole_body(api: httpx.AsyncClient) -> None:
    sent = b"From: a@portal.example\nContent-Type: text/plain; charset=utf-8\n\n" + document().encode()

    lead, report = await imported(api, sent, LETTER)

    assert (lead["name"], repairs(report)) == ("Mia", [])


async def test_a_letter_with_the_document_as_a_part_among_others(api: httpx.AsyncClient) -> None:
    sent = letter(
        ("text/plain", "7bit", b"A customer writes."),
        ("text/html", "7bit", b"<p>A customer writes.</p>"),
        ("application/xml; charset=utf-8", "8bit", document().encode()),
    )

    lead, report = await imported(api, sent, LETTER)

    assert (lead["name"], repairs(report)) == ("Mia", [])


async def test_the_same_document_in_two_parts_is_one_lead(api: httpx.AsyncClient) -> None:
    sent = document()
    shown = f"<pre>{html.escape(sent)}</pre>".encode()

    report = await reported(
        api,
        letter(("text/plain", "7bit", sent.encode()), ("text/html", "7bit", shown), kind="alternative"),
        LETTER,
    )

    assert (report["accepted"], len(report["lead_ids"]), len(report["prospects"])) == (True, 1, 1)


async def test_an_attachment_that_only_its_name_tells(api: httpx.AsyncClient) -> None:
    packed = base64.encodebytes(document().encode())
    sent = letter(
        ("text/plain", "7bit", b"see attachment"),
        ('application/octet-stream; name="lead.xml"', "base64", packed),
    )

    lead, report = await imported(api, sent, LETTER)

    assert (lead["name"], repairs(report)) == ("Mia", [])


async def test_quoted_printable(api: httpx.AsyncClient) -> None:
    customer = f"<customer>{contact('<name>Zoë Müller-Lüdenscheidt</name>')}</customer>"
    packed = quopri.encodestring(document(prospect(customer=customer)).encode())
    assert b"=3D" in packed

    lead, report = await imported(
        api, letter(("text/plain; charset=utf-8", "quoted-printable", packed)), LETTER
    )

    assert (lead["name"], repairs(report)) == ("Zoë Müller-Lüdenscheidt", [])


async def test_html_with_the_document_in_escapes_line_breaks_and_links(api: httpx.AsyncClient) -> None:
    customer = f"<customer>{contact(email='link@customer.example')}</customer>"
    escaped = html.escape(document(prospect(customer=customer))).replace("&gt;&lt;", "&gt;<br>\n&lt;")
    escaped = escaped.replace(
        "link@customer.example", '<a href="mailto:link@customer.example">link@customer.example</a>'
    )
    page = f"<!DOCTYPE html><html><body><p>Hello</p>{escaped}</body></html>".encode()

    lead, report = await imported(api, letter(("text/html; charset=utf-8", "7bit", page)), LETTER)

    assert (lead["email"], lead["name"]) == ("link@customer.example", "Mia")
    assert repairs(report)[:2] == ["found-in-html", "unescaped-html"]


async def test_links_that_a_mail_program_put_into_plain_text(api: httpx.AsyncClient) -> None:
    customer = f"<customer>{contact(email='plain@customer.example')}</customer>"
    sent = document(prospect(customer=customer)).replace(
        "plain@customer.example", "plain@customer.example<mailto:plain@customer.example>"
    )

    lead, report = await imported(api, letter(("text/plain", "7bit", sent.encode())), LETTER)

    assert (lead["email"], repairs(report)) == ("plain@customer.example", ["links"])


async def test_a_letter_inside_a_letter(api: httpx.AsyncClient) -> None:
    inner = b"Content-Type: text/plain\r\n\r\n" + document().encode()

    lead, _ = await imported(api, letter(("message/rfc822", "7bit", inner)), LETTER)

    assert lead["name"] == "Mia"


async def test_plain_text_instead_of_adf_is_held_for_somebody_to_read(api: httpx.AsyncClient) -> None:
    text = "Lead submission\n\nFirst name: Mia\nTelephone: 0491 570 006\n"

    report = await reported(api, letter(("text/plain", "7bit", text.encode())), LETTER)

    assert (report["accepted"], report["lead_ids"], report["prospects"]) == (False, [], [])
    [held_id] = report["held_ids"]
    held = (await api.get(f"/api/v1/adf/held/{held_id}")).json()
    assert (held["reason"], held["document"].strip()) == ("unreadable", text.strip())


# ---------------------------------------------------------------------------------------------------------- encoding


def with_name(name: str, encoding: str | None = "UTF-8") -> str:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding else ""
    return declared + body_of(
        document(prospect(customer=f"<customer>{contact(f'<name>{name}</name>')}</customer>"))
    )


async def test_windows_1252_that_is_declared_as_utf_8(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, with_name("Zoë O’Neill").encode("cp1252"))

    assert lead["name"] == "Zoë O’Neill"
    assert report["repairs"] == [
        {"name": "encoding", "detail": "another charset was declared; read as windows-1252"}
    ]


async def test_windows_1252_that_is_declared_at_all_is_read_as_told(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, with_name("Zoë", "windows-1252").encode("cp1252"))

    assert (lead["name"], repairs(report)) == ("Zoë", [])


async def test_the_charset_of_the_content_type_counts(api: httpx.AsyncClient) -> None:
    lead, report = await imported(
        api, with_name("Łukasz", None).encode("iso8859-2"), "text/xml; charset=ISO-8859-2"
    )

    assert (lead["name"], repairs(report)) == ("Łukasz", [])


async def test_utf_8_that_is_declared_as_utf_16(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, with_name("Zoë", "UTF-16").encode())

    assert (lead["name"], repairs(report)) == ("Zoë", ["encoding"])


async def test_utf_16_with_its_mark(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, with_name("Zoë", "UTF-16").encode("utf-16"))

    assert (lead["name"], repairs(report)) == ("Zoë", [])


async def test_a_bare_ampersand(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, with_name("Smith & Sons &c; R&D"))

    assert (lead["name"], repairs(report)) == ("Smith & Sons &c; R&D", ["ampersands"])


async def test_entities_of_html(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, with_name("Zo&euml;&nbsp;&amp;&nbsp;Max"))

    assert (lead["name"], repairs(report)) == ("Zoë\xa0&\xa0Max", ["html-entities"])


async def test_curly_quotes_in_markup_and_in_text(api: httpx.AsyncClient) -> None:
    sent = with_name("Mia “the driver” Chen").replace('status="new"', "status=“new”")

    lead, report = await imported(api, sent)

    assert (lead["name"], repairs(report)) == ("Mia “the driver” Chen", ["curly-quotes"])


async def test_characters_that_xml_cannot_hold(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, with_name("M\x0bi\x00a&#0;"))

    assert (lead["name"], repairs(report)) == ("Mia", ["character-references", "control-characters"])


async def test_cdata_wherever(api: httpx.AsyncClient) -> None:
    customer = (
        "<customer><contact><name><![CDATA[Mia & Max]]></name><email><![CDATA[cd@ata.example]]></email></contact>"
        "<comments><![CDATA[a <b> ]]]]><![CDATA[> c]]></comments></customer>"
    )

    lead, report = await imported(api, document(prospect(customer=customer)))

    assert (lead["name"], lead["email"], lead["message"]) == ("Mia & Max", "cd@ata.example", "a <b> ]]> c")
    assert repairs(report) == []


async def test_somebody_elses_xml_inside_a_comment_is_text(api: httpx.AsyncClient) -> None:
    inner = "<lead><email>other@partner.example</email></lead>"
    customer = f"<customer>{contact()}<comments><![CDATA[{inner}]]></comments></customer>"

    lead, _ = await imported(api, document(prospect(customer=customer)))

    assert lead["message"] == inner


# ------------------------------------------------------------------------------------------------- markup, attributes


async def test_attributes_without_quotes(api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, document(prospect(ids="<id sequence=1 source=Impel>IM-1</id>")))

    assert (lead["provider_id"], repairs(report)) == ("IM-1", ["attribute-quotes"])


async def test_the_wrong_end_tag(api: httpx.AsyncClient) -> None:
    vehicle = "<vehicle><year>2020</year><make>Kia</make><model>Rio</model><option>Tow bar</name></vehicle>"

    lead, report = await imported(api, document(prospect(vehicle)))

    assert lead["fields"]["adf"]["vehicles"][0]["options"] == [{"name": "Tow bar"}]
    assert repairs(report) == ["end-tags"]


async def test_html_in_a_comment(api: httpx.AsyncClient) -> None:
    customer = f"<customer>{contact()}<comments>Hello<br>is <b>it</b> there?</comments></customer>"

    lead, report = await imported(api, document(prospect(customer=customer)))

    assert (lead["message"], repairs(report)) == ("Hello\nis it there?", ["end-tags"])
    [kept] = lead["fields"]["adf_extensions"]
    assert kept["xml"] == "<comments>Hello<br/>is <b>it</b> there?</comments>"


async def test_a_document_that_was_cut_off(api: httpx.AsyncClient) -> None:
    sent = document(prospect(vendor="", provider="", customer=f"<customer>{contact()}</customer>"))

    lead, report = await imported(api, sent[: sent.index("</contact>")])

    assert (lead["name"], repairs(report)) == ("Mia", ["end-tags"])


async def test_two_attributes_in_the_quotes_of_one(api: httpx.AsyncClient) -> None:
    vehicle = (
        "<vehicle><year>2020</year><make>Kia</make><model>Rio</model><finance><method>finance</method>"
        '<amount type="monthly currency=USD">300</amount></finance></vehicle>'
    )

    lead, report = await imported(api, document(prospect(vehicle)))

    [amount] = lead["fields"]["adf"]["vehicles"][0]["finance"]["amounts"]
    assert amount == {"value": "300", "type": "monthly", "currency": "USD"}
    assert "/adf/prospect[1]/vehicle/finance/amount/@type" in warned(report)


@pytest.mark.parametrize(
    ("kind", "chosen"),
    [
        ("phone", False),
        ("home", False),
        ("work", False),
        ("business", False),
        ("mobile", True),
        ("cell", True),
        ("fax", False),
    ],
)
async def test_types_of_phones_that_the_format_does_not_know(
    kind: str, chosen: bool, api: httpx.AsyncClient
) -> None:
    phones = f'<phone type="voice">07 3000 0001</phone><phone type="{kind}">0491 570 156</phone>'
    customer = (
        f"<customer><contact><name>Mia</name>{phones}<email>types@{kind}.example</email></contact></customer>"
    )

    lead, report = await imported(api, document(prospect(customer=customer)))

    assert lead["phone"] == ("0491 570 156" if chosen else "07 3000 0001")
    assert ("/adf/prospect[1]/customer/contact/phone[2]/@type" in warned(report)) == (kind != "fax")


async def test_interest_trade_and_status_certified(api: httpx.AsyncClient) -> None:
    vehicles = (
        '<vehicle interest="buy" status="cpo"><year>2020</year><make>Kia</make><model>Rio</model></vehicle>'
        '<vehicle interest="trade"><year>2010</year><make>Kia</make><model>Carnival</model></vehicle>'
    )

    lead, report = await imported(api, document(prospect(vehicles)))

    assert (lead["category"], lead["certified"]) == ("Used Vehicle Enquiry", True)
    assert lead["fields"]["trade_in"]["model"] == "Carnival"
    assert {"/adf/prospect[1]/vehicle[1]/@status", "/adf/prospect[1]/vehicle[2]/@interest"} <= set(
        warned(report)
    )


async def test_a_name_of_the_type_full(api: httpx.AsyncClient) -> None:
    customer = f"""<customer>{contact('<name type="full">Mia Chen</name>')}</customer>"""

    lead, report = await imported(api, document(prospect(customer=customer)))

    assert (lead["name"], lead["last_name"]) == ("Mia Chen", None)
    assert "/adf/prospect[1]/customer/contact/name/@type" in warned(report)


# ----------------------------------------------------------------------------------------------------------- elements


async def test_several_prices(api: httpx.AsyncClient) -> None:
    vehicle = (
        "<vehicle><year>2020</year><make>Kia</make><model>Rio</model>"
        '<price type="msrp" currency="AUD">20990</price><price type="asking">18990</price></vehicle>'
    )

    lead, report = await imported(api, document(prospect(vehicle)))

    assert lead["fields"]["adf"]["vehicles"][0]["prices"] == [
        {"value": "20990", "type": "msrp", "currency": "AUD"},
        {"value": "18990", "type": "asking"},
    ]
    assert "/adf/prospect[1]/vehicle" in warned(report)


async def test_an_option_as_text(api: httpx.AsyncClient) -> None:
    vehicle = (
        "<vehicle><year>2020</year><make>Kia</make><model>Rio</model><option>Sunroof</option>"
        "<option><optionname>Tow bar</optionname><weighting>50</weighting></option></vehicle>"
    )

    lead, report = await imported(api, document(prospect(vehicle)))

    assert lead["fields"]["adf"]["vehicles"][0]["options"] == [
        {"name": "Sunroof"},
        {"name": "Tow bar", "weighting": "50"},
    ]
    [told] = [one for one in report["warnings"] if one["path"] == "/adf/prospect[1]/vehicle/option[1]"]
    assert told["rule"].startswith("<!ELEMENT option (optionname,")


async def test_comment_and_pricecomment_in_the_singular(api: httpx.AsyncClient) -> None:
    vehicle = "<vehicle><year>2020</year><make>Kia</make><model>Rio</model><pricecomment>drive away</pricecomment></vehicle>"
    customer = f"<customer>{contact()}<comment>Is it there?</comment></customer>"

    lead, _ = await imported(api, document(prospect(vehicle, customer)))

    assert lead["message"] == "Is it there?"
    assert lead["fields"]["adf"]["vehicles"][0]["pricecomments"] == "drive away"


async def test_an_odometer_in_two_elements(api: httpx.AsyncClient) -> None:
    vehicle = (
        '<vehicle interest="trade-in"><year>2010</year><make>Kia</make><model>Rio</model>'
        "<odometer><value>150000</value><units>miles</units></odometer></vehicle>"
    )

    lead, _ = await imported(api, document(prospect(vehicle)))

    assert lead["category"] == "Trade-in Enquiry"
    assert lead["fields"]["trade_in"]["odometer"] == {"value": "150000", "units": "miles"}


@pytest.mark.parametrize("vehicle", ["<vehicle/>", "", "<vehicle><year/><make/><model/></vehicle>"])
async def test_no_vehicle_to_speak_of(vehicle: str, api: httpx.AsyncClient) -> None:
    lead, _ = await imported(api, document(prospect(vehicle)))

    assert lead["category"] == "General Enquiry"


@pytest.mark.parametrize(
    ("kind", "category"),
    [("Service", "Service Enquiry"), ("PARTS", "Parts Enquiry"), ("sales-chat", "General Enquiry")],
)
async def test_a_leadtype(kind: str, category: str, api: httpx.AsyncClient) -> None:
    sent = prospect("<vehicle/>").replace("</requestdate>", f"</requestdate><leadtype>{kind}</leadtype>")

    lead, report = await imported(api, document(sent))

    assert lead["category"] == category
    assert lead["fields"]["adf_extensions"] == [
        {"path": "leadtype[1]", "xml": f"<leadtype>{kind}</leadtype>"}
    ]
    assert "/adf/prospect[1]/leadtype" in warned(report)


async def test_the_transcript_of_a_chat(api: httpx.AsyncClient) -> None:
    messages = (
        "<messages><message><timestamp>10:01</timestamp><name>Visitor</name><text>Is it there?</text></message>"
        "<message><timestamp>10:02</timestamp><name>Agent</name><text>It is &amp; it shines.</text></message></messages>"
    )
    provider = f"<provider><name>Gubagoo</name></provider>{messages}"

    lead, _ = await imported(api, document(prospect("<vehicle/>", provider=provider)))

    assert lead["message"] == "10:01 Visitor: Is it there?\n10:02 Agent: It is & it shines."
    assert lead["source"] == "Chatbot - External"
    assert lead["fields"]["adf_extensions"] == [{"path": "messages[1]", "xml": messages, "is_read": True}]


async def test_blocks_about_employment_and_credit_are_kept_as_they_are(api: httpx.AsyncClient) -> None:
    block = (
        '<employment><employer phone="1">Bakery</employer><income period="month">4000</income></employment>'
    )
    customer = f"<customer>{contact()}{block}</customer>"

    lead, report = await imported(api, document(prospect(customer=customer)))

    assert lead["fields"]["adf_extensions"] == [{"path": "customer[1]/employment[1]", "xml": block}]
    assert "/adf/prospect[1]/customer/employment" in warned(report)


async def test_a_tracked_call(api: httpx.AsyncClient) -> None:
    call = (
        "<recording>https://calls.example/1.mp3</recording><duration>35</duration><answered>true</answered>"
    )
    provider = f"<provider><name>CallRail</name></provider>{call}"

    lead, _ = await imported(api, document(prospect("<vehicle/>", provider=provider)))

    assert (lead["category"], lead["source"]) == ("Phone Call", "Phone Call")
    assert [kept["path"] for kept in lead["fields"]["adf_extensions"]] == [
        "recording[1]",
        "duration[1]",
        "answered[1]",
    ]


async def test_attributes_that_the_format_does_not_know_are_kept(api: httpx.AsyncClient) -> None:
    sent = document().replace("<email>", '<email verified="yes">')

    lead, report = await imported(api, sent)

    assert lead["fields"]["adf_extensions"] == [
        {"path": "customer[1]/contact[1]/email[1]/@verified", "xml": "yes"}
    ]
    assert "/adf/prospect[1]/customer/contact/email/@verified" in warned(report)


async def test_the_best_time_to_call_in_either_spelling(api: httpx.AsyncClient) -> None:
    lead, _ = await imported(api, document().replace("<phone>04", "<phone besttime='evening'>04"))

    assert lead["fields"]["adf"]["contact"]["phones"][0]["time"] == "evening"


async def test_a_customer_without_a_contact_around_it(api: httpx.AsyncClient) -> None:
    inner = contact().removeprefix("<contact>").removesuffix("</contact>")

    lead, _ = await imported(api, document(prospect(customer=f"<customer>{inner}</customer>")))

    assert lead["name"] == "Mia"


# -------------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("sent", "at", "is_told"),
    [
        ("2026-11-24T10:15:00+10:00", "2026-11-24T10:15:00+10:00", False),
        ("20261124T101500+1000", "2026-11-24T10:15:00+10:00", False),
        ("2026-11-24T00:15:00Z", "2026-11-24T00:15:00+00:00", True),
        ("2026-11-24T10:15:00.123+10:00", "2026-11-24T10:15:00+10:00", True),
        ("2026-11-24T10:15:00", "2026-11-24T10:15:00+10:00", True),
        ("2026-11-24T10:15:00-08:0", "2026-11-24T10:15:00-08:00", True),
        ("11-24-2026", "2026-11-24T00:00:00+10:00", True),
        ("11-12-2026", "2026-11-12T00:00:00+10:00", True),
        ("2026-11-24T1:05:09 PM", "2026-11-24T13:05:09+10:00", True),
        ("yesterday", None, True),
    ],
)
async def test_request_dates(sent: str, at: str | None, is_told: bool, api: httpx.AsyncClient) -> None:
    lead, report = await imported(api, document(prospect(date=sent)))

    kept = lead["fields"]["adf"]
    assert (kept["requestdate"], kept.get("submitted_at")) == (sent, at)
    assert ("/adf/prospect[1]/requestdate" in warned(report)) == is_told


# ------------------------------------------------------------------------------------------------------------ content


async def test_an_odd_address_and_an_odd_number_are_kept_with_a_warning(api: httpx.AsyncClient) -> None:
    customer = f"<customer>{contact(email='mia at home', phone='ask my mother')}</customer>"

    lead, report = await imported(api, document(prospect(customer=customer)))

    assert (lead["email"], lead["phone"], lead["disable_strict_validation"]) == (
        "mia at home",
        "ask my mother",
        True,
    )
    odd = {one["rule"]: one["path"] for one in report["warnings"]}
    assert odd["lead.email"] == "/adf/prospect[1]/customer/contact/email[1]"
    assert odd["lead.phone"] == "/adf/prospect[1]/customer/contact/phone[1]"


async def test_no_warning_repeats_what_the_customer_wrote(api: httpx.AsyncClient) -> None:
    customer = (
        "<customer><contact><name part='Zanzibar'>Quux</name><email>wibble wobble</email><phone>Zanzibar</phone></contact>"
        "<Zanzibar-thing>Quux</Zanzibar-thing></customer>"
    )

    report = await reported(api, document(prospect(customer=customer, date="Zanzibar")))

    told = "".join(one["message"] + one["rule"] for one in report["warnings"])
    assert "Quux" not in told
    assert "wobble" not in told
    assert told.count("Zanzibar") == told.count("Zanzibar-thing")
