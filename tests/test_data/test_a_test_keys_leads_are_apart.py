"""Test mode: what a test key writes meets nothing that live keys wrote, is told to nobody, and goes again at a word."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import CLUSTERS, act, cluster, duplicates, enquiry, put, somebody, update_lead
from tests.messages.asking import AT, come_due, settled
from tests.webhooks.asking import planned, webhook
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

    from tests.messages.sink import Sink
    from tests.webhooks.receiving import Receiver
    from tests.world import World


async def ids(api: httpx.AsyncClient, path: str, **query: str) -> set[int]:
    """The ids of a list's first page."""
    answer = await api.get(path, params={"limit": "100"} | query)
    assert answer.status_code == 200, answer.text
    [rows] = [value for value in answer.json().values() if isinstance(value, list)]
    return {row["id"] for row in rows}


async def test_neither_sees_the_others_leads(api: httpx.AsyncClient, sandbox: httpx.AsyncClient) -> None:
    live, test = await enquiry(api), await enquiry(sandbox)

    for asks, own, foreign in ((api, live, test), (sandbox, test, live)):
        assert (await asks.get(f"/api/v1/leads/{own['id']}")).status_code == 200
        at, of = foreign["id"], foreign["lead_cluster_id"]
        required = {name: foreign[name] for name in ("email", "phone", "category", "source")}
        update = {"lead": required | {"dealership_slug": OURS, "message": "mine"}}
        for answer in (
            await asks.get(f"/api/v1/leads/{at}"),
            await asks.put(f"/api/v1/leads/{at}", json=update),
            await asks.get(f"/api/v1/leads/{at}.adf"),
            await asks.get(f"/api/v1/leads/{at}/events"),
            await asks.get(f"/api/v1/leads/{at}/explain"),
            await asks.get(f"{CLUSTERS}/{of}"),
            await asks.get(f"{CLUSTERS}/{of}/possible_duplicates"),
            await put(asks, of, tags=["mine"]),
            await asks.post(f"{CLUSTERS}/{of}/activities", json={"activity": {"kind": "note", "body": "x"}}),
            await asks.post(f"{CLUSTERS}/{of}/split", json={"lead_ids": [at]}),
        ):
            assert answer.status_code == 404, (answer.request.url, answer.text)
        for path, mine, theirs in (
            ("/api/v1/leads", own["id"], at),
            (CLUSTERS, own["lead_cluster_id"], of),
        ):
            listed = await ids(asks, path)
            assert mine in listed
            assert theirs not in listed


async def test_the_same_customer_is_another_in_test_mode(
    api: httpx.AsyncClient, sandbox: httpx.AsyncClient
) -> None:
    person = somebody()
    live = await enquiry(api, **person)
    test = await enquiry(sandbox, **person)
    again = await enquiry(sandbox, **person)

    assert test["lead_cluster_id"] == again["lead_cluster_id"] != live["lead_cluster_id"]
    assert await duplicates(api, live["lead_cluster_id"]) == {}
    assert await duplicates(sandbox, test["lead_cluster_id"]) == {}


async def test_a_change_of_test_data_reaches_no_live_customer(
    api: httpx.AsyncClient, sandbox: httpx.AsyncClient
) -> None:
    live, test = await enquiry(api), await enquiry(sandbox)
    await update_lead(sandbox, test, email=live["email"], phone=live["phone"])
    refused = await sandbox.post(
        f"{CLUSTERS}/{test['lead_cluster_id']}/merge", json={"lead_cluster_id": live["lead_cluster_id"]}
    )

    assert refused.status_code in {404, 422}
    assert await duplicates(sandbox, test["lead_cluster_id"]) == {}
    assert await duplicates(api, live["lead_cluster_id"]) == {}


async def test_clusters_of_test_mode_merge_and_split_among_themselves(sandbox: httpx.AsyncClient) -> None:
    one, other = await enquiry(sandbox), await enquiry(sandbox)
    merged = await act(sandbox, one["lead_cluster_id"], "merge", lead_cluster_id=other["lead_cluster_id"])
    assert merged["id"] == one["lead_cluster_id"]
    apart = await act(sandbox, one["lead_cluster_id"], "split", lead_ids=[other["id"]])
    assert apart["id"] not in {one["lead_cluster_id"], other["lead_cluster_id"]}
    assert (await cluster(sandbox, apart["id"]))["id"] == apart["id"]


async def test_nothing_leaves_but_to_webhooks_that_a_test_key_made(
    api: httpx.AsyncClient, sandbox: httpx.AsyncClient, world: World, sink: Sink, got: Receiver
) -> None:
    await webhook(api, f"{got.url}/live", "lead.created")
    await webhook(sandbox, f"{got.url}/test", "lead.created")
    rule = {"addresses": ["desk@brisbane.example"], "format": "html"}
    assert (await api.post(f"{AT}/notification_rules", json=rule)).status_code == 201
    asks = {"send_customer_email": True, "send_dealership_notification": True}

    test = await enquiry(sandbox, **asks)
    live = await enquiry(api, **asks)
    await planned(world)
    await come_due(world)
    sent = await settled(world, channel="customer_email")
    await settled(world, channel="notification")

    told = {request.path: request.json["lead_id"] for request in got.requests}
    assert told == {"/live": live["id"], "/test": test["id"]}
    addressed = {address for mail in sink.journal for address in mail.recipients}
    assert live["email"] in addressed
    assert test["email"] not in addressed
    assert len([mail for mail in sink.journal if "desk@brisbane.example" in mail.recipients]) == 1
    assert {row["state"] for row in sent if row["lead_id"] == test["id"]} == {"sent"}
    written = await sandbox.get(f"{AT}/messages")
    assert test["email"] in written.text
    assert test["email"] not in (await api.get(f"{AT}/messages")).text


