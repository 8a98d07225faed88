"""The reports' page: its figures lead to the customers behind them, and its tables are the files'."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import openpyxl
import pytest
from lxml import html

from forecourt.access.sessions import COOKIE
from forecourt.reports.figures import MEANINGS
from forecourt.screens.reports.page import TABS
from forecourt.screens.reports.tables import MINUS, change_in_words
from tests.clusters.asking import act, enquiry, put, somebody
from tests.response.asking import did, settle
from tests.screens.conftest import opened, signed_in
from tests.screens.rules import complaints_everywhere
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.async_api import Browser

    from tests.world import World

# Their lists show who is meant by them, and are not counted in customers.
NOT_COUNTED = {"in_target_share", *(name for name in MEANINGS if name.endswith("seconds"))}


@pytest.fixture(scope="module", autouse=True)
async def customers(api: httpx.AsyncClient, world: World) -> None:
    """Some customers, of this week and of the one before."""
    await settle(
        api, opening_hours=[{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 8)]
    )
    await world.run(
        "insert into lead_status_option (dealership_id, id, state, name) values (1, 71, 'lost', 'Too & far')"
    )
    sources = ("Carsales", "Website", "Facebook Marketplace")
    for number in range(12):
        who = somebody()
        lead = await enquiry(api, **who, source=sources[number % 3], location_id=101 if number % 2 else None)
        if number % 4 == 0:
            await enquiry(api, **who, source="Facebook", category="Test Drive Booking")
        at = lead["lead_cluster_id"]
        if number % 3:
            await did(api, at)
        if number % 5 == 0:
            booked = {"purpose": "Appointment", "starts_at": "2031-05-05 10:00:00", "status": "completed"}
            await act(api, at, "appointments", appointment=booked)
        if number in {1, 2, 4, 8}:
            fields: dict[int, dict[str, Any]] = {
                1: {"lead_state": "converted"},
                2: {"lead_state": "invalid"},
                4: {"lead_status_option_id": 71},
            }
            await put(api, at, **fields.get(number, {"lead_state": "lost"}), user_id=501)
        if number > 8:
            await world.run(
                "update lead set created_at = created_at - interval '7 days' where lead_cluster_id = $1", at
            )
            await world.run(
                "update lead_cluster set first_lead_created_at = first_lead_created_at - interval '7 days', "
                "last_lead_created_at = last_lead_created_at - interval '7 days' where id = $1", at,
            )  # fmt: skip
    first, second = [await enquiry(api, name="Twin") for _ in range(2)]
    await act(api, first["lead_cluster_id"], "merge", lead_cluster_id=second["lead_cluster_id"])


def parsed(text: str) -> Any:
    """A page; the stubs of lxml know too little of what an XPath brings."""
    return html.fromstring(text)


def links(page: Any, where: str) -> Iterable[tuple[str, str]]:
    """The figures with a link: what they say and where they lead."""
    for link in page.xpath(f".//{where}a[starts-with(@href, '/?')]"):
        yield link.xpath("data/@value")[0], link.get("href")


async def rows_at(visitor: httpx.AsyncClient, address: str) -> int:
    """How many customers the inbox lists at an address, to its last page."""
    count = 0
    for _ in range(10):
        answer = await visitor.get(address)
        assert answer.status_code == 200
        assert 'role="alert"' not in answer.text
        page = parsed(answer.text)
        count += len(page.xpath("//*[@id='rows']/li"))
        more = page.xpath("//*[contains(@class, 'more')]/a")
        if not more:
            return count
        address = more[0].get("href")
    raise AssertionError("the list does not end")


async def test_every_figure_is_a_link_to_as_many_customers(visitor: httpx.AsyncClient) -> None:
    counted = 0
    for by in ("source", "location", "person", "reason"):
        page = parsed((await visitor.get(f"/reports?by={by}&period=7d")).text)
        for row in rows_of(page, by):
            for name, cell in zip(names_of(by), row.xpath("td"), strict=True):
                for said, address in links(cell, ""):
                    listed = await rows_at(visitor, address)
                    if name in NOT_COUNTED:
                        assert (said in {"", "0.0"}) == (listed == 0)
                    elif name == "enquiries":
                        # A customer may have made several.
                        assert listed <= int(said)
                        assert (listed == 0) == (said == "0")
                    else:
                        assert listed == int(said), (by, name, address)
                    counted += 1
    assert counted > 100


def rows_of(page: Any, table: str) -> list[Any]:
    return list(page.xpath(f"//table[@data-table='{table}']/tbody/tr"))


def names_of(by: str) -> list[str]:
    left_out = {"enquiries", "waiting", "converted", "lost", "invalid", "merged"} if by == "reason" else ()
    return [name for name in MEANINGS if name not in left_out]


async def test_the_figures_over_all_and_the_days_lead_there_too(visitor: httpx.AsyncClient) -> None:
    page = parsed((await visitor.get("/reports?period=7d")).text)
    tiles = {tile.get("data-figure"): tile for tile in page.xpath("//*[@data-figure]")}

    for name in ("customers", "waiting", "appointments", "converted", "lost", "invalid", "merged"):
        for said, address in links(tiles[name], "dd[position() < 3]/"):
            assert await rows_at(visitor, address) == int(said), (name, address)
    assert [int(said) for said, _ in links(tiles["customers"], "")] == [10, 3]
    assert [int(said) for said, _ in links(tiles["merged"], "")] == [1, 0]
    for row in rows_of(page, "day"):
        said, address = list(links(row, ""))[1]
        assert await rows_at(visitor, address) == int(said)


async def test_the_heat_map_leads_there_too(visitor: httpx.AsyncClient) -> None:
    page = parsed((await visitor.get("/reports?by=hour&period=7d")).text)

    spots = page.xpath("//table[@class='heat']//td/a")
    assert sum(int(spot.text_content()) for spot in spots) == 10
    for spot in spots:
        assert await rows_at(visitor, spot.get("href")) == int(spot.text_content())
    assert len(page.xpath("//table[@class='heat']//td")) == 7 * 24
    assert not page.xpath("//*[@style]")


async def test_each_bar_leads_to_the_customers_that_it_shows(visitor: httpx.AsyncClient) -> None:
    page = parsed((await visitor.get("/reports?by=person&period=7d")).text)

    customers, median = page.xpath("//*[contains(@class, 'bars')]")
    for bar in customers.xpath("a"):
        name, _, said = bar.get("aria-label").rpartition(": ")
        assert await rows_at(visitor, bar.get("href")) == int(said), name
    assert len(median.xpath("a")) == len(customers.xpath("a")) > 1
    # Ten customers after three are seven more.
    [change] = page.xpath("//*[@data-figure='customers']//*[@class='change']")
    assert change.text_content() == "+7"


@pytest.mark.parametrize(
    ("figure", "now", "before", "said"),
    [
        ("customers", 120, 100, "+20 %"),
        ("customers", 9, 12, "-25 %"),
        ("customers", 3, 2, "+1"),
        ("customers", 2, 2, "as before"),
        ("customers", 2, 0, ""),
        ("in_target_share", 0.78, 0.82, "-4 points"),
        ("median_seconds", 360, 180, "+3 min"),
        ("median_seconds", None, 180, ""),
    ],
)
def test_how_a_figure_changed_is_told_as_one_would(
    figure: str, now: float | None, before: float, said: str
) -> None:
    assert change_in_words(figure, now, before).replace(MINUS, "-") == said


@pytest.mark.parametrize("name", [*TABS, "day"])
async def test_a_file_has_what_the_page_has(visitor: httpx.AsyncClient, name: str) -> None:
    query = "period=7d"
    page = parsed((await visitor.get(f"/reports?by={name}&{query}")).text)
    shown = [row.xpath(".//data/@value") for row in rows_of(page, name)]

    answer = await visitor.get(f"/reports/{name}.csv?{query}")
    book = await visitor.get(f"/reports/{name}.xlsx?{query}")

    head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert f'filename="report-{name}-brisbane-motors-' in answer.headers["content-disposition"]
    assert shown
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None
    titles, *rows = sheet.iter_rows(values_only=True)
    assert list(titles) == head
    if name == "silence":
        # What would have come grows by the moment.
        lines, shown = ([[*row[:3], row[5]] for row in table] for table in (lines, shown))
    else:
        assert [[plain(cell) for cell in row] for row in rows] == [
            [plain(cell) for cell in row] for row in shown
        ]
    assert [[plain(cell) for cell in line] for line in lines] == [
        [plain(cell) for cell in row] for row in shown
    ]


def plain(cell: Any) -> str:
    """A cell as text: a day without its time, a number without the dot that it does not need."""
    text = "" if cell is None else str(cell).removesuffix(" 00:00:00").replace("T", " ")
    return re.sub(r"\.0$", "", text)


async def test_there_are_no_other_files(visitor: httpx.AsyncClient) -> None:
    for name in ("summary", "sales", "..%2Freports"):
        assert (await visitor.get(f"/reports/{name}.csv")).status_code == 404


async def test_days_that_do_not_fit_are_told_and_others_are_shown(visitor: httpx.AsyncClient) -> None:
    text = (await visitor.get("/reports?period=custom&from=2026-12-01&to=2026-11-01")).text
    assert "“to” must not be before from." in text

    page = parsed((await visitor.get("/reports?from=2020-02-01&to=2020-02-29&by=person")).text)
    assert "Nobody enquired" in page.text_content()
    assert page.xpath("//*[@id='from']/@value")[0] == "2020-02-01"


async def test_filters_about_days_are_read_and_what_they_lack_is_said(visitor: httpx.AsyncClient) -> None:
    today = datetime.now(UTC).date()
    days = f"created:{today - timedelta(days=2)}..{today + timedelta(days=1)}"
    for typed, problem in (
        ("answered:in-target", "need days beside them"),
        ("created:2026-13-01", "are no days"),
        ("created:2026-02-30", "are no days"),
        ("created:2020-01-01..2026-01-01", "400 of them at most"),
        ("created:2026-02-03..2026-02-01", "are no days"),
        (f"{days} hour:mon-24", "is no hour of a week"),
        (f"{days} answered:perhaps", "Known: yes, never, in-target, out-of-target"),
        (f"{days} appointment:kep", "did you mean “kept”?"),
    ):
        assert problem in (await visitor.get("/", params={"view": "all", "q": typed})).text, typed
    for typed in (
        f"{days} answered:<15m first_via:carsales", f"{days} answered:>1h", f"{days} about:test", f"{days} via:facebook",
        "reason:none", "location:none", "location:#101", "assignee:#501", "is:merged", f"{days} answered:never hour:MON-09",
    ):  # fmt: skip
        answer = await visitor.get("/", params={"view": "all", "q": typed})
        assert 'role="alert"' not in answer.text, typed


async def test_a_salesperson_sees_no_reports_and_nothing_of_them(
    server: str, world: World, database_url: str
) -> None:
    await world.run("insert into user_account (id, name, email) values (601, 'Sal', 'sal@example.com')")
    await world.run("insert into dealership_user (dealership_id, user_id) values (1, 601), (2, 601)")
    cookie = await signed_in(world, database_url, "salesperson", user_id=601)
    async with httpx.AsyncClient(base_url=server, headers={"Cookie": f"{COOKIE}={cookie}"}) as sales:
        for address in ("/reports", "/reports/silence", "/reports/source.csv", "/reports/source.xlsx"):
            answer = await sales.get(address)
            assert answer.status_code == 403
        inbox = (await sales.get("/")).text
        assert 'href="/reports"' not in inbox
        assert "/reports/silence" not in inbox

        # Who manages one of two dealerships sees that one, whose lists show no customers of the other.
        await world.run(
            "update dealership_user set role = 'lead_manager' where user_id = 601 and dealership_id = 1"
        )
        page = (await sales.get("/reports?dealership=cairns-motors")).text
        assert "Brisbane Motors" in page
        assert "Cairns Motors" not in page
        assert f"dealership={OURS}" in page
        assert "All dealerships" not in page

        await world.run("update dealership_user set role = 'owner' where user_id = 601")
        assert "All dealerships" in (await sales.get("/reports")).text


# What is told apart by category, location and person looks as that by source.
@pytest.mark.parametrize("by", ["source", "hour", "reason", "silence"])
async def test_the_page_keeps_the_rules_of_accessibility(
    browser: Browser, server: str, owner_cookie: str, by: str
) -> None:
    async with opened(browser, server, owner_cookie, bypass_csp=True) as (page, _):
        await page.goto(f"/reports?by={by}&period=7d")
        if by != "hour":
            # That table has thousands of links, which are as those of any other.
            await page.evaluate(
                "document.querySelectorAll('.reports > * details').forEach((one) => (one.open = true))"
            )

        assert await complaints_everywhere(page) == []


async def test_the_page_is_used_by_keyboard_and_makes_no_noise(
    browser: Browser, server: str, owner_cookie: str
) -> None:
    async with opened(browser, server, owner_cookie) as (page, _):
        await page.goto("/")
        await page.keyboard.press("g")
        await page.keyboard.press("r")
        await page.wait_for_url("**/reports")
        await page.focus(".periods a >> nth=1")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/reports?period=7d")
        await page.focus("[data-figure=merged] .big a")
        await page.keyboard.press("Enter")

        await page.wait_for_selector(".row:has-text('Twin')")
        assert await page.locator(".row").count() == 1
