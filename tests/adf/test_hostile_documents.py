"""Whatever is posted as ADF gives a report or a refusal: no entity is expanded, nothing fetched, nothing takes long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from forecourt.adf.checking import ELEMENTS, RULES, load_dtd
from forecourt.adf.documents import read_document
from forecourt.adf.mapping import Recipient, Stock, mapped
from forecourt.adf.mending import mended
from forecourt.adf.refusals import MOST_ELEMENTS, MOST_PROSPECTS
from forecourt.infra.refusals import Refusal
from tests.adf.asking import ADF, document, post, prospect, reported
from tests.conftest import bearer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

MIB = 1024 * 1024
LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))


@pytest.fixture(scope="module")
async def listening() -> AsyncGenerator[list[bytes]]:
    """What arrives at a server that a document asks to be fetched from."""
    arrived: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(await reader.read(1024))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    arrived.append(str(server.sockets[0].getsockname()[1]).encode())
    async with server:
        yield arrived


@pytest.mark.parametrize(
    "declared",
    [
        "<!DOCTYPE adf>",
        '<!DOCTYPE adf SYSTEM "adf_1_0.dtd">',
        f'<!DOCTYPE adf [<!ENTITY l0 "lol">{LAUGHS}]>',
        f'<!DOCTYPE adf [<!ENTITY a "{"a" * 50_000}">]>',
        '<!DOCTYPE adf [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE adf [<!ENTITY % x SYSTEM "http://127.0.0.1:PORT/x.dtd"> %x;]>',
        '<!DOCTYPE adf SYSTEM "http://127.0.0.1:PORT/adf.dtd">',
        '<!doctype adf PUBLIC "-//X" "http://127.0.0.1:PORT/adf.dtd">',
        '<?xml-stylesheet href="http://127.0.0.1:PORT/x.xsl"?><!DOCTYPE adf [<!ATTLIST adf x CDATA "y">]>',
    ],
)
async def test_a_document_type_is_refused_unread(
    declared: str, api: httpx.AsyncClient, listening: list[bytes]
) -> None:
    body = prospect().replace("Mia", "&l11;&a;&x;")
    sent = declared.replace("PORT", listening[0].decode()) + f"<adf>{body}</adf>"

    for content in (sent, f"<adf>{declared}{body}</adf>"):
        answer = await post(api, content.replace("PORT", listening[0].decode()))
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/doctype-refused")
    assert len(listening) == 1


async def test_a_schema_and_an_inclusion_are_never_fetched(
    api: httpx.AsyncClient, listening: list[bytes]
) -> None:
    at = f"http://127.0.0.1:{listening[0].decode()}"
    root = (
        f'<adf xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="{at}/adf.xsd" '
        f'xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{at}/more.xml"/>'
    )

    report = await reported(api, document().replace("<adf>", root))

    assert (report["accepted"], len(listening)) == (True, 1)


async def test_words_about_a_document_type_inside_text_are_text(api: httpx.AsyncClient) -> None:
    sent = document().replace(
        "</requestdate>", "</requestdate><!-- <!DOCTYPE x> --><comments><![CDATA[<!ENTITY y>]]></comments>"
    )

    report = await reported(api, sent)

    lead = (await api.get(f"/api/v1/leads/{report['lead_ids'][0]}")).json()
    assert lead["message"] == "<!ENTITY y>"


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        ("<adf>" + "<a>" * 40 + "</a>" * 40 + "</adf>", 400, "too-deep"),
        ("<adf>" + "<a>" * 2_000 + "</adf>", 400, "too-deep"),
        ("<adf>" + "<a/>" * (2 * MOST_ELEMENTS), 413, "too-many-elements"),
        ("<adf><prospect " + 'a="1" ' * 20_000 + "/></adf>", 413, "too-many-elements"),
        ("<adf><prospect><comments>" + "&amp;" * 60_000 + "</comments></prospect></adf>", 413, "too-many-elements"),
        ("<adf>" + "<prospect/>" * (MOST_PROSPECTS + 1) + "</adf>", 413, "too-many-prospects"),
        ("<adf></adf>" * 200, 413, "too-many-prospects"),
        ("<adf>" + "x" * MIB + "</adf>", 413, "body-too-large"),
        ("", 400, "bad-body"),
        ("   \n", 400, "bad-body"),
    ],
    ids=["deep", "very-deep", "elements", "attributes", "references", "prospects", "documents", "bytes", "none", "space"],
)  # fmt: skip
async def test_what_is_too_much_is_refused(sent: str, status: int, kind: str, api: httpx.AsyncClient) -> None:
    answer = await post(api, sent)

    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), answer.text


@pytest.mark.parametrize(
    "media", ["application/json", "text/plain", "multipart/form-data", "", "application/xml; charset"]
)
async def test_another_type_is_refused_with_those_that_are_read(media: str, api: httpx.AsyncClient) -> None:
    headers = {"Content-Type": media} if media else {}
    answer = await api.post(ADF, content=document().encode(), headers=headers)

    assert answer.status_code == 415
    assert "message/rfc822" in answer.json()["detail"]


async def test_the_key_is_asked_for_before_the_body_is_judged(server: str, world: World) -> None:
    token = await world.key(("read:lead",))
    async with httpx.AsyncClient(base_url=server) as nobody:
        assert (await post(nobody, "<!DOCTYPE adf>")).status_code == 401
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as reader:
        answer = await post(reader, "<!DOCTYPE adf><adf/>")
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/permission-missing")


async def test_very_many_warnings_are_counted_and_not_all_told(api: httpx.AsyncClient) -> None:
    strange = "".join(f"<part{number} odd='1'/>" for number in range(300))

    report = await reported(api, document(prospect().replace("</requestdate>", f"</requestdate>{strange}")))

    assert len(report["warnings"]) <= 102
    assert report["accepted"] is True


# ------------------------------------------------------------------------------------------------ for whatever there can be

PIECES = st.sampled_from(
    [
        "<adf>", "</adf>", "<prospect>", "</prospect>", "<prospect status=new>", "<vehicle interest='buy'>", "</vehicle>",
        "<customer><contact>", "</contact></customer>", '<name part="full">Mia</name>', "<email>mia@example.com</email>",
        "<phone type=mobile>0412 345 678</phone>", "<vendor>", "</vendor>", "<year>2020", "<!--", "-->", "<![CDATA[", "]]>",
        "<?xml version='1.0'?>", "<?adf", "?>", '<?forecourt {"tags": [1]}?>', "&", "&nbsp;", "&#0;", "&#xD800;", "&lt;adf&gt;",
        "<", ">", '"', "'", "“", "<br>", "<a:b c:d='e'>", "</a:b>", "<x xmlns:a='u'>", "<x xmlns:a=''>", "<x xmlns='u' xmlns='v'>",
        "<x xml:id='1 2' xmlns:xml='z'>", "</", "<a b=c d='e\"f'/>", "\x00", "\x0b", "\ufffe", "é", "𝄞", "<!DOCTYPE html>",
        "<requestdate>11-12-2026</requestdate>", "<comments>a < b && c</comments>", "<messages><message>", "<mailto:a@b.example>",
        "<x A='1' a='1' a='2'>", "<a:x a:y='1' b:y='2' xmlns:a='u' xmlns:b='u'/>", "<é/>", "<:/>", "<a:/>", "<x :y='1' z:='2'/>",
    ]
)  # fmt: skip
MARKUP = st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=40).map("".join)
LETTERS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=x\n", b"Content-Type: text/html; charset=latin-1\n", b"\n", b"\r\n",
                b"--x\n", b"--x--\n", b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n",
                b"Content-Type: message/rfc822\n", b"<adf><prospect>", b"</prospect></adf>", b"=3Cadf=3E", b"PGFkZj4=\n", b"\xff\xfe",
                b"Content-Type: text/xml; charset=utf-7\n", b"Content-Type: text/xml; charset=idna\n", b"&lt;adf&gt;&lt;prospect&gt;",
            ]
        ),
        st.binary(max_size=8),
    ),
    max_size=30,
).map(b"".join)  # fmt: skip
ANYBODY = Recipient(id=1, slug="a", name="A", country="AU", timezone="Australia/Brisbane")


@settings(max_examples=600, deadline=None)
@given(MARKUP)
@example("<adf>" + "<x xmlns:a='http://www.w3.org/2000/xmlns/' a:b='1'/>")
def test_what_is_mended_is_well_formed(text: str) -> None:
    try:
        clean, _ = mended(f"<adf>{text}", ELEMENTS)
    except Refusal:
        return

    etree.fromstring(clean.encode())


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(MARKUP.map(str.encode), LETTERS, st.binary(max_size=60)),
    st.booleans(),
    st.sampled_from([None, "utf-8", "utf-16", "x"]),
)
def test_any_bytes_are_read_or_refused(content: bytes, is_letter: bool, charset: str | None) -> None:
    try:
        reading = read_document(content, "message/rfc822" if is_letter else "text/xml", charset)
    except Refusal:
        return

    for found in reading.prospects:
        mapped(found, ANYBODY, Stock())
    for source in reading.sources:
        assert len(read_document(source.encode(), "text/xml", "utf-8").prospects) == 1


@settings(max_examples=300, deadline=None)
@given(MARKUP.filter(lambda text: "\x00" not in text))
def test_what_is_well_formed_needs_no_repair(text: str) -> None:
    root = etree.Element("adf")
    etree.SubElement(root, "prospect").text = "".join(
        each
        for each in text
        if each in "\t\n\r" or ("\x20" <= each < "\ufffe" and not "\ud800" <= each < "\ue000")
    )

    reading = read_document(etree.tostring(root), "text/xml", None)

    assert reading.repairs == ()


async def test_any_bytes_get_an_answer(api: httpx.AsyncClient) -> None:
    hostile = [
        b"\x00\x01\x02", b"\xff\xfe<\x00a\x00", b"<adf><prospect>\xff", b"<adf><prospect><customer>", b"<prospect/>", b"<adf/>",
        b"<adf><prospect><vendor/></prospect></adf>", "<adf><prospect><customer><contact><name>\ufffe\u0301</name>".encode(),
        b"<adf><prospect><requestdate>99999999T999999+9999</requestdate></prospect></adf>",
        ("<adf><prospect><customer><contact><name>a" + "\u0301" * 300 + "</name></contact></customer></prospect></adf>").encode(),
        ("<adf><prospect><id>" + "9" * 5_000 + "</id></prospect></adf>").encode(),
        ("<adf><prospect><provider><name>" + "x" * 70_000 + "</name></provider></prospect></adf>").encode(),
        b"<adf><prospect><vehicle><vin>" + b"V" * 9_000 + b"</vin></vehicle></prospect></adf>",
        b"<adf><prospect><customer><contact><email>" + b"e" * 9_000 + b"@x.example</email></contact></customer></prospect></adf>",
    ]  # fmt: skip
    for content in hostile:
        for media in ("text/xml", "message/rfc822"):
            answer = await post(api, content, media)
            assert answer.status_code in {200, 400, 413}, (content[:80], answer.text)


def test_the_dtd_is_one_that_a_validator_can_load() -> None:
    names = {element.name for element in load_dtd().elements()}  # type: ignore[attr-defined]

    assert names == ELEMENTS
    assert RULES["prospect/@status"] == '<!ATTLIST prospect status (new | resend) "new">'
