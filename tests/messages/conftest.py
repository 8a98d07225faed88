"""A server whose worker sends mail to a sink, and text messages to a gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.conftest import bearer, serving
from tests.messages.asking import HURRIED
from tests.messages.gateway import Gateway, a_gateway
from tests.messages.sink import Sink, a_sink

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World


@pytest.fixture(scope="module")
async def sink() -> AsyncGenerator[Sink]:
    async with a_sink() as opened:
        yield opened


@pytest.fixture(scope="module")
async def gateway() -> AsyncGenerator[Gateway]:
    async with a_gateway() as opened:
        yield opened


@pytest.fixture(scope="module")
async def server(
    database_url: str,
    world: World,
    sink: Sink,
    gateway: Gateway,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[str]:
    """As everywhere, but that it delivers."""
    assert world
    async with serving(
        database_url,
        tmp_path_factory.mktemp("files"),
        pace=HURRIED,
        worker=True,
        smtp_url=sink.url,
        mail_from="leads@forecourt.example",
        sms_url=gateway.url,
        sms_token="gateway-token",
        sms_sender="BrisMotors",
        public_url="https://leads.forecourt.example/",
    ) as address:
        yield address


@pytest.fixture(scope="module")
async def api(server: str, world: World) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.token), timeout=60) as client:
        yield client
