"""Signing in and the first run in a real browser: by keyboard alone, and to the rules of accessibility."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyotp

from tests.conftest import serving
from tests.screens.people import PASSWORD, person
from tests.screens.rules import complaints_everywhere
from tests.screens.test_second_factor import link

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from tests.world import World


@asynccontextmanager
async def browsing(browser: Browser, server: str) -> AsyncGenerator[Page]:
    """A page of a browser that nobody is signed in with; nothing may go wrong on it but a refusal's status."""
    context = await browser.new_context(
        viewport={"width": 1360, "height": 860}, base_url=server, bypass_csp=True
    )
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda said: wrong.append(said.text) if said.type == "error" and " 4" not in said.text else None,
    )
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((server, "data:")) else wrong.append(asked.url),
    )
    try:
        yield page
    finally:
        await context.close()
    assert wrong == []


async def typed(page: Page, *words: str) -> None:
    """Type each word into the field that has the focus, and go on to the next."""
    for word in words:
        await page.keyboard.type(word)
        await page.keyboard.press("Tab")


async def test_signing_in_by_keyboard_alone(server: str, world: World, browser: Browser) -> None:
    await person(world, "kim", "owner")
    async with browsing(browser, server) as page:
        await page.goto("/?view=golden")
        await page.wait_for_url("**/sign-in?to=%2F%3Fview%3Dgolden")
        assert await complaints_everywhere(page) == []

        await typed(page, "kim@example.com", "not the password")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[role=alert]")
        assert await page.input_value("#email") == "kim@example.com"
        assert await page.evaluate("document.activeElement.id") == "password"
        assert await complaints_everywhere(page) == []

        # Pasted, as password managers do.
        await page.evaluate(
            "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
            " const pasted = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});"
            " if (document.activeElement.dispatchEvent(pasted)) document.activeElement.value = text; }",
            PASSWORD,
        )
        assert await page.input_value("#password") == PASSWORD
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/?view=golden")


async def test_the_profile_and_the_second_factor(server: str, world: World, browser: Browser) -> None:
    await person(world, "uma", "owner")
    async with browsing(browser, server) as page:
        await page.goto("/sign-in?to=/profile")
        await typed(page, "uma@example.com", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{server}/profile")
        assert await complaints_everywhere(page) == []
        await page.set_viewport_size({"width": 1360, "height": 860})
        await page.click("text=Dark")
        await page.click("section[aria-labelledby=preferences] button")
        await page.wait_for_selector(".toast")
        assert await page.get_attribute("html", "data-theme") == "dark"
        await page.click("text=As the system")
        await page.click("section[aria-labelledby=preferences] button")
        await page.wait_for_selector("html:not([data-theme])")

        await page.fill("#present-for-second", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/profile/second-factor")
        assert await complaints_everywhere(page) == []
        app = pyotp.TOTP(await page.input_value("#secret"))
        await page.fill("#code", app.now())
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".codes")
        assert await complaints_everywhere(page) == []

        await page.goto("/profile")
        assert await complaints_everywhere(page) == []
        await page.click("text=Sign out here")
        await page.wait_for_url(f"{server}/sign-in")
        await typed(page, "uma@example.com", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/sign-in/second")
        assert await complaints_everywhere(page) == []
        await page.keyboard.type(app.at(datetime.now(UTC) + timedelta(seconds=30)))
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#list-title")


async def test_the_users_page_and_an_invitation(server: str, world: World, browser: Browser) -> None:
    await person(world, "olga", "owner")
    async with browsing(browser, server) as page:
        await page.goto("/sign-in?to=/settings/users")
        await typed(page, "olga@example.com", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{server}/settings/users")
        await page.fill("#name", "Ivo Invited")
        await page.fill("#email", "ivo@example.com")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#link")
        assert await complaints_everywhere(page) == []
        address = await page.input_value("#link")
        await page.set_viewport_size({"width": 1360, "height": 860})
        await page.click("article[aria-label='Ivo Invited'] summary")
        await page.select_option("article[aria-label='Ivo Invited'] select", "lead_manager")
        await page.wait_for_selector(".toast")
        assert "said=role_changed" in page.url

    async with browsing(browser, server) as page:
        await page.goto(address)
        assert await complaints_everywhere(page) == []
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#list-title")
        await page.goto(address)
        await page.wait_for_selector("text=This link does not work any more")
        assert await complaints_everywhere(page) == []
        # A page of owners: said in words, on a page of its own.
        await page.goto("/settings/users")
        await page.wait_for_selector("text=Your role does not allow this")


async def test_the_first_run_ends_with_a_lead_that_drops_into_the_inbox(
    empty_database_url: str, browser: Browser, tmp_path: Path
) -> None:
    """By keyboard alone, from the link that ``forecourt serve`` prints."""
    url = empty_database_url
    async with serving(url, tmp_path) as server, browsing(browser, server) as page:
        await page.goto(f"/sign-in/{await link(url, 'set_up', None)}")
        assert await complaints_everywhere(page) == []
        await typed(page, "Mia Chen", "mia@brisbane.example", PASSWORD)
        await page.keyboard.press("Enter")

        await page.wait_for_url("**/welcome")
        assert await complaints_everywhere(page) == []
        # Whoever goes elsewhere before there is a dealership is led back.
        await page.goto("/")
        await page.wait_for_url("**/welcome")
        await typed(page, "Brisbane Motors", "", "Australia/Brisbane", "Australia")
        await page.keyboard.press("Enter")

        await page.wait_for_url("**/welcome/place")
        assert await complaints_everywhere(page) == []
        await page.focus("#name")
        await page.keyboard.type("Main yard")
        await page.keyboard.press("Enter")

        await page.wait_for_url("**/welcome/test-lead")
        assert await complaints_everywhere(page) == []
        await page.focus("button.primary")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{server}/")
        await page.wait_for_selector(".row:has-text('Test Customer')", timeout=8_000)
