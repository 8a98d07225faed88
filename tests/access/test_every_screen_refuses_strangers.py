"""Every screen × whoever comes: a screen that is missing here fails. And every write × wherever it comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from tests.screens.conftest import signed_in

from forecourt.access.roles import PERMISSIONS_OF
from forecourt.access.sessions import COOKIE
from forecourt.screens.rooms import all_screens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

CUSTOMER = "/dealerships/{dealership}/lead_clusters/{id}"
# Screen -> the permission that it asks for; "" for anybody who is signed in, None for everybody.
MATRIX: dict[tuple[str, str], str | None] = {
    ("GET", "/static/{version}/{name}"): None,
    ("GET", "/live"): "read:lead_cluster",
    ("POST", "/presence"): "read:lead_cluster",
    ("GET", "/"): "read:lead_cluster",
    ("GET", "/rows"): "read:lead_cluster",
    ("GET", "/views"): "read:lead_cluster",
    ("POST", "/bulk"): "update:lead_cluster",
    ("POST", "/undo"): "update:lead_cluster",
    ("POST", "/saved-views"): "read:lead_cluster",
    ("POST", "/saved-views/{id}/remove"): "read:lead_cluster",
    ("GET", "/palette"): "read:lead_cluster",
    ("GET", "/more"): "read:lead_cluster",
    ("GET", "/reports"): "read:report",
    ("GET", "/reports/silence"): "read:report",
    ("GET", "/reports/{name}.csv"): "read:report",
    ("GET", "/reports/{name}.xlsx"): "read:report",
    ("GET", "/sign-in"): None,
    ("POST", "/sign-in"): None,
    ("GET", "/sign-in/second"): None,
    ("POST", "/sign-in/second"): None,
    ("POST", "/sign-out"): None,
    ("POST", "/sign-in/provider"): None,
    ("GET", "/sign-in/provider/return"): None,
    ("GET", "/sign-in/{secret}"): None,
    ("POST", "/sign-in/{secret}"): None,
    ("GET", "/welcome"): "",
    ("POST", "/welcome/dealership"): "",
    ("GET", "/welcome/place"): "manage:dealership",
    ("POST", "/welcome/place"): "manage:dealership",
    ("GET", "/welcome/test-lead"): "manage:dealership",
    ("POST", "/welcome/test-lead"): "manage:dealership",
    ("GET", "/profile"): "",
    ("POST", "/profile/preferences"): "",
    ("POST", "/profile/password"): "",
    ("GET", "/profile/second-factor"): "",
    ("POST", "/profile/second-factor"): "",
    ("POST", "/profile/second-factor/confirmation"): "",
    ("POST", "/profile/second-factor/removal"): "",
    ("POST", "/profile/recovery-codes"): "",
    ("POST", "/profile/sessions/others/sign-out"): "",
    ("POST", "/profile/sessions/{session_id}/sign-out"): "",
    ("GET", "/settings/users"): "manage:user",
    ("POST", "/settings/users"): "manage:user",
    ("POST", "/settings/users/{user_id}/role"): "manage:user",
    ("POST", "/settings/users/{user_id}/group-role"): "manage:user",
    ("POST", "/settings/users/{user_id}/link"): "manage:user",
    ("POST", "/settings/users/{user_id}/disable"): "manage:user",
    ("POST", "/settings/users/{user_id}/enable"): "manage:user",
    ("POST", "/settings/users/{user_id}/sign-out"): "manage:user",
    ("GET", CUSTOMER): "read:lead_cluster",
    ("GET", f"{CUSTOMER}/parts"): "read:lead_cluster",
    ("GET", f"{CUSTOMER}/leads/{{lead_id}}/files/{{file_id}}"): "read:lead",
    ("GET", f"{CUSTOMER}/leads/{{lead_id}}/explain"): "read:lead_cluster",
    ("GET", f"{CUSTOMER}/leads/{{lead_id}}/raw"): "read:lead_cluster",
    ("POST", f"{CUSTOMER}/fields/{{field}}"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/tags"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/settle"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/call"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/visit"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/note"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/snooze"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/draft"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/preview"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/message"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/template"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/messages/{{message_id}}/call_back"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/messages/{{message_id}}/again"): "update:lead_cluster",
    ("GET", f"{CUSTOMER}/duplicates"): "read:lead_cluster",
    ("GET", f"{CUSTOMER}/duplicates/{{other}}"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/merge"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/unmerge"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/not_a_duplicate"): "update:lead_cluster",
    ("GET", f"{CUSTOMER}/split"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/split"): "update:lead_cluster",
    ("GET", f"{CUSTOMER}/appointments/new"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/appointments"): "update:lead_cluster",
    ("GET", f"{CUSTOMER}/appointments/{{appointment_id}}"): "update:lead_cluster",
    ("POST", f"{CUSTOMER}/appointments/{{appointment_id}}"): "update:lead_cluster",
    ("GET", "/appointments"): "read:lead_cluster",
    ("GET", "/dealerships/{dealership}/appointments/{appointment_id}.ics"): "read:lead_cluster",
    ("POST", "/dealerships/{dealership}/appointments/{appointment_id}/outcome"): "update:lead_cluster",
    ("GET", "/settings"): "read:dealership",
    ("POST", "/settings/dealership"): "manage:dealership",
    ("POST", "/settings/own"): "manage:dealership",
    ("GET", "/settings/locations"): "read:dealership",
    ("POST", "/settings/locations"): "manage:dealership",
    ("POST", "/settings/hours"): "manage:dealership",
    ("POST", "/settings/closed-days"): "manage:dealership",
    ("GET", "/settings/locations/{location_id}"): "read:dealership",
    ("POST", "/settings/locations/{location_id}"): "manage:dealership",
    ("GET", "/settings/answering"): "read:dealership",
    ("POST", "/settings/answering"): "manage:dealership",
    ("POST", "/settings/states"): "manage:dealership",
    ("GET", "/settings/words"): "read:dealership",
    ("POST", "/settings/words"): "manage:dealership",
    ("POST", "/settings/words/{option_id}"): "manage:dealership",
    ("GET", "/settings/assignment"): "read:dealership",
    ("GET", "/settings/assignment/dry-run"): "read:dealership",
    ("POST", "/settings/assignment/dry-run"): "read:dealership",
    ("POST", "/settings/assignment/staff/{user_id}"): "manage:dealership",
    ("GET", "/settings/assignment/{rule_id}"): "read:dealership",
    ("POST", "/settings/assignment/{rule_id}"): "manage:dealership",
    ("POST", "/settings/assignment/{rule_id}/remove"): "manage:dealership",
    ("GET", "/settings/notices"): "read:dealership",
    ("GET", "/settings/notices/dry-run"): "read:dealership",
    ("GET", "/settings/notices/{rule_id}"): "read:dealership",
    ("POST", "/settings/notices/{rule_id}"): "manage:dealership",
    ("POST", "/settings/notices/{rule_id}/remove"): "manage:dealership",
    ("GET", "/settings/mail"): "read:dealership",
    ("POST", "/settings/mail"): "manage:dealership",
    ("GET", "/settings/stop-list"): "read:dealership",
    ("POST", "/settings/stop-list"): "manage:dealership",
    ("POST", "/settings/stop-list/remove"): "manage:dealership",
    ("GET", "/settings/templates"): "read:dealership",
    ("POST", "/settings/templates/preview"): "read:dealership",
    ("POST", "/settings/templates/test"): "manage:dealership",
    ("GET", "/settings/templates/{template_id}"): "read:dealership",
    ("POST", "/settings/templates/{template_id}"): "manage:dealership",
    ("POST", "/settings/templates/{template_id}/remove"): "manage:dealership",
    ("GET", "/settings/retention"): "erase:contact",
    ("POST", "/settings/retention"): "erase:contact",
    ("GET", "/settings/audit"): "read:audit",
    ("GET", "/settings/audit.csv"): "read:audit",
    ("GET", "/developers"): "read:webhook",
    ("GET", "/developers/progress"): "read:webhook",
    ("GET", "/developers/test-key"): "read:request_log",
    ("POST", "/developers/test-key"): "read:request_log",
    ("POST", "/developers/test-key/{key_id}/end"): "read:request_log",
    ("GET", "/developers/keys"): "manage:api_key",
    ("POST", "/developers/keys"): "manage:api_key",
    ("POST", "/developers/keys/{key_id}/replace"): "manage:api_key",
    ("POST", "/developers/keys/{key_id}/revoke"): "manage:api_key",
    ("GET", "/developers/requests"): "read:request_log",
    ("GET", "/developers/requests/new"): "read:request_log",
    ("GET", "/developers/requests/{id}"): "read:request_log",
    ("POST", "/developers/requests/{id}"): "read:request_log",
    ("GET", "/developers/webhooks"): "read:webhook",
    ("GET", "/developers/webhooks/new"): "manage:webhook",
    ("POST", "/developers/webhooks"): "manage:webhook",
    ("GET", "/developers/webhooks/{dealership}/{webhook_id}/edit"): "manage:webhook",
    ("POST", "/developers/webhooks/{dealership}/{webhook_id}/edit"): "manage:webhook",
    ("POST", "/developers/webhooks/{dealership}/{webhook_id}/switch"): "manage:webhook",
    ("POST", "/developers/webhooks/{dealership}/{webhook_id}/secret"): "manage:webhook",
    ("POST", "/developers/webhooks/{dealership}/{webhook_id}/test"): "manage:webhook",
    ("POST", "/developers/webhooks/{dealership}/{webhook_id}/remove"): "manage:webhook",
    ("GET", "/developers/webhooks/{dealership}/{webhook_id}"): "read:webhook",
    ("POST", "/developers/webhooks/{dealership}/{webhook_id}/redeliver"): "manage:webhook",
    ("GET", "/developers/webhooks/{dealership}/{webhook_id}/deliveries/{delivery_id}"): "read:webhook",
    (
        "POST",
        "/developers/webhooks/{dealership}/{webhook_id}/deliveries/{delivery_id}/redeliver",
    ): "manage:webhook",
    ("GET", "/developers/outbox"): "read:webhook",
    ("GET", "/developers/outbox/{dealership}/{message_id}"): "read:webhook",
    ("GET", "/developers/outbox/{dealership}/{message_id}/html"): "read:webhook",
    ("GET", "/developers/events"): "read:webhook",
    ("GET", "/developers/events/{dealership}/{event_id}"): "read:webhook",
    ("GET", "/developers/adf"): "read:webhook",
    ("POST", "/developers/adf"): "read:webhook",
    ("GET", "/developers/adf/{held_id}"): "read:webhook",
    ("POST", "/developers/adf/{held_id}/accept"): "read:webhook",
    ("POST", "/developers/adf/{held_id}/dismiss"): "read:webhook",
}
# What only whoever set the installation up may do.
SETTING_UP = {("GET", "/welcome"), ("POST", "/welcome/dealership")}
ROLES = tuple(PERMISSIONS_OF)
VISITORS = ("nobody", "ended", *ROLES, "stranger")
WRITES = [screen for screen in MATRIX if screen[0] == "POST"]
FROM_ELSEWHERE: dict[str, dict[str, str]] = {
    "cross-site": {"Sec-Fetch-Site": "cross-site", "Origin": "{here}"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "typed by hand": {"Sec-Fetch-Site": "none"},
    "null origin": {"Origin": "null"},
    "another origin": {"Origin": "https://elsewhere.example"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "no headers": {},
    "text/plain": {"Content-Type": "text/plain", "Sec-Fetch-Site": "cross-site"},
}


@pytest.fixture(scope="module")
async def cookies(world: World, database_url: str) -> dict[str, str | None]:
    """A session of each visitor: users of ours, one of somebody else's, one that has ended."""
    found: dict[str, str | None] = {"nobody": None}
    for number, role in enumerate((*ROLES, "ended")):
        await world.run(
            "insert into user_account (id, name, email) values ($1, $2, $2 || '@example.com')",
            900 + number,
            role,
        )
        await world.run(
            "insert into dealership_user (dealership_id, user_id, role) values (1, $1, $2)",
            900 + number,
            "owner" if role == "ended" else role,
        )
        found[role] = await signed_in(
            world, database_url, "owner" if role == "ended" else role, user_id=900 + number
        )
    await world.run("update session set ends_at = now() - interval '1 minute' where user_id = 904")
    await world.run("update dealership_user set role = 'owner' where user_id = 503")
    found["stranger"] = await signed_in(world, database_url, user_id=503)
    return found


