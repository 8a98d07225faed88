"""Every screen of the demo, wide, on a phone and in the dark: nothing overflows, nothing fails, nothing is asked for elsewhere.

``make screens`` keeps what is seen in docs/screens.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.webhooks.receiving import receiver, until
from tests.world import LEAD

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from playwright.async_api import Browser, Page

DEALERSHIP = "test-dealer"
_KEPT_IN = Path(__file__).parent.parent.parent / "docs/screens"
_LOOKS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
}
# Name -> address. What is in braces is looked up in the demo's world.
_SCREENS = {
    "inbox": "/?view=all",
    "customer": "{customer}",
    "possible-duplicates": "{duplicates}",
    "appointments": "/appointments",
    "appointments-week": "/appointments?show=person",
    "reports": "/reports",
    "developers": "/developers",
    "keys": "/developers/keys",
    "requests": "/developers/requests",
    "webhooks": "/developers/webhooks?dealership=test-dealer",
    "webhook": "{webhook}",
    "outbox": "/developers/outbox?dealership=test-dealer",
    "events": "/developers/events",
    "adf": "/developers/adf",
    "settings": "/settings",
    "settings-answering": "/settings/answering",
    "settings-words": "/settings/words",
    "settings-locations": "/settings/locations",
    "settings-assignment": "/settings/assignment?dealership=test-dealer",
    "settings-assignment-dry-run": "/settings/assignment/dry-run?dealership=test-dealer",
    "settings-notices": "/settings/notices?dealership=test-dealer",
    "settings-templates": "/settings/templates?dealership=test-dealer",
    "settings-mail": "/settings/mail",
    "settings-stop-list": "/settings/stop-list",
    "settings-retention": "/settings/retention",
    "settings-users": "/settings/users",
    "settings-audit": "/settings/audit",
    "profile": "/profile",
    "more": "/more",
}
# Everything that a page fetches by itself is there, and the stream has said something.
_SETTLED = """
    !document.querySelector('.htmx-request')
    && (document.getElementById('live-state')?.dataset.state ?? 'live') === 'live'
"""


async def settled(page: Page) -> None:
    """Wait for what a page brings by itself. Asked from outside: its policy lets nobody wait inside."""
    async with asyncio.timeout(30):
        while not await page.evaluate(_SETTLED):
            await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def demo() -> Generator[dict[str, Any]]:
    """What a demo says of itself when it has begun."""
    with tempfile.TemporaryDirectory(prefix="fc") as scratch:
        running = subprocess.Popen(
            [sys.executable, "-m", "forecourt", "demo", "--quiet", "--port", "0", "--json"],
            env=os.environ | {"TMPDIR": scratch},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert running.stdout
        yield json.loads(running.stdout.readline())
        running.terminate()
        running.communicate(timeout=30)


@pytest.fixture(scope="module")
async def integrated(demo: dict[str, Any]) -> AsyncGenerator[dict[str, Any]]:
    """The demo, with an integrator who has begun: calls that were taken and refused, and a webhook that was told."""
    headers = {"Authorization": f"Bearer {demo['token']}"}
    lead = {"lead": LEAD | {"dealership_slug": DEALERSHIP}}
    async with receiver() as got, httpx.AsyncClient(base_url=demo["url"], headers=headers) as client:
        hooks = f"/api/v1/dealerships/{DEALERSHIP}/webhooks"
        hook = await client.post(hooks, json={"url": got.url, "events": ["*"], "schema": "event"})
        assert hook.status_code == 201, hook.text
        for changed, status in (({}, 200), ({"golden": True}, 200), ({"category": "Used car"}, 422)):
            update = {"lead": lead["lead"] | changed}
            answer = await client.put(f"/api/v1/leads/{demo['lead_id']}", json=update)
            assert answer.status_code == status, answer.text
        await until(lambda: len(got.requests) >= 2, "two deliveries")
        yield demo | {"webhook": f"/developers/webhooks/{DEALERSHIP}/{hook.json()['id']}"}


@asynccontextmanager
async def signed_in(
    browser: Browser, demo: dict[str, Any], look: str
) -> AsyncGenerator[tuple[Page, list[str]]]:
    """A page of the demo's owner, and what goes wrong on it."""
    context = await browser.new_context(locale="en-AU", timezone_id="Australia/Brisbane", **_LOOKS[look])
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((demo["url"], "data:", "about:")) else wrong.append(asked.url)
        ),
    )
    await page.goto(demo["inbox_url"])
    yield page, wrong
    await context.close()


async def _places(page: Page, demo: dict[str, Any]) -> dict[str, str]:
    """The addresses of a customer and of two who may be the same."""
    await page.goto(f"{demo['url']}/?view=all")
    customer = await page.locator(".row .open").nth(2).get_attribute("href")
    await page.goto(f"{demo['url']}/?q=is:duplicate")
    twin = await page.locator(".row .open").first.get_attribute("href")
    assert customer
    assert twin
    return demo | {"customer": customer, "duplicates": f"{twin.partition('?')[0]}/duplicates"}


@pytest.mark.parametrize("look", _LOOKS)
async def test_every_screen_can_be_shown(
    browser: Browser, integrated: dict[str, Any], look: str, tmp_path: Path
) -> None:
    folder = _KEPT_IN if "FORECOURT_SCREENS" in os.environ else tmp_path
    async with signed_in(browser, integrated, look) as (page, wrong):
        places = await _places(page, integrated)
        for name, address in _SCREENS.items():
            answer = await page.goto(integrated["url"] + address.format(**places))
            assert answer
            assert answer.status == 200, address
            await settled(page)
            too_wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert too_wide <= 0, (name, too_wide)
            await page.screenshot(path=folder / f"{name}-{look}.jpg", type="jpeg", quality=82)
        assert wrong == []
