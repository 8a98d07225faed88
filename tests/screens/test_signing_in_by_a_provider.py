"""Signing in by OpenID Connect, at a provider of our own that makes every mistake on demand."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from forecourt.access.oidc_roles import roles_in, roles_of
from tests.conftest import serving
from tests.screens.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, providing
from tests.screens.people import Visitor, person
from tests.screens.rules import complaints_everywhere

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playwright.async_api import Browser, Route

    from tests.world import World

MIA = {"sub": "mia-1", "email": "Mia@example.com", "email_verified": True, "name": "Mia"}


@pytest.fixture(scope="module")
async def provider() -> AsyncGenerator[IdentityProvider]:
    async with providing() as running:
        yield running


@pytest.fixture(autouse=True)
async def _honest(provider: IdentityProvider, world: World) -> None:
    provider.person, provider.claims, provider.signed_with, provider.says_issuer = (
        dict(MIA),
        {},
        "rs256",
        None,
    )
    await world.run("delete from user_identity")


@pytest.fixture(scope="module")
async def asking(
    provider: IdentityProvider, database_url: str, world: World, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    await person(world, "mia")
    settings: dict[str, Any] = {
        "oidc_issuer": provider.address,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_name": "Okta",
        "oidc_roles": "sales=salesperson@brisbane-motors, bosses=owner@group:northern",
        "oidc_creates_users": True,
    }
    async with serving(database_url, tmp_path_factory.mktemp("files"), **settings) as address:
        yield address


async def sent(visitor: Visitor, to: str = "/") -> str:
    """The address at the provider where the button leads."""
    answer = await visitor.post("/sign-in/provider", to=to)
    assert answer.status_code == 200
    found = re.search(r'<a class="button primary" href="([^"]+)"', answer.text)
    assert found
    assert f'content="0;url={found[1]}"' in answer.text
    return html.unescape(found[1])


async def back(visitor: Visitor, address: str) -> httpx.Response:
    """What comes of being sent there and back."""
    async with httpx.AsyncClient() as elsewhere:
        away = await elsewhere.get(address)
    returned = urlsplit(away.headers["location"])
    # Whoever comes from another site is sent with the cookies that are Lax, and told to be cross-site.
    return await visitor.get(f"{returned.path}?{returned.query}", **{"Sec-Fetch-Site": "cross-site"})


async def test_the_button_leads_there_and_back_in(asking: str, provider: IdentityProvider) -> None:
    async with Visitor(asking) as mia:
        assert "Sign in with Okta" in (await mia.get("/sign-in")).text
        address = await sent(mia, "/?view=golden")
        answer = await back(mia, address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/?view=golden")
        assert await mia.is_in()

    asked = provider.requests[-1]
    assert asked["scope"] == "openid email profile"
    assert len(asked["nonce"]) >= 43
    assert len(asked["state"]) >= 43
    assert len(asked["code_challenge"]) == 43


async def test_the_subject_is_who_it_is_whatever_the_address_becomes(
    asking: str, provider: IdentityProvider, world: World
) -> None:
    await person(world, "heir")
    async with Visitor(asking) as mia:
        await back(mia, await sent(mia))
        provider.person |= {"email": "heir@example.com"}
        await mia.post("/sign-out")
        await back(mia, await sent(mia))
        assert "mia@example.com" in (await mia.get("/profile")).text

    # Her old address was given to somebody else at the provider: they are not her.
    provider.person = MIA | {"sub": "somebody-else"}
    async with Visitor(asking) as stranger:
        answer = await back(stranger, await sent(stranger))
        assert answer.status_code == 403
        assert not await stranger.is_in()


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email": None},
        {"sub": "who", "email": "unknown@example.com"},
    ],
    ids=str,
)
async def test_nobody_is_found_by_what_the_provider_does_not_vouch_for(
    claims: dict[str, Any], asking: str, provider: IdentityProvider, world: World
) -> None:
    provider.claims = claims
    async with Visitor(asking) as stranger:
        answer = await back(stranger, await sent(stranger))
        assert answer.status_code == 403
        assert not await stranger.is_in()
    assert not await world.rows("select id from user_account where email = 'unknown@example.com'")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"]},
        {"azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": None},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_this_sign_in_is_not_believed(
    claims: dict[str, Any], asking: str, provider: IdentityProvider
) -> None:
    provider.claims = claims
    async with Visitor(asking) as mia:
        answer = await back(mia, await sent(mia))
        assert answer.status_code == 502
        assert not await mia.is_in()


@pytest.mark.parametrize("signed_with", ["another key", "hs256", "none"])
async def test_a_token_that_the_provider_did_not_sign_is_not_believed(
    signed_with: str, asking: str, provider: IdentityProvider
) -> None:
    provider.signed_with = signed_with
    async with Visitor(asking) as mia:
        assert (await back(mia, await sent(mia))).status_code == 502
        assert not await mia.is_in()


async def test_a_new_key_of_the_provider_is_found(asking: str, provider: IdentityProvider) -> None:
    provider.rotate()
    async with Visitor(asking) as mia:
        assert (await back(mia, await sent(mia))).status_code == 303


async def test_a_sign_in_is_finished_once_and_where_it_was_begun(
    asking: str, provider: IdentityProvider, world: World
) -> None:
    async with Visitor(asking) as mia, Visitor(asking) as victim:
        address = await sent(mia)
        # Another browser, another state, no state, another issuer on the way back, no code.
        assert (await back(victim, address)).status_code == 502
        await sent(victim)
        assert (await back(victim, address)).status_code == 502
        assert not await victim.is_in()
        for query in ("", "?code=x", "?error=access_denied", f"?state={'x' * 43}&code=y"):
            assert (await mia.get(f"/sign-in/provider/return{query}")).status_code == 502

        address = await sent(mia)
        provider.says_issuer = "https://elsewhere.example"
        assert (await back(mia, address)).status_code == 502
        provider.says_issuer = None

        address = await sent(mia)
        state = parse_qs(urlsplit(address).query)["state"][0]
        assert (await back(mia, address)).status_code == 303
        mia.cookies["__Host-forecourt-provider"] = state
        assert (await back(mia, address)).status_code == 502

        # Without the verifier of the challenge the provider refuses the code.
        address = await sent(mia)
        await world.run("update oidc_sign_in set code_verifier = 'lost'")
        assert (await back(mia, address)).status_code == 502

        address = await sent(mia)
        await world.run("update oidc_sign_in set created_at = now() - interval '11 minutes'")
        assert (await back(mia, address)).status_code == 502


async def test_groups_give_roles_and_let_new_users_in(
    asking: str, provider: IdentityProvider, world: World
) -> None:
    provider.person = {
        "sub": "new-1", "email": "new@example.com", "email_verified": True, "name": "Nia New", "groups": ["sales"],
    }  # fmt: skip
    async with Visitor(asking) as nia:
        assert (await back(nia, await sent(nia))).status_code == 303
        assert (await nia.get("/")).status_code == 200
        assert (await nia.get("/settings/users")).status_code == 403

        provider.person["groups"] = ["sales", "bosses", "unknown"]
        await back(nia, await sent(nia))
        assert (await nia.get("/settings/users")).status_code == 200
    logged = await world.rows(
        "select dealership.slug, event.kind, event.changes::text from event "
        "join dealership on dealership.id = dealership_id where kind like 'user.%' order by event.id"
    )
    assert [(row["slug"], row["kind"]) for row in logged] == [
        ("brisbane-motors", "user.role_changed"),
        ("brisbane-motors", "user.group_role_changed"),
        ("cairns-motors", "user.group_role_changed"),
    ]


async def test_a_provider_that_is_away_is_told_on_the_page(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings: dict[str, Any] = {"oidc_issuer": "http://127.0.0.1:1", "oidc_client_id": "x"}
    async with (
        serving(database_url, tmp_path_factory.mktemp("files"), **settings) as server,
        Visitor(server) as mia,
    ):
        answer = await mia.post("/sign-in/provider", to="/")

    assert answer.status_code == 502
    assert "did not work" in answer.text


async def test_without_a_provider_there_is_nothing_of_it(server: str) -> None:
    async with Visitor(server) as mia:
        assert "/sign-in/provider" not in (await mia.get("/sign-in")).text
        assert (await mia.post("/sign-in/provider")).status_code == 404
        assert (await mia.get("/sign-in/provider/return?code=x&state=y")).status_code == 404


def test_of_several_groups_the_one_that_allows_most_counts() -> None:
    mapping = roles_in("All staff = read_only@yard ,sales=salesperson@yard, top=owner@group:north")

    assert [
        (one.dealership, one.group, one.role) for one in roles_of(["sales", "All staff", "top"], mapping)
    ] == [
        ("yard", None, "salesperson"),
        (None, "north", "owner"),
    ]
    assert roles_of([], mapping) == []
    for bad in ("sales", "sales=boss@yard", "sales=owner", "=owner@yard"):
        with pytest.raises(ValueError, match="GROUP=ROLE@DEALERSHIP"):
            roles_in(bad)


async def test_a_real_browser_goes_there_and_comes_back(asking: str, browser: Browser) -> None:
    """By our own Content-Security-Policy: no script, and no form that leads elsewhere."""
    context = await browser.new_context(base_url=asking, java_script_enabled=False)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    await page.goto("/sign-in?to=/profile")
    await page.click("text=Sign in with Okta")
    await page.wait_for_url(f"{asking}/profile")
    assert "mia@example.com" in await page.content()
    await context.close()
    assert wrong == []


async def test_the_pages_on_the_way_keep_to_the_rules(asking: str, browser: Browser) -> None:
    context = await browser.new_context(base_url=asking, bypass_csp=True)
    page = await context.new_page()
    await page.goto("/sign-in")
    assert await complaints_everywhere(page) == []
    # Held on the page that leads away.
    await page.route("**/sign-in/provider", held_there)
    await page.click("text=Sign in with Okta")
    await page.wait_for_selector("text=On to Okta")
    assert await complaints_everywhere(page) == []
    await context.close()


async def held_there(route: Route) -> None:
    answer = await route.fetch()
    body = re.sub(r'<meta http-equiv="refresh"[^>]*>', "", await answer.text())
    await route.fulfill(response=answer, body=body)
