"""Every route × every state of a key × every owner: a route that is missing here fails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.adf.asking import document, prospect
from tests.conftest import bearer
from tests.world import LEAD, OURS, THEIRS

from forecourt.access import tokens
from forecourt.app import all_routes
from forecourt.files.store import FileStore
from forecourt.infra.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.world import World

# Route -> the permission that it asks for; None where any key may, "" where no key is asked for.
MATRIX: dict[tuple[str, str], str | None] = {
    ("PUT", "/api/v1/leads/{id}"): "update:lead",
    ("POST", "/api/v1/leads"): "create:lead",
    ("GET", "/api/v1/leads/{id}"): "read:lead",
    ("GET", "/api/v1/leads"): "read:lead",
    ("GET", "/api/v1/leads.csv"): "read:lead",
    ("GET", "/api/v1/leads.xlsx"): "read:lead",
    ("GET", "/api/v1/leads/{id}/events"): "read:lead",
    ("GET", "/api/v1/leads/{id}/files/{file_id}"): "read:lead",
    ("GET", "/api/v1/leads/{id}/explain"): "read:lead",
    ("GET", "/api/v1/leads/{id}.adf"): "read:lead",
    ("POST", "/api/v1/adf"): "create:lead",
    ("GET", "/api/v1/adf/held"): "read:lead",
    ("GET", "/api/v1/adf/held/{held_id}"): "read:lead",
    ("POST", "/api/v1/adf/held/{held_id}/accept"): "create:lead",
    ("DELETE", "/api/v1/adf/held/{held_id}"): "create:lead",
    ("GET", "/api/v1/dealerships/{dealership}/adf_vendors"): "read:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/adf_vendors"): "manage:dealership",
    ("DELETE", "/api/v1/dealerships/{dealership}/adf_vendors/{vendor_id}"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/lead_clusters"): "read:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/lead_clusters.csv"): "read:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/lead_clusters.xlsx"): "read:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/lead_clusters/{id}"): "read:lead_cluster",
    ("PUT", "/api/v1/dealerships/{dealership}/lead_clusters/{id}"): "update:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/events"): "read:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/possible_duplicates"): "read:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/merge"): "update:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/unmerge"): "update:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/split"): "update:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/not_a_duplicate"): "update:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/unassign"): "update:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/snooze"): "update:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/undo"): "update:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/stop_list"): "read:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/stop_list"): "manage:dealership",
    ("DELETE", "/api/v1/dealerships/{dealership}/stop_list/{kind}/{value}"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/lead_status_options"): "read:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/lead_status_options"): "manage:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/lead_status_options/{option_id}"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/lead_cluster_settings"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/lead_cluster_settings"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/locations"): "read:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/locations"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/locations/{location_id}"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/locations/{location_id}"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/response_settings"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/response_settings"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/activities"): "read:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/activities"): "update:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/appointments"): "read:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/appointments"): "update:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/appointments"): "read:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/appointments/{appointment_id}"): "read:lead_cluster",
    ("PUT", "/api/v1/dealerships/{dealership}/appointments/{appointment_id}"): "update:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/assignment_rules"): "read:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/assignment_rules"): "manage:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/assignment_rules/dry_run"): "read:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/assignment_rules/{rule_id}"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/assignment_rules/{rule_id}"): "manage:dealership",
    ("DELETE", "/api/v1/dealerships/{dealership}/assignment_rules/{rule_id}"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/staff"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/staff/{user_id}"): "manage:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/assignment/drain"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/messages"): "read:lead_cluster",
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/messages"): "update:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/messages"): "read:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/messages/{message_id}"): "read:lead_cluster",
    ("DELETE", "/api/v1/dealerships/{dealership}/messages/{message_id}"): "update:lead_cluster",
    ("GET", "/api/v1/dealerships/{dealership}/message_templates"): "read:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/message_templates"): "manage:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/message_templates/preview"): "read:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/message_templates/test"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/message_templates/{template_id}"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/message_templates/{template_id}"): "manage:dealership",
    ("DELETE", "/api/v1/dealerships/{dealership}/message_templates/{template_id}"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/notification_rules"): "read:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/notification_rules"): "manage:dealership",
    ("POST", "/api/v1/dealerships/{dealership}/notification_rules/dry_run"): "read:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/notification_rules/{rule_id}"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/notification_rules/{rule_id}"): "manage:dealership",
    ("DELETE", "/api/v1/dealerships/{dealership}/notification_rules/{rule_id}"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/mail_settings"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/mail_settings"): "manage:dealership",
    ("DELETE", "/api/v1/dealerships/{dealership}/test_data"): "manage:dealership",
    ("GET", "/api/v1/dealerships/{dealership}/contacts/{contact_id}/export"): "read:contact",
    ("DELETE", "/api/v1/dealerships/{dealership}/contacts/{contact_id}"): "erase:contact",
    ("GET", "/api/v1/dealerships/{dealership}/retention_settings"): "read:dealership",
    ("PUT", "/api/v1/dealerships/{dealership}/retention_settings"): "erase:contact",
    ("GET", "/api/v1/dealerships/{dealership}/audit"): "read:audit",
    ("GET", "/api/v1/dealerships/{dealership}/audit.csv"): "read:audit",
    ("GET", "/api/v1/dealerships/{dealership}/webhooks"): "read:webhook",
    ("POST", "/api/v1/dealerships/{dealership}/webhooks"): "manage:webhook",
    ("GET", "/api/v1/dealerships/{dealership}/webhooks/{webhook_id}"): "read:webhook",
    ("PUT", "/api/v1/dealerships/{dealership}/webhooks/{webhook_id}"): "manage:webhook",
    ("DELETE", "/api/v1/dealerships/{dealership}/webhooks/{webhook_id}"): "manage:webhook",
    ("POST", "/api/v1/dealerships/{dealership}/webhooks/{webhook_id}/rotate_secret"): "manage:webhook",
    ("POST", "/api/v1/dealerships/{dealership}/webhooks/{webhook_id}/test"): "manage:webhook",
    ("GET", "/api/v1/dealerships/{dealership}/webhooks/{webhook_id}/deliveries"): "read:webhook",
    (
        "GET",
        "/api/v1/dealerships/{dealership}/webhooks/{webhook_id}/deliveries/{delivery_id}",
    ): "read:webhook",
    (
        "POST",
        "/api/v1/dealerships/{dealership}/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
    ): "manage:webhook",
    ("POST", "/api/v1/dealerships/{dealership}/webhooks/{webhook_id}/redeliver"): "manage:webhook",
    ("GET", "/api/v1/requests"): "read:request_log",
    ("GET", "/api/v1/requests/{id}"): "read:request_log",
    ("GET", "/api/v1/dealerships/{dealership}/reports/{report}"): "read:report",
    ("GET", "/api/v1/leads/options"): None,
    ("GET", "/api/v1/apikeys/apikey_details.json"): None,
    ("GET", "/unsubscribe/{token}"): "",
    ("POST", "/unsubscribe/{token}"): "",
    ("GET", "/livez"): "",
    ("GET", "/readyz"): "",
    ("GET", "/openapi.json"): "",
    ("GET", "/docs"): "",
    ("GET", "/docs/{name}"): "",
}
# Route of a dealership -> what a key that may is answered for a body without members: it got as far as that.
BODILESS = {"PUT": 422, "POST": 422, "GET": 200}
ANSWERED = {
    ("PUT", "/api/v1/dealerships/{dealership}/lead_clusters/{id}"): 200,
    ("DELETE", "/api/v1/dealerships/{dealership}/stop_list/{kind}/{value}"): 404,
    ("PUT", "/api/v1/dealerships/{dealership}/lead_status_options/{option_id}"): 404,
    ("POST", "/api/v1/dealerships/{dealership}/assignment_rules/dry_run"): 200,
    ("POST", "/api/v1/dealerships/{dealership}/assignment/drain"): 200,
    ("POST", "/api/v1/dealerships/{dealership}/lead_clusters/{id}/unassign"): 200,
    ("POST", "/api/v1/dealerships/{dealership}/notification_rules/dry_run"): 200,
    ("PUT", "/api/v1/dealerships/{dealership}/mail_settings"): 200,
    ("DELETE", "/api/v1/dealerships/{dealership}/test_data"): 200,
    ("PUT", "/api/v1/dealerships/{dealership}"): 200,
    # Where no key is asked for, a token is: this one was never sent.
    ("GET", "/unsubscribe/{token}"): 404,
    ("POST", "/unsubscribe/{token}"): 404,
    ("DELETE", "/api/v1/dealerships/{dealership}/adf_vendors/{vendor_id}"): 404,
}
# What these name is looked for before the permission is, as a lead is.
FOUND_FIRST = (
    "/{appointment_id}",
    "/{rule_id}",
    "/{user_id}",
    "/{contact_id}",
    "/{message_id}",
    "/{template_id}",
    "/{webhook_id}",
    "/{location_id}",
)
WRAPPERS = {
    "lead_clusters/{id}": "lead_cluster",
    "{option_id}": "lead_status_option",
    "{appointment_id}": "appointment",
    "assignment_rules/{rule_id}": "assignment_rule",
    "{user_id}": "staff_member",
}
KEYS = ("none", "malformed", "unknown", "revoked", "expired", "powerless", "theirs", "ours")
OWNERS = ("own", "foreign", "absent")


@pytest.fixture(scope="module")
async def keys(world: World) -> dict[str, str | None]:
    return {
        "none": None,
        "malformed": "fc_live_nonsense",
        "unknown": tokens.new_token("live"),
        "revoked": await world.key(revoked=True),
        "expired": await world.key(expired=True),
        "powerless": await world.key(permissions=["read:car"]),
        "theirs": world.their_token,
        "ours": world.token,
    }


@pytest.fixture(scope="module")
async def leads(api: httpx.AsyncClient, server: str, world: World) -> dict[str, tuple[int, int, int]]:
    """By owner: a lead, its file and its cluster."""
    file = {"file": "data:text/plain;name=note.txt;base64,aGVsbG8=", "file_type": "other"}
    body = {"lead": LEAD | {"lead_files_attributes": [file]}}
    own = (await api.post("/api/v1/leads", json=body)).json()
    body["lead"] |= {"dealership_slug": THEIRS}
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.their_token)) as them:
        foreign = (await them.post("/api/v1/leads", json=body)).json()
    found = {
        owner: (lead["id"], lead["lead_files_attributes"][0]["id"], lead["lead_cluster_id"])
        for owner, lead in (("own", own), ("foreign", foreign))
    }
    return found | {"absent": (999_999, 999_999, 999_999)}


@pytest.fixture(scope="module")
async def requests(
    leads: dict[str, tuple[int, int, int]], api: httpx.AsyncClient, world: World
) -> dict[str, str]:
    """By owner: the id of a request in the log; here the one that made the lead."""
    assert (await api.get("/api/v1/requests")).status_code == 200
    rows = await world.rows("select id, lead_id from request_log where method = 'POST'")
    made = {row["lead_id"]: str(row["id"]) for row in rows}
    return {owner: made.get(lead_id, "absent") for owner, (lead_id, _, _) in leads.items()}


@pytest.fixture(scope="module")
async def stranger(server: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A client that has no key of its own."""
    async with httpx.AsyncClient(base_url=server) as client:
        yield client


