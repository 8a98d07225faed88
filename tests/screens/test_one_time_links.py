"""Links that let somebody in: looked at by mail programs, used once by people."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.screens.people import PASSWORD, Visitor, person
from tests.screens.test_second_factor import link

if TYPE_CHECKING:
    from tests.world import World


async def test_a_link_is_used_up_by_its_form_and_not_by_looking(
    server: str, world: World, database_url: str
) -> None:
    [row] = await world.rows("select id from user_account where email = 'user1@example.com'")
    secret = await link(database_url, "invitation", row["id"])
    other = await link(database_url, "invitation", row["id"])
    async with Visitor(server) as guest:
        for _ in range(3):
            looked = await guest.get(f"/sign-in/{secret}")
            assert looked.status_code == 200
            assert "user1@example.com" in looked.text
        assert guest.session is None
        weak = await guest.post(f"/sign-in/{secret}", password="user1 2024!")
        assert weak.status_code == 422
        assert "user1 2024!" not in weak.text

        answer = await guest.post(f"/sign-in/{secret}", password=PASSWORD)
        assert answer.headers["location"] == "/"
        assert await guest.is_in()
        # Whoever finds the mail later, or another link that was sent before, finds a closed door.
        for used in (secret, other):
            async with Visitor(server) as late:
                assert (await late.get(f"/sign-in/{used}")).status_code == 410
                assert (await late.post(f"/sign-in/{used}", password=PASSWORD)).status_code == 410
                assert not await late.is_in()


async def test_a_link_used_twice_at_once_works_once(server: str, world: World, database_url: str) -> None:
    secret = await link(database_url, "password", await person(world, "twice"))
    visitors = [Visitor(server) for _ in range(6)]
    answers = await asyncio.gather(
        *(
            visitor.post(f"/sign-in/{secret}", password=f"{number} blue kettles")
            for number, visitor in enumerate(visitors)
        )
    )
    for visitor in visitors:
        await visitor.client.aclose()

    assert sorted(answer.status_code for answer in answers) == [303] + [410] * 5


@pytest.mark.parametrize(
    "ending",
    [
        "update sign_in_link set ends_at = now()",
        "update sign_in_link set used_at = now()",
        "update user_account set disabled_at = now() where email = 'late@example.com'",
        "delete from sign_in_link",
    ],
)
async def test_a_link_whose_time_is_over_is_none(
    ending: str, server: str, world: World, database_url: str
) -> None:
    if not await world.rows("select id from user_account where email = 'late@example.com'"):
        await person(world, "late")
    await world.run("update user_account set disabled_at = null where email = 'late@example.com'")
    [row] = await world.rows("select id from user_account where email = 'late@example.com'")
    secret = await link(database_url, "password", row["id"])
    await world.run(ending)
    async with Visitor(server) as late:
        assert (await late.get(f"/sign-in/{secret}")).status_code == 410
        assert (await late.post(f"/sign-in/{secret}", password=PASSWORD)).status_code == 410


async def test_the_demos_link_signs_in_as_often_as_one_likes(
    server: str, world: World, database_url: str
) -> None:
    secret = await link(database_url, "demo", await person(world, "demo", "owner"))
    for _ in range(2):
        async with Visitor(server) as somebody:
            answer = await somebody.get(f"/sign-in/{secret}")
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            assert await somebody.is_in()
            assert (await somebody.post(f"/sign-in/{secret}", password=PASSWORD)).status_code == 410


async def test_the_set_up_link_is_for_an_installation_where_nobody_can_sign_in(
    server: str, world: World, database_url: str
) -> None:
    await person(world, "already", "owner")
    secret = await link(database_url, "set_up", None)
    async with Visitor(server) as somebody:
        answer = await somebody.post(
            f"/sign-in/{secret}", name="Eve", email="eve@example.com", password=PASSWORD
        )

    assert answer.status_code == 410
    assert not await world.rows("select id from user_account where email = 'eve@example.com'")
