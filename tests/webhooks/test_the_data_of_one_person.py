"""What webhooks carried about a person is handed out with the rest, and forgotten with the rest."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from tests.clusters.asking import act, cluster, enquiry
from tests.privacy.test_a_person_is_erased import CONTACTS, GONE, a_life, dumped, erased, found
from tests.webhooks.asking import deliveries, delivery, planned, webhook
from tests.webhooks.receiving import until

if TYPE_CHECKING:
    import httpx

    from tests.webhooks.receiving import Receiver
    from tests.world import World


async def test_no_dump_holds_what_webhooks_carried_of_somebody_who_was_erased(
    api: httpx.AsyncClient, world: World, database_url: str, got: Receiver
) -> None:
    ids = [
        (await webhook(api, f"{got.url}/{schema}", "*", "lead_cluster.updated", schema=schema))["id"]
        for schema in ("v3", "cluster", "event")
    ]
    told = await a_life(api)
    bystander = await enquiry(api, name="Bea", message="keep me")
    await planned(world)
    carried = await world.rows("select string_agg(request_body, '') as text from delivery_attempt")
    assert found(("Zebedee", "Quillfeather", "491570156", "umbrage.example"), carried[0]["text"])

    await erased(api, told["contact"]["id"])
    await planned(world)

    assert found(GONE, await dumped(database_url)) == set()
    # Whoever was told of the person hears that they were erased, and of nothing else.
    last = got.of("/event")[-1]
    assert last.json["type"] == "contact.erased"
    assert found(GONE, last.body.decode()) == set()
    for webhook_id in ids:
        listed = await deliveries(api, webhook_id)
        assert {one["state"] for one in listed} == {"sent"}
        [kept] = [one for one in listed if one["lead_id"] == bystander["id"]]
        [attempt] = (await delivery(api, webhook_id, kept["id"]))["all_attempts"]
        assert "Bea" in attempt["request_body"] or "keep me" in attempt["request_body"]


async def test_an_attempt_that_ends_after_the_erasure_is_kept_without_its_body(
    api: httpx.AsyncClient, world: World, database_url: str, got: Receiver
) -> None:
    answer = asyncio.Event()
    made = await webhook(api, got.url, "lead.created", schema="v1")
    got.waits_for = answer
    lead = await enquiry(api, name="Ignatius", message="Rumpelstilt")
    await world.run("select pg_notify('forecourt_log', '')")
    await until(lambda: len(got.requests) == 1)

    contact = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]
    await erased(api, contact)
    answer.set()
    await planned(world)

    assert b"Rumpelstilt" in got.requests[0].body
    assert found(("Ignatius", "Rumpelstilt"), await dumped(database_url)) == set()
    [one] = await deliveries(api, made["id"])
    [attempt] = (await delivery(api, made["id"], one["id"]))["all_attempts"]
    assert (attempt["status"], attempt["request_body"], attempt["response_body"]) == (200, None, None)
    assert attempt["request_headers"]["webhook-id"] == one["message_id"]


async def test_who_was_told_of_a_person_and_when_is_handed_out(
    api: httpx.AsyncClient, world: World, got: Receiver
) -> None:
    got.says = lambda _: 500
    made = await webhook(api, f"{got.url}/hook?key=hidden", "lead.created", schema="v2")
    lead = await enquiry(api, name="Mia")
    await planned(world)
    await act(api, lead["lead_cluster_id"], "activities", activity={"kind": "note", "body": "x"})
    contact = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]

    answer = await api.get(f"{CONTACTS}/{contact}/export")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        person: dict[str, Any] = json.loads(archive.read("person.json"))
    [told] = person["webhook_deliveries"]
    assert (told["webhook_id"], told["schema"], told["topic"]) == (made["id"], "v2", "lead.created")
    assert told["host"] == got.url.removeprefix("http://")
    assert (told["state"], told["lead_id"]) == ("waiting", lead["id"])
    assert [(one["outcome"], one["status"]) for one in told["attempts"]] == [("answered", 500)]
    assert "hidden" not in json.dumps(person["webhook_deliveries"])