def test_the_matrix_holds_every_route(tmp_path: Path) -> None:
    served = {
        (route.method, route.path): route.permission
        for route in all_routes(Database(connections=1), FileStore(tmp_path))
    }
    assert served == MATRIX


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("state", KEYS)
@pytest.mark.parametrize(("method", "path"), MATRIX)
async def test_a_route_answers(
    method: str,
    path: str,
    state: str,
    owner: str,
    stranger: httpx.AsyncClient,
    keys: dict[str, str | None],
    leads: dict[str, tuple[int, int, int]],
    requests: dict[str, str],
) -> None:
    lead_id, file_id, cluster_id = leads[owner]
    of_dealership = "{dealership}" in path
    ident = cluster_id if of_dealership else requests[owner] if "/requests/" in path else lead_id
    filled = path.replace("{id}", str(ident)).replace("{file_id}", str(file_id))
    filled = filled.replace("{dealership}", THEIRS if owner == "foreign" else OURS)
    filled = filled.replace("{kind}", "phone").replace("{value}", "1").replace("{name}", "start.js")
    filled = filled.replace("{report}", "source")
    filled = re.sub(r"\{\w+_id\}", "999999", filled)
    token = keys[state]
    sent: dict[str, Any] = {"headers": bearer(token) if token else {}}
    body: dict[str, Any] = {"lead": LEAD | {"dealership_slug": THEIRS if owner == "foreign" else OURS}}
    if of_dealership:
        body = {wrapper: {} for ending, wrapper in WRAPPERS.items() if path.endswith(ending)}
    if path == "/api/v1/adf":
        sent["content"] = document(
            prospect(vendor=f"<vendor><vendorname>{OURS}</vendorname></vendor>")
        ).encode()
        sent["headers"]["Content-Type"] = "application/x-adf+xml"
    elif method in {"PUT", "POST"}:
        sent["json"] = body
    answer = await stranger.request(method, filled, **sent)

    status, error = _expected(MATRIX[method, path], method, path, state, owner)
    assert answer.status_code == status
    if error:
        assert answer.json()["error"] == error


