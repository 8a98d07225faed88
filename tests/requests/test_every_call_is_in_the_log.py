"""The request log tells integrators what they asked and what they were answered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from forecourt.access import tokens
from forecourt.infra.database import Database
from forecourt.requests.forget import forget_requests
from forecourt.requests.moments import first_id
from tests.clusters.asking import somebody
from tests.conftest import bearer, serving
from tests.leads.asking import LEADS, REQUIRED, created, put, updated
from tests.requests.asking import REQUESTS, listed, log_of, shown
from tests.world import OURS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World


async def test_an_update_is_told_with_its_key_lead_and_masked_bodies(api: httpx.AsyncClient) -> None:
    lead = await created(api)
    headers = {"User-Agent": "python-httpx/0.28.1", "Idempotency-Key": "once", "X-Shop": "secret"}
    answer = await put(api, lead["id"], headers, name="Mia", tags=["suv"], golden=True, nickname="M")

    told = await log_of(api, answer)

    assert (told["method"], told["route"], told["path"]) == (
        "PUT",
        "/api/v1/leads/{id}",
        f"/api/v1/leads/{lead['id']}",
    )
    assert (told["status"], told["problem"], told["test"]) == (200, None, False)
    assert told["api_key"]["name"] == "test"
    assert told["dealership_ids"] == [1]
    assert (told["lead_ids"], told["lead_cluster_id"]) == ([lead["id"]], lead["lead_cluster_id"])
    assert told["request_body"]["lead"] == {
        "email": "‹e-mail address›",
        "phone": "‹phone number, 10 digits›",
        "category": "General Enquiry",
        "source": "Website",
        "dealership_slug": OURS,
        "name": "‹text, 3 characters›",
        "tags": ["suv"],
        "golden": True,
        "nickname": "‹text, 1 character›",
    }
    assert told["request_headers"] == {
        "accept": "*/*",
        "content-type": "application/json",
        "user-agent": "python-httpx/0.28.1",
        "idempotency-key": "‹key, 4 bytes›",
    }
    assert told["response_body"]["name"] == "‹text, 3 characters›"
    assert told["response_body"]["golden"] is True
    assert told["warnings"] == [
        {"field": "lead.nickname", "message": "is not part of the contract; kept under extra"}
    ]
    assert told["bytes_in"] == int(answer.request.headers["content-length"])
    assert told["bytes_out"] == len(answer.content)
    assert told["duration_ms"] > 0


async def test_a_creation_is_found_by_the_lead_that_it_made(api: httpx.AsyncClient) -> None:
    person = somebody()
    lead = await created(api, **person)
    await updated(api, lead["id"], **person, message="again")
    await api.get(f"{LEADS}/{lead['id']}/events")

    told = await listed(api, lead_id=lead["id"])

    assert [(one["method"], one["route"]) for one in told] == [
        ("GET", "/api/v1/leads/{id}/events"),
        ("PUT", "/api/v1/leads/{id}"),
        ("POST", "/api/v1/leads"),
    ]
    by_cluster = await listed(api, lead_cluster_id=lead["lead_cluster_id"])
    assert [one["id"] for one in by_cluster] == [one["id"] for one in told[1:]]


@pytest.mark.parametrize(
    ("call", "status", "problem", "route"),
    [
        (("PUT", "/api/v1/leads/999999", {"json": {"lead": REQUIRED}}), 404, "lead-not-found", "/api/v1/leads/{id}"),
        (("POST", LEADS, {"json": {"lead": {}}}), 422, "invalid", LEADS),
        (("POST", LEADS, {"content": b'{"lead": '}), 400, "not-json", LEADS),
        (("GET", f"{LEADS}?colour=red", {}), 400, "bad-query", LEADS),
        (("DELETE", LEADS, {}), 405, "method-not-allowed", LEADS),
        (("GET", "/api/v1/lead/1", {}), 404, "not-found", None),
        (("GET", "/api/v1/dealerships/%00/staff", {}), 404, "dealership-not-found", "/api/v1/dealerships/{dealership}/staff"),
    ],
    ids=str,
)  # fmt: skip
async def test_a_refused_call_is_told_with_the_rule_that_said_no(
    call: tuple[str, str, dict[str, Any]],
    status: int,
    problem: str,
    route: str | None,
    api: httpx.AsyncClient,
    world: World,
) -> None:
    method, path, sent = call
    answer = await api.request(method, path, **sent)
    assert answer.status_code == status, answer.text
    await listed(api)

    [row] = await world.rows(
        "select status, problem, route, response_body from request_log where request_id = $1",
        answer.headers["x-request-id"],
    )

    assert (row["status"], row["problem"], row["route"]) == (status, problem, route)
    assert f'"title":"{answer.json()["title"]}"' in row["response_body"]


async def test_what_was_wrong_is_told_without_what_was_sent(api: httpx.AsyncClient) -> None:
    answer = await api.post(
        LEADS, json={"lead": REQUIRED | {"email": "mia at example", "category": "Test driving"}}
    )

    told = await log_of(api, answer)

    assert told["request_body"]["lead"]["email"] == "‹text, 14 characters›"
    assert told["request_body"]["lead"]["category"] == "‹text, 12 characters›"
    problems = {one["field"]: one["message"] for one in told["response_body"]["errors"]}
    assert "Test Drive Booking" in problems["lead.category"]
    assert "lead.email" in problems


async def test_an_unknown_key_is_nobodys_and_only_its_end_is_kept(
    api: httpx.AsyncClient, server: str, world: World
) -> None:
    token = tokens.new_token("live")
    async with httpx.AsyncClient(base_url=server) as client:
        unknown = await client.get(LEADS, headers=bearer(token))
        nonsense = await client.get(LEADS, headers=bearer("hunter2hunter2"))
    await listed(api)

    for answer, hint in ((unknown, token[-4:]), (nonsense, None)):
        word = answer.headers["x-request-id"]
        [row] = await world.rows("select * from request_log where request_id = $1", word)
        assert (row["status"], row["api_key_id"], row["dealership_ids"], row["key_hint"]) == (
            401,
            None,
            [],
            hint,
        )
        assert (await api.get(f"{REQUESTS}/{word}")).status_code == 404
        assert token not in str(row)
        assert "hunter2" not in str(row)


async def test_a_revoked_key_is_still_told_to_its_dealership(
    api: httpx.AsyncClient, server: str, world: World
) -> None:
    token = await world.key(revoked=True)
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as client:
        answer = await client.get(LEADS)

    told = await log_of(api, answer)

    assert (told["status"], told["problem"], told["api_key"]["name"]) == (401, "unauthorised", "test")


async def test_the_probes_and_the_reference_are_not_in_the_log(api: httpx.AsyncClient, world: World) -> None:
    answers = [await api.get(path) for path in ("/livez", "/readyz", "/docs", "/openapi.json", "/nowhere")]
    await listed(api)

    for answer in answers:
        word = answer.headers["x-request-id"]
        assert await world.rows("select id from request_log where request_id = $1", word) == []


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
async def test_a_form_is_told_as_the_tree_that_it_is(kind: str, api: httpx.AsyncClient) -> None:
    fields = {f"lead[{name}]": value for name, value in REQUIRED.items()} | {"lead[tags][]": "suv"}
    if kind == "urlencoded":
        answer = await api.post(LEADS, data=fields)
    else:
        file = ("mia-licence.pdf", b"%PDF-1.7\n" + b"x" * 1_000, "application/pdf")
        answer = await api.post(LEADS, data=fields, files={"lead[lead_files_attributes][][file]": file})
    assert answer.status_code == 201, answer.text

    told = await log_of(api, answer)

    assert told["request_body"]["lead"]["phone"] == "‹phone number, 10 digits›"
    assert told["request_body"]["lead"]["tags"] == ["suv"]
    if kind == "multipart":
        files = [{"file": "‹file, application/pdf, 1,009 bytes›"}]
        assert told["request_body"]["lead"]["lead_files_attributes"] == files


async def test_a_page_is_told_by_its_length_and_its_filters(api: httpx.AsyncClient) -> None:
    for _ in range(10):
        await created(api, message="x" * 100)
    answer = await api.get(LEADS, params={"email": "mia@example.com", "limit": "50", "dealership": OURS})

    told = await log_of(api, answer)

    assert told["query"] == {"email": "‹e-mail address›", "limit": "50", "dealership": OURS}
    assert told["response_body"] == f"‹answer, {len(answer.content):,} bytes›"
    assert told["lead_ids"] == []


async def test_reading_the_log_is_in_the_log_without_what_it_said(api: httpx.AsyncClient) -> None:
    first = await api.get(REQUESTS)

    told = await log_of(api, first)

    assert told["route"] == REQUESTS
    assert told["response_body"] == f"‹answer, {len(first.content):,} bytes›"


async def test_a_head_is_told_as_one(api: httpx.AsyncClient) -> None:
    lead = await created(api)
    answer = await api.head(f"{LEADS}/{lead['id']}")

    told = await log_of(api, answer)

    assert (told["method"], told["response_body"], told["lead_ids"]) == ("HEAD", None, [lead["id"]])


async def test_a_replayed_answer_and_a_dry_run_name_their_lead(api: httpx.AsyncClient) -> None:
    lead = await created(api)
    body = {"lead": REQUIRED | {"message": "dry"}}
    dry = await api.put(f"{LEADS}/{lead['id']}?dry_run=true", json=body)

    told = await log_of(api, dry)

    assert told["query"] == {"dry_run": "true"}
    assert (told["lead_ids"], told["lead_cluster_id"]) == ([lead["id"]], lead["lead_cluster_id"])
    assert told["response_body"]["changes"]["message"] == {"from": None, "to": "‹text, 3 characters›"}


async def test_what_a_server_has_not_written_when_it_ends_it_writes_then(
    database_url: str, world: World, tmp_path: Path
) -> None:
    async with (
        serving(database_url, tmp_path) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(world.token)) as client,
    ):
        answers = await asyncio.gather(*(client.get("/api/v1/leads/options") for _ in range(20)))

    words = [answer.headers["x-request-id"] for answer in answers]
    rows = await world.rows("select request_id from request_log where request_id = any ($1)", words)
    assert {row["request_id"] for row in rows} == set(words)


async def test_what_was_in_the_log_for_too_long_is_forgotten(world: World, database_url: str) -> None:
    for days in (31, 29):
        at = datetime.now(UTC) - timedelta(days=days)
        await world.run(
            """
            insert into request_log (
                id, at, test, dealership_ids, method, path, status, duration_ms, request_id, request_headers, bytes_out
            )
            values ($1, $2, false, '{1}', 'GET', '/', 200, 1, 'old', '{}', 0)
            """,
            first_id(at),
            at,
        )
    database = Database(connections=1)
    await database.open(database_url)

    gone = await forget_requests(database, timedelta(days=30))
    await database.close()

    assert gone == 1
    rows = await world.rows("select at < now() - interval '30 days' as old from request_log")
    assert rows
    assert not any(row["old"] for row in rows)


async def test_one_request_is_found_by_its_id_and_by_its_name(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/leads/options", headers={"X-Request-Id": "mine-1"})
    by_name = await shown(api, "mine-1")

    assert answer.headers["x-request-id"] == "mine-1"
    assert await shown(api, by_name["id"]) == by_name
    for word in ("mine-2", "0", "a" * 200, "%00", "01a00000-0000-7000-8000-000000000000"):
        missing = await api.get(f"{REQUESTS}/{word}")
        assert (missing.status_code, missing.json()["type"]) == (404, "/problems/request-not-found")
