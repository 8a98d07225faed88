"""A customer's page as tests ask for it, and colleagues who look at it too."""

from __future__ import annotations

import html
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx

from forecourt.access.sessions import COOKIE
from tests.screens.conftest import signed_in
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World


def page_of(lead: dict[str, Any]) -> str:
    """The address of the page of a lead's customer."""
    return f"/dealerships/{OURS}/lead_clusters/{lead['lead_cluster_id']}"


async def colleague(world: World, user_id: int, name: str, role: str = "salesperson") -> int:
    """Somebody more of the staff."""
    email = f"user{user_id}@colleagues.example"
    await world.run("insert into user_account (id, name, email) values ($1, $2, $3)", user_id, name, email)
    await world.run(
        "insert into dealership_user (dealership_id, user_id, role) values (1, $1, $2)", user_id, role
    )
    return user_id


@asynccontextmanager
async def visiting(
    server: str, world: World, database_url: str, user_id: int, role: str = "salesperson"
) -> AsyncGenerator[httpx.AsyncClient]:
    """A browser without scripts, in which *user_id* is signed in."""
    cookie = await signed_in(world, database_url, role, user_id)
    headers = {"Cookie": f"{COOKIE}={cookie}", "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=server, headers=headers) as client:
        yield client


async def shown(visitor: httpx.AsyncClient, address: str, **query: str) -> str:
    """A page's text, with what is escaped as people see it."""
    answer = await visitor.get(address, params=query or None)
    assert answer.status_code == 200, answer.text[:300]
    return html.unescape(answer.text)


async def done(visitor: httpx.AsyncClient, address: str, data: dict[str, Any]) -> str:
    """Send a form, and see the page that it leads to."""
    page = re.sub(r"/(?:fields/\w+|\w+|appointments/\d+|messages/\d+/(?:call_back|again))$", "", address)
    answer = await visitor.post(address, data=data, headers={"Referer": page})
    assert answer.status_code == 303, html.unescape(answer.text[-900:])
    return await shown(visitor, answer.headers["location"])


def hidden(text: str, form: str) -> dict[str, str]:
    """The hidden fields of the first form that is sent to an address ending in *form*."""
    start = text.index(f'/{form}"')
    inside = text[start : text.index("</form>", start)]
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside)
    }


def words_of(text: str) -> str:
    """What stands on a page, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
