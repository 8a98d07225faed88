"""The doctor finds whatever is wrong, names it, and says so by its exit code; and nothing where all is well."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.clusters.asking import enquiry, update_lead
from tests.conftest import bearer, serving
from tests.messages.asking import HURRIED, settled, told
from tests.messages.sink import Sink, a_sink
from tests.webhooks.asking import webhook
from tests.webhooks.receiving import receiver

from forecourt.doctor.examine import Place, examine
from forecourt.doctor.invariants import INVARIANTS
from forecourt.infra.mail import server_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

# Invariant -> what nobody should ever do.
BREAKS = {
    "constraints": "alter table lead add constraint lead_is_odd check (id > 0) not valid",
    "versions": "update lead set version = version + 1 where id = 1",
    "handed over once": """
        insert into delivery_attempt (dealership_id, delivery_id, number, started_at, milliseconds, outcome)
        select dealership_id, id, 9, now(), 1, 'accepted' from delivery where channel = 'customer_email'
    """,
    "attempts": """
        delete from delivery_attempt using delivery
        where delivery.id = delivery_attempt.delivery_id and delivery.channel = 'notification'
    """,
    "outbox": "delete from message where purpose = 'notification'",
    "leases": """
        update delivery set state = 'sending', leased_until = now() - interval '1 hour' where channel = 'webhook'
        and topic = 'lead.updated'
    """,
    "given up": "update delivery set state = 'waiting', mishaps = 3, orphaned = 2 where channel = 'notification'",
    "webhooks": """
        with untold as (
            select id from delivery where channel = 'webhook' and topic = 'lead.created'
        ), attempts as (
            delete from delivery_attempt where delivery_id in (select id from untold)
        )
        delete from delivery where id in (select id from untold)
    """,
    "erasure": "update delivery set forgotten = true where channel = 'customer_email'",
    "answers": """
        insert into idempotent_answer (
            api_key_id, operation, idempotency_key, payload_hash, status, body, created_at
        )
        values (1, 'PUT', 'key', '', 200, '', now() - interval '4 days')
    """,
}


@pytest.fixture(scope="module")
async def sink() -> AsyncGenerator[Sink]:
    async with a_sink() as running:
        yield running


@pytest.fixture(scope="module")
async def place(
    database_url: str, world: World, sink: Sink, tmp_path_factory: pytest.TempPathFactory
) -> Place:
    """An installation in which everything has happened once, an hour ago."""
    folder = tmp_path_factory.mktemp("data")
    settings = {"worker": True, "smtp_url": sink.url, "allow_private_webhooks": True}
    async with (
        serving(database_url, folder, pace=HURRIED, **settings) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(world.token), timeout=60) as api,
        receiver() as got,
    ):
        await webhook(api, got.url, "lead.created", "lead.updated")
        await told(api, "POST", "notification_rules", 201, addresses=["sales@ours.example"], format="html")
        lead = await enquiry(api, send_customer_email=True)
        await update_lead(api, lead, message="changed")
        await settled(world)
    await world.run("update webhook_endpoint set updated_at = updated_at - interval '1 hour'")
    return Place(database_url=database_url, data_dir=folder, mail=server_of(sink.url))


async def found(place: Place) -> dict[str, tuple[str, str]]:
    """Check -> state and words."""
    return {one.check: (one.state, one.says) async for one in examine(place)}


async def run(place: Place, sink: Sink, *words: str) -> tuple[int, str, str]:
    """The command, as a timer runs it."""

    def doctor() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "forecourt", "doctor", *words],
            env=os.environ
            | {
                "FORECOURT_DATABASE_URL": place.database_url,
                "FORECOURT_DATA_DIR": str(place.data_dir),
                "FORECOURT_SMTP_URL": sink.url,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    done = await asyncio.to_thread(doctor)
    return done.returncode, done.stdout, done.stderr


async def test_whoever_is_well_is_told_so(place: Place, sink: Sink) -> None:
    code, stdout, stderr = await run(place, sink, "--json")

    told = json.loads(stdout)
    # How much room this machine's disk has is no matter of the test.
    findings = {one["check"]: one["state"] for one in told["findings"] if one["check"] != "disk"}
    assert set(findings.values()) == {"ok"}, stdout
    assert {invariant.name for invariant in INVARIANTS} < set(findings)
    assert (code, told["ok"], stderr) == (0, True, "")


async def test_a_mail_server_a_database_and_files_that_are_not_there(place: Place, world: World) -> None:
    await world.run("""
        insert into lead_file (dealership_id, lead_id, file_type, filename, content_type, size, sha256, stored_name)
        select dealership_id, id, 'other', 'car.png', 'image/png', 1, '', repeat('ab', 16) from lead limit 1
    """)
    nobody = Place(
        database_url=place.database_url,
        data_dir=Path("/nowhere/at/all"),
        mail=server_of("smtp://127.0.0.1:1"),
    )

    wrong = {check for check, (state, _) in (await found(nobody)).items() if state == "wrong"}

    await world.run("delete from lead_file")
    assert wrong - {"disk"} == {"mail", "files"}
    away = Place(database_url="postgresql://127.0.0.1:1/x", data_dir=place.data_dir, mail=None)
    assert (await found(away))["database"] == ("wrong", "nobody answers at the database's address")


async def test_a_database_that_is_not_migrated_is_left_as_it_is(
    empty_database_url: str, place: Place, world: World
) -> None:
    assert world
    url = re.sub(r"/test_\w+\?", "/postgres?", empty_database_url)

    findings = await found(Place(database_url=url, data_dir=place.data_dir, mail=None))

    assert findings["migrations"][0] == "wrong"
    assert "forecourt migrate" in findings["migrations"][1]
    assert not {invariant.name for invariant in INVARIANTS} & set(findings)


async def test_a_queue_that_nobody_works_on(place: Place, world: World) -> None:
    await world.run("""
        update delivery set state = 'waiting', due_at = now() - interval '1 hour', leased_until = null
        where channel = 'notification'
    """)

    state, says = (await found(place))["queue"]

    await world.run("update delivery set state = 'sent' where channel = 'notification'")
    assert state == "wrong"
    assert says.startswith("1 deliveries are due")
    assert says.endswith("does a worker run?")


async def test_whatever_must_hold_and_does_not_is_named(place: Place, world: World, sink: Sink) -> None:
    assert set(BREAKS) == {invariant.name for invariant in INVARIANTS}
    for name, statement in BREAKS.items():
        assert (await found(place))[name][0] == "ok", name
        await world.run(statement)
        state, says = (await found(place))[name]
        assert (state, says.startswith("broken by 1 (")) == ("wrong", True), (name, says)

    code, stdout, stderr = await run(place, sink)

    assert (code, stdout.count("WRONG") >= len(BREAKS) - 2) == (1, True), stdout
    assert "WRONG    versions: broken by 1 (lead 1): each version of a lead has one event" in stdout
    assert "wrong; docs/reliability.md" in stderr
