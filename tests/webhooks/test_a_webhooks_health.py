"""A webhook that nothing reaches for days: somebody is told, it is switched off, and it is never deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.clusters.asking import enquiry
from tests.webhooks.asking import HOOKS, deliveries, due, settled, told, webhook

if TYPE_CHECKING:
    import httpx

    from tests.webhooks.receiving import Receiver
    from tests.world import World


async def failing(api: httpx.AsyncClient, world: World, got: Receiver) -> int:
    """A webhook that has failed once."""
    got.says = lambda _: 500
    made = await webhook(api, got.url, "lead.created")
    await enquiry(api)
    await settled(api, world, got)
    assert (await told(api, made["id"]))["failing_since"] is not None
    return int(made["id"])


async def after(api: httpx.AsyncClient, world: World, got: Receiver, webhook_id: int, days: float) -> None:
    """So many days after it began to fail, it is tried again."""
    await world.run(
        "update webhook_endpoint set failing_since = now() - $2 * interval '1 day' where id = $1",
        webhook_id,
        days,
    )
    await due(world, webhook_id)
    await settled(api, world, got)


async def alerts(world: World, webhook_id: int) -> list[dict[str, Any]]:
    """What somebody is to be told of it; whom in particular is the business of tests/notifications."""
    return await world.rows(
        """
        select delivery.topic, delivery.target, delivery.state, event.kind, event.changes, event.request_id
        from delivery join event on event.id = delivery.event_id
        where delivery.channel = 'alert' and delivery.webhook_endpoint_id = $1 and delivery.target like 'endpoint:%'
        order by delivery.id
        """,
        webhook_id,
    )


async def test_failing_begins_with_a_failure_and_ends_with_a_success(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    webhook_id = await failing(api, world, got)
    since = (await told(api, webhook_id))["failing_since"]
    await due(world, webhook_id)
    await settled(api, world, got)
    assert (await told(api, webhook_id))["failing_since"] == since

    got.says = lambda _: 200
    await due(world, webhook_id)
    await settled(api, world, got)

    assert (await told(api, webhook_id))["failing_since"] is None
    assert [one["state"] for one in await deliveries(api, webhook_id)] == ["sent"]


async def test_somebody_is_told_on_the_first_and_on_the_fourth_day_once(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    webhook_id = await failing(api, world, got)
    for days in (0.9, 1.1, 1.2, 3.9, 4.1, 4.2):
        await after(api, world, got, webhook_id, days)

    found = await alerts(world, webhook_id)
    assert [one["target"] for one in found] == [f"endpoint:{webhook_id}:day1", f"endpoint:{webhook_id}:day4"]
    assert {(one["topic"], one["kind"], one["request_id"]) for one in found} == {
        ("webhook.failing", "webhook.failing", "worker")
    }
    changes = json.loads(found[1]["changes"])
    assert changes["webhook.id"]["to"] == webhook_id
    assert changes["webhook.day"]["to"] == 4
    assert (await told(api, webhook_id))["enabled"] is True


async def test_after_five_days_it_is_switched_off_and_what_waits_is_given_up(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    webhook_id = await failing(api, world, got)
    await enquiry(api)
    await settled(api, world, got)
    await after(api, world, got, webhook_id, 4.9)
    assert (await told(api, webhook_id))["enabled"] is True
    await after(api, world, got, webhook_id, 5.1)

    shown = await told(api, webhook_id)
    assert shown["enabled"] is False
    assert shown["disabled_because"].startswith("every attempt has failed since 20")
    assert [one["topic"] for one in await alerts(world, webhook_id)] == [
        "webhook.failing",
        "webhook.disabled",
    ]
    states = [(one["state"], one["reason"]) for one in await deliveries(api, webhook_id)]
    assert states == [("failed", "the endpoint is switched off")] * 2
    [event] = await world.rows(
        "select lead_cluster_id, changes from event where kind = 'webhook.disabled' order by id desc limit 1"
    )
    assert event["lead_cluster_id"] is None
    assert json.loads(event["changes"])["webhook.disabled_because"]["to"] == shown["disabled_because"]


async def test_switched_on_again_it_begins_anew(api: httpx.AsyncClient, world: World, got: Receiver) -> None:
    webhook_id = await failing(api, world, got)
    await after(api, world, got, webhook_id, 5.1)

    on = (await api.put(f"{HOOKS}/{webhook_id}", json={"enabled": True})).json()

    assert (on["enabled"], on["failing_since"], on["disabled_because"]) == (True, None, None)
    await enquiry(api)
    await settled(api, world, got)
    again = await told(api, webhook_id)
    assert again["enabled"] is True
    assert again["failing_since"] > on["updated_at"]


async def test_another_address_begins_anew(api: httpx.AsyncClient, world: World, got: Receiver) -> None:
    webhook_id = await failing(api, world, got)

    moved = (await api.put(f"{HOOKS}/{webhook_id}", json={"url": f"{got.url}/new"})).json()
    assert moved["failing_since"] is None
    renamed = (await api.put(f"{HOOKS}/{webhook_id}", json={"provider": "X"})).json()

    assert renamed["failing_since"] is None


async def test_whoever_switches_it_off_leaves_nothing_waiting(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    webhook_id = await failing(api, world, got)

    off = (await api.put(f"{HOOKS}/{webhook_id}", json={"enabled": False})).json()

    assert off["disabled_because"] == "it was switched off by hand"
    [one] = await deliveries(api, webhook_id)
    assert (one["state"], one["reason"]) == ("failed", "the endpoint is switched off")


async def test_410_tells_somebody_at_once(api: httpx.AsyncClient, world: World, got: Receiver) -> None:
    got.says = lambda _: 410
    made = await webhook(api, got.url, "lead.created")
    await enquiry(api)
    await settled(api, world, got)

    [alert] = await alerts(world, made["id"])
    assert (alert["topic"], alert["target"]) == ("webhook.disabled", f"endpoint:{made['id']}")
