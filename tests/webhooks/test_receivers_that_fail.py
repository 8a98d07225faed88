"""Receivers that fail in every way: each attempt is kept, and what was not taken is tried again, later and later."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from forecourt.deliveries.schedule import WEBHOOK
from tests.clusters.asking import enquiry
from tests.faults.sizes import report
from tests.webhooks.asking import (
    deliveries,
    delivery,
    due,
    planned,
    settled,
    told,
    until_so,
    verified,
    webhook,
)
from tests.webhooks.receiving import GIGABYTE, HANG, NONSENSE, RESET, receiver, until

if TYPE_CHECKING:
    import httpx

    from tests.webhooks.receiving import Receiver, Said
    from tests.world import World


async def attempted(api: httpx.AsyncClient, world: World, url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The delivery of a new enquiry to *url*, and its first attempt."""
    made = await webhook(api, url, "lead.created")
    await enquiry(api)
    await planned(world)
    [one] = await deliveries(api, made["id"])
    whole = await delivery(api, made["id"], one["id"])
    return whole, whole["all_attempts"][0]


def pause(whole: dict[str, Any]) -> float:
    """Seconds from the end of the last attempt to the next."""
    return (
        datetime.fromisoformat(whole["due_at"]) - datetime.fromisoformat(whole["ended_at"])
    ).total_seconds()


@pytest.mark.parametrize("status", [500, 503, 400, 404, 301, 302, 304, 307])
async def test_whatever_is_no_2xx_is_tried_again(
    status: int, api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda _: (status, {"Location": f"{got.url}/elsewhere"})

    whole, attempt = await attempted(api, world, got.url)

    assert (whole["state"], whole["reason"]) == ("waiting", f"answered {status}")
    assert (attempt["outcome"], attempt["status"]) == ("answered", status)
    assert 4 <= pause(whole) <= 6
    assert [request.path for request in got.requests] == ["/"]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_2xx_is_taken(status: int, api: httpx.AsyncClient, world: World, got: Receiver) -> None:
    got.says = lambda _: status
    got.body = b""

    whole, attempt = await attempted(api, world, got.url)

    assert (whole["state"], attempt["status"]) == ("sent", status)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_whoever_is_busy_is_left_alone_for_as_long_as_it_asks(
    status: int, api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda _: (status, {"Retry-After": "120"})
    whole, _ = await attempted(api, world, got.url)
    assert pause(whole) == 120

    then = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    got.says = lambda _: (status, {"Retry-After": then})
    whole, _ = await attempted(api, world, got.url)
    assert 560 < pause(whole) < 610


@pytest.mark.parametrize(
    ("said", "outcome"), [(RESET, "broken_off"), (NONSENSE, "not_http"), (GIGABYTE, "answered")]
)
async def test_connections_that_go_wrong(
    said: Said, outcome: str, api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda _: said

    whole, attempt = await attempted(api, world, got.url)

    assert attempt["outcome"] == outcome
    assert whole["state"] == ("sent" if outcome == "answered" else "waiting")
    # Of a gigabyte no more is read than is kept, but for what was under way already.
    assert len(attempt["response_body"] or "") <= 65_536
    assert got.sent < 2**26


async def test_nobody_there(api: httpx.AsyncClient, world: World) -> None:
    async with receiver() as gone:
        url = gone.url
    whole, attempt = await attempted(api, world, url)
    assert (whole["state"], attempt["outcome"], attempt["response_body"]) == ("waiting", "refused", None)

    whole, attempt = await attempted(api, world, "http://nowhere.invalid/hook")
    assert (whole["state"], attempt["outcome"]) == ("waiting", "unknown_host")


async def test_a_certificate_that_nobody_vouches_for(api: httpx.AsyncClient, world: World) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with receiver(context) as strange:
        whole, attempt = await attempted(api, world, strange.url)

        assert (whole["state"], attempt["outcome"]) == ("waiting", "tls_failed")
        assert strange.requests == []


async def test_a_delivery_is_tried_ten_times_in_three_days_and_then_given_up(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda _: 500
    made = await webhook(api, got.url, "lead.created")
    await enquiry(api)
    pauses: list[float] = []
    for attempt in range(1, 11):
        await until(lambda attempt=attempt: len(got.requests) == attempt)  # type: ignore[misc]
        await planned(world)
        [one] = await deliveries(api, made["id"])
        if one["state"] == "waiting":
            pauses.append(pause(one))
            await due(world, made["id"])
            await world.run("select pg_notify('forecourt_log', '')")

    assert (one["state"], one["attempts"]) == ("failed", 10)
    assert one["reason"] == "answered 500, and so 10 times"
    assert len({request.message_id for request in got.requests}) == 1
    assert all(verified(request, made["secret"]) for request in got.requests)
    asked = [step.total_seconds() for step in WEBHOOK]
    assert [
        0.8 * step - 0.1 <= real <= 1.2 * step + 0.1 for real, step in zip(pauses, asked, strict=True)
    ] == [True] * 9


async def test_410_switches_the_webhook_off_at_once(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda _: 410

    whole, attempt = await attempted(api, world, got.url)
    await settled(api, world, got)

    assert (whole["state"], whole["reason"]) == ("failed", "answered 410: it wants no more")
    assert attempt["status"] == 410
    [row] = await world.rows("select webhook_endpoint_id as id from delivery where id = $1", whole["id"])
    shown = await told(api, row["id"])
    assert (shown["enabled"], shown["disabled_because"]) == (False, "it answered 410: it wants no more")


async def test_a_dead_webhook_with_a_thousand_waiting_delays_no_other(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda request: HANG if request.path == "/dead" else 200
    dead = await webhook(api, f"{got.url}/dead", "call.logged")
    await webhook(api, f"{got.url}/alive", "lead.created")
    lead = await enquiry(api)
    await world.run(
        """
        insert into event (dealership_id, lead_cluster_id, kind, occurred_at, request_id, changes)
        select 1, $1, 'call.logged', now(), 'test', '{}' from generate_series(1, 1000)
        """,
        lead["lead_cluster_id"],
    )
    await until_so(lambda: _planned_for(world, dead["id"], 1_000))
    await until(lambda: len(got.of("/dead")) >= 16)

    for _ in range(20):
        await enquiry(api)
        await world.run("select pg_notify('forecourt_log', '')")
    await until(lambda: len(got.of("/alive")) == 21)

    [told] = await world.rows("""
        select percentile_disc(0.99) within group (order by ended_at - created_at) as waited
        from delivery where topic = 'lead.created' and state = 'sent'
    """)
    report("beside a dead webhook with a thousand waiting, the others waited at p99", told["waited"])
    # It has its own lane, with room for sixteen, and nobody else's.
    assert len(got.of("/dead")) == 16
    rows = await world.rows(
        "select count(*) as waiting from delivery where webhook_endpoint_id = $1 and state = 'waiting'",
        dead["id"],
    )
    assert rows == [{"waiting": 984}]


async def _planned_for(world: World, webhook_id: int, count: int) -> bool:
    await world.run("select pg_notify('forecourt_log', '')")
    [row] = await world.rows(
        "select count(*) as planned from delivery where webhook_endpoint_id = $1", webhook_id
    )
    return bool(row["planned"] == count)
