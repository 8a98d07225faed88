"""A server that delivers mail to a sink and webhooks to loopback, and a client with a key of test mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.conftest import bearer, serving
from tests.messages.asking import HURRIED
from tests.messages.sink import Sink, a_sink
from tests.webhooks.receiving import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World


@pytest.fixture(scope="module")
async def sink() -> AsyncGenerator[Sink]:
    async with a_sink() as opened:
        yield opened


@pytest.fixture
async def got() -> AsyncGenerator[Receiver]:
    async with receiver() as running:
        yield running


@pytest.fixture(scope="module")
async def server(
    database_url: str, world: World, sink: Sink, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    assert world
    folder = tmp_path_factory.mktemp("files")
    async with serving(
        database_url,
        folder,
        pace=HURRIED,
        worker=True,
        allow_private_webhooks=True,
        smtp_url=sink.url,
        mail_from="leads@forecourt.example",
    ) as address:
        yield address


@pytest.fixture(scope="module")
async def sandbox(server: str, world: World) -> AsyncGenerator[httpx.AsyncClient]:
    """Asks with a key of test mode."""
    token = await world.key(mode="test")
    async with httpx.AsyncClient(base_url=server, headers=bearer(token), timeout=60) as client:
        yield client
