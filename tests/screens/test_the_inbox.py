"""The inbox in a real browser, and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters.asking import enquiry
from tests.screens.conftest import opened

if TYPE_CHECKING:
    import httpx
    from playwright.async_api import Browser


async def test_a_new_lead_appears_in_an_open_inbox_by_itself(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    async with opened(browser, server, owner_cookie) as (page, _):
        await page.goto("/")
        await page.wait_for_selector("#live-state[data-state=live]")

        await enquiry(api, name="Mia Chen", message="Is the red one still there?")

        await page.wait_for_selector(".row:has-text('Mia Chen')", timeout=5_000)
        assert await page.title() != ""
        await page.wait_for_selector(".views a[data-view=waiting] .count:has-text('1')")


async def test_the_inbox_is_there_without_javascript(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    await enquiry(api, name="Leo Okafor", message="<script>alert(1)</script>")

    answer = await visitor.get("/?q=leo")

    assert answer.status_code == 200
    assert "Leo Okafor" in answer.text
    assert "<script>alert" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


async def test_nobody_gets_in_without_a_session(server: str, visitor: httpx.AsyncClient) -> None:
    visitor.headers.pop("cookie")
    answer = await visitor.get(f"{server}/?view=all")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?to=%2F%3Fview%3Dall"
