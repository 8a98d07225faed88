"""A browser, and people who are signed in."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright

from forecourt.access.sessions import COOKIE, open_session
from forecourt.infra.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

# Chromium's sandbox needs a user that it may unshare; the rest keeps it from asking its maker anything.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "install Debian's chromium"
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield launched
        await launched.close()


async def signed_in(world: World, database_url: str, role: str = "owner", user_id: int = 501) -> str:
    """The cookie of a session of *user_id*, who has *role* at our dealership."""
    await world.run(
        "update dealership_user set role = $1 where user_id = $2 and dealership_id = 1", role, user_id
    )
    database = Database(connections=1)
    await database.open(database_url)
    try:
        async with database.connection() as connection:
            return await open_session(connection, user_id, user_agent="test", source="127.0.0.1")
    finally:
        await database.close()


@pytest.fixture
async def owner_cookie(world: World, database_url: str) -> str:
    """A session of an owner of our dealership."""
    return await signed_in(world, database_url)


@pytest.fixture
async def visitor(server: str, owner_cookie: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A client without JavaScript, signed in as an owner, whose writes come from our pages."""
    headers = {"Cookie": f"{COOKIE}={owner_cookie}", "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=server, headers=headers, timeout=30) as client:
        yield client


class Watched:
    """What went wrong on a page while it was open."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.elsewhere: list[str] = []


@asynccontextmanager
async def opened(
    browser: Browser, server: str, cookie: str | None, **how: Any
) -> AsyncGenerator[tuple[Page, Watched]]:
    """A page of a browser that is signed in with *cookie*; at the end nothing may have gone wrong on it."""
    context = await browser.new_context(viewport={"width": 1360, "height": 860}, base_url=server, **how)
    if cookie is not None:
        secure = server.replace("http://", "https://")
        await context.add_cookies(
            [
                {
                    "name": COOKIE,
                    "value": cookie,
                    "url": secure,
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )
    watched = Watched()
    page = await context.new_page()
    page.on("console", lambda said: watched.errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((server, "data:")) else watched.elsewhere.append(asked.url)
        ),
    )
    try:
        yield page, watched
    finally:
        await context.close()
    assert watched.errors == []
    assert watched.elsewhere == []