def _expected(
    permission: str | None, method: str, path: str, state: str, owner: str
) -> tuple[int, str | None]:
    """What the contract says, in the order of its answers: the key, the lead, the permission."""
    if permission == "":
        return ANSWERED.get((method, path), 200), None
    if state in {"none", "malformed", "unknown", "revoked", "expired"}:
        return 401, "Unauthorized" if path.endswith("apikey_details.json") else "Unauthorised"
    if permission is None:
        return 200, None
    seen = (state in {"ours", "powerless"} and owner == "own") or (state == "theirs" and owner == "foreign")
    if "{dealership}" in path:
        return _expected_of_a_dealership(method, path, state, owner)
    if "{held_id}" in path:
        # Nothing is held under any of them: asked for before the permission is.
        return 404, "Held ADF NOT found"
    if "{id}" in path and not seen:
        return 404, "Request NOT found" if "/requests/" in path else "Lead NOT found"
    if state == "powerless":
        return 401, "Unauthorised"
    if path == "/api/v1/adf":
        # What is for others waits in the holding inbox.
        return 200, None
    if method == "POST":
        # A creation names its dealership itself: "absent" names ours.
        allowed = (state == "theirs") == (owner == "foreign")
        return (201, None) if allowed else (422, None)
    return 200, None


def _expected_of_a_dealership(method: str, path: str, state: str, owner: str) -> tuple[int, str | None]:
    """The dealership comes before the thing, and both before the permission."""
    holds = (owner == "foreign") == (state == "theirs")
    if not holds:
        return 404, "Dealership NOT found"
    if "lead_clusters/{id}" in path and owner == "absent":
        return 404, "Lead cluster NOT found"
    if any(thing in path for thing in FOUND_FIRST):
        return 404, None
    if state == "powerless":
        return 401, "Unauthorised"
    return ANSWERED.get((method, path), BODILESS.get(method, 200)), None