@pytest.fixture(scope="module")
async def browser_without_cookies(server: str) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server) as client:
        yield client


def test_the_matrix_holds_every_screen() -> None:
    nothing = cast("Any", _Nothing())
    served = {(screen.method, screen.path): screen.needs for screen in all_screens(nothing, nothing, nothing)}
    assert served == MATRIX


@pytest.mark.parametrize("who", VISITORS)
@pytest.mark.parametrize(("method", "path"), MATRIX)
async def test_a_screen_answers(
    method: str,
    path: str,
    who: str,
    browser_without_cookies: httpx.AsyncClient,
    cookies: dict[str, str | None],
    world: World,
) -> None:
    if path == "/sign-out" or (path == "/live" and _expected(method, path, who) is None):
        pytest.skip("said in tests/screens/test_signing_in.py")
    before = await _state(world)
    address = _filled(path)
    answer = await _asked(
        browser_without_cookies, method, address, cookies[who], {"Sec-Fetch-Site": "same-origin"}
    )

    refused = _expected(method, path, who)
    if refused is None:
        assert answer.status_code not in {401, 403} or path.startswith("/sign-in")
        assert not answer.headers.get("location", "").startswith("/sign-in?")
    else:
        assert answer.status_code == refused
        assert await _state(world) == before
    assert answer.status_code < 500


