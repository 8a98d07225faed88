"""Over a line that fails, a call that is tried again takes effect once; over one that stays down, it ends."""

from __future__ import annotations

import asyncio
import pickle
import random
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from forecourt.client import (
    AsyncForecourt,
    Forecourt,
    Invalid,
    LeadTooOld,
    RateLimited,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from tests.client.asking import CLIENTS, MIA, came_of, closed
from tests.client.faults import CUT_AFTER, CUT_BEFORE, LATE, PASS, line

if TYPE_CHECKING:
    from tests.client.faults import Fault
    from tests.world import World

    Client = Forecourt | AsyncForecourt

BUSY = httpx.Response(503, headers={"retry-after": "0"}, text="<html>the proxy's own page</html>")
LIMITED = httpx.Response(
    429, headers={"retry-after": "Mon, 23 Nov 2026 09:30:00 GMT", "date": "Mon, 23 Nov 2026 09:30:00 GMT"}
)
IN_FLIGHT = httpx.Response(
    409,
    headers={"retry-after": "0", "content-type": "application/problem+json"},
    json={
        "type": "/problems/request-in-flight",
        "title": "The first request with this Idempotency-Key is still being worked on",
        "status": 409,
        "detail": "ask again in a second, with the same key",
        "request_id": "req_1",
        "error": "",
    },
)


@pytest.fixture(params=CLIENTS, ids=["blocking", "awaited"])
def kind(request: pytest.FixtureRequest) -> type[Client]:
    """Which client."""
    found: type[Client] = request.param
    return found


async def leads_of(world: World, message: str) -> list[dict[str, Any]]:
    """The leads with a message, each with the number of its events."""
    return await world.rows(
        """
        select lead.id, lead.version, (
            select count(*) from event where event.dealership_id = lead.dealership_id and event.lead_id = lead.id
        ) as events
        from lead where lead.message = $1
        """,
        message,
    )


@pytest.mark.parametrize(
    ("faults", "replayed", "timeout"),
    [
        ([CUT_AFTER], True, 15),
        ([CUT_BEFORE], False, 15),
        ([LATE], True, 1),
        ([BUSY, CUT_AFTER, LIMITED], True, 15),
        ([CUT_AFTER, IN_FLIGHT], True, 15),
    ],
    ids=["answer lost", "request lost", "answer late", "all at once", "still in flight"],
)
async def test_a_creation_over_a_bad_line_makes_one_lead(
    kind: type[Client], server: str, world: World, faults: list[Fault], *, replayed: bool, timeout: float
) -> None:
    message = f"{kind.__name__} {faults}"
    async with line(server, faults) as held:
        client = kind(held.url, world.token, timeout=timeout)
        lead = await came_of(client.leads.create, **MIA | {"message": message})
        await closed(client)

    assert await leads_of(world, message) == [{"id": lead.id, "version": 1, "events": 1}]
    assert (held.replayed[0], held.replayed[-1]) == (False, replayed)
    assert len(held.requests) > len(faults)
    assert (len(set(held.keys())), held.keys()[0] is None) == (1, False)
    assert len({request.content for request in held.requests}) == 1
    assert len({request.headers["x-request-id"] for request in held.requests}) == 1


async def test_an_update_that_reads_first_takes_effect_once(
    kind: type[Client], server: str, world: World
) -> None:
    async with line(server, [PASS, CUT_BEFORE, PASS, CUT_AFTER, BUSY]) as held:
        client = kind(held.url, world.token)
        lead = await came_of(client.leads.create, **MIA)
        updated = await came_of(client.leads.update, lead.id, message=f"updated {kind.__name__}")
        await closed(client)

    assert [request.method for request in held.requests] == ["POST", "GET", "GET", "PUT", "PUT", "PUT"]
    assert held.replayed[-1]
    assert await leads_of(world, f"updated {kind.__name__}") == [
        {"id": lead.id, "version": updated.version, "events": updated.version}
    ]


async def test_whatever_the_line_does_each_call_takes_effect_once(server: str, world: World) -> None:
    dice = random.Random(7)
    faults: list[Fault] = [PASS, PASS, CUT_BEFORE, CUT_AFTER, BUSY, IN_FLIGHT, LIMITED]
    script = [dice.choice(faults) for _ in range(60)]

    async def one(number: int) -> tuple[int, int]:
        lead = await forecourt.leads.create(**MIA | {"message": f"storm {number}"})
        return lead.id, (await forecourt.leads.update(lead.id, name=f"Storm {number}")).version

    async with (
        line(server, script) as held,
        AsyncForecourt(held.url, world.token, retries=20) as forecourt,
    ):
        came = await asyncio.gather(*(one(number) for number in range(15)))

    assert held.script == []
    for number, (lead_id, version) in enumerate(came):
        assert await leads_of(world, f"storm {number}") == [
            {"id": lead_id, "version": version, "events": version}
        ]
    assert {version for _, version in came} == {2}


async def test_a_line_that_stays_down_ends_the_call(kind: type[Client], server: str, world: World) -> None:
    for faults, error, asked in (([BUSY] * 3, Unavailable, 0.0), ([LIMITED] * 3, RateLimited, 0.0)):
        async with line(server, [*faults]) as held:
            client = kind(held.url, world.token, retries=2)
            with pytest.raises(error) as refused:
                await came_of(client.leads.options)
            await closed(client)
        assert (len(held.requests), refused.value.retry_after) == (3, asked)
        assert refused.value.request_id == held.requests[0].headers["x-request-id"]

    async with line(server, [CUT_BEFORE] * 3) as held:
        client = kind(held.url, world.token, retries=2)
        with pytest.raises(Unreachable) as lost:
            await came_of(client.leads.options)
        await closed(client)
    assert (len(held.requests), lost.value.request_id) == (3, held.requests[0].headers["x-request-id"])
    assert world.token not in f"{lost.value!r} {client!r}"


async def test_nobody_waits_longer_than_the_call_may_take(
    kind: type[Client], server: str, world: World
) -> None:
    later = httpx.Response(503, headers={"retry-after": "3600"})
    async with line(server, [later]) as held:
        client = kind(held.url, world.token)
        with pytest.raises(Unavailable) as refused:
            await came_of(client.leads.options)
        await closed(client)

    assert (len(held.requests), refused.value.retry_after) == (1, 3600.0)


async def test_what_was_refused_is_not_tried_again(kind: type[Client], server: str, world: World) -> None:
    lead_id = 0
    async with line(server) as held:
        client = kind(held.url, world.token)
        lead_id = (await came_of(client.leads.create, **MIA)).id
        await world.run(
            "update lead set created_at = created_at - interval '73 hours' where id = $1", lead_id
        )
        with pytest.raises(LeadTooOld):
            await came_of(client.leads.update, lead_id, **MIA)
        with pytest.raises(Invalid):
            await came_of(client.leads.create, name="Mia")
        await closed(client)
        stranger = kind(held.url, "fc_live_nonsense")
        with pytest.raises(Unauthorised):
            await came_of(stranger.leads.get, lead_id)
        await closed(stranger)

    assert len(held.requests) == 4


async def test_an_address_that_is_none_is_refused_at_once(kind: type[Client]) -> None:
    with pytest.raises(ValueError, match="http://"):
        kind("leads.example.com", "fc_live_key")


async def test_an_error_goes_from_process_to_process(server: str, world: World) -> None:
    for script in ([BUSY], [CUT_BEFORE], [httpx.Response(200)]):
        async with (
            line(server, [*script]) as held,
            AsyncForecourt(held.url, world.token, retries=0) as forecourt,
        ):
            with pytest.raises(Exception) as raised:  # noqa: PT011 - each is another
                await forecourt.leads.options()
        error = pickle.loads(pickle.dumps(raised.value))
        assert (type(error), str(error)) == (type(raised.value), str(raised.value))
        assert error.request_id in str(error)
