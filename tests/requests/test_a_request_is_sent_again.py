"""``forecourt replay``: a recorded call, with made-up values where the log has placeholders."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecourt.infra.bodies import decode_json
from forecourt.leads import json_text
from forecourt.requests.made_up import MadeUp
from forecourt.requests.masking import masked_body
from tests.clusters.asking import somebody
from tests.leads.asking import LEADS, REQUIRED, created
from tests.requests.asking import log_of

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.world import World

PDF = b"%PDF-1.7\n" + b"x" * 500


async def run(*words: str, database_url: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("FORECOURT_")}
    variables |= {"FORECOURT_DATA_DIR": str(data_dir), "FORECOURT_DATABASE_URL": database_url}
    line = [sys.executable, "-m", "forecourt", *words]
    return await asyncio.to_thread(
        lambda: subprocess.run(line, env=variables, capture_output=True, text=True, timeout=60, check=False)
    )


async def test_an_update_is_sent_again_with_made_up_values(
    api: httpx.AsyncClient, server: str, world: World, database_url: str, tmp_path: Path
) -> None:
    lead = await created(api, **somebody())
    body = {
        "lead": REQUIRED
        | {"name": "Mia Wallace", "dob": "02/03/1969", "tags": ["suv"], "fields": {"Shoe": 9}}
    }
    body["lead"] |= {"address_attributes": {"postcode": 4000, "city": "Brisbane"}}
    answer = await api.put(f"{LEADS}/{lead['id']}", json=body, headers={"Idempotency-Key": "the-first"})
    recorded = await log_of(api, answer)

    words = ("replay", answer.headers["x-request-id"], "--to", server, "--key", world.token, "--json")
    done = await run(*words, database_url=database_url, data_dir=tmp_path)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["status"], told["recorded_status"], told["differences"]) == (200, 200, {})
    sent = told["answer"]
    assert (sent["email"], sent["phone"], sent["dob"]) == ("replay@example.com", "0491 570 156", "01/01/1980")
    assert (len(sent["name"]), sent["tags"], sent["category"]) == (11, ["suv"], "General Enquiry")
    assert len(str(sent["address_attributes"]["postcode"])) == 4
    assert set(told["made_up"]) >= {"lead.email", "lead.name", "lead.address_attributes.city"}
    # It did what it says, and under a new Idempotency-Key: the old one belongs to another payload.
    assert sent["version"] == answer.json()["version"] + 1
    again = await run(*words, database_url=database_url, data_dir=tmp_path)
    assert json.loads(again.stdout)["answer"]["email"] == sent["email"]
    assert recorded["request_headers"]["idempotency-key"] == "‹key, 9 bytes›"


@pytest.mark.parametrize("kind", ["urlencoded", "multipart", "json with a file"])
async def test_a_form_and_a_file_are_made_again(
    kind: str, api: httpx.AsyncClient, server: str, world: World, database_url: str, tmp_path: Path
) -> None:
    fields = {f"lead[{name}]": value for name, value in (REQUIRED | somebody()).items()} | {
        "lead[tags][]": "suv"
    }
    if kind == "urlencoded":
        answer = await api.post(LEADS, data=fields)
    elif kind == "multipart":
        files = {"lead[lead_files_attributes][][file]": ("mia.pdf", PDF, "application/pdf")}
        answer = await api.post(LEADS, data=fields, files=files)
    else:
        uri = "data:application/pdf;name=mia.pdf;base64,JVBERi0xLjcKaGVsbG8="
        lead = REQUIRED | somebody() | {"tags": ["suv"], "lead_files_attributes": [{"file": uri}]}
        answer = await api.post(LEADS, json={"lead": lead})
    assert answer.status_code == 201, answer.text
    await log_of(api, answer)

    words = ("replay", answer.headers["x-request-id"], "--to", server, "--key", world.token, "--json")
    done = await run(*words, database_url=database_url, data_dir=tmp_path)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["status"], told["differences"]) == (201, {})
    assert told["answer"]["tags"] == ["suv"]
    kinds = [(one["content_type"], one["size"]) for one in told["answer"]["lead_files_attributes"]]
    assert kinds == [(one["content_type"], one["size"]) for one in answer.json()["lead_files_attributes"]]


async def test_a_refusal_is_refused_again_and_a_difference_is_told(
    api: httpx.AsyncClient, server: str, world: World, database_url: str, tmp_path: Path
) -> None:
    answer = await api.post(LEADS, json={"lead": REQUIRED | {"email": "mia at home", "category": "nothing"}})
    assert answer.status_code == 422
    recorded = await log_of(api, answer)
    words = ("replay", recorded["id"], "--to", server, "--key")

    same = await run(*words, world.token, "--json", database_url=database_url, data_dir=tmp_path)
    other = await run(*words, await world.key([]), database_url=database_url, data_dir=tmp_path)

    assert same.returncode == 0
    assert json.loads(same.stdout)["differences"] == {}
    assert other.returncode == 1
    assert "status 401, recorded 422" in other.stdout
    assert 'problem: then "invalid", now "permission-missing"' in other.stdout


async def test_a_dry_run_changes_nothing(
    api: httpx.AsyncClient, server: str, world: World, database_url: str, tmp_path: Path
) -> None:
    lead = await created(api, **somebody(), name="Mia")
    answer = await api.put(f"{LEADS}/{lead['id']}", json={"lead": REQUIRED | {"name": "Vincent"}})
    await log_of(api, answer)
    words = (
        "replay",
        answer.headers["x-request-id"],
        "--to",
        server,
        "--key",
        world.token,
        "--dry-run",
        "--json",
    )

    done = await run(*words, database_url=database_url, data_dir=tmp_path)

    assert json.loads(done.stdout)["answer"]["dry_run"] is True
    assert (await api.get(f"{LEADS}/{lead['id']}")).json()["name"] == "Vincent"


@pytest.mark.parametrize(
    ("body", "said"),
    [(b'{"lead": ', "its body was not kept"), (b'{"lead": {"message": "%b"}}', "‹body, 40,0")],
    ids=["unreadable", "too long"],
)
async def test_what_was_not_kept_is_not_sent_again(
    body: bytes, said: str, api: httpx.AsyncClient, database_url: str, tmp_path: Path
) -> None:
    if b"%b" in body:
        fields = ", ".join(f'"field_{number}": "x"' for number in range(1_500))
        body = f'{{"lead": {{{fields}}}}}'.encode()
        body += b" " * (40_027 - len(body))
    answer = await api.post(LEADS, content=body, headers={"Content-Type": "application/json"})
    await log_of(api, answer)

    words = ("replay", answer.headers["x-request-id"], "--to", "http://127.0.0.1:1", "--key", "k")
    done = await run(*words, database_url=database_url, data_dir=tmp_path)

    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""


async def test_the_commands_list_and_show_every_call(
    api: httpx.AsyncClient, database_url: str, tmp_path: Path
) -> None:
    lead = await created(api, **somebody(), nickname="M")
    await log_of(api, await api.get(f"{LEADS}/{lead['id']}"))

    async def told(*words: str) -> Any:
        done = await run(*words, "--json", database_url=database_url, data_dir=tmp_path)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    listed = (await told("requests", "list", "--lead-id", str(lead["id"])))["requests"]
    assert [one["method"] for one in listed] == ["GET", "POST"]
    shown = await told("requests", "show", listed[1]["request_id"])
    assert shown["request_body"]["lead"]["nickname"] == "‹text, 1 character›"
    readable = await run("requests", "show", listed[1]["id"], database_url=database_url, data_dir=tmp_path)
    assert "POST /api/v1/leads  201" in readable.stdout
    table = await run("requests", "list", "--status", "201", database_url=database_url, data_dir=tmp_path)
    assert listed[1]["id"] in table.stdout
    for words in (("list", "--status", "9"), ("show", "nothing")):
        refused = await run("requests", *words, database_url=database_url, data_dir=tmp_path)
        assert refused.returncode == 1
        assert len(refused.stderr.splitlines()) == 1


LEAVES = (
    st.text(max_size=40)
    | st.integers(-(10**12), 10**12)
    | st.booleans()
    | st.none()
    | st.sampled_from(
        [
            "mia@example.com",
            "0412 345 678",
            "+61412345678",
            "01/02/1990",
            "1990-02-01",
            "41000",
            "https://a.example/b",
        ]
    )
    | st.sampled_from(["data:application/pdf;base64,JVBERi0x", "data:text/plain;name=a.txt;base64,aGVsbG8="])
)
BODIES = st.dictionaries(
    st.sampled_from(["email", "phone", "dob", "message", "fields", "category", "golden", "file", "filename", "Shoe", "Hat"])
    | st.text(min_size=1, max_size=12),
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_size=6,
)  # fmt: skip


@settings(deadline=None)
@given(body=BODIES)
def test_what_is_made_up_is_masked_as_the_original_was(body: dict[str, Any]) -> None:
    masked = json.loads(json_text.encode(masked_body(body)))

    again = masked_body(decode_json(_as_json(MadeUp().filled(masked))))

    assert _values(json.loads(json_text.encode(again))) == _values(masked)


def _as_json(made_up: Any) -> bytes:
    return json.dumps(made_up, default=lambda file: file.data_uri).encode()


def _values(tree: Any) -> Any:
    """The tree without the names: of two of one length, one is made up before the other."""
    if isinstance(tree, dict):
        return [_values(value) for value in tree.values()]
    if isinstance(tree, list):
        return [_values(value) for value in tree]
    return re.sub(r"(phone number, )\+ and ", r"\1", tree) if isinstance(tree, str) else tree
