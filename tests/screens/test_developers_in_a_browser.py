"""The developers' pages in a real browser: alive, accessible, and deaf to whatever others wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx

from tests.adf.asking import document, prospect, reported
from tests.clusters.asking import enquiry
from tests.conftest import bearer
from tests.screens.conftest import opened
from tests.screens.rules import complaints_across
from tests.screens.test_developers import got, page_with, server
from tests.webhooks.receiving import until
from tests.world import OURS

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.webhooks.receiving import Receiver

__all__ = ["got", "server"]

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</pre></textarea></title><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}${7*7}",
    "\u202e\u2066<b>bold</b>\u2069",
)
HOSTILE = " ".join(PAYLOADS)


async def hostile_pages(visitor: httpx.AsyncClient, api: httpx.AsyncClient, got: Receiver) -> list[str]:
    """The address of a page of each kind, everything on it written by somebody who means harm."""
    lead = await enquiry(api, name=HOSTILE[:200], message=HOSTILE, send_customer_email=True)
    headers = {
        "User-Agent": HOSTILE.encode("ascii", "ignore").decode(),
        "Accept": "<script>alert(1)</script>",
    }
    body = {
        "lead": {"category": HOSTILE, PAYLOADS[0]: HOSTILE, "source": PAYLOADS[1], "dealership_slug": OURS}
    }
    await api.post("/api/v1/leads", json=body, headers=headers, params={PAYLOADS[1]: PAYLOADS[0]})
    nobodys = "".join(f"<vendorname><![CDATA[{one}]]></vendorname>" for one in PAYLOADS[:4])
    vendor = f"<vendor>{nobodys}<contact><name>Sales</name></contact></vendor>"
    report = await reported(api, document(prospect(vendor=vendor)))

    got.says = lambda _: (500, {"X-Said": HOSTILE.encode("ascii", "ignore").decode()})
    got.body = HOSTILE.encode()
    form = {"url": f"{got.url}/?q=%3Cscript%3E", "events[]": "lead.erased", "schema": "event"}
    made = await visitor.post("/developers/webhooks", data=form)
    webhook = re.search(r'href="(/developers/webhooks/[\w-]+/\d+)"', made.text)
    assert webhook
    delivery = (await visitor.post(f"{webhook[1]}/test")).headers["location"].partition("?")[0]
    await until(lambda: len(got.requests) == 1)
    await page_with(visitor, delivery, '<span class="chip status bad">500</span>')
    outbox = await page_with(
        visitor, f"/developers/outbox?lead_id={lead['id']}", f"/developers/outbox/{OURS}/"
    )
    message = re.search(rf'href="(/developers/outbox/{OURS}/\d+)"', outbox)
    calls = re.search(
        r'href="(/developers/requests/[\w-]{36})"',
        (await visitor.get("/developers/requests?status=4xx")).text,
    )
    assert message
    assert calls
    return [
        "/developers",
        "/developers/keys",
        "/developers/requests",
        calls[1],
        "/developers/webhooks",
        "/developers/webhooks/new",
        webhook[1],
        delivery,
        message[1],
        f"/developers/events?lead_id={lead['id']}",
        "/developers/adf",
        f"/developers/adf/{report['held_ids'][0]}",
    ]


async def test_what_others_wrote_is_shown_and_does_nothing_and_every_page_keeps_the_rules(
    visitor: httpx.AsyncClient,
    api: httpx.AsyncClient,
    got: Receiver,
    browser: Browser,
    server: str,
    owner_cookie: str,
) -> None:
    await visitor.post("/developers/test-key")
    pages = await hostile_pages(visitor, api, got)
    async with opened(browser, server, owner_cookie) as (page, _):
        asked: list[str] = []

        async def dismissed(dialog: object) -> None:
            asked.append(str(dialog))
            await dialog.dismiss()  # type: ignore[attr-defined]

        page.on("dialog", dismissed)
        for address in pages:
            await page.goto(address)
            await page.evaluate(
                "document.querySelectorAll('main details').forEach(one => { one.open = true; })"
            )
            assert await page.locator("main img, main svg[onload], main script, main [onfocus]").count() == 0
        assert asked == []
    found = []
    async with opened(browser, server, owner_cookie, bypass_csp=True) as (page, _):
        for address in pages:
            await page.goto(address)
            found += [f"{address}: {one}" for one in await complaints_across(page)]
    assert found == []


async def test_calls_appear_as_they_come_and_the_checklist_turns_green(
    browser: Browser, server: str, owner_cookie: str
) -> None:
    async with opened(browser, server, owner_cookie) as (page, _):
        await page.goto("/developers")
        await page.click("text=Make my test key")
        token = await page.input_value("#token")
        log = await page.context.new_page()
        await log.goto("/developers/requests")
        before = await log.locator(".call").count()
        async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as client:
            await client.get("/api/v1/leads?page=<b>")
            await client.post("/api/v1/leads", json={"lead": {"category": "Test drive"}})

        await log.wait_for_selector(".call.arrived:has-text('422')")
        assert await log.locator(".call").count() >= before + 1
        await page.bring_to_front()
        await page.wait_for_selector("#progress li:nth-child(2).done")
        # The reference knows the key, too, and keeps it nowhere.
        await page.goto("/docs")
        await page.wait_for_selector(".btn.authorize.locked")
        assert token not in await page.evaluate("JSON.stringify(localStorage)")
