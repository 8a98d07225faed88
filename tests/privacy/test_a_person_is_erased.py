"""Erasing a person: no dump of the database holds what was erased, and what counts is still there."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from forecourt.infra.embedded.place import binaries
from tests.adf.asking import document, imported, prospect, reported
from tests.clusters.asking import CLUSTERS, act, cluster, duplicates, enquiry, put, somebody, update_lead
from tests.conftest import bearer, serving
from tests.leads.asking import LEADS, REQUIRED, history
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.world import World

CONTACTS = f"/api/v1/dealerships/{OURS}/contacts"

# Whatever names somebody here is found nowhere else in the tests.
SECRET = {
    "name": "Zebedee",
    "last_name": "Quillfeather",
    "message": "my aunt Ottoline says hello",
    "dob": "29/02/1968",
    "customer_address": "17 Umbrageous Lane",
    "address_attributes": {"line1": "17 Umbrageous Lane", "city": "Woolloongabba", "state": "QLD"},
    "fields": {"Favourite colour": "heliotrope"},
    "nickname": "quilly",
}
FIRST = {"email": "zeb.quill@umbrage.example", "phone": "0491570156"}
SECOND = {"email": "z.quillfeather@second.example", "phone": "0491570157"}
FILE = b"%PDF-1.7\nthe life of Zebedee"
NAMED = "zebedee-cv.pdf"

GONE = (
    "Zebedee", "Quillfeather", "Ottoline", "1968-02-29", "29/02/1968", "Umbrageous", "Woolloongabba", "heliotrope",
    "quilly", "zeb.quill", "umbrage.example", "second.example", "491570156", "491570157", "zebedee-cv",
    "called about his aunt", "brings his aunt", "Corrected", "aunt",
)  # fmt: skip


async def dumped(database_url: str) -> str:
    """The whole database, as pg_dump writes it, what it writes as hexadecimal digits made readable."""
    words = [str(binaries() / "pg_dump"), "--inserts", database_url]
    done = await asyncio.to_thread(lambda: subprocess.run(words, capture_output=True, text=True, check=True))
    return re.sub(r"\\x([0-9a-f]+)", lambda hexed: bytes.fromhex(hexed[1]).decode("latin-1"), done.stdout)


def keyed() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


def found(names: Iterable[str], text: str) -> set[str]:
    return {name for name in names if name.lower() in text.lower()}


async def a_life(api: httpx.AsyncClient) -> dict[str, Any]:
    """Somebody with everything that a person can leave behind; their surviving cluster."""
    uri = f"data:application/pdf;name={NAMED};base64,{base64.b64encode(FILE).decode()}"
    body = {"lead": REQUIRED | SECRET | FIRST | {"lead_files_attributes": [{"file": uri}]}}
    created = await api.post(LEADS, json=body, headers=keyed())
    assert created.status_code == 201, created.text
    lead = created.json()
    await update_lead(api, lead, name="Zebedee Corrected", tags=["caravan"], opt_in_to_marketing=True)
    at = lead["lead_cluster_id"]
    booked = {"purpose": "Test Drive", "starts_at": "2031-03-03 10:00:00", "note": "brings his aunt"}
    await act(api, at, "appointments", appointment=booked)
    await act(api, at, "activities", activity={"kind": "call", "body": "called about his aunt"})
    other = await enquiry(api, **SECOND, name="Zebedee", last_name="Quillfeather")
    both = await enquiry(api, email=FIRST["email"], phone=SECOND["phone"])
    assert await duplicates(api, both["lead_cluster_id"])
    merged = await api.post(
        f"{CLUSTERS}/{at}/merge",
        json={"lead_cluster_id": other["lead_cluster_id"]},
        headers=keyed(),
    )
    assert merged.status_code == 200, merged.text
    await put(api, at, keyed(), lead_state="contacted", tags=["caravan", "urgent"])
    return await cluster(api, at)


async def by_adf(api: httpx.AsyncClient) -> tuple[dict[str, Any], list[int]]:
    """Somebody who came by ADF, twice, with others in the document, and who waits in the holding inbox; the cluster, the held."""
    person = (
        "<customer><contact><name part='first'>Ignatius</name><name part='last'>Marrowbone</name>"
        "<email>ignatius@adf.example</email><email>marrow@adf.example</email><phone>0491 570 181</phone>"
        "<address><street>4 Quillon Close</street></address></contact><comments>for my uncle Peregrine</comments>"
        "<bankbalance>threadbare</bankbalance></customer>"
    )
    ids = "<id source='Portal'>ERASE-1</id>"
    lead, _ = await imported(api, document(prospect(customer=person, ids=ids), prospect()), several=True)
    again = person.replace("Peregrine", "Peregrine the Younger")
    await imported(api, document(prospect(customer=again, ids=ids)))
    nowhere = "<vendor><vendorname>Nowhere Motors</vendorname></vendor>"
    held = await reported(api, document(prospect(customer=person, vendor=nowhere, ids="")))
    text = "Lead submission\n\nName: Ignatius Marrowbone\nPhone: 0491 570 181\n"
    unreadable = await reported(api, f"Subject: A lead\n\n{text}", "message/rfc822")
    return await cluster(api, lead["lead_cluster_id"]), [*held["held_ids"], *unreadable["held_ids"]]


BY_ADF = (
    "Ignatius",
    "Marrowbone",
    "adf.example",
    "491 570 181",
    "491570181",
    "Quillon",
    "Peregrine",
    "threadbare",
)


async def test_who_came_by_adf_is_erased_from_documents_and_from_the_holding_inbox(
    api: httpx.AsyncClient, database_url: str
) -> None:
    told, held_ids = await by_adf(api)
    other = await reported(
        api, document(prospect(vendor="<vendor><vendorname>Nowhere Motors</vendorname></vendor>"))
    )
    assert found(BY_ADF, await dumped(database_url)) == set(BY_ADF)

    await erased(api, told["contact"]["id"])

    assert found(BY_ADF, await dumped(database_url)) == set()
    for held_id in held_ids:
        held = (await api.get(f"/api/v1/adf/held/{held_id}")).json()
        assert (held["state"], held["document"], held["summary"]) == ("erased", None, None)
    assert (await api.get(f"/api/v1/adf/held/{other['held_ids'][0]}")).json()["state"] == "open"


async def test_documents_that_come_while_somebody_is_erased_leave_nothing(
    api: httpx.AsyncClient, database_url: str
) -> None:
    def about(number: int) -> str:
        customer = "<customer><contact><name>Hurried</name><email>hurried@adf-race.example</email></contact></customer>"
        sent = prospect(customer=customer, ids="<id source='Portal'>RACE</id>")
        return document(sent.replace("</customer>", f"<comments>hurry {number}</comments></customer>"))

    lead, _ = await imported(api, about(0))
    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]

    await asyncio.gather(*(reported(api, about(number)) for number in range(1, 7)), erased(api, contact_id))

    assert found(["hurr", "adf-race"], await dumped(database_url)) == set()


async def test_what_the_stop_list_once_held_of_somebody_goes_too(
    api: httpx.AsyncClient, database_url: str
) -> None:
    stop = f"/api/v1/dealerships/{OURS}/stop_list"
    lead = await enquiry(api, email="hesperia@stopped.example", phone="0491 570 159")
    for kind, value, note in (
        ("email", "hesperia@stopped.example", "Hesperia asked us to"),
        ("phone", "0491 570 159", "kept"),
    ):
        entry = {"kind": kind, "value": value, "note": note}
        assert (await api.post(stop, json={"stop_list_entry": entry})).status_code == 201
    await api.delete(f"{stop}/email/hesperia@stopped.example")

    await erased(api, (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"])

    dump = await dumped(database_url)
    assert found(["Hesperia", "stopped.example"], dump) == set()
    # What is on the list stays on it, and in what tells of it.
    assert found(["491570159"], dump) == {"491570159"}
    await api.delete(f"{stop}/phone/+61491570159")


async def test_what_is_held_of_somebody_on_the_stop_list_alone_stays(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, email="stopped@adf-stop.example", phone="0400 000 000")
    customer = "<customer><contact><name>Other</name><phone>0400 000 000</phone></contact></customer>"
    nowhere = "<vendor><vendorname>Nowhere Motors</vendorname></vendor>"
    [held_id] = (await reported(api, document(prospect(customer=customer, vendor=nowhere))))["held_ids"]

    await erased(api, (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"])

    assert (await api.get(f"/api/v1/adf/held/{held_id}")).json()["state"] == "open"


async def erased(api: httpx.AsyncClient, contact_id: int, **query: str) -> dict[str, Any]:
    answer = await api.delete(f"{CONTACTS}/{contact_id}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_no_dump_holds_what_was_erased(api: httpx.AsyncClient, world: World, database_url: str) -> None:
    bystander = await enquiry(api, name="Bea", last_name="Standard", message="keep me")
    told = await a_life(api)
    await world.run(
        """
        insert into draft (dealership_id, lead_cluster_id, user_id, medium, body)
        values (1, $1, 501, 'sms', 'half a word to Zebedee')
        """,
        told["id"],
    )
    assert found((*GONE, "half a word"), await dumped(database_url)) == {*GONE, "half a word"}
    before = await world.rows(
        "select count(*) as leads, count(distinct lead_cluster_id) as clusters from lead"
    )

    result = await erased(api, told["contact"]["id"])

    assert found((*GONE, "half a word"), await dumped(database_url)) == set()
    after = await world.rows(
        "select count(*) as leads, count(distinct lead_cluster_id) as clusters from lead"
    )
    assert after == before
    assert result["lead_cluster_ids"] == sorted([told["id"], *told["merged_lead_cluster_ids"]])
    assert (result["leads"], result["files"]) == (3, 1)
    kept = (await api.get(f"{LEADS}/{bystander['id']}")).json()
    assert (kept["name"], kept["message"]) == ("Bea", "keep me")


async def test_ids_times_counts_and_tags_stay(api: httpx.AsyncClient) -> None:
    told = await a_life(api)

    result = await erased(api, told["contact"]["id"])

    after = await cluster(api, told["id"])
    same = ("id", "lead_state", "tags", "lead_count", "first_lead_created_at", "merged_lead_cluster_ids")
    assert {name: after[name] for name in same} == {name: told[name] for name in same}
    assert [lead["id"] for lead in after["leads"]] == [lead["id"] for lead in told["leads"]]
    assert [lead["category"] for lead in after["leads"]] == [lead["category"] for lead in told["leads"]]
    assert after["contact"]["erased_at"] == result["erased_at"]
    assert after["contact"]["emails"] == after["contact"]["phones"] == []
    assert after["waiting_since"] is None
    assert [consent["value"] for consent in after["consents"]] == [True]
    oldest = told["leads"][-1]["id"]
    events = await history(api, oldest)
    assert [event["kind"] for event in events][-1] == "lead.erased"
    assert events[0]["changes"]["name"] == {"from": None, "to": None, "erased": True}
    assert events[0]["changes"]["category"]["to"] == "General Enquiry"
    lead = (await api.get(f"{LEADS}/{oldest}")).json()
    assert lead["name"] is lead["email"] is lead["phone"] is lead["message"] is None
    assert lead["lead_files_attributes"] == []


async def test_the_erasure_is_an_event_of_its_cluster(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    told = await cluster(api, lead["lead_cluster_id"])

    await erased(api, told["contact"]["id"])

    [event, *_] = (await api.get(f"{CLUSTERS}/{told['id']}/events")).json()["events"]
    assert event["kind"] == "contact.erased"
    assert event["changes"]["leads"] == {"from": None, "to": [lead["id"]]}
    assert event["api_key"]["name"] == "test"


async def test_a_second_time_nothing_happens(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]
    first = await erased(api, contact_id)
    version = (await cluster(api, lead["lead_cluster_id"]))["version"]

    again = await erased(api, contact_id)

    assert again == first | {"leads": 0, "files": 0}
    assert (await cluster(api, lead["lead_cluster_id"]))["version"] == version


async def test_a_dry_run_tells_and_erases_nothing(api: httpx.AsyncClient) -> None:
    told = await a_life(api)

    answer = await erased(api, told["contact"]["id"], dry_run="true")

    assert answer["dry_run"] is True
    assert answer["answer"]["files"] == 1
    after = await cluster(api, told["id"])
    assert after == told
    file = (await api.get(f"{LEADS}/{told['leads'][-1]['id']}")).json()["lead_files_attributes"][0]
    assert (await api.get(file["url"])).content == FILE
    await erased(api, told["contact"]["id"])


async def test_the_bytes_of_files_are_gone_from_the_disk(
    database_url: str, world: World, tmp_path: Path
) -> None:
    async with (
        serving(database_url, tmp_path) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(world.token)) as api,
    ):
        told = await a_life(api)
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [path.read_bytes() for path in files] == [FILE]

        await erased(api, told["contact"]["id"])

        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("which", ["survivor", "merged"])
async def test_the_contact_of_a_merged_cluster_names_the_same_person(
    which: str, api: httpx.AsyncClient, world: World
) -> None:
    one, other = await enquiry(api), await enquiry(api)
    merged = other["lead_cluster_id"]
    await act(api, one["lead_cluster_id"], "merge", lead_cluster_id=merged)
    at = one["lead_cluster_id"] if which == "survivor" else merged
    [row] = await world.rows("select id from contact where lead_cluster_id = $1", at)

    result = await erased(api, row["id"])

    assert result["leads"] == 2
    assert result["lead_cluster_ids"] == sorted([one["lead_cluster_id"], merged])


async def test_an_earlier_closed_cluster_is_the_same_person_too(
    api: httpx.AsyncClient, world: World, database_url: str
) -> None:
    person = {"email": "earlier@bird.example", "phone": "0491570158"}
    first = await enquiry(api, **person)
    await put(api, first["lead_cluster_id"], lead_state="lost")
    await world.run("update lead set created_at = now() - interval '400 days' where id = $1", first["id"])
    second = await enquiry(api, **person)
    assert second["lead_cluster_id"] != first["lead_cluster_id"]
    told = await cluster(api, second["lead_cluster_id"])
    assert told["earlier_lead_cluster_id"] == first["lead_cluster_id"]

    result = await erased(api, told["contact"]["id"])

    assert result["lead_cluster_ids"] == sorted([first["lead_cluster_id"], second["lead_cluster_id"]])
    assert found(["bird.example", "491570158"], await dumped(database_url)) == set()


async def test_a_merge_that_was_taken_back_leaves_nothing_with_the_other(
    api: httpx.AsyncClient, database_url: str
) -> None:
    one = await enquiry(api, name="Vera")
    other = await enquiry(
        api,
        name="Balthazar",
        email="balthazar@undone.example",
        phone="0491570159",
        customer_address="Nowhere 9",
    )
    here, there = one["lead_cluster_id"], other["lead_cluster_id"]
    for action in ("merge", "unmerge"):
        done = await api.post(
            f"{CLUSTERS}/{here}/{action}",
            json={"lead_cluster_id": there},
            headers={"Idempotency-Key": f"{action}-and-back"},
        )
        assert done.status_code == 200, done.text

    await erased(api, (await cluster(api, there))["contact"]["id"])

    text = await dumped(database_url)
    assert found(["balthazar", "undone.example", "491570159", "Nowhere 9"], text) == set()
    assert (await cluster(api, here))["contact"]["name"] == "Vera"


@pytest.mark.parametrize("how", ["split", "unmerge"])
async def test_whom_the_person_was_taken_for_keeps_nothing_of_theirs(
    api: httpx.AsyncClient, database_url: str, how: str
) -> None:
    family = somebody()
    parent = await enquiry(api, **family, name="Vera", last_name="Kinsman")
    at = parent["lead_cluster_id"]
    reached = {"phone": family["phone"]} if how == "split" else {"phone": "0491570110"}
    said = {
        "name": "Barnabas",
        "last_name": "Kinsman",
        "dob": "03/04/2001",
        "customer_address": "Elsewhere 4",
    }
    child = await enquiry(api, **reached, **said, email="barnabas@kin.example")
    there = child["lead_cluster_id"]
    if how == "unmerge":
        await act(api, at, "merge", lead_cluster_id=there)
        await enquiry(api, email="barnabas@kin.example", name="Barnaby", message="me again")
    await update_lead(api, child, name="Barnabas Junior", phone="0491570111")
    await put(api, at, contact={"name": "Vera", "customer_address": None})
    await update_lead(api, child, name="Barnabas Junior", message="again")
    if how == "unmerge":
        await act(api, at, "unmerge", lead_cluster_id=there)
    else:
        there = (await act(api, at, "split", lead_ids=[child["id"]]))["id"]

    await erased(api, (await cluster(api, there))["contact"]["id"])

    gone = ["barnab", "kin.example", "491570110", "491570111", "Elsewhere 4", "2001-04-03", "03/04/2001"]
    assert found(gone, await dumped(database_url)) == set()
    kept = await cluster(api, at)
    assert (kept["contact"]["name"], kept["contact"]["last_name"]) == ("Vera", "Kinsman")


async def test_nothing_brings_the_person_back(api: httpx.AsyncClient) -> None:
    person = somebody()
    body = {"lead": REQUIRED | person}
    key = {"Idempotency-Key": "erased-later"}
    lead = (await api.post(LEADS, json=body, headers=key)).json()
    other = await enquiry(api)
    here = lead["lead_cluster_id"]
    await erased(api, (await cluster(api, here))["contact"]["id"])

    retried = await api.post(LEADS, json=body, headers=key)
    late = await api.put(f"{LEADS}/{lead['id']}", json=body)
    merged = await api.post(f"{CLUSTERS}/{here}/merge", json={"lead_cluster_id": other["lead_cluster_id"]})

    for answer in (retried, late, merged):
        assert (answer.status_code, answer.json()["type"]) == (410, "/problems/erased")
    anew = await enquiry(api, **person)
    assert anew["lead_cluster_id"] != here


async def test_nobody_writes_about_the_person_again(api: httpx.AsyncClient, database_url: str) -> None:
    lead = await enquiry(api, name="Wanda")
    here = lead["lead_cluster_id"]
    booked = await act(api, here, "appointments", appointment={"starts_at": "2031-03-03 10:00:00"})
    await erased(api, (await cluster(api, here))["contact"]["id"])
    appointments = f"/api/v1/dealerships/{OURS}/appointments/{booked['id']}"

    refused = [
        await put(api, here, contact={"name": "Wanda"}),
        await api.post(f"{CLUSTERS}/{here}/activities", json={"activity": {"kind": "note", "body": "Wanda"}}),
        await api.post(
            f"{CLUSTERS}/{here}/appointments", json={"appointment": {"starts_at": "2031-03-04 10:00:00"}}
        ),
        await api.put(appointments, json={"appointment": {"note": "Wanda"}}),
    ]
    cancelled = await api.put(appointments, json={"appointment": {"status": "cancelled"}})
    closed = await put(api, here, lead_state="lost", user_id=501)

    assert {(answer.status_code, answer.json()["type"]) for answer in refused} == {(410, "/problems/erased")}
    assert (cancelled.status_code, closed.status_code) == (200, 200)
    assert found(["Wanda"], await dumped(database_url)) == set()


async def test_an_unmerge_after_the_erasure_is_refused(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api), await enquiry(api)
    here, there = one["lead_cluster_id"], other["lead_cluster_id"]
    await act(api, here, "merge", lead_cluster_id=there)
    await erased(api, (await cluster(api, here))["contact"]["id"])

    answer = await api.post(f"{CLUSTERS}/{here}/unmerge", json={"lead_cluster_id": there})

    assert answer.status_code == 410


async def test_updates_that_come_while_somebody_is_erased_leave_nothing(
    api: httpx.AsyncClient, database_url: str
) -> None:
    lead = await enquiry(api, name="Hasty")
    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]
    required = {name: lead[name] for name in ("email", "phone", "category", "source", "dealership_slug")}

    async def update(number: int) -> int:
        # Some touch the cluster, others the lead alone.
        golden = {"golden": number % 4 == 0} if number % 2 == 0 else {}
        sent = {"lead": required | {"message": f"hurry-{number}"} | golden}
        return (await api.put(f"{LEADS}/{lead['id']}", json=sent)).status_code

    statuses = await asyncio.gather(*(update(number) for number in range(8)), erased(api, contact_id))

    assert set(statuses[:-1]) <= {200, 410}
    assert found(["hurry-", "Hasty"], await dumped(database_url)) == set()


async def test_who_is_not_there_is_not_found(api: httpx.AsyncClient) -> None:
    for contact_id in ("999999", "0", "x", "9" * 30):
        answer = await api.delete(f"{CONTACTS}/{contact_id}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/contact-not-found")
