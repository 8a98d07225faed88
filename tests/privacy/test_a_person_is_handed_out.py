"""Exporting a person: one archive with everything that is known, and a line in the log."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import httpx

from tests.adf.asking import contact, document, imported, prospect, reported
from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, put, somebody
from tests.conftest import bearer
from tests.world import OURS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

CONTACTS = f"/api/v1/dealerships/{OURS}/contacts"
FILE = b"%PDF-1.7\nmy life"


def opened(content: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(held.pop("person.json")), held


async def a_customer(api: httpx.AsyncClient) -> dict[str, Any]:
    uri = f"data:application/pdf;name=cv.pdf;base64,{base64.b64encode(FILE).decode()}"
    lead = await enquiry(
        api,
        name="Mia",
        message="Is it still there?",
        opt_in_to_marketing=True,
        lead_files_attributes=[{"file": uri}],
    )
    other = await enquiry(api, name="Maria")
    at = lead["lead_cluster_id"]
    await act(api, at, "activities", activity={"kind": "call", "body": "rang twice"})
    booked = {"purpose": "Test Drive", "starts_at": "2031-03-04 10:00:00", "note": "by tram"}
    await act(api, at, "appointments", appointment=booked)
    await act(api, at, "merge", lead_cluster_id=other["lead_cluster_id"])
    return await cluster(api, at)


async def test_the_archive_holds_everything(api: httpx.AsyncClient, world: World) -> None:
    told = await a_customer(api)
    await world.run(
        """
        insert into draft (dealership_id, lead_cluster_id, user_id, medium, body)
        values (1, $1, 501, 'sms', 'half a word')
        """,
        told["id"],
    )

    answer = await api.get(f"{CONTACTS}/{told['contact']['id']}/export")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert (
        answer.headers["content-disposition"] == f'attachment; filename="contact-{told["contact"]["id"]}.zip"'
    )
    person, files = opened(answer.content)
    assert [one["id"] for one in person["lead_clusters"]] == sorted(
        [told["id"], *told["merged_lead_cluster_ids"]]
    )
    assert person["lead_clusters"][0] == told
    assert [lead["name"] for lead in person["leads"]] == ["Mia", "Maria"]
    assert person["leads"][0]["message"] == "Is it still there?"
    assert [one["body"] for one in person["activities"]] == ["rang twice"]
    assert [one["note"] for one in person["appointments"]] == ["by tram"]
    assert [one["body"] for one in person["drafts"]] == ["half a word"]
    assert [one["value"] for one in person["consents"]] == [True]
    assert person["events"][0]["kind"] == "lead.created"
    [file] = person["files"]
    assert (file["filename"], files) == ("cv.pdf", {file["path"]: FILE})


async def test_the_archive_holds_the_documents_that_tell_of_nobody_else(api: httpx.AsyncClient) -> None:
    person = somebody()
    customer = f"<customer>{contact(**person)}</customer>"
    alone, nowhere = (
        document(prospect(customer=customer)),
        "<vendor><vendorname>Nowhere</vendorname></vendor>",
    )
    lead, _ = await imported(api, alone)
    await reported(api, document(prospect(customer=customer, date="2026-11-26T00:00:00+10:00"), prospect()))
    [held_id] = (await reported(api, document(prospect(customer=customer, vendor=nowhere))))["held_ids"]
    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]

    person_out, _ = opened((await api.get(f"{CONTACTS}/{contact_id}/export")).content)

    assert [base64.b64decode(one["content"]).decode() for one in person_out["adf_documents"]] == [alone]
    assert [one["id"] for one in person_out["adf_held"]] == [held_id]
    assert person["email"] in person_out["adf_held"][0]["document"]


async def test_it_is_logged_and_nothing_else_changes(api: httpx.AsyncClient) -> None:
    told = await a_customer(api)

    await api.get(f"{CONTACTS}/{told['contact']['id']}/export")

    assert await cluster(api, told["id"]) == told
    [event, *_] = (await api.get(f"{CLUSTERS}/{told['id']}/events")).json()["events"]
    assert event["kind"] == "contact.exported"
    assert event["changes"]["files"] == {"from": None, "to": 1}


async def test_who_may_not_leaves_no_line_in_the_log(
    api: httpx.AsyncClient, server: str, world: World
) -> None:
    told = await a_customer(api)
    token = await world.key(("read:lead", "read:lead_cluster", "erase:contact"))
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as curious:
        answer = await curious.get(f"{CONTACTS}/{told['contact']['id']}/export")

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/permission-missing")
    [event, *_] = (await api.get(f"{CLUSTERS}/{told['id']}/events")).json()["events"]
    assert event["kind"] == "lead_cluster.merged"


async def test_of_somebody_who_was_erased_it_holds_what_stays(api: httpx.AsyncClient) -> None:
    told = await a_customer(api)
    await api.delete(f"{CONTACTS}/{told['contact']['id']}")

    answer = await api.get(f"{CONTACTS}/{told['contact']['id']}/export")

    person, files = opened(answer.content)
    assert files == {}
    assert [lead["name"] for lead in person["leads"]] == [None, None]
    assert "Mia" not in json.dumps(person)


def command(database_url: str, data_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    where = ("--database-url", database_url, "--data-dir", str(data_dir))
    return subprocess.run(
        [sys.executable, "-m", "forecourt", "contacts", *words, "--dealership", OURS, *where],
        capture_output=True,
        text=True,
        cwd=data_dir,
        check=False,
    )


async def test_the_commands_find_hand_out_and_erase(
    api: httpx.AsyncClient, database_url: str, tmp_path: Path
) -> None:
    lead = await enquiry(api, name="Ozymandias", phone="0491570110")
    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]
    await put(api, lead["lead_cluster_id"], golden=True)

    found = command(database_url, tmp_path, "find", "0491 570 110", "--json")
    assert [one["contact"]["id"] for one in json.loads(found.stdout)] == [contact_id]
    assert "Ozymandias" in command(database_url, tmp_path, "find", "ozymand").stdout

    exported = command(database_url, tmp_path, "export", str(contact_id), "--json")
    assert exported.returncode == 0, exported.stderr
    person, _ = opened((tmp_path / f"contact-{contact_id}.zip").read_bytes())
    assert person["leads"][0]["name"] == "Ozymandias"
    again = command(database_url, tmp_path, "export", str(contact_id))
    assert (again.returncode, again.stderr) == (1, f"forecourt: contact-{contact_id}.zip is there already\n")

    asked = command(database_url, tmp_path, "erase", str(contact_id))
    assert "would erase 1 leads in 1 lead clusters, 0 files; add --yes" in asked.stderr
    assert (await cluster(api, lead["lead_cluster_id"]))["contact"]["name"] == "Ozymandias"

    done = command(database_url, tmp_path, "erase", str(contact_id), "--yes", "--json")
    assert json.loads(done.stdout)["erased"]["leads"] == 1
    told = await cluster(api, lead["lead_cluster_id"])
    assert told["contact"]["name"] is None
    [event, *_] = (await api.get(f"{CLUSTERS}/{told['id']}/events")).json()["events"]
    assert (event["kind"], event["api_key"], event["request_id"]) == (
        "contact.erased",
        None,
        "command:contacts erase",
    )

    nobody = command(database_url, tmp_path, "erase", "999999", "--yes")
    assert (nobody.returncode, nobody.stderr) == (1, "forecourt: Contact NOT found\n")
