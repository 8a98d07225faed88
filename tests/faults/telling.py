"""A dealership that tells everybody of everything: its customers, its staff, another system; and what became of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from forecourt.doctor.invariants import GIVEN, INVARIANTS
from tests.faults.journal import mail_wrongs, webhook_wrongs
from tests.messages.asking import AT, told
from tests.webhooks.asking import webhook

if TYPE_CHECKING:
    import httpx

    from tests.messages.sink import Sink
    from tests.webhooks.receiving import Receiver
    from tests.world import World

SALES = "sales@ours.example"
# Every event of a lead, under its own name.
TOPICS = ("lead.created", "lead.updated")

_MAILS = """
select message.reference, delivery.channel, delivery.state, message.recipient
from message
join delivery on delivery.dealership_id = message.dealership_id and delivery.id = message.delivery_id
where message.transport is not null and message.medium = 'email'
"""
_WEBHOOKS = """
select delivery.id, delivery.event_id, delivery.topic, delivery.state, '/' || endpoint.provider as path
from delivery
join webhook_endpoint as endpoint on endpoint.id = delivery.webhook_endpoint_id
where delivery.channel = 'webhook'
"""
# An event of a lead, and the address that has no delivery of it.
_UNTOLD = """
select event.id, endpoint.provider
from event
join webhook_endpoint as endpoint
    on endpoint.dealership_id = event.dealership_id
    and event.kind = any (endpoint.events)
    and endpoint.created_at <= event.occurred_at
where not exists (
    select from delivery where delivery.event_id = event.id and delivery.webhook_endpoint_id = endpoint.id
)
"""
# A lead of which staff were not told, or whose customer was to be written to and was not.
_FORGOTTEN = """
select lead.id, asked.channel
from lead
cross join (values ('notification'), ('customer_email')) as asked (channel)
where (asked.channel = 'notification' or lead.send_customer_email)
    and not exists (
        select from delivery where delivery.lead_id = lead.id and delivery.channel = asked.channel
    )
"""


async def tell_everybody(api: httpx.AsyncClient, got: Receiver, *paths: str) -> None:
    """From now on staff get a notice of each new lead, and each of *paths* an event of whatever happens to one."""
    await told(api, "POST", "notification_rules", 201, addresses=[SALES], format="html")
    for path in paths or ("hook",):
        # What it calls itself tells its deliveries apart.
        await webhook(api, f"{got.url}/{path}", *TOPICS, provider=path)


async def nothing_left(world: World, *, planned: bool = True, within: float = 120) -> None:
    """Wait until everything that has happened is planned, and nothing is due or under way; time passes for what waits.

    Args:
        planned: whether anybody plans here.
        within: seconds, as no test ends otherwise.
    """
    async with asyncio.timeout(within):
        while True:
            await world.run("update delivery set due_at = now() where state = 'waiting' and due_at > now()")
            [row] = await world.rows("""
                select
                    (select count(*) from delivery where state in ('waiting', 'sending')) as left,
                    (
                        select gaps = '[]' and read_up_to >= (select coalesce(max(id), 0) from event)
                        from event_reader where name = 'deliveries'
                    ) as planned
            """)
            if (row["planned"] or not planned) and not row["left"]:
                return
            await asyncio.sleep(0.05)


async def wrongs(world: World, sink: Sink, got: Receiver) -> list[str]:
    """What those who were told, and the deliveries, do not agree about; what was told to nobody."""
    found = mail_wrongs(sink.journal, await world.rows(_MAILS))
    found += webhook_wrongs(got.requests, await world.rows(_WEBHOOKS))
    found += [f"{row['provider']} was not told of {row['id']}" for row in await world.rows(_UNTOLD)]
    found += [f"lead {row['id']} has no {row['channel']}" for row in await world.rows(_FORGOTTEN)]
    return found + await broken(world)


async def broken(world: World, *, but_for: str = "") -> list[str]:
    """What of the doctor's invariants does not hold."""
    found = []
    for invariant in INVARIANTS:
        query = invariant.broken_by
        rows = await world.rows(query.text, *[GIVEN[name] for name in query.names])
        found += [f"{invariant.name}: {row['what']}" for row in rows if invariant.name != but_for]
    return found


async def states(world: World) -> Counter[tuple[str, str]]:
    """How many deliveries there are of each channel in each state."""
    rows = await world.rows("select channel, state from delivery")
    return Counter((row["channel"], row["state"]) for row in rows)


async def write_to(api: httpx.AsyncClient, lead: dict[str, Any], body: str) -> None:
    """Staff write to the customer of *lead*."""
    message = {"medium": "email", "subject": "Your car", "body": body, "hold_seconds": 0}
    path = f"{AT}/lead_clusters/{lead['lead_cluster_id']}/messages"
    answer = await api.post(path, json=message)
    assert answer.status_code == 201, answer.text