async def test_a_foreign_lead_and_an_absent_one_are_refused_byte_for_byte_alike(
    api: httpx.AsyncClient, leads: dict[str, tuple[int, int, int]]
) -> None:
    for method, tail in (
        ("GET", ""),
        ("PUT", ""),
        ("GET", "/events"),
        ("GET", "/explain"),
        ("GET", "/files/1"),
        ("GET", ".adf"),
    ):
        answers = []
        for owner in ("foreign", "absent"):
            answer = await api.request(
                method, f"/api/v1/leads/{leads[owner][0]}{tail}", headers={"X-Request-Id": "the-same"}
            )
            answers.append((answer.status_code, answer.content))
        assert answers[0] == answers[1]


async def test_a_revoked_key_is_unknown_at_once(api: httpx.AsyncClient, server: str, world: World) -> None:
    assert api
    token = await world.key()
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as client:
        assert (await client.get("/api/v1/leads")).status_code == 200
        await world.run("update api_key set revoked_at = now() where token_hash = $1", tokens.hash_of(token))

        assert (await client.get("/api/v1/leads")).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("Authentication", "Bearer {token}")], 200),
        ([("Authorization", "bearer {token}")], 200),
        ([("Authorization", "Bearer {token}"), ("Authentication", "Bearer {token}")], 200),
        ([("Authorization", "Bearer {token}"), ("Authentication", "Bearer other")], 400),
        ([("Authorization", "Bearer {token}"), ("Authorization", "Bearer {token}")], 400),
        ([("Authorization", "Basic {token}")], 401),
        ([("Authorization", "{token}")], 401),
        ([("Authorization", "Bearer {token} {token}")], 401),
        ([("Authorization", "Bearer " + "x" * 5_000)], 401),
    ],
)
async def test_the_key_is_read_from_one_header_and_never_guessed(
    headers: list[tuple[str, str]], status: int, server: str, world: World
) -> None:
    sent = [(name, value.replace("{token}", world.token)) for name, value in headers]
    async with httpx.AsyncClient(base_url=server) as client:
        answer = await client.get("/api/v1/leads", headers=sent)

    assert answer.status_code == status


async def test_a_token_in_the_query_is_refused(server: str, world: World) -> None:
    async with httpx.AsyncClient(base_url=server) as client:
        assert (await client.get(f"/api/v1/leads?token={world.token}")).status_code == 401
