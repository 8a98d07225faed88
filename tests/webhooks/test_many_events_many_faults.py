"""Thousands of events, receivers that fail in their own ways: in the end each has every event, signed and under its id."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.clusters.asking import enquiry
from tests.webhooks.asking import planned, until_so, verified, webhook
from tests.webhooks.receiving import NONSENSE, RESET

if TYPE_CHECKING:
    import httpx

    from tests.webhooks.receiving import Got, Receiver, Said
    from tests.world import World

EVENTS = 10_000

# What each receiver makes of its first attempts at a message.
FAULTS: dict[str, tuple[Said, ...]] = {
    "call.logged": (),
    "sms.logged": (500, 302),
    "email.logged": (RESET, (429, {"Retry-After": "30"})),
    "note.logged": (NONSENSE,),
}


async def test_each_receiver_gets_every_event_in_the_end(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    tried: defaultdict[str, int] = defaultdict(int)

    def says(request: Got) -> Said:
        faults = FAULTS[request.path.removeprefix("/")]
        tried[request.message_id] += 1
        return faults[tried[request.message_id] - 1] if tried[request.message_id] <= len(faults) else 200

    got.says = says
    secrets = {
        kind: (await webhook(api, f"{got.url}/{kind}", kind, schema="event"))["secret"] for kind in FAULTS
    }
    lead = await enquiry(api)
    await planned(world)
    happened = await world.rows(
        """
        insert into event (dealership_id, lead_cluster_id, kind, occurred_at, request_id, changes)
        select 1, $1, ($2::text[])[1 + number % 4], now(), 'test', '{}' from generate_series(1, $3::int) as number
        returning id, kind
        """,
        lead["lead_cluster_id"],
        list(FAULTS),
        EVENTS,
    )

    async def taken() -> bool:
        # Time passes: what waits for its next attempt is due.
        await world.run("update delivery set due_at = now() where state = 'waiting' and due_at > now()")
        await world.run("select pg_notify('forecourt_log', '')")
        [row] = await world.rows("select count(*) as n from delivery where state = 'sent'")
        return bool(row["n"] >= EVENTS)

    await until_so(taken, tries=max(EVENTS, 2_000))

    journal: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for request in got.requests:
        kind = request.path.removeprefix("/")
        journal[kind][verified(request, secrets[kind])["id"]].add(request.message_id)
    for kind, faults in FAULTS.items():
        assert set(journal[kind]) == {event["id"] for event in happened if event["kind"] == kind}
        # Whatever came twice came under the same id, and no oftener than it had to.
        assert all(len(ids) == 1 for ids in journal[kind].values())
        assert {tried[ident] for ids in journal[kind].values() for ident in ids} == {len(faults) + 1}
