"""The inbox in a real browser, and without JavaScript."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import asyncpg

from forecourt.screens.inbox.period_queries import OF_PERIOD
from forecourt.screens.inbox.queries import CONDITIONS, count_query, page_query, rows_query
from tests.clusters.asking import cluster, enquiry
from tests.screens.conftest import opened
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from playwright.async_api import Browser

    from forecourt.infra.database import Query
    from tests.world import World


async def test_a_new_lead_appears_in_an_open_inbox_by_itself(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    async with opened(browser, server, owner_cookie) as (page, _):
        await page.goto("/")
        await page.wait_for_selector("#live-state[data-state=live]")

        await enquiry(api, name="Mia Chen", message="Is the red one still there?")

        await page.wait_for_selector(".row:has-text('Mia Chen')", timeout=5_000)
        assert await page.title() != ""
        await page.wait_for_selector(".views a[data-view=waiting] .count:has-text('1')")


async def test_the_inbox_is_there_without_javascript(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    await enquiry(api, name="Leo Okafor", message="<script>alert(1)</script>")

    answer = await visitor.get("/?q=leo")

    assert answer.status_code == 200
    assert "Leo Okafor" in answer.text
    assert "<script>alert" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


async def test_nobody_gets_in_without_a_session(server: str, visitor: httpx.AsyncClient) -> None:
    visitor.headers.pop("cookie")
    answer = await visitor.get(f"{server}/?view=all")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?to=%2F%3Fview%3Dall"


async def test_several_customers_are_dealt_with_at_once_and_one_undo_takes_it_back(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    leads = [await enquiry(api, name=f"Bulk {number}") for number in range(3)]
    async with opened(browser, server, owner_cookie) as (page, _):
        await page.goto("/?q=bulk")
        for lead in leads:
            await page.check(f"#row-{lead['lead_cluster_id']} .pick input", force=True)
        await page.click("#bulk button[value=golden]")

        await page.wait_for_selector(".toast:has-text('3 customers marked golden')")
        await page.wait_for_selector(f"#row-{leads[0]['lead_cluster_id']}.golden")
        await page.keyboard.press("z")

        await page.wait_for_selector(".toast:has-text('Undone')")
        await page.wait_for_selector(f"#row-{leads[0]['lead_cluster_id']}:not(.golden)")
    for lead in leads:
        assert (await cluster(api, lead["lead_cluster_id"]))["golden"] is False


async def test_bulk_and_undo_work_without_javascript(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name="Plain Form")
    pick = f"{OURS}/{lead['lead_cluster_id']}"

    answer = await visitor.post(
        "/bulk", data={"pick[]": pick, "do": "assign_me"}, headers={"Referer": "/?view=all"}
    )

    assert answer.status_code == 303
    assert (await cluster(api, lead["lead_cluster_id"]))["user_id"] == 501
    page = await visitor.get(answer.headers["location"])
    assert "1 customer assigned to you" in page.text
    marks = re.findall(r'name="events" value="([^"]+)"', page.text)
    undone = await visitor.post("/undo", data={"events": marks[0]})
    assert undone.status_code == 303
    assert (await cluster(api, lead["lead_cluster_id"]))["user_id"] is None


async def test_the_list_is_filtered_by_what_is_typed(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    await enquiry(api, name="Filter One", source="Carsales", stocknum="STOCK1", tags=["fleet"], golden=True)
    await enquiry(api, name="Filter Two", source="Facebook")
    one = {
        "source:carsales",
        "is:golden source:cars",
        "car:car",
        "stock:stock1",
        "tag:fleet",
        "created:<2h is:golden",
        'category:"General Enquiry" tag:fleet',
        "assignee:none is:golden is:waiting state:new is:open",
        "filter one",
    }
    for typed in sorted(one):
        text = (await visitor.get("/", params={"view": "all", "q": typed})).text
        assert "Filter One" in text, typed
        assert "Filter Two" not in text, typed

    text = (await visitor.get("/", params={"view": "all", "q": "sorce:carsales is:goldn state:x"})).text
    assert "did you mean “source”?" in text
    assert "did you mean “golden”?" in text


async def test_a_view_is_saved_counted_and_removed(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    await enquiry(api, name="Saved Saul", source="QR Code")
    answer = await visitor.post("/saved-views", data={"name": "From codes", "query": "?view=all&q=source:qr"})
    assert answer.status_code == 303

    text = (await visitor.get("/")).text

    assert "From codes" in text
    assert re.search(r"From codes</span><span class=\"count\">1<", text)
    ident = re.findall(r"/saved-views/(\d+)/remove", text)[0]
    await visitor.post(f"/saved-views/{ident}/remove")
    assert "From codes" not in (await visitor.get("/")).text


async def test_the_palette_finds_customers_and_commands(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    await enquiry(api, name="Palette Pia")
    async with opened(browser, server, owner_cookie) as (page, _):
        await page.goto("/")
        await page.keyboard.press("Control+k")
        await page.fill("#palette-text", "palette")
        await page.wait_for_selector("[role=option]:has-text('Palette Pia')")
        await page.fill("#palette-text", "golden")
        await page.wait_for_selector("[role=option][aria-selected=true]:has-text('Golden')")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/?view=golden")


async def test_every_pair_of_filters_and_every_order_is_a_statement(
    api: httpx.AsyncClient, database_url: str
) -> None:
    assert api
    orders = (("urgency", False), ("newest", True), ("oldest", False), ("longest", True))
    shapes: list[Callable[[frozenset[str]], Query]] = [
        *(partial(page_query, sort=sort, after=after) for sort, after in orders),
        rows_query,
        count_query,
    ]
    # Every pair in one of the shapes, and every filter in each.
    pairs = itertools.combinations((*CONDITIONS, *OF_PERIOD), 2)
    asked = [*zip(pairs, itertools.cycle(shapes), strict=False)]
    asked += [((name, "open"), shape) for name in (*CONDITIONS, *OF_PERIOD) for shape in shapes]
    connection = await asyncpg.connect(database_url)
    try:
        for names, shape in asked:
            await connection.prepare(shape(frozenset(names)).text)
    finally:
        await connection.close()


async def test_those_who_wait_are_in_the_order_of_their_urgency(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    names = ["Order late", "Order soon", "Order golden", "Order newest", "Order older"]
    ids = {}
    for name in names:
        lead = await enquiry(api, name=name, golden=name == "Order golden", tags=["order"])
        ids[name] = lead["lead_cluster_id"]
    due = {"Order late": timedelta(minutes=-20), "Order soon": timedelta(minutes=3)}
    for number, name in enumerate(names):
        await world.run(
            """
            update lead_cluster
            set due_at = now() + $2::interval, last_lead_created_at = now() - $3::interval
            where id = $1
            """,
            ids[name],
            due.get(name, timedelta(hours=1)),
            timedelta(minutes=number),
        )

    text = (await visitor.get("/", params={"q": "tag:order"})).text

    assert re.findall(r"<bdi>(Order \w+)</bdi>", text) == names
