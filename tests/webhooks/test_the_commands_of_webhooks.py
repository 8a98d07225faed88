"""The commands about webhooks, as they are typed; listening to what others make happen."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import enquiry
from tests.webhooks.asking import come, deliveries, due, planned, settled, told, verified, webhook
from tests.webhooks.receiving import until
from tests.world import OURS, SISTER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import httpx

    from tests.webhooks.receiving import Receiver
    from tests.world import World


class Commands:
    """Runs commands on the tests' database."""

    def __init__(self, database_url: str, data_dir: Path) -> None:
        own = {"FORECOURT_DATABASE_URL": database_url, "FORECOURT_DATA_DIR": str(data_dir)}
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("FORECOURT_")
        } | own

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "forecourt",
            *words,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *words: str) -> tuple[int | None, str, str]:
        process = await self.start(*words)
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    async def told(self, *words: str) -> Any:
        code, out, err = await self.run(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    @asynccontextmanager
    async def listening(self, *words: str) -> AsyncGenerator[tuple[str, list[dict[str, Any]]]]:
        """``forecourt listen``: its secret, and what it has told so far."""
        process = await self.start("listen", "--json", *words)
        assert process.stdout
        assert process.stderr
        said = (await process.stderr.readline()).decode()
        lines: list[dict[str, Any]] = []

        async def read(stream: asyncio.StreamReader) -> None:
            while line := await stream.readline():
                lines.append(json.loads(line))

        reading = asyncio.create_task(read(process.stdout))
        try:
            yield said.rpartition(" ")[2].strip(), lines
        finally:
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
            await reading
            await process.stderr.read()


@pytest.fixture
def commands(database_url: str, tmp_path: Path) -> Commands:
    return Commands(database_url, tmp_path)


async def test_webhooks_are_listed_and_what_failed_is_sent_once_more(
    api: httpx.AsyncClient, world: World, got: Receiver, commands: Commands
) -> None:
    got.says = lambda _: 410
    made = await webhook(api, got.url, "lead.created", token="s3cret")
    await enquiry(api)
    await settled(api, world, got)

    code, listed, _ = await commands.run("webhooks", "list", "--dealership", OURS, "--json")
    assert code == 0
    [shown] = [one for one in json.loads(listed) if one["id"] == made["id"]]
    assert shown["disabled_because"] == "it answered 410: it wants no more"
    assert "s3cret" not in listed
    assert made["secret"] not in listed
    [failed] = await commands.told("webhooks", "deliveries", str(made["id"]), "--state", "failed")
    code, _, err = await commands.run("webhooks", "redeliver", str(failed["id"]))
    assert code == 1
    assert "switched off" in err
    await api.put(f"/api/v1/dealerships/{OURS}/webhooks/{made['id']}", json={"enabled": True})
    again = await commands.told("webhooks", "redeliver", str(failed["id"]))
    assert again["state"] == "waiting"
    await come(world, got, 2)
    await settled(api, world, got)
    got.says = lambda _: 200
    await api.put(f"/api/v1/dealerships/{OURS}/webhooks/{made['id']}", json={"enabled": True})

    words = ("webhooks", "redeliver", "--webhook", str(made["id"]), "--failed-since", "2h")
    assert await commands.told(*words) == {"redelivered": 1, "more": False}
    await due(world, made["id"])
    await planned(world)
    assert [one["state"] for one in await deliveries(api, made["id"])] == ["sent"]
    assert (await told(api, made["id"]))["failing_since"] is None


REFUSED = (
    (("webhooks", "redeliver", "7", "--webhook", "3", "--failed-since", "2h"), 2, "name one delivery"),
    (("webhooks", "redeliver", "--webhook", "3", "--failed-since", "soon"), 2, "is no time"),
    (("webhooks", "redeliver", "999999"), 1, "no delivery to a webhook has the id 999999"),
    (("webhooks", "deliveries", "999999"), 1, "no webhook has the id 999999"),
    (("trigger", "lead.created", "--dealership", "nowhere"), 1, "there is no dealership nowhere"),
    (("listen", "--forward-to", "example"), 1, "--forward-to must be an address"),
    (("listen", "--forward-to", "http://127.0.0.1:1/", "--events", "lead.creatd"), 2, "is no event"),
    (
        ("listen", "--forward-to", "http://127.0.0.1:1/", "--dealership", "nowhere"),
        1,
        "there is no dealership",
    ),
)


async def test_what_cannot_be_done_is_said_in_one_line(commands: Commands, world: World) -> None:
    assert world
    done = await asyncio.gather(*(commands.run(*words) for words, _, _ in REFUSED))

    for (words, code, said), (got_code, out, err) in zip(REFUSED, done, strict=True):
        assert (got_code, out) == (code, ""), words
        assert said in err
        assert err.count("\n") == 1


async def test_listening_forwards_what_is_made_to_happen_signed_by_the_same_secret(
    world: World, got: Receiver, commands: Commands
) -> None:
    assert world
    forward = ("--forward-to", f"{got.url}/laptop")
    async with commands.listening(*forward) as (secret, lines):
        created = await commands.told("trigger", "lead.created")
        updated = await commands.told("trigger", "lead.updated")
        await until(lambda: len(lines) == 2)

    assert (created["dealership"], created["version"]) == (OURS, 1)
    assert (updated["lead_id"], updated["version"]) == (created["lead_id"], 2)
    assert [line["topic"] for line in lines] == ["lead.created", "lead.updated"]
    assert {line["status"] for line in lines} == {200}
    assert [request.path for request in got.requests] == ["/laptop"] * 2
    assert [verified(request, secret)["lead_id"] for request in got.requests] == [created["lead_id"]] * 2
    assert len({request.message_id for request in got.requests}) == 2
    assert set(got.requests[1].json["changes"]) == {"message"}
    async with commands.listening(*forward) as (again, _):
        assert again == secret
    # The key that it was done with was lent, and taken back.
    keys = await world.rows(
        "select revoked_at is not null as gone from api_key where name = 'forecourt trigger'"
    )
    assert keys == [{"gone": True}]


async def test_listening_hears_of_one_dealership_and_of_some_events(
    api: httpx.AsyncClient, got: Receiver, commands: Commands
) -> None:
    words = (
        "--forward-to",
        got.url,
        "--dealership",
        OURS,
        "--events",
        "lead_cluster.created",
        "lead.updated",
    )
    got.says = lambda _: 500
    async with commands.listening(*words) as (_, lines):
        await commands.told("trigger", "lead.created", "--dealership", SISTER)
        lead = await enquiry(api)
        await until(lambda: len(lines) == 1)

    [line] = lines
    assert (line["topic"], line["lead_id"], line["status"]) == ("lead_cluster.created", lead["id"], 500)