@pytest.mark.parametrize("source", FROM_ELSEWHERE)
@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_no_write_comes_from_elsewhere(
    method: str,
    path: str,
    source: str,
    browser_without_cookies: httpx.AsyncClient,
    server: str,
    cookies: dict[str, str | None],
    world: World,
) -> None:
    before = await _state(world)
    address = _filled(path)
    headers = {name: value.replace("{here}", server) for name, value in FROM_ELSEWHERE[source].items()}
    answer = await _asked(browser_without_cookies, method, address, cookies["owner"], headers)

    assert answer.status_code == 400
    assert "not sent from a page of this server" in answer.text
    assert await _state(world) == before


async def test_an_owner_does_nothing_to_users_of_others(
    browser_without_cookies: httpx.AsyncClient, cookies: dict[str, str | None], world: World
) -> None:
    before = await _state(world)
    for path in (one for _, one in WRITES if one.startswith("/settings/users/")):
        # Their user at our dealership, and ours at theirs.
        for user_id, dealership in (
            ("503", "brisbane-motors"),
            ("501", "perth-autos"),
            ("503", "perth-autos"),
        ):
            answer = await browser_without_cookies.post(
                path.replace("{user_id}", user_id),
                headers={"Cookie": f"{COOKIE}={cookies['owner']}", "Sec-Fetch-Site": "same-origin"},
                data={"dealership": dealership, "role": "read_only"},
            )
            assert answer.status_code == 404
    assert await _state(world) == before


