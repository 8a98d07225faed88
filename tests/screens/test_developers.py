"""The developers' pages, without JavaScript: what an integrator finds out there, and what nobody else does."""

from __future__ import annotations

import asyncio
import html
import re
import shlex
from typing import TYPE_CHECKING

import httpx
import pytest

from forecourt.access.sessions import COOKIE
from tests.adf.asking import document, imported, prospect, reported
from tests.clusters.asking import enquiry
from tests.conftest import bearer, serving
from tests.screens.conftest import signed_in
from tests.webhooks.receiving import Receiver, receiver, until
from tests.world import OURS, SISTER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

PAGES = ("", "/keys", "/requests", "/webhooks", "/webhooks/new", "/outbox", "/events", "/adf")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
async def server(
    database_url: str, world: World, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    """The address of the application, with a worker that delivers to this machine."""
    assert world
    folder = tmp_path_factory.mktemp("files")
    async with serving(database_url, folder, worker=True, allow_private_webhooks=True) as address:
        yield address


@pytest.fixture
async def got() -> AsyncGenerator[Receiver]:
    """A receiver of webhooks."""
    async with receiver() as running:
        yield running


def value_of(answer: httpx.Response, field: str) -> str:
    """What stands in a field that is shown once."""
    found = re.search(rf'id="{field}"[^>]*value="([^"]+)"', answer.text)
    assert found, answer.text
    return html.unescape(found[1])


async def key_of(visitor: httpx.AsyncClient) -> str:
    """A new test key of whoever is signed in."""
    answer = await visitor.post("/developers/test-key")
    assert answer.headers["location"] == "/developers?said=test_key_made"
    return value_of(await visitor.get("/developers"), "token")


async def pasted(shown: str) -> httpx.Response:
    """What is answered to a command that a page shows, as a shell would send it."""
    words = shlex.split(html.unescape(shown).replace("\\\n", ""))
    assert words[:3] == ["curl", "-X", "POST"]
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    body = words[words.index("-d") + 1]
    async with httpx.AsyncClient() as client:
        return await client.post(words[3], headers=headers, content=body)


async def page_with(visitor: httpx.AsyncClient, address: str, text: str) -> str:
    """A page, once it says *text*."""
    async with asyncio.timeout(30):
        while text not in (answer := await visitor.get(address)).text:
            assert answer.status_code == 200
            await asyncio.sleep(0.05)
    return answer.text


async def test_an_integrator_finds_out_what_went_wrong_and_puts_it_right(
    visitor: httpx.AsyncClient, got: Receiver
) -> None:
    token = await key_of(visitor)
    home = (await visitor.get("/developers")).text
    first, refused = (
        re.search(rf'<pre id="{name}"[^>]*>(.*?)</pre>', home, re.DOTALL)
        for name in ("code-curl", "code-refused")
    )
    assert first
    assert refused
    assert token in first[1]
    created = await pasted(first[1])
    assert created.status_code == 201, created.text
    assert created.json()["warnings"] == []
    # It is a lead of test mode, and marked as one wherever it is seen.
    events = (await visitor.get(f"/developers/events?lead_id={created.json()['id']}")).text
    assert '<span class="chip test">test</span>' in events
    answer = await pasted(refused[1])
    assert answer.status_code == 422

    listed = (await visitor.get("/developers/requests?status=422")).text
    [call] = re.findall(r'href="(/developers/requests/[\w-]{36})"', listed)
    shown = html.unescape((await visitor.get(call)).text)
    assert answer.json()["request_id"] in shown
    assert "lead.category" in shown
    assert "the nearest is Test Drive Booking" in shown
    again = await visitor.post(call, data={})
    assert "As it was: the same status" in again.text

    got.says = lambda _: 500
    made = await visitor.post(
        "/developers/webhooks", data={"url": got.url, "events[]": ["lead.erased"], "schema": "event"}
    )
    assert value_of(made, "secret").startswith("whsec_")
    address = re.search(r'href="(/developers/webhooks/[\w-]+/\d+)"', made.text)
    assert address
    assert "whsec_" not in (await visitor.get(address[1])).text
    sent = (await visitor.post(f"{address[1]}/test")).headers["location"].partition("?")[0]
    await until(lambda: len(got.requests) == 1)
    assert "thank you" in await page_with(visitor, sent, '<span class="chip status bad">500</span>')

    got.says = lambda _: 200
    assert (await visitor.post(f"{sent}/redeliver")).headers["location"] == f"{sent}?said=redelivered"
    await until(lambda: len(got.requests) == 2)
    assert got.requests[0].message_id == got.requests[1].message_id
    await page_with(visitor, sent, '<span class="chip status good">200</span>')
    # All three steps are done: the page has nothing to look for any more.
    progress = await page_with(visitor, "/developers/progress", f"{sent}")
    assert progress.count('class="done"') == 3
    assert "data-refresh" not in progress


async def test_a_key_is_shown_once_replaced_with_an_overlap_and_revoked_by_its_name(
    visitor: httpx.AsyncClient, server: str, world: World
) -> None:
    form = {
        "name": "website",
        "mode": "live",
        "permissions[]": ["create:lead", "read:lead"],
        "dealerships[]": [OURS],
    }
    first = value_of(await visitor.post("/developers/keys", data=form), "token")
    [key] = await world.rows("select id, token_hint from api_key where name = 'website'")
    listed = (await visitor.get("/developers/keys")).text
    assert key["token_hint"] in listed
    assert first not in listed
    at = f"/developers/keys/{key['id']}"
    second = value_of(
        await visitor.post(f"{at}/replace", data={"dealership": OURS, "overlap_hours": "2"}), "token"
    )
    assert await statuses(server, first, second) == [200, 200]

    wrong = await visitor.post(f"{at}/revoke", data={"dealership": OURS, "name": "webshop"})
    assert wrong.status_code == 422
    assert await statuses(server, first, second) == [200, 200]
    done = await visitor.post(f"{at}/revoke", data={"dealership": OURS, "name": "website"})
    assert done.headers["location"] == "/developers/keys?said=key_revoked"
    assert await statuses(server, first, second) == [401, 200]
    events = await world.rows(
        "select kind, user_id from event where kind like 'api_key.%' and user_id = 501 order by id desc limit 3"
    )
    assert [event["kind"] for event in events] == ["api_key.revoked", "api_key.replaced", "api_key.created"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("mode", "real"), ("permissions[]", "all"), ("dealerships[]", "perth-autos")],
)
async def test_a_key_that_does_not_fit_is_told_and_kept(
    field: str, value: str, visitor: httpx.AsyncClient, world: World
) -> None:
    before = await world.rows("select count(id) as n from api_key")
    form = {"name": "kept", "mode": "test", "permissions[]": "read:lead", "dealerships[]": OURS}

    answer = await visitor.post("/developers/keys", data=form | {field: value})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert field == "name" or 'value="kept"' in answer.text
    assert await world.rows("select count(id) as n from api_key") == before