async def test_a_car_that_is_driven_in_test_mode_is_free(
    api: httpx.AsyncClient, sandbox: httpx.AsyncClient
) -> None:
    drive = {"purpose": "Test Drive", "starts_at": "2031-03-03 10:00:00", "car_id": 601}

    async def booked(asks: httpx.AsyncClient) -> tuple[int, int]:
        lead = await enquiry(asks)
        answer = await asks.post(
            f"{CLUSTERS}/{lead['lead_cluster_id']}/appointments", json={"appointment": drive}
        )
        return answer.status_code, answer.json().get("id")

    (test_status, test_id), (live_status, live_id) = await booked(sandbox), await booked(api)
    assert (test_status, live_status) == (201, 201)
    assert (await booked(sandbox))[0] == (await booked(api))[0] == 409
    diary = {"from": "2031-03-03", "to": "2031-03-04"}
    assert await ids(api, f"{AT}/appointments", **diary) == {live_id}
    assert await ids(sandbox, f"{AT}/appointments", **diary) == {test_id}


async def test_nobody_is_given_a_test_by_the_rules(
    api: httpx.AsyncClient, sandbox: httpx.AsyncClient
) -> None:
    rule = {"name": "Everything", "user_ids": [501]}
    made = await api.post(f"{AT}/assignment_rules", json={"assignment_rule": rule})
    assert made.status_code == 201, made.text
    test, live = await enquiry(sandbox), await enquiry(api)

    assert (await cluster(sandbox, test["lead_cluster_id"]))["user"] is None
    assert (await cluster(api, live["lead_cluster_id"]))["user"]["id"] == 501


async def test_adf_in_test_mode_is_no_resend_of_what_came_for_real(
    api: httpx.AsyncClient, sandbox: httpx.AsyncClient
) -> None:
    made = await enquiry(api)
    document = (await api.get(f"/api/v1/leads/{made['id']}.adf")).content
    kind = {"content-type": "application/x-adf+xml"}
    report = (await sandbox.post("/api/v1/adf", content=document, headers=kind)).json()

    assert report["lead_ids"] != [made["id"]]
    assert (await sandbox.get(f"/api/v1/leads/{report['lead_ids'][0]}")).status_code == 200
    assert (await api.get(f"/api/v1/leads/{report['lead_ids'][0]}")).status_code == 404


async def a_life(asks: httpx.AsyncClient) -> dict[str, Any]:
    """A customer about whom there is something of everything."""
    person = somebody()
    lead = await enquiry(
        asks,
        **person,
        opt_in_to_marketing=True,
        send_customer_email=True,
        car_id=601,
        file_data_base64="aGVsbG8=",
        file_name="licence.txt",
    )
    at = lead["lead_cluster_id"]
    await act(asks, at, "activities", activity={"kind": "call", "body": "rang", "outcome": "spoke"})
    await act(
        asks, at, "appointments", appointment={"purpose": "Appointment", "starts_at": "2032-01-05 09:00:00"}
    )
    other = await enquiry(asks)
    await act(asks, at, "merge", lead_cluster_id=other["lead_cluster_id"])
    return lead


@pytest.mark.parametrize("by", ["api", "command"])
async def test_test_data_goes_at_a_word_and_nothing_else_does(
    api: httpx.AsyncClient, sandbox: httpx.AsyncClient, world: World, database_url: str, by: str
) -> None:
    live, test = await a_life(api), await a_life(sandbox)
    await planned(world)
    await come_due(world)
    await settled(world)
    counted = "select count(*) as leads from lead where test"
    [before] = await world.rows(counted)
    tried = await sandbox.request("DELETE", f"{AT}/test_data", params={"dry_run": "true"})
    assert tried.status_code == 200, tried.text
    assert await world.rows(counted) == [before]

    if by == "api":
        cleared = (await sandbox.request("DELETE", f"{AT}/test_data")).json()
        assert cleared["leads"] == before["leads"]
    else:
        ran = subprocess.run(
            [sys.executable, "-m", "forecourt", "dealerships", "clear-test-data", OURS],
            env=os.environ | {"FORECOURT_DATABASE_URL": database_url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert str(before["leads"]) in ran.stdout

    assert await world.rows(counted) == [{"leads": 0}]
    for table in ("lead_cluster", "appointment"):
        assert await world.rows(f"select id from {table} where test") == []
    for table in ("contact", "event", "activity", "lead_membership", "lead_file"):
        what = "lead_id" if table == "lead_file" else "lead_cluster_id"
        value = test["id"] if table == "lead_file" else test["lead_cluster_id"]
        assert await world.rows(f"select * from {table} where {what} = $1", value) == []
    assert (await sandbox.get(f"/api/v1/leads/{test['id']}")).status_code == 404
    kept = (await api.get(f"/api/v1/leads/{live['id']}")).json()
    assert kept["email"] == live["email"]
    [told] = await world.rows("select kind from event order by id desc limit 1")
    assert told["kind"] == "test_data.cleared"
