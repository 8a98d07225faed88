"""What happens elsewhere is seen in every tab, whatever became of the connection in between."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from tests.clusters.asking import enquiry
from tests.conftest import bearer, serving
from tests.screens.conftest import opened

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from tests.world import World

_LIVE = "#live-state[data-state=live]"


def _row(name: str) -> str:
    return f".row:has-text('{name}')"


async def _is_live(page: Page) -> None:
    await page.goto("/?view=all")
    await page.wait_for_selector(_LIVE)


async def test_three_tabs_share_one_stream_and_the_next_takes_it_over(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    async with opened(browser, server, owner_cookie) as (first, _):
        streams: list[str] = []
        first.context.on(
            "request", lambda asked: streams.append(asked.url) if "/live?" in asked.url else None
        )
        tabs = [first, await first.context.new_page(), await first.context.new_page()]
        for tab in tabs:
            await _is_live(tab)

        await enquiry(api, name="Seen Everywhere")

        for tab in tabs:
            await tab.wait_for_selector(_row("Seen Everywhere"))
        assert len(streams) == 1
        await first.close()
        # Between the one that had the stream and the next: it is asked for from where the first had come to.
        await enquiry(api, name="Came Between")
        for tab in tabs[1:]:
            await tab.wait_for_selector(_row("Came Between"))
        assert len(streams) == 2
        assert "after=" in streams[1]


async def test_what_a_screen_reader_is_told_of_a_new_customer(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    async with opened(browser, server, owner_cookie) as (page, _):
        await _is_live(page)
        await enquiry(api)
        await page.wait_for_selector("#said[role=status]:has-text('1 new customer')", state="attached")


class Wire:
    """What lies between a browser and the server, and can be cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ways: set[asyncio.StreamWriter] = set()
        self.cut = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, there and back."""
        if self.cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._ways |= {writer, back}
        try:
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        finally:
            self._ways -= {writer, back}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65_536):
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def cut_off(self) -> None:
        """Nothing comes through any more."""
        self.cut = True
        for way in self._ways:
            way.transport.abort()


@asynccontextmanager
async def _wire(server: str) -> AsyncGenerator[tuple[Wire, str]]:
    wire = Wire(int(server.rpartition(":")[2]))
    listening = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    try:
        yield wire, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        wire.cut_off()
        listening.close()


async def test_what_came_while_the_stream_was_cut_is_there_when_it_is_back(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    async with _wire(server) as (wire, address), opened(browser, address, owner_cookie) as (page, watched):
        await _is_live(page)
        wire.cut_off()
        await enquiry(api, name="Came Meanwhile")
        assert await page.locator(_row("Came Meanwhile")).count() == 0
        wire.cut = False

        await page.wait_for_selector(_row("Came Meanwhile"))
        # The browser says so itself when a connection breaks.
        watched.errors.clear()


async def _served(database_url: str, folder: Path, port: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "forecourt", "serve", "--json", "--no-worker", "--port", str(port),
        env=os.environ | {"FORECOURT_DATABASE_URL": database_url, "FORECOURT_DATA_DIR": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    return str(json.loads(await process.stdout.readline())["url"])


async def test_a_deploy_ends_streams_cleanly_and_tabs_catch_up_with_the_next_server(
    database_url: str, world: World, browser: Browser, owner_cookie: str, tmp_path: Path
) -> None:
    process = await _served(database_url, tmp_path, 0)
    address = await _address(process)
    async with opened(browser, address, owner_cookie) as (page, watched):
        await _is_live(page)
        process.terminate()
        async with asyncio.timeout(20):
            assert await process.wait() == 0
        # Somebody else's server on the same database takes it in: nothing of it is in the memory of the next one.
        async with (
            serving(database_url, tmp_path / "files") as other,
            httpx.AsyncClient(base_url=other, headers=bearer(world.token), timeout=60) as client,
        ):
            await enquiry(client, name="Came During The Deploy")
        process = await _served(database_url, tmp_path, int(address.rpartition(":")[2]))
        await _address(process)
        try:
            await page.wait_for_selector(_row("Came During The Deploy"))
            await page.wait_for_selector(_LIVE)
        finally:
            process.terminate()
            await process.wait()
        # The browser says so itself whenever a server is away.
        await page.goto("about:blank")
        watched.errors.clear()