async def test_keys_of_others_are_theirs(visitor: httpx.AsyncClient, world: World) -> None:
    keys = await world.rows(
        """
        select key.id, array_agg(dealership.slug) as slugs
        from api_key as key
        join api_key_dealership as held on held.api_key_id = key.id
        join dealership on dealership.id = held.dealership_id
        where key.name = 'test'
        group by key.id
        """
    )
    for key in keys:
        if key["slugs"] == [OURS]:
            continue
        expected = 409 if OURS in key["slugs"] else 404
        for what, form in (("replace", {}), ("revoke", {"name": "test"})):
            address = f"/developers/keys/{key['id']}/{what}"
            answer = await visitor.post(address, data={"dealership": OURS} | form)
            assert answer.status_code == expected
    assert any(SISTER in key["slugs"] for key in keys)
    assert not await world.rows("select id from api_key where name = 'test' and revoked_at is not null")


async def test_a_test_key_is_shown_in_the_session_that_made_it_and_ends_with_the_role(
    visitor: httpx.AsyncClient, server: str, world: World, database_url: str
) -> None:
    token = await key_of(visitor)
    assert token.startswith("fc_test_")
    assert (await visitor.get("/developers/test-key")).json()["token"] == token
    elsewhere = await visitor.get("/developers/test-key", headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 400

    other = await signed_in(world, database_url)
    page = await visitor.get("/developers", headers={"Cookie": f"{COOKIE}={other}"})
    assert token not in page.text
    assert token[-4:] in page.text
    assert await statuses(server, token) == [200]
    await world.run("update dealership_user set role = 'salesperson' where user_id = 501")
    assert await statuses(server, token) == [401]
    await world.run("update dealership_user set role = 'owner' where user_id = 501")


async def test_who_manages_leads_looks_on_and_changes_nothing(
    visitor: httpx.AsyncClient, world: World, database_url: str
) -> None:
    cookie = await signed_in(world, database_url, "lead_manager")
    visitor.headers["Cookie"] = f"{COOKIE}={cookie}"
    statuses_of = {path: (await visitor.get(f"/developers{path}")).status_code for path in PAGES}

    assert {path for path, status in statuses_of.items() if status == 403} == {"/keys", "/webhooks/new"}
    shown = (await visitor.get("/developers/webhooks")).text
    assert "New webhook" not in shown
    assert "/developers/keys" not in shown
    await world.run("update dealership_user set role = 'owner' where user_id = 501")


async def test_a_mail_is_shown_alone_and_does_nothing(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name=SCRIPT, message=SCRIPT, send_customer_email=True)
    listed = await page_with(
        visitor, f"/developers/outbox?lead_id={lead['id']}", f"/developers/outbox/{OURS}/"
    )
    address = re.search(rf'href="(/developers/outbox/{OURS}/\d+)"', listed)
    assert address
    shown = (await visitor.get(address[1])).text
    assert SCRIPT not in shown
    assert 'sandbox title="The mail"' in shown

    mail = await visitor.get(f"{address[1]}/html")

    assert SCRIPT not in mail.text
    policy = mail.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert policy.endswith("; sandbox")
    assert "script-src" not in policy


async def test_an_event_tells_what_changed_from_what_to_what(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, message=f"Blue? {SCRIPT}")

    shown = (await visitor.get(f"/developers/events?lead_id={lead['id']}&kind=lead.created")).text

    assert "Blue? &lt;script&gt;" in shown
    assert SCRIPT not in shown
    [event] = set(re.findall(rf"/developers/events/{OURS}/\d+", shown))
    assert "Blue?" in (await visitor.get(event)).text
    assert (await visitor.get(event.replace(OURS, "perth-autos"))).status_code == 404


async def test_what_is_held_is_looked_into_and_decided(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    nobodys = "<vendor><vendorname>Nobody's Cars</vendorname><contact><name>Sales</name></contact></vendor>"
    held = []
    for _ in range(2):
        report = await reported(api, document(prospect(vendor=nobodys)))
        held += report["held_ids"]
    listed = (await visitor.get("/developers/adf")).text
    assert "Nobody&#39;s Cars" in listed

    accepted = await visitor.post(f"/developers/adf/{held[0]}/accept", data={"dealership": OURS})
    assert accepted.headers["location"] == f"/developers/adf/{held[0]}?said=adf_accepted"
    assert "became a lead" in (await visitor.get(f"/developers/adf/{held[0]}")).text
    await visitor.post(f"/developers/adf/{held[1]}/dismiss")
    again = await visitor.post(f"/developers/adf/{held[1]}/dismiss")
    assert again.status_code == 409


async def test_a_document_is_looked_at_and_nothing_is_written(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient, world: World
) -> None:
    _, lead = await imported(api, document())
    before = await world.rows("select count(id) as n from lead")
    assert lead

    answer = await visitor.post("/developers/adf", data={"document": document(prospect(vehicle="")) + SCRIPT})
    empty = await visitor.post("/developers/adf", data={"document": ""})

    assert answer.status_code == 200
    assert "lacks vehicle" in answer.text
    assert SCRIPT not in answer.text
    assert 400 <= empty.status_code < 500
    assert await world.rows("select count(id) as n from lead") == before


@pytest.mark.parametrize(
    "query",
    [
        "requests?status=teapot&lead_id=nobody&cursor=x",
        "requests?text=%00&path=%00&request_id=%00",
        "outbox?state=lost&lead_id=x&cursor=x",
        "events?kind=%00&lead_id=-1&cursor=99999999999999999999",
        "adf?state=lost&cursor=x",
        "keys?ended=perhaps",
    ],
)
async def test_an_address_that_asks_for_nonsense_still_leads_somewhere(
    query: str, visitor: httpx.AsyncClient
) -> None:
    answer = await visitor.get(f"/developers/{query}")

    assert answer.status_code == 200
    assert "<h1>" in answer.text


async def statuses(server: str, *tokens: str) -> list[int]:
    """What each key is answered."""
    async with httpx.AsyncClient(base_url=server) as client:
        return [(await client.get("/api/v1/leads", headers=bearer(token))).status_code for token in tokens]
