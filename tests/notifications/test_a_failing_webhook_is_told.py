"""Notices about webhooks: to the dealership's own address, or to each of its users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.messages.asking import deliveries, settled, told, until

if TYPE_CHECKING:
    import httpx

    from tests.messages.sink import Sink
    from tests.world import World

_ENDPOINT = """
insert into webhook_endpoint (dealership_id, url, events, schema, secret, failing_since, disabled_at, disabled_because)
values (1, 'https://crm.example/hook?token=geheim', '{*}', 'event', 'whsec_x', $1::timestamptz, $2::timestamptz, $3)
returning id
"""
_ALERT = """
with happened as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    values (1, 'webhook.failing', now(), 'test', '{}')
    returning id
)
insert into delivery (dealership_id, event_id, channel, topic, target, webhook_endpoint_id, due_at)
select 1, id, 'alert', $1, 'endpoint', $2, now() from happened
returning id
"""


async def alert(
    world: World, topic: str, failing_since: str | None, disabled_at: str | None, because: str | None = None
) -> int:
    [endpoint] = await world.rows(
        _ENDPOINT.replace("$1::timestamptz", "cast($1::text as timestamptz)").replace(
            "$2::timestamptz", "cast($2::text as timestamptz)"
        ),
        failing_since,
        disabled_at,
        because,
    )
    [row] = await world.rows(_ALERT, topic, endpoint["id"])
    return int(row["id"])


async def test_its_own_address_is_told_and_no_secret_with_it(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    await told(
        api, "PUT", "lead_cluster_settings", 200, lead_cluster_settings={"email": "office@ours.example"}
    )
    failing = await alert(world, "webhook.failing", "2026-11-23T01:00:00Z", None)
    disabled = await alert(world, "webhook.disabled", None, "2026-11-25T01:00:00Z", "it failed for 5 days")
    healthy = await alert(world, "webhook.failing", None, None)

    rows = {row["id"]: row for row in await settled(world, channel="alert")}

    assert (rows[failing]["state"], rows[disabled]["state"]) == ("sent", "sent")
    assert (rows[healthy]["state"], rows[healthy]["reason"]) == ("cancelled", "the webhook works again")
    one, two = sink.to("office@ours.example")
    texts = {one.message["Subject"]: one.part("plain"), two.message["Subject"]: two.part("plain")}
    assert "has failed since Mon 23 Nov 2026, 11:00 am" in texts["A webhook of Brisbane Motors is failing"]
    assert (
        "https://crm.example/hook was switched off: it failed for 5 days"
        in (texts["A webhook of Brisbane Motors was switched off"])
    )
    assert b"geheim" not in one.content + two.content


async def test_without_one_each_user_is_told(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    await told(api, "PUT", "lead_cluster_settings", 200, lead_cluster_settings={"email": None})
    await world.run(
        "insert into user_account (id, name, email) values (521, 'Second', 'second@staff.example')"
    )
    await world.run("insert into dealership_user (dealership_id, user_id) values (1, 521)")
    planned = await alert(world, "webhook.failing", "2026-11-23T01:00:00Z", None)

    await until(world, "select 1 from delivery where target = 'second@staff.example' and state = 'sent'")
    await settled(world, channel="alert")

    assert (len(sink.to("user1@example.com")), len(sink.to("second@staff.example"))) == (1, 1)
    [first] = await deliveries(world, id=planned)
    assert (first["state"], first["reason"]) == (
        "cancelled",
        "each of the dealership's 2 users is told instead",
    )
