"""The clients of the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client.asking import CLIENTS, closed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from forecourt.client import AsyncForecourt, Forecourt
    from tests.world import World


@pytest.fixture(params=CLIENTS, ids=["blocking", "awaited"])
async def forecourt(
    request: pytest.FixtureRequest, server: str, world: World
) -> AsyncGenerator[Forecourt | AsyncForecourt]:
    """A client of each kind, with a key that may do everything at Brisbane Motors."""
    client = request.param(server, world.token)
    yield client
    await closed(client)
