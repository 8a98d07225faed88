"""How the tests of the webhooks ask."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

from tests.webhooks.receiving import until
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from tests.webhooks.receiving import Got, Receiver
    from tests.world import World

HOOKS = f"/api/v1/dealerships/{OURS}/webhooks"


async def webhook(api: httpx.AsyncClient, url: str, *events: str, **fields: Any) -> dict[str, Any]:
    """A new webhook, as it is answered; of the schema event where no other is asked for."""
    body = {"url": url, "events": list(events) or ["*"], "schema": "event"} | fields
    answer = await api.post(HOOKS, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def told(api: httpx.AsyncClient, webhook_id: int) -> dict[str, Any]:
    """A webhook as it stands."""
    answer = await api.get(f"{HOOKS}/{webhook_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def deliveries(api: httpx.AsyncClient, webhook_id: int, **query: str) -> list[dict[str, Any]]:
    """What a webhook was told, the earliest in front."""
    answer = await api.get(f"{HOOKS}/{webhook_id}/deliveries", params={"limit": "200"} | query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["deliveries"])[::-1]


async def delivery(api: httpx.AsyncClient, webhook_id: int, delivery_id: int) -> dict[str, Any]:
    """A delivery with its attempts."""
    answer = await api.get(f"{HOOKS}/{webhook_id}/deliveries/{delivery_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def post(api: httpx.AsyncClient, path: str, status: int = 202, **body: Any) -> dict[str, Any]:
    """Ask for something of a webhook."""
    answer = await api.post(f"{HOOKS}/{path}", json=body or None)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def come(world: World, got: Receiver, count: int) -> list[Got]:
    """So many requests, and no more than these for the moment."""
    # The worker need not look at its clock for this.
    await world.run("select pg_notify('forecourt_log', '')")
    await until(lambda: len(got.requests) >= count, f"{count} requests")
    assert len(got.requests) == count
    return got.requests


async def planned(world: World) -> None:
    """Everything that has happened so far is planned, and nothing of it waits for its first attempt any more."""
    [last] = await world.rows("select coalesce(max(id), 0) as id from event")

    async def done() -> bool:
        await world.run("select pg_notify('forecourt_log', '')")
        [reader] = await world.rows(
            """
            select read_up_to >= $1 as passed, exists (
                select from delivery
                join webhook_endpoint as endpoint on endpoint.id = delivery.webhook_endpoint_id
                where endpoint.deleted_at is null
                    and delivery.channel = 'webhook'
                    and (delivery.state = 'sending' or delivery.state = 'waiting' and delivery.due_at <= now())
            ) as busy
            from event_reader where name = 'deliveries'
            """,
            last["id"],
        )
        return bool(reader["passed"] and not reader["busy"])

    await until_so(done)


async def until_so(holds: Callable[[], Awaitable[bool]], tries: int = 1_000) -> None:
    """Wait until something holds that has to be asked for."""
    for _ in range(tries):
        if await holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("what was waited for did not come")


async def settled(api: httpx.AsyncClient, world: World, got: Receiver) -> None:
    """As ``planned``, and what followed from how it went is written down too: a worker does one after the other."""
    await planned(world)
    says, got.says = got.says, lambda _: 200
    canary = await webhook(api, f"{got.url}/canary", "contact.exported")
    await post(api, f"{canary['id']}/test")
    await planned(world)
    assert (await api.delete(f"{HOOKS}/{canary['id']}")).status_code == 200
    got.says = says
    got.requests[:] = [request for request in got.requests if request.path != "/canary"]


async def due(world: World, webhook_id: int) -> None:
    """Time passes: what waits for its next attempt is due now."""
    await world.run(
        "update delivery set due_at = now() where webhook_endpoint_id = $1 and state = 'waiting'", webhook_id
    )


def verified(got: Got, secret: str) -> Any:
    """The body, as the library of Standard Webhooks finds it signed by *secret*; raises where it is not."""
    return Webhook(secret).verify(got.body, got.headers)
