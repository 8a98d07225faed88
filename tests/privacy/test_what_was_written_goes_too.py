"""An erasure reaches what was written to the person and about them, sent or waiting; and the export holds it."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.clusters.asking import act, cluster, enquiry
from tests.conftest import bearer, serving
from tests.messages.asking import HURRIED, come_due, deliveries, explained, settled, told
from tests.messages.sink import a_sink
from tests.privacy.test_a_person_is_erased import CONTACTS, dumped, found

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.messages.sink import Sink
    from tests.world import World

PERSON = {
    "name": "Hepzibah",
    "last_name": "Marrowfat",
    "message": "my parrot Quorn",
    "email": "hepzibah@marrow.example",
}
GONE = ("Hepzibah", "Marrowfat", "Quorn", "marrow.example", "confidentially", "parrot")


@pytest.fixture
async def sink() -> AsyncGenerator[Sink]:
    async with a_sink() as opened:
        yield opened


@pytest.fixture
async def api(
    database_url: str, world: World, sink: Sink, tmp_path: Path
) -> AsyncGenerator[httpx.AsyncClient]:
    async with (
        serving(database_url, tmp_path, pace=HURRIED, worker=True, smtp_url=sink.url) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(world.token), timeout=60) as client,
    ):
        yield client


async def a_correspondence(api: httpx.AsyncClient, world: World, sink: Sink) -> dict[str, Any]:
    """Mail that went, mail that the server refused by name, and mail that waits, to the customer and to staff."""
    template = {
        "kind": "customer_email",
        "name": "echo",
        "subject": "{{ customer.name }}",
        "body": "{{ lead.message }}",
    }
    await told(api, "POST", "message_templates", 201, **template)
    await told(api, "POST", "notification_rules", 201, addresses=["staff@ours.example"])
    sink.faults["hepzibah@marrow.example"] = ["put off", "", "refuse the recipient"]
    lead = await enquiry(api, **PERSON, send_customer_email=True)
    await settled(world)
    await come_due(world)
    await settled(world)
    later = {"delay_customer_email_minutes": 60, "delay_dealership_notification_minutes": 60}
    await enquiry(api, **PERSON | {"phone": lead["phone"]}, send_customer_email=True, **later)
    at = f"lead_clusters/{lead['lead_cluster_id']}/messages"
    written = {"medium": "email", "subject": "confidentially", "body": "about your parrot"}
    sink.faults["hepzibah@marrow.example"] = ["refuse the recipient"]
    await told(api, "POST", at, 201, **written, hold_seconds=0)
    await settled(world)
    await told(api, "POST", at, 201, **written, hold_seconds=0)
    await told(api, "POST", at, 201, **written, hold_seconds=3_600)
    await settled(world)
    return lead


async def test_nothing_of_it_is_left_and_nothing_of_it_goes_out(
    api: httpx.AsyncClient, world: World, sink: Sink, database_url: str
) -> None:
    lead = await a_correspondence(api, world, sink)
    told_of = await cluster(api, lead["lead_cluster_id"])
    before = await deliveries(world)
    assert found(GONE, await dumped(database_url)) == set(GONE)
    states = sorted((row["channel"], row["state"]) for row in before)
    assert states == [
        ("customer_email", "sent"), ("customer_email", "waiting"), ("message", "failed"), ("message", "sent"),
        ("message", "waiting"), ("notification", "sent"), ("notification", "waiting"),
    ]  # fmt: skip

    archive = await api.get(f"{CONTACTS}/{told_of['contact']['id']}/export")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        exported = json.loads(opened.read("person.json"))["messages"]
    assert sorted((one["purpose"], one["state"]) for one in exported) == [
        ("customer_email", "sent"), ("message", "failed"), ("message", "sent"), ("message", "waiting"),
        ("notification", "sent"),
    ]  # fmt: skip
    assert {one["recipient"] for one in exported} == {PERSON["email"], "staff@ours.example"}
    assert all("unsubscribe_token" not in one for one in exported)

    await told(api, "DELETE", f"contacts/{told_of['contact']['id']}", 200)

    assert found(GONE, await dumped(database_url)) == set()
    received = len(sink.journal)
    await come_due(world)
    after = await settled(world)
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert {row["reason"] for row in after if row["state"] == "cancelled"} == {"the person was erased"}
    assert {row["state"] for row in after} == {"sent", "failed", "cancelled"}
    assert len(sink.journal) == received
    # How often something was tried, and when, is still told.
    story = await explained(api, lead["id"])
    [reply] = [one for one in story["deliveries"] if one["channel"] == "customer_email"]
    assert [attempt["outcome"] for attempt in reply["attempts"]] == ["put_off", "accepted"]
    messages = await told(api, "GET", "messages", 200)
    assert len(messages["messages"]) == 5
    assert all(one["recipient"] is None for one in messages["messages"])


async def test_what_was_written_while_two_were_taken_for_one_goes_with_the_one(
    api: httpx.AsyncClient, world: World, sink: Sink, database_url: str
) -> None:
    other = await enquiry(api, name="Bystander")
    lead = await enquiry(api, **PERSON)
    at = other["lead_cluster_id"]
    await act(api, at, "merge", lead_cluster_id=lead["lead_cluster_id"])
    written = {"medium": "email", "subject": "confidentially", "body": "about your parrot", "hold_seconds": 0}
    to_one = await told(api, "POST", f"lead_clusters/{at}/messages", 201, **written, to=PERSON["email"])
    to_other = {
        "medium": "email",
        "subject": "Hello",
        "body": "kept words",
        "hold_seconds": 0,
        "to": other["email"],
    }
    await told(api, "POST", f"lead_clusters/{at}/messages", 201, **to_other)
    await settled(world)
    await act(api, at, "unmerge", lead_cluster_id=lead["lead_cluster_id"])
    assert len(sink.to(PERSON["email"])) == 1

    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]
    await told(api, "DELETE", f"contacts/{contact_id}", 200)

    text = await dumped(database_url)
    assert found(GONE, text) == set()
    assert found(["kept words", other["email"]], text) == {"kept words", other["email"]}
    gone = await told(api, "GET", f"messages/{to_one['id']}", 200)
    assert (gone["state"], gone["recipient"], gone["text"]) == ("sent", None, None)


async def test_a_mail_at_the_mail_servers_door_stays_there(
    api: httpx.AsyncClient, world: World, sink: Sink, database_url: str
) -> None:
    """Erased between the recipient and the content."""
    sink.held["hepzibah@marrow.example"] = asyncio.Event()
    lead = await enquiry(api, **PERSON, send_customer_email=True)
    async with asyncio.timeout(60):
        while PERSON["email"] not in sink.asked:
            await asyncio.sleep(0.02)
    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]

    await told(api, "DELETE", f"contacts/{contact_id}", 200)
    sink.held["hepzibah@marrow.example"].set()
    await asyncio.sleep(0.3)

    [row] = [row for row in await deliveries(world, lead_id=lead["id"]) if row["channel"] == "customer_email"]
    assert (row["state"], row["reason"]) == ("cancelled", "the person was erased")
    assert sink.to(PERSON["email"]) == []
    assert found(GONE, await dumped(database_url)) == set()
