"""The customer's mail: once or not at all, whatever the mail server does, and never silently not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.clusters.asking import act, enquiry, update_lead
from tests.faults.sizes import size
from tests.messages.asking import AT, come_due, deliveries, explained, settled, told, until
from tests.messages.sink import FAULTS

if TYPE_CHECKING:
    import httpx

    from tests.messages.sink import Sink
    from tests.world import World

EACH = size(20, 100)
# What a fault comes to at once, and whether the mail may have arrived by then.
COMES_TO = {
    "drop before dot": ("unknown", False),
    "drop after dot": ("unknown", True),
    "put off": ("waiting", False),
    "refuse": ("failed", False),
    "refuse the recipient": ("failed", False),
    "hang": ("unknown", True),
    "greylist": ("waiting", False),
    "slow banner": ("sent", True),
    "nonsense": ("unknown", True),
}


async def test_no_fault_of_the_mail_server_makes_two_mails_or_a_silent_none(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    assert set(COMES_TO) == set(FAULTS)
    leads: dict[int, tuple[str, str]] = {}
    for number, fault in enumerate([*FAULTS * EACH, *[""] * EACH]):
        address = f"{fault.replace(' ', '-') or 'fine'}-{number}@faults.example"
        if fault == "slow banner":
            sink.slow_banners += 1
        elif fault:
            sink.faults[address] = [fault]
        lead = await enquiry(api, email=address, send_customer_email=True)
        leads[lead["id"]] = fault, address

    rows = await settled(world, channel="customer_email")

    assert {row["lead_id"] for row in rows} == set(leads)
    for row in rows:
        fault, address = leads[row["lead_id"]]
        assert (row["state"], len(sink.to(address)) == 1) == COMES_TO.get(fault, ("sent", True)), fault
        assert (row["reason"] is None) == (row["state"] == "sent")
    assert await _shown(api) == {row["lead_id"]: row["state"] for row in rows}

    # Time passes: what was put off goes out, and nothing else does.
    await come_due(world, channel="customer_email")
    rows = await settled(world, channel="customer_email")

    assert {row["state"] for row in rows} == {"sent", "unknown", "failed"}
    got = [one.recipients[0] for one in sink.journal]
    assert len(got) == len(set(got))
    for row in rows:
        state, _ = COMES_TO.get(leads[row["lead_id"]][0], ("sent", True))
        assert (row["state"] == "sent") == (state in {"sent", "waiting"})


async def test_a_server_that_refuses_us_is_asked_again(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    """A password that is wrong for an hour loses nobody's mail."""
    sink.refusals = 1
    lead = await enquiry(api, send_customer_email=True)
    [row] = await settled(world, lead_id=lead["id"])
    assert (row["state"], row["reason"]) == ("waiting", "to be tried again (put_off 530)")

    await come_due(world, lead_id=lead["id"])

    assert [row["state"] for row in await settled(world, lead_id=lead["id"])] == ["sent"]
    assert len(sink.to(lead["email"])) == 1


async def _shown(api: httpx.AsyncClient) -> dict[int, str]:
    """Lead -> state, as the outbox tells."""
    found: dict[int, str] = {}
    asked: dict[str, Any] = {"purpose": "customer_email", "limit": 40}
    cursor: dict[str, Any] = {}
    while True:
        page = (await api.get(f"{AT}/messages", params=asked | cursor)).json()
        found |= {one["lead_id"]: one["state"] for one in page["messages"]}
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def _at_the_door(api: httpx.AsyncClient, sink: Sink, address: str) -> dict[str, Any]:
    """A lead whose mail the server has not taken yet: its recipient was named, and nothing sent."""
    sink.held[address] = asyncio.Event()
    lead = await enquiry(api, email=address, send_customer_email=True)
    async with asyncio.timeout(60):
        while address not in sink.asked:
            await asyncio.sleep(0.02)
    return lead


