"""Signing in by password, and what ends a session: OWASP ASVS 6 and 7, as far as a server can hold to them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from forecourt.access.sessions import COOKIE
from forecourt.screens.signing_in.cookies import DEVICE_COOKIE
from tests.conftest import serving
from tests.screens.people import PASSWORD, Visitor, person

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World


@pytest.fixture(autouse=True)
async def _rested_source(world: World) -> None:
    """Every test comes from this machine; what one has tried is not held against the next."""
    await world.run("delete from sign_in_failure where kind = 'source'")


async def test_the_right_password_opens_a_new_session_in_a_cookie_that_is_ours_alone(
    server: str, world: World
) -> None:
    await person(world, "mia")
    async with Visitor(server) as mia:
        mia.cookies[COOKIE] = fixed = "a-session-that-somebody-else-chose"
        answer = await mia.sign_in("Mia@Example.com ", to="/?view=mine")

        assert (answer.status_code, answer.headers["location"]) == (303, "/?view=mine")
        assert mia.session not in (None, fixed)
        assert mia.attributes[COOKIE] == "; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax"
        first = mia.session
        assert await mia.is_in()

        await mia.sign_in("mia@example.com")
        assert mia.session != first
        second, mia.cookies[COOKIE] = mia.session, str(first)
        assert not await mia.is_in()
        mia.cookies[COOKIE] = str(second)
        assert await mia.is_in()


async def test_who_fails_is_not_told_why(server: str, world: World) -> None:
    await person(world, "ana")
    await person(world, "gone")
    await world.run("update user_account set disabled_at = now() where email = 'gone@example.com'")
    answers = []
    for email, password in (
        ("ana@example.com", "not the password"),
        ("nobody@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("user1@example.com", PASSWORD),
    ):
        async with Visitor(server) as somebody:
            answer = await somebody.sign_in(email, password)
            answers.append((answer.status_code, answer.text.replace(email, "")))
            assert somebody.session is None
            assert password not in answer.text

    assert answers[0][0] == 422
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    "to",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=y",
        "/sign-out",
        "",
    ],
)
async def test_signing_in_leads_to_our_own_pages_only(to: str, server: str, world: World) -> None:
    if not await world.rows("select id from user_account where email = 'leads@example.com'"):
        await person(world, "leads")
    async with Visitor(server) as somebody:
        answer = await somebody.sign_in("leads@example.com", to=to)

    assert answer.headers["location"] == "/"


async def test_signing_out_ends_the_session_here_and_its_stream(server: str, world: World) -> None:
    await person(world, "out")
    async with Visitor(server) as somebody:
        await somebody.sign_in("out@example.com")
        stolen = dict(somebody.cookies)
        said: list[str] = []

        async def listen() -> None:
            async with somebody.client.stream("GET", "/live", headers=somebody.sent_along()) as stream:
                async for line in stream.aiter_lines():
                    said.append(line)  # noqa: PERF401 - others read it meanwhile

        stream = asyncio.create_task(listen())
        while "event: alive" not in said:
            await asyncio.sleep(0.01)
        answer = await somebody.post("/sign-out")
        async with asyncio.timeout(5):
            await stream

        assert answer.headers["location"] == "/sign-in"
        assert somebody.session is None
        assert "event: signed-out" in said
        somebody.cookies = stolen
        assert not await somebody.is_in()


@pytest.mark.parametrize(
    "ending",
    [
        "update session set last_seen_at = now() - interval '31 minutes'",
        "update session set ends_at = now() - interval '1 second'",
        "update user_account set disabled_at = now() where email = 'dead@example.com'",
        "delete from session",
    ],
)
async def test_a_session_that_has_ended_opens_nothing(ending: str, server: str, world: World) -> None:
    if not await world.rows("select id from user_account where email = 'dead@example.com'"):
        await person(world, "dead", "owner")
    await world.run("update user_account set disabled_at = null where email = 'dead@example.com'")
    async with Visitor(server) as somebody:
        await somebody.sign_in("dead@example.com")
        assert await somebody.is_in()
        await world.run(ending)

        for path in ("/", "/profile", "/settings/users", "/live", "/views"):
            answer = await somebody.get(path)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/sign-in")
        assert (await somebody.post("/profile/preferences", name="Eve", theme="dark")).status_code == 303
    assert not await world.rows("select id from user_account where name = 'Eve'")


async def test_a_new_password_ends_every_other_session(server: str, world: World) -> None:
    await person(world, "pat")
    async with Visitor(server) as here, Visitor(server) as there:
        await here.sign_in("pat@example.com")
        await there.sign_in("pat@example.com")
        before = here.session

        wrong = await here.post(
            "/profile/password", present_password="guess", new_password="four green kettles"
        )
        assert wrong.status_code == 422
        weak = await here.post("/profile/password", present_password=PASSWORD, new_password="password123")
        assert weak.status_code == 422
        assert "common word" in weak.text
        assert await there.is_in()

        done = await here.post(
            "/profile/password", present_password=PASSWORD, new_password="four green kettles"
        )
        assert done.headers["location"] == "/profile?said=password_changed"
        assert here.session != before
        assert await here.is_in()
        assert not await there.is_in()
        assert (await there.sign_in("pat@example.com")).status_code == 422
        assert (await there.sign_in("pat@example.com", "four green kettles")).status_code == 303


async def test_sessions_are_listed_and_ended_one_by_one(server: str, world: World) -> None:
    await person(world, "sam")
    await person(world, "other")
    async with Visitor(server) as here, Visitor(server) as there, Visitor(server) as stranger:
        await here.sign_in("sam@example.com")
        await there.sign_in("sam@example.com")
        await stranger.sign_in("other@example.com")
        ids = [
            row["id"]
            for row in await world.rows(
                "select session.id from session join user_account on user_account.id = user_id "
                "where email = 'sam@example.com' order by session.id"
            )
        ]
        assert f"/profile/sessions/{ids[1]}/sign-out" in (await here.get("/profile")).text

        await stranger.post(f"/profile/sessions/{ids[1]}/sign-out")
        assert await there.is_in()
        await here.post(f"/profile/sessions/{ids[1]}/sign-out")
        assert not await there.is_in()
        await there.sign_in("sam@example.com")
        await here.post("/profile/sessions/others/sign-out")
        assert not await there.is_in()
        assert await here.is_in()


async def test_guessing_at_an_account_gets_slower_and_known_browsers_are_not_kept_out(
    server: str, world: World
) -> None:
    await person(world, "loved")
    async with Visitor(server) as owner, Visitor(server) as attacker:
        await owner.sign_in("loved@example.com")
        await owner.post("/sign-out")

        statuses = [
            answer.status_code
            for answer in await asyncio.gather(
                *(attacker.sign_in("loved@example.com", f"guess {number}") for number in range(20))
            )
        ]
        assert statuses.count(422) == 3
        assert statuses.count(429) == 17
        late = await attacker.sign_in("loved@example.com")
        assert late.status_code == 429
        assert 1 <= int(late.headers["retry-after"]) <= 6
        assert (await owner.sign_in("loved@example.com")).status_code == 303


async def test_a_browser_that_several_people_use_is_known_to_each_of_them(server: str, world: World) -> None:
    await person(world, "early")
    await person(world, "late-shift")
    async with Visitor(server) as shared, Visitor(server) as attacker:
        shared.cookies[DEVICE_COOKIE] = "x" * 43
        await shared.sign_in("early@example.com")
        assert shared.cookies[DEVICE_COOKIE] != "x" * 43
        known = shared.cookies[DEVICE_COOKIE]
        await shared.sign_in("late-shift@example.com")
        assert shared.cookies[DEVICE_COOKIE] == known
        for email in ("early@example.com", "late-shift@example.com"):
            for number in range(4):
                last = await attacker.sign_in(email, f"guess {number}")
            assert last.status_code == 429
            assert (await shared.sign_in(email)).status_code == 303


async def test_an_address_that_nobody_has_gets_slower_just_the_same(server: str) -> None:
    async with Visitor(server) as attacker:
        statuses = [(await attacker.sign_in("ghost@example.com")).status_code for _ in range(5)]

    assert statuses == [422, 422, 422, 429, 429]


async def test_a_hundred_failures_in_a_row_are_the_last_until_a_link_helps(server: str, world: World) -> None:
    await person(world, "hundred")
    await world.run(
        "insert into sign_in_failure (kind, value, failures, last_at) "
        "values ('account', encode(sha256('hundred@example.com'), 'hex'), 100, now() - interval '1 year')"
    )
    async with Visitor(server) as somebody:
        answer = await somebody.sign_in("hundred@example.com")

    assert answer.status_code == 429
    assert "link to set a new password" in answer.text


async def test_a_flood_is_refused_and_the_api_goes_on(
    database_url: str, world: World, tmp_path: Path
) -> None:
    """From everywhere at once: at most two passwords are looked at, twenty wait, the rest is told to come back."""
    async with (
        serving(database_url, tmp_path, trusted_proxies="127.0.0.1") as server,
        httpx.AsyncClient(
            base_url=server, headers={"Authorization": f"Bearer {world.token}"}, timeout=30
        ) as api,
    ):
        visitors = [Visitor(server, **{"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(80)]
        flood = asyncio.gather(
            *(visitor.sign_in(f"flood{n}@example.com") for n, visitor in enumerate(visitors))
        )
        others = [(await api.get("/api/v1/leads")).status_code for _ in range(10)]
        statuses = [answer.status_code for answer in await flood]
        for visitor in visitors:
            await visitor.client.aclose()

    assert others == [200] * 10
    assert set(statuses) == {422, 429}
    # Whoever was not heard is not held to have failed.
    counted = await world.rows("select value from sign_in_failure where kind = 'account' and failures = 1")
    assert len(counted) >= statuses.count(422)


async def test_one_source_cannot_try_many_accounts(server: str, world: World) -> None:
    await world.run("insert into sign_in_failure (kind, value, failures) values ('source', '127.0.0.1', 40)")
    async with Visitor(server) as somebody:
        answer = await somebody.sign_in("new-to-us@example.com")
        # What anybody can write into a header is no other source.
        pretended = await somebody.post(
            "/sign-in", {"X-Forwarded-For": "203.0.113.9"}, email="new-to-us@example.com", password="x"
        )

    assert (answer.status_code, pretended.status_code) == (429, 429)


async def test_plain_http_over_a_network_is_told_on_the_page(server: str) -> None:
    async with httpx.AsyncClient(base_url=server) as browser:
        plain = await browser.get("/sign-in", headers={"Host": "forecourt.lan:8000"})
        here = await browser.get("/sign-in")
        secure = await browser.get(
            "/sign-in", headers={"Host": "forecourt.example", "Sec-Fetch-Site": "none"}
        )

    assert "not encrypted" in plain.text
    assert "not encrypted" not in here.text
    assert "not encrypted" not in secure.text
