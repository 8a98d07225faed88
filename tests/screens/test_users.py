"""The users' page: whoever owns a dealership decides who is in, and never about what somebody else owns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.screens.people import PASSWORD, Visitor, person

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from tests.world import World

OURS = "brisbane-motors"


@pytest.fixture(scope="module")
async def owner_id(world: World) -> int:
    return await person(world, "owner", "owner")


@pytest.fixture
async def owner(server: str, owner_id: int) -> AsyncGenerator[Visitor]:
    assert owner_id
    async with Visitor(server) as visitor:
        await visitor.sign_in("owner@example.com")
        yield visitor


async def invite(owner: Visitor, email: str, role: str = "salesperson", **more: str) -> httpx.Response:
    return await owner.post("/settings/users", dealership=OURS, name="Guest", email=email, role=role, **more)


async def act(owner: Visitor, user_id: int, what: str, **form: str) -> httpx.Response:
    return await owner.post(f"/settings/users/{user_id}/{what}", dealership=OURS, **form)


def link_in(answer: httpx.Response) -> str:
    found = re.search(r'id="link"[^>]*value="http://[^/"]+(/sign-in/[\w-]{43})"', answer.text)
    assert found
    return found[1]


async def user_id_of(world: World, email: str) -> int:
    [row] = await world.rows("select id from user_account where email = $1", email)
    return int(row["id"])


async def test_an_invitation_is_a_link_by_which_somebody_is_in(
    owner: Visitor, server: str, world: World, owner_id: int
) -> None:
    answer = await invite(owner, "New@Example.com", "lead_manager")
    assert answer.status_code == 200
    async with Visitor(server) as guest:
        await guest.post(link_in(answer), password=PASSWORD)
        assert (await guest.get("/")).status_code == 200
        assert (await guest.get("/settings/users")).status_code == 403
    user_id = await user_id_of(world, "new@example.com")
    [event] = await world.rows("select kind, user_id, changes::text from event order by id desc limit 1")
    assert (event["kind"], event["user_id"]) == ("user.invited", owner_id)
    assert f'"user_id": {user_id}' in event["changes"]

    again = await invite(owner, "new@example.com")
    assert again.status_code == 422
    assert "has a role here already" in again.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "nobody"), ("email", ""), ("name", " "), ("role", "boss"), ("where", "everywhere")],
)
async def test_an_invitation_that_does_not_fit_is_told_and_kept(
    field: str, value: str, owner: Visitor
) -> None:
    form = {"name": "Guest", "email": "kept@example.com", "role": "salesperson", "where": "dealership"}
    answer = await owner.post("/settings/users", dealership=OURS, **(form | {field: value}))

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert field in {"email", "where"} or "kept@example.com" in answer.text


async def test_roles_change_at_once_and_are_logged(owner: Visitor, server: str, world: World) -> None:
    user_id = await person(world, "rolf")
    async with Visitor(server) as rolf:
        await rolf.sign_in("rolf@example.com")
        assert (await rolf.get("/settings/users")).status_code == 403
        assert (await act(owner, user_id, "role", role="owner")).status_code == 303
        assert (await rolf.get("/settings/users")).status_code == 200
        assert (await act(owner, user_id, "role", role="boss")).status_code == 422
        await act(owner, user_id, "role", role="read_only")
        assert (await rolf.get("/settings/users")).status_code == 403
    changes = await world.rows("select changes::text from event where kind = 'user.role_changed' order by id")
    assert len(changes) == 2


async def test_who_is_disabled_is_out_everywhere_at_once(owner: Visitor, server: str, world: World) -> None:
    user_id = await person(world, "dora")
    async with Visitor(server) as dora:
        await dora.sign_in("dora@example.com")
        assert (await act(owner, user_id, "disable")).status_code == 303
        assert not await dora.is_in()
        assert (await dora.sign_in("dora@example.com")).status_code == 422
        await act(owner, user_id, "enable")
        assert not await dora.is_in()
        await dora.sign_in("dora@example.com")
        assert await dora.is_in()
        await act(owner, user_id, "sign-out")
        assert not await dora.is_in()


async def test_a_new_link_is_shown_once(owner: Visitor, server: str, world: World) -> None:
    user_id = await person(world, "lost")
    answer = await act(owner, user_id, "link")
    async with Visitor(server) as lost:
        await lost.post(link_in(answer), password="seven white kettles")
        assert await lost.is_in()
    assert "/sign-in/" not in (await owner.get("/settings/users")).text


async def test_nobody_shuts_the_last_owner_or_themselves_out(
    owner: Visitor, world: World, owner_id: int
) -> None:
    await world.run("update dealership_user set role = 'salesperson' where user_id <> $1", owner_id)
    assert (await act(owner, owner_id, "role", role="salesperson")).status_code == 409
    assert (await act(owner, owner_id, "disable")).status_code == 409
    other = await person(world, "second", "owner")
    assert (await act(owner, owner_id, "disable")).status_code == 409
    assert (await act(owner, other, "disable")).status_code == 303
    # Somebody who cannot sign in owns nothing.
    assert (await act(owner, owner_id, "role", role="salesperson")).status_code == 409


async def test_the_account_of_somebody_who_works_elsewhere_too_is_not_ours(
    owner: Visitor, server: str, world: World
) -> None:
    both = await person(world, "both", "owner", dealership=3)
    answer = await invite(owner, "both@example.com")
    # A role is given; a link, by which the owner could become them at the other dealership, is not.
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/settings/users?dealership={OURS}&said=user_invited",
    )
    for what in ("link", "disable", "sign-out"):
        assert (await act(owner, both, what)).status_code == 409
    async with Visitor(server) as visitor:
        await visitor.sign_in("both@example.com")
        assert (await visitor.get("/")).status_code == 200
        # And the other way round: they own nothing of ours.
        assert (await act(visitor, both, "role", role="owner")).status_code == 403


async def test_a_user_who_was_loaded_elsewhere_is_not_invited_into_their_account(
    owner: Visitor, world: World
) -> None:
    answer = await invite(owner, "user3@example.com")

    assert answer.status_code == 303
    assert not await world.rows("select user_id from sign_in_link where user_id = 503")


async def test_the_whole_group_is_its_owners(server: str, world: World) -> None:
    boss = await person(world, "boss", None)
    await world.run("insert into dealership_group_user values (1, $1, 'owner')", boss)
    async with Visitor(server) as visitor:
        await visitor.sign_in("boss@example.com")
        for slug in (OURS, "cairns-motors"):
            assert (await visitor.get(f"/settings/users?dealership={slug}")).status_code == 200
        assert (await visitor.get("/settings/users?dealership=perth-autos")).status_code == 404

        answer = await invite(visitor, "everywhere@example.com", where="group")
        assert answer.status_code == 200
        user_id = await user_id_of(world, "everywhere@example.com")
        roles = "select dealership_id, role from role_at_dealership where user_id = $1 order by 1"
        assert [tuple(row.values()) for row in await world.rows(roles, user_id)] == [
            (1, "salesperson"),
            (2, "salesperson"),
        ]
        await act(visitor, user_id, "group-role", role="lead_manager")
        assert {row["role"] for row in await world.rows(roles, user_id)} == {"lead_manager"}
        assert (await act(visitor, boss, "group-role", role="none")).status_code == 409
        logged = await world.rows(
            "select dealership_id from event where kind = 'user.group_role_changed' order by 1"
        )
        assert [row["dealership_id"] for row in logged] == [1, 2]


async def test_an_owner_of_one_dealership_gives_no_role_in_the_group(owner: Visitor, world: World) -> None:
    user_id = await person(world, "ambitious")
    assert (await invite(owner, "grasp@example.com", where="group")).status_code == 403
    assert (await act(owner, user_id, "group-role", role="owner")).status_code == 403
    assert not await world.rows("select id from user_account where email = 'grasp@example.com'")


async def test_a_role_of_the_group_ends_with_it(server: str, world: World) -> None:
    chief = await person(world, "chief", None)
    await world.run("insert into dealership_group_user values (1, $1, 'owner')", chief)
    async with Visitor(server) as visitor, Visitor(server) as guest:
        await visitor.sign_in("chief@example.com")
        answer = await invite(visitor, "deputy@example.com", "owner", where="group")
        await guest.post(link_in(answer), password=PASSWORD)
        assert (await guest.get("/settings/users?dealership=cairns-motors")).status_code == 200
        deputy = await user_id_of(world, "deputy@example.com")

        await act(visitor, deputy, "group-role", role="salesperson")
        assert (await guest.get("/settings/users")).status_code == 403
        assert (await guest.get("/")).status_code == 200
        await act(visitor, deputy, "group-role", role="none")
        assert (await guest.get("/")).status_code == 403


async def test_whoever_has_no_role_any_more_is_out_of_this_dealership_and_may_come_back(
    owner: Visitor, server: str, world: World
) -> None:
    user_id = await person(world, "leaver")
    async with Visitor(server) as leaver:
        await leaver.sign_in("leaver@example.com")
        await act(owner, user_id, "role", role="none")
        assert (await leaver.get("/")).status_code == 403
        assert "No longer here" in (await owner.get("/settings/users")).text
        assert (await invite(owner, "leaver@example.com")).status_code == 303
        assert (await leaver.get("/")).status_code == 200