async def test_until_the_content_is_sent_it_can_be_called_back(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    lead = await _at_the_door(api, sink, "withdrawn@door.example")
    await update_lead(api, lead, send_customer_email=False)
    await until(world, "select 1 from delivery where lead_id = $1 and state = 'cancelled'", lead["id"])
    sink.held["withdrawn@door.example"].set()

    [row] = await settled(world, lead_id=lead["id"])

    assert row["reason"] == "send_customer_email was taken back"
    assert row["handed_over_at"] is None
    assert sink.to("withdrawn@door.example") == []


async def test_an_update_at_the_last_moment_counts(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    lead = await _at_the_door(api, sink, "old@door.example")
    await update_lead(api, lead, email="new@door.example")
    sink.held["old@door.example"].set()

    [row] = await settled(world, lead_id=lead["id"])

    assert row["state"] == "sent"
    assert (len(sink.to("old@door.example")), len(sink.to("new@door.example"))) == (0, 1)
    [delivery] = (await explained(api, lead["id"]))["deliveries"]
    assert delivery["changed_by"]["version"] == 2


async def test_a_worker_whose_lease_was_taken_over_sends_nothing(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    lead = await _at_the_door(api, sink, "zombie@door.example")
    await world.run("update delivery set attempts = attempts + 1 where lead_id = $1", lead["id"])
    sink.held["zombie@door.example"].set()
    await asyncio.sleep(0.3)

    [row] = await deliveries(world, lead_id=lead["id"])
    assert (row["state"], row["handed_over_at"]) == ("sending", None)
    assert sink.to("zombie@door.example") == []
    # The other worker is gone as well: the lease runs out, and it goes out once.
    await world.run("update delivery set leased_until = now() where lead_id = $1", lead["id"])
    await until(world, "select 1 from delivery where lead_id = $1 and state = 'sent'", lead["id"])
    assert len(sink.to("zombie@door.example")) == 1


async def test_a_worker_that_died_after_the_hand_over_leaves_an_unknown(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    lead = await enquiry(
        api, email="died@door.example", send_customer_email=True, delay_customer_email_minutes=60
    )
    await until(world, "select 1 from delivery where lead_id = $1", lead["id"])
    await world.run(
        """
        update delivery set state = 'sending', attempts = 1, handed_over_at = now(), leased_until = now()
        where lead_id = $1
        """,
        lead["id"],
    )

    await until(world, "select 1 from delivery where lead_id = $1 and state = 'unknown'", lead["id"])
    await come_due(world)
    await asyncio.sleep(0.3)

    [row] = await deliveries(world, lead_id=lead["id"])
    assert (row["state"], sink.to("died@door.example")) == ("unknown", [])


async def test_one_recipient_gets_three_a_day(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    """By however many leads, however it is spelt; another dealership's do not count."""
    spellings = ["victim@cap.example", "Victim@cap.example", "VICTIM@CAP.example"]
    leads = [await enquiry(api, email=spellings[number % 3], send_customer_email=True) for number in range(9)]

    rows = [(await settled(world, lead_id=lead["id"]))[0] for lead in leads]

    assert sorted(row["state"] for row in rows) == ["cancelled"] * 6 + ["sent"] * 3
    assert {row["reason"] for row in rows} == {None, "the address has had 3 automatic mails within 24 hours"}
    assert len(sink.to("victim@cap.example")) == 3
    # A day later there is room again.
    await world.run("""
        update delivery set handed_over_at = handed_over_at - interval '25 hours'
        from message where message.delivery_id = delivery.id and lower(message.recipient) = 'victim@cap.example'
    """)
    late = await enquiry(api, email="victim@cap.example", send_customer_email=True)
    [row] = await settled(world, lead_id=late["id"])
    assert row["state"] == "sent"


async def test_of_leads_that_were_merged_only_the_earlier_one_is_answered(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    wanted = {"send_customer_email": True, "delay_customer_email_minutes": 60}
    first, second = await enquiry(api, **wanted), await enquiry(api, **wanted)
    again = await enquiry(api, email=first["email"], phone=first["phone"], **wanted)
    await until(world, "select 1 from delivery where lead_id = $1", again["id"])
    await act(api, second["lead_cluster_id"], "merge", lead_cluster_id=first["lead_cluster_id"])
    await come_due(world)

    [one], [other], [third] = [await settled(world, lead_id=lead["id"]) for lead in (first, second, again)]

    assert one["state"] == "sent"
    assert (other["state"], other["reason"]) == (
        "cancelled",
        f"the customer is written to about lead {first['id']}, with which this one was merged",
    )
    # A second enquiry that found its cluster by itself is no duplicate of the first.
    assert third["state"] == "sent"
    assert (len(sink.to(first["email"])), len(sink.to(second["email"]))) == (2, 0)


async def test_mail_of_one_customer_is_one_thread(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    lead = await enquiry(api, send_customer_email=True)
    await settled(world, lead_id=lead["id"])
    again = await enquiry(api, email=lead["email"], phone=lead["phone"], send_customer_email=True)
    await settled(world, lead_id=again["id"])
    await told(
        api, "PUT", "mail_settings", 200, sender_name="Brisbane Motors Sales", reply_to="sales@ours.example"
    )
    third = await enquiry(api, email=lead["email"], phone=lead["phone"], send_customer_email=True)
    await settled(world, lead_id=third["id"])

    one, two, three = (received.message for received in sink.to(lead["email"]))

    assert one["In-Reply-To"] is None
    assert two["In-Reply-To"] == two["References"] == one["Message-ID"]
    assert three["In-Reply-To"] == two["Message-ID"]
    assert three["References"].split() == [one["Message-ID"], two["Message-ID"]]
    assert three["From"] == "Brisbane Motors Sales <leads@forecourt.example>"
    assert three["Reply-To"] == "sales@ours.example"
    assert three["Auto-Submitted"] == "auto-replied"
    assert three["List-Unsubscribe"] is None
