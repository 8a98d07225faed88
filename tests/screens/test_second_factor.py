"""The second factor: asked for whenever it is there, good once, slow to guess."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.access.links import new_link
from forecourt.access.refusals import TooManyTries
from forecourt.access.second_factor import is_right, matching_step
from forecourt.access.throttle import SECOND_FACTOR, claim
from forecourt.infra.database import Database
from tests.screens.people import PASSWORD, Visitor, person

if TYPE_CHECKING:
    from tests.world import World


async def set_up(visitor: Visitor, email: str) -> tuple[pyotp.TOTP, list[str]]:
    """Sign in and switch the second factor on; the app and the recovery codes."""
    await visitor.sign_in(email)
    begun = await visitor.post("/profile/second-factor", present_password=PASSWORD)
    assert begun.headers["location"] == "/profile/second-factor"
    page = (await visitor.get("/profile/second-factor")).text
    found = re.search(r'id="secret"[^>]*value="([A-Z2-7]{32})"', page)
    assert found
    assert f"otpauth://totp/Forecourt:{email.replace('@', '%40')}?secret={found[1]}" in page
    app = pyotp.TOTP(found[1])
    confirmed = await visitor.post("/profile/second-factor/confirmation", code=app.now())
    assert confirmed.status_code == 200
    return app, re.findall(r"<code>([a-z2-7-]{29})</code>", confirmed.text)


def later(app: pyotp.TOTP) -> str:
    """The next half minute's code: this one's was used to switch it on."""
    return app.at(datetime.now(UTC) + timedelta(seconds=30))


async def test_a_code_is_asked_for_after_the_password_and_is_good_once(server: str, world: World) -> None:
    await person(world, "tess", "owner")
    async with Visitor(server) as tess:
        app, codes = await set_up(tess, "tess@example.com")
        assert len(set(codes)) == 8
        await tess.post("/sign-out")

        answer = await tess.sign_in("tess@example.com", to="/?view=golden")
        assert answer.headers["location"] == "/sign-in/second"
        assert not await tess.is_in()
        code = later(app)
        answer = await tess.post("/sign-in/second", code=code)
        assert answer.headers["location"] == "/?view=golden"
        assert await tess.is_in()

        await tess.post("/sign-out")
        await tess.sign_in("tess@example.com")
        replayed = await tess.post("/sign-in/second", code=code)
        assert replayed.status_code == 422
        assert (await tess.post("/sign-in/second", code=codes[0])).status_code == 303
        assert await tess.is_in()
        assert "7 recovery codes are left" in (await tess.get("/profile")).text

        await tess.post("/sign-out")
        await tess.sign_in("tess@example.com")
        assert (await tess.post("/sign-in/second", code=codes[0])).status_code == 422
        assert not await tess.is_in()


async def test_of_a_thousand_who_show_one_code_one_gets_in(
    server: str, world: World, database_url: str
) -> None:
    user_id = await person(world, "rita")
    async with Visitor(server) as rita:
        app, codes = await set_up(rita, "rita@example.com")
    [row] = await world.rows("select totp_secret, now() as now from user_account where id = $1", user_id)
    database = Database(connections=8)
    await database.open(database_url)

    async def is_let_in(code: str) -> bool:
        async with database.connection() as connection:
            return await is_right(connection, user_id, row["totp_secret"], code, row["now"])

    try:
        for code in (later(app), codes[0]):
            let_in = 0
            for _ in range(10):
                let_in += sum(await asyncio.gather(*(is_let_in(code) for _ in range(100))))
            assert let_in == 1
    finally:
        await database.close()


async def test_five_codes_in_five_minutes_and_no_more(server: str, world: World) -> None:
    await person(world, "five")
    async with Visitor(server) as five:
        app, _ = await set_up(five, "five@example.com")
        await five.post("/sign-out")
        await five.sign_in("five@example.com")
        statuses = [
            (await five.post("/sign-in/second", code=f"{number:06}")).status_code for number in range(5)
        ]
        late = await five.post("/sign-in/second", code=later(app))

    assert statuses == [422] * 5
    assert late.status_code == 429
    assert 290 <= int(late.headers["retry-after"]) <= 301


async def test_a_reset_of_the_password_does_not_skip_it(server: str, world: World, database_url: str) -> None:
    user_id = await person(world, "reset")
    async with Visitor(server) as before:
        app, _ = await set_up(before, "reset@example.com")
        secret = await link(database_url, "password", user_id)
        async with Visitor(server) as after:
            answer = await after.post(f"/sign-in/{secret}", password="nine yellow kettles")
            assert answer.headers["location"] == "/sign-in/second"
            assert not await after.is_in()
            assert (await after.post("/sign-in/second", code=later(app))).status_code == 303
            assert await after.is_in()
        assert not await before.is_in()


async def test_switching_it_off_needs_the_password(server: str, world: World) -> None:
    await person(world, "offi")
    async with Visitor(server) as offi:
        await set_up(offi, "offi@example.com")
        refused = await offi.post("/profile/second-factor/removal", present_password="guess")
        assert refused.status_code == 422
        assert (await offi.post("/profile/recovery-codes", present_password="guess")).status_code == 422
        again = await offi.post("/profile/recovery-codes", present_password=PASSWORD)
        assert len(re.findall(r"<code>([a-z2-7-]{29})</code>", again.text)) == 8
        await offi.post("/profile/second-factor/removal", present_password=PASSWORD)
        await offi.post("/sign-out")
        assert (await offi.sign_in("offi@example.com")).headers["location"] == "/"


async def link(database_url: str, purpose: str, user_id: int | None) -> str:
    """A new one-time link's secret."""
    database = Database(connections=1)
    await database.open(database_url)
    try:
        async with database.connection() as connection:
            return await new_link(connection, purpose, user_id)
    finally:
        await database.close()


@given(st.integers(min_value=86_400, max_value=4_102_444_800), st.integers(min_value=-40, max_value=40))
def test_a_code_holds_for_its_half_minute_and_the_two_beside_it(moment: int, away: int) -> None:
    app = pyotp.TOTP(pyotp.random_base32())
    at = datetime.fromtimestamp(moment, UTC)
    step = moment // 30 + away
    found = matching_step(app.secret, app.generate_otp(step), at)
    # Two half minutes may have one code by chance: then the later of them is meant.
    codes = {near: app.generate_otp(near) for near in range(moment // 30 - 1, moment // 30 + 2)}
    expected = [near for near, code in codes.items() if code == app.generate_otp(step)]
    assert found == (expected[-1] if expected else None)


@pytest.mark.parametrize("at_once", [1, 50])
async def test_the_limit_holds_however_many_come_at_once(
    at_once: int, world: World, database_url: str
) -> None:
    assert world
    database = Database(connections=10)
    await database.open(database_url)

    async def attempt() -> bool:
        async with database.connection() as connection:
            try:
                await claim(connection, SECOND_FACTOR, f"limit-{at_once}")
            except TooManyTries:
                return False
            return True

    try:
        heard = 0
        for _ in range(50 // at_once):
            heard += sum(await asyncio.gather(*(attempt() for _ in range(at_once))))
    finally:
        await database.close()

    assert heard == 5
