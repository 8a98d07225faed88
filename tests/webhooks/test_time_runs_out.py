"""A request has so much time in all, from resolving the name to the last byte: here a third of a second."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from forecourt.deliveries.plan import plan
from forecourt.deliveries.run import Deliverer
from forecourt.infra.database import Database
from forecourt.infra.outbound import DEADLINE_SECONDS, Outbound
from forecourt.reactions import REACTIONS
from forecourt.webhooks.deliver import WebhookChannel
from tests.clusters.asking import enquiry
from tests.conftest import serving
from tests.webhooks.asking import deliveries, until_so, webhook
from tests.webhooks.receiving import HANG, TRICKLE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from tests.webhooks.receiving import Receiver, Said
    from tests.world import World


@pytest.fixture(scope="module")
async def server(
    database_url: str, world: World, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    """A server that delivers nothing by itself."""
    assert world
    folder = tmp_path_factory.mktemp("files")
    async with serving(database_url, folder, allow_private_webhooks=True) as address:
        yield address


@asynccontextmanager
async def delivering(database_url: str, deadline: float) -> AsyncGenerator[None]:
    """What has happened by now is planned, and delivered with so many seconds for each request."""
    database = Database(connections=3)
    await database.open(database_url)
    outbound = Outbound(private_too=True, deadline=deadline)
    assert await plan(database, REACTIONS)
    task = asyncio.create_task(Deliverer(database, {"webhook": WebhookChannel(outbound)}).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await outbound.close()
        await database.close()


@pytest.mark.parametrize("said", [HANG, TRICKLE])
async def test_an_answer_that_does_not_come_to_an_end_is_none(
    said: Said, api: httpx.AsyncClient, database_url: str, got: Receiver
) -> None:
    got.says = lambda _: said
    made = await webhook(api, got.url, "lead.created")
    await enquiry(api)

    async def ended() -> bool:
        return any(one["state"] == "waiting" and one["attempts"] for one in await deliveries(api, made["id"]))

    async with delivering(database_url, 0.3):
        await until_so(ended)

    [one] = await deliveries(api, made["id"])
    assert (one["last_attempt"]["outcome"], one["last_attempt"]["status"]) == ("timed_out", None)
    assert 300 <= one["last_attempt"]["milliseconds"] < 5_000
    assert one["reason"] == "timed out"


def test_the_deadline_is_that_of_standard_webhooks() -> None:
    assert DEADLINE_SECONDS == 15
