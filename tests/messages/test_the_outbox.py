"""Where no mail server is named, everything is written, kept to be read, and nothing leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.clusters.asking import enquiry
from tests.conftest import bearer, serving
from tests.messages.asking import AT, HURRIED, settled, told
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.world import World


@pytest.fixture(scope="module")
async def server(
    database_url: str, world: World, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    """As it is out of the box: a worker, and no mail server."""
    assert world
    async with serving(database_url, tmp_path_factory.mktemp("files"), pace=HURRIED, worker=True) as address:
        yield address


@pytest.fixture(scope="module")
async def written(api: httpx.AsyncClient, world: World) -> dict[str, Any]:
    """A lead with an automatic reply, a notice to staff, a mail and a text message by staff."""
    await told(api, "POST", "notification_rules", 201, addresses=["staff@ours.example"])
    lead = await enquiry(api, name="Ozymandias", send_customer_email=True)
    at = f"lead_clusters/{lead['lead_cluster_id']}/messages"
    await settled(world)
    await told(api, "POST", at, 201, medium="email", subject="Hello", body="*Hello*", hold_seconds=0)
    await told(api, "POST", at, 201, medium="sms", body="Hello", hold_seconds=0)
    await settled(world)
    return lead


async def listed(api: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await api.get(f"{AT}/messages", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["messages"])


async def test_everything_is_there_and_says_that_it_left_nowhere(
    api: httpx.AsyncClient, written: dict[str, Any]
) -> None:
    messages = await listed(api)

    assert [(one["purpose"], one["medium"]) for one in messages[:2]] == [
        ("message", "sms"),
        ("message", "email"),
    ]
    assert sorted(one["purpose"] for one in messages[2:]) == ["customer_email", "notification"]
    assert {one["transport"] for one in messages} == {"outbox"}
    assert {one["state"] for one in messages} == {"sent"}
    assert {one["lead_cluster_id"] for one in messages} == {written["lead_cluster_id"]}


async def test_it_is_filtered_and_read_page_by_page(api: httpx.AsyncClient, written: dict[str, Any]) -> None:
    assert written
    assert [one["medium"] for one in await listed(api, medium="sms")] == ["sms"]
    assert [one["recipient"] for one in await listed(api, purpose="notification")] == ["staff@ours.example"]
    assert await listed(api, state="failed") == []
    assert [one["purpose"] for one in await listed(api, recipient="STAFF@ours.example")] == ["notification"]
    assert len(await listed(api, lead_cluster_id=written["lead_cluster_id"])) == 4
    assert sorted(one["purpose"] for one in await listed(api, lead_id=written["id"])) == [
        "customer_email",
        "notification",
    ]
    assert (await api.get(f"{AT}/messages", params={"lead_id": "x", "state": "odd"})).status_code == 400
    whole = await listed(api)
    pages = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await api.get(f"{AT}/messages", params={"limit": 3} | cursor)).json()
        pages += page["messages"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert pages == whole
    for query in ({"medium": "fax"}, {"state": "lost"}, {"cursor": "x"}, {"limit": "0"}, {"colour": "red"}):
        assert (await api.get(f"{AT}/messages", params=query)).status_code == 400


async def test_a_message_is_shown_whole(api: httpx.AsyncClient, written: dict[str, Any]) -> None:
    [reply] = await listed(api, purpose="customer_email")

    whole = await told(api, "GET", f"messages/{reply['id']}", 200)

    assert {name: whole[name] for name in reply} == reply
    assert whole["headers"]["To"] == written["email"]
    assert whole["headers"]["Message-ID"] == whole["reference"]
    assert whole["html"].startswith("<!doctype html>")
    assert whole["text"].startswith("Hi Ozymandias,")
    assert [attempt["outcome"] for attempt in whole["delivery"]["attempts"]] == ["accepted"]
    for message_id in ("999999", "0", "x"):
        await told(api, "GET", f"messages/{message_id}", 404)


async def test_a_customers_messages_do_not_tell_what_staff_were_told(
    api: httpx.AsyncClient, written: dict[str, Any]
) -> None:
    found = await told(api, "GET", f"lead_clusters/{written['lead_cluster_id']}/messages", 200)

    assert [one["purpose"] for one in found["messages"]] == ["message", "message", "customer_email"]


async def test_others_have_an_outbox_of_their_own(
    api: httpx.AsyncClient, server: str, world: World, written: dict[str, Any]
) -> None:
    [message, *_] = await listed(api)
    assert written
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.their_token)) as them:
        own = await them.get("/api/v1/dealerships/perth-autos/messages")
        ours = await them.get(f"/api/v1/dealerships/perth-autos/messages/{message['id']}")

    assert own.json() == {"messages": [], "next_cursor": None}
    assert ours.status_code == 404


def command(database_url: str, data_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    where = ("--database-url", database_url, "--data-dir", str(data_dir))
    return subprocess.run(
        [sys.executable, "-m", "forecourt", "outbox", *words, "--dealership", OURS, *where],
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_commands_list_and_show(
    api: httpx.AsyncClient, database_url: str, tmp_path: Path, written: dict[str, Any]
) -> None:
    [reply] = await listed(api, purpose="customer_email")

    as_json = command(database_url, tmp_path, "list", "--json", "--purpose", "customer_email")
    assert [one["id"] for one in json.loads(as_json.stdout)["messages"]] == [reply["id"]]
    assert written["email"] in command(database_url, tmp_path, "list").stdout
    shown = command(database_url, tmp_path, "show", str(reply["id"])).stdout
    assert f"To: {written['email']}\n" in shown
    assert "Hi Ozymandias," in shown
    nothing = command(database_url, tmp_path, "show", "999999")
    assert (nothing.returncode, nothing.stderr) == (1, "forecourt: there is no message 999999\n")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("FORECOURT_SMTP_URL", "http://mail.example", "must be smtp://host:port"),
        ("FORECOURT_MAIL_FROM", "somebody", "FORECOURT_MAIL_FROM must be an address"),
    ],
)
def test_settings_by_which_no_mail_would_go_are_told_in_one_line(
    variable: str, value: str, says: str, tmp_path: Path, database_url: str
) -> None:
    words = ["worker", "--database-url", database_url, "--data-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "forecourt", *words],
        env={variable: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"forecourt: {says}")
    assert len(done.stderr.splitlines()) == 1
