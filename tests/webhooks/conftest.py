"""A server that delivers, to addresses on loopback too, and a receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import serving
from tests.webhooks.receiving import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World


@pytest.fixture(scope="module")
async def server(
    database_url: str, world: World, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    """The address of the application, with a worker inside."""
    assert world
    folder = tmp_path_factory.mktemp("files")
    async with serving(database_url, folder, worker=True, allow_private_webhooks=True) as address:
        yield address


@pytest.fixture(autouse=True)
async def nobody_else(world: World) -> AsyncGenerator[None]:
    """No test's webhook hears of what happens in the next."""
    yield
    await world.run("update webhook_endpoint set deleted_at = now() where deleted_at is null")


@pytest.fixture
async def got() -> AsyncGenerator[Receiver]:
    """A receiver of the test's own."""
    async with receiver() as running:
        yield running