def _filled(path: str) -> str:
    """An address of the screen; what it names need not be there."""
    address = path.replace("{secret}", "nonsense").replace("{version}/{name}", "x/forecourt.css")
    address = (
        address.replace("{dealership}", "brisbane-motors")
        .replace("{field}", "name")
        .replace("{name}", "source")
    )
    return re.sub(r"\{\w+\}", "501", address)


def _expected(method: str, path: str, who: str) -> int | None:
    """The status with which somebody is turned away; None where they get as far as the screen itself."""
    needs = MATRIX[method, path]
    if needs is None:
        return None
    if who in {"nobody", "ended"}:
        return 303
    if (method, path) in SETTING_UP:
        return 403
    role = "owner" if who == "stranger" else who
    return None if needs == "" or needs in PERMISSIONS_OF[role] else 403


async def _asked(
    client: httpx.AsyncClient, method: str, address: str, cookie: str | None, headers: dict[str, str]
) -> httpx.Response:
    if cookie is not None:
        headers = headers | {"Cookie": f"{COOKIE}={cookie}"}
    if method == "GET":
        return await client.get(address, headers=headers)
    return await client.post(
        address, headers={"Content-Type": "application/x-www-form-urlencoded"} | headers, content=b"role=x"
    )


async def _state(world: World) -> list[dict[str, Any]]:
    """Whatever the screens write, as one fingerprint a table."""
    return await world.rows(
        """
        select
            (select string_agg(row_to_json(one)::text, ' ' order by id) from user_account as one) as users,
            (select string_agg(row_to_json(one)::text, ' ' order by dealership_id, user_id)
                from dealership_user as one) as members,
            (select string_agg(row_to_json(one)::text, ' ' order by id) from dealership as one) as dealerships,
            (select count(id) from location) as locations,
            (select string_agg(id::text, ' ' order by id) from session where ends_at > now()) as sessions,
            (select count(token_hash) from sign_in_link) as links,
            (select count(id) from lead) as leads,
            (select string_agg(row_to_json(one)::text, ' ' order by id) from api_key as one) as keys,
            (select count(id) from webhook_endpoint) as webhooks,
            (select count(id) from event) as events
        """
    )


class _Nothing:
    """Stands for what the screens are made of, which is not asked here."""

    def __getattr__(self, _: str) -> None:
        return None
