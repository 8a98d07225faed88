"""A salesperson's first five minutes in a real browser: by keyboard, with others about, and to the rules."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.clusters.asking import act, cluster, enquiry, put
from tests.screens.conftest import opened, signed_in
from tests.screens.customers import colleague, page_of
from tests.screens.rules import complaints_across, complaints_everywhere

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx
    from playwright.async_api import Browser, Page

    from tests.world import World

# What a telephone's link does is the telephone's; a browser without one would stop to ask which program to take.
_NO_TELEPHONE = "addEventListener('click', event => event.target.closest?.('a[href^=tel]') && event.preventDefault(), true)"


@asynccontextmanager
async def at(browser: Browser, server: str, cookie: str, address: str, **how: Any) -> AsyncGenerator[Page]:
    """A page that is open and live."""
    async with opened(browser, server, cookie, **how) as (page, _):
        await page.context.add_init_script(_NO_TELEPHONE)
        await page.goto(address)
        await page.wait_for_selector("#live-state[data-state=live]")
        yield page


async def toast(page: Page, text: str) -> None:
    await page.wait_for_selector(f".toast:has-text('{text}')")


async def focused(page: Page, what: str) -> str:
    """Something about the element that has the focus."""
    return str(await page.evaluate(f"document.activeElement.{what} ?? ''"))


async def test_the_first_five_minutes_by_keyboard_alone(  # noqa: PLR0915 - five minutes are long
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str, world: World
) -> None:
    await world.run(
        "insert into lead_status_option (dealership_id, id, state, name) values (1, 81, 'lost', 'Price')"
    )
    await world.run("update user_account set name = 'Mia Kowalski' where id = 501")
    first = await enquiry(api, name="Other Olaf", tags=["flow"])
    lead = await enquiry(api, name="Key Kate", message="Is it still there?", tags=["flow"])
    ident = lead["lead_cluster_id"]
    async with at(browser, server, owner_cookie, "/?view=all&q=tag:flow") as page:
        for key in ("j", "j", "k", "Enter"):
            await page.keyboard.press(key)
        opened_id = await page.get_attribute(".customer", "data-cluster")
        if opened_id != str(ident):
            await page.keyboard.press("Escape")
            await page.keyboard.press("j")
            await page.keyboard.press("Enter")
        await page.wait_for_selector(
            f".customer[data-cluster='{ident}'] blockquote:has-text('Is it still there?')"
        )
        assert f"/lead_clusters/{ident}" in page.url

        # A call in three keys: called, nobody there, again in two hours.
        await page.keyboard.press("c")
        await page.wait_for_selector("#outcome[open] [data-digit='2']")
        await page.keyboard.press("2")
        await toast(page, "Call logged: no answer")
        await page.wait_for_selector("#outcome[open] [data-digit='1']:has-text('In 2 hours')")
        await page.keyboard.press("1")
        await toast(page, "Put off until")
        await page.wait_for_selector("#customer-head .chip:has-text('until')")
        assert await focused(page, "dataset.action") == "call"

        # An answer: a template, then a moment's doubt.
        await page.keyboard.press("m")
        await page.keyboard.type("/standard")
        await page.wait_for_selector(".suggestions [role=option]")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(
            '#preview-sms .bubble:has-text("Hi Key, it\'s Mia from Brisbane Motors")'
        )
        await page.keyboard.press("Control+Enter")
        await toast(page, "goes in ten seconds")
        await page.wait_for_selector(".entry.messages:has-text('waiting')")
        assert await focused(page, "id") == "body-sms"
        await page.keyboard.press("Escape")
        await page.keyboard.press("z")
        await toast(page, "called back")
        await page.wait_for_function("document.activeElement.id === 'body-sms'")
        assert (await page.input_value("#body-sms")).startswith("Hi Key")

        # Lost, for a reason, and back.
        await page.keyboard.press("Escape")
        await page.keyboard.press("l")
        await page.wait_for_selector("#menu-lost[open] button:focus")
        await page.keyboard.press("Enter")
        await toast(page, "Marked lost: Price")
        await page.keyboard.press("z")
        await toast(page, "Undone")
        await page.wait_for_selector("#customer-head summary.state:has-text('New')")
        for key, said in (
            ("i", "Assigned to Mia Kowalski"),
            ("*", "Marked golden"),
            ("d", "Marked contacted"),
        ):
            await page.keyboard.press(key)
            await toast(page, said)
        await page.wait_for_selector(f"#row-{ident}.golden")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#pane .empty")
        assert await page.evaluate("document.activeElement.closest('.row')?.id") == f"row-{ident}"
    told = await cluster(api, ident)
    assert (told["user_id"], told["golden"], told["lead_state"]) == (501, True, "contacted")
    assert (await cluster(api, first["lead_cluster_id"]))["golden"] is False


async def test_duplicates_are_merged_and_taken_back_by_keyboard(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    one, other = await enquiry(api, name="Twin Tess"), await enquiry(api, name="Twin Tessa", golden=True)
    await enquiry(api, email=one["email"], phone=other["phone"])
    async with opened(browser, server, owner_cookie) as (page, _):
        await page.goto(page_of(one))
        await page.focus("#customer-notices a:has-text('Compare')")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1:has-text('Possible duplicates')")
        await page.focus(".suspect a:has-text('Compare')")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("table.compare")
        await page.focus("button:has-text('Merge')")
        await page.keyboard.press("Enter")
        await toast(page, "Merged")
        assert (await cluster(api, one["lead_cluster_id"]))["lead_count"] == 3
        await page.keyboard.press("z")
        await toast(page, "Undone")
    assert (await cluster(api, other["lead_cluster_id"]))["id"] == other["lead_cluster_id"]


async def test_what_others_do_appears_and_keeps_draft_caret_focus_and_what_is_open(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    lead = await enquiry(api, name="Live Liv")
    ident = lead["lead_cluster_id"]
    async with at(browser, server, owner_cookie, page_of(lead)) as page:
        await page.click("[data-write=note].note")
        await page.keyboard.type("Wants a towbar fitted")
        await page.evaluate("document.activeElement.setSelectionRange(6, 7)")
        await page.click("#edit-last_name summary")
        await page.fill("#edit-last_name-value", "Half")
        await page.focus("#body-note")
        await page.evaluate("document.activeElement.setSelectionRange(6, 7)")

        await act(api, ident, "activities", activity={"kind": "call", "outcome": "spoke", "user_id": 501})
        await put(api, ident, tags=["hot"], contact={"last_name": "Larsson"})

        await page.wait_for_selector(".entry.calls:has-text('called: spoke')")
        await page.wait_for_selector(".tag:has-text('hot')")
        await page.wait_for_selector("#customer-head summary.state:has-text('Contacted')")
        assert await page.input_value("#body-note") == "Wants a towbar fitted"
        assert await focused(page, "id") == "body-note"
        assert await page.evaluate(
            "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"
        ) == [6, 7]
        assert await page.input_value("#edit-last_name-value") == "Half"
        await page.wait_for_selector(".draft-state:has-text('Draft saved')")
        await page.reload()
        assert await page.input_value("#body-note") == "Wants a towbar fitted"


async def test_two_who_change_one_field_at_once(
    api: httpx.AsyncClient, server: str, browser: Browser, world: World, database_url: str, owner_cookie: str
) -> None:
    lead = await enquiry(api, name="Contested Con")
    await colleague(world, 581, "Jack Thornbury")
    jack_cookie = await signed_in(world, database_url, "salesperson", 581)
    # Mia's browser hears of nothing meanwhile, as after a tunnel.
    async with opened(browser, server, owner_cookie) as (mia, watched):
        await mia.context.route("**/live*", lambda route: route.abort())
        await mia.goto(page_of(lead))
        async with at(browser, server, jack_cookie, page_of(lead)) as jack:
            await jack.click("#edit-name summary")
            await jack.fill("#edit-name-value", "Conrad")
            await jack.keyboard.press("Enter")
            await toast(jack, "Name changed")
        await mia.click("#edit-name summary")
        await mia.fill("#edit-name-value", "Constance")
        await mia.keyboard.press("Enter")

        await mia.wait_for_selector(".toast.conflict")
        told = await mia.inner_text(".toast.conflict")
        assert re.search(r"Jack Thornbury changed the name to “Conrad” \d+ (s|min) ago", told)
        assert "Constance" in told
        assert await mia.inner_text("#customer-name") == "Conrad"
        await mia.click(".toast.conflict button:has-text('Use mine')")
        await toast(mia, "Name changed")
        assert await mia.inner_text("#customer-name") == "Constance"
        await mia.wait_for_selector("#edit-name:not([open])")
        # Refusals and the cut stream are in the console, and nothing else.
        watched.errors[:] = [one for one in watched.errors if "409" not in one and "ERR_FAILED" not in one]


async def test_whoever_writes_is_seen_by_others_who_are_asked_once(
    api: httpx.AsyncClient, server: str, browser: Browser, world: World, database_url: str, owner_cookie: str
) -> None:
    lead = await enquiry(api, name="Two Writers")
    await colleague(world, 582, "Aroha Ngata")
    aroha_cookie = await signed_in(world, database_url, "salesperson", 582)
    async with (
        at(browser, server, owner_cookie, page_of(lead)) as mine,
        at(browser, server, aroha_cookie, page_of(lead)) as hers,
    ):
        await hers.click("[data-write=sms].sms")
        await hers.keyboard.type("Hi")
        await mine.wait_for_selector(".presence:has-text('Aroha is replying')")

        await mine.click("[data-write=sms].sms")
        await mine.keyboard.type("Hello from me")
        await mine.keyboard.press("Control+Enter")
        await mine.wait_for_selector("#both-write[open]:has-text('Aroha is replying to this customer')")
        await mine.click("[data-both=wait]")
        assert await mine.input_value("#body-sms") == "Hello from me"
        await mine.focus("#body-sms")
        await mine.keyboard.press("Control+Enter")
        await mine.click("[data-both=send]")
        await toast(mine, "goes in ten seconds")
        await hers.focus("#edit-name summary")
        await mine.wait_for_selector(".presence", state="hidden")


async def test_a_customer_is_worked_without_scripts(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    lead = await enquiry(api, name="Plain Pam", message="Is it still there?")
    ident = lead["lead_cluster_id"]
    async with opened(browser, server, owner_cookie, java_script_enabled=False) as (page, _):
        await page.goto("/?view=all&q=plain")
        await page.click(f"#row-{ident} .open")
        await page.click("#outcome > summary")
        await page.click("#outcome button:has-text('Spoke')")
        await page.wait_for_selector(".toast:has-text('Call logged')")
        await page.click("#outcome button:has-text('Tomorrow')")
        await page.wait_for_selector("#customer-head .chip:has-text('until')")
        await page.click(".write-tabs .note")
        await page.fill("#body-note", "Drives a Corolla, rings back")
        await page.click("#compose-note button:has-text('Save note')")
        await page.wait_for_selector(".entry.notes:has-text('rings back')")
        await page.click("#menu-state > summary")
        await page.click("#menu-state button:has-text('Converted')")
        await page.wait_for_selector("#customer-head summary.state:has-text('Converted')")
        await page.click(".toast button:has-text('Undo')")
        await page.wait_for_selector("#customer-head summary.state:has-text('Contacted')")
    assert (await cluster(api, ident))["lead_state"] == "contacted"


async def test_a_colleague_is_named_by_a_few_letters(
    api: httpx.AsyncClient, server: str, browser: Browser, world: World, owner_cookie: str
) -> None:
    lead = await enquiry(api)
    await colleague(world, 583, "Siobhan O'Shea")
    async with at(browser, server, owner_cookie, page_of(lead)) as page:
        await page.keyboard.press("n")
        await page.keyboard.type("Please ask @sio")
        await page.wait_for_selector('.suggestions [role=option]:has-text("Siobhan O\'Shea")')
        await page.keyboard.press("Tab")
        await page.keyboard.type("about it")
        assert await page.input_value("#body-note") == "Please ask @Siobhan O'Shea about it"
        await page.keyboard.press("Control+Enter")
        await toast(page, "1 colleague is told")
    assert [
        row["user_id"] for row in await world.rows("select user_id from mention where user_id = 583")
    ] == [583]


async def test_a_taken_car_offers_its_next_time(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    taken = {"purpose": "Test Drive", "starts_at": "2031-08-04 10:00:00", "car_id": 601}
    await act(api, (await enquiry(api))["lead_cluster_id"], "appointments", appointment=taken)
    lead = await enquiry(api, stocknum="STOCK1")
    async with opened(browser, server, owner_cookie) as (page, watched):
        await page.goto(page_of(lead))
        await page.keyboard.press("t")
        await page.wait_for_selector("#book[open]")
        await page.fill("#book-day", "2031-08-04")
        await page.fill("#book-at", "10:00")
        await page.click("#book button:has-text('Book')")
        await page.wait_for_selector("button:has-text('Take Mon 4 Aug, 10:30 am instead')")
        await page.keyboard.press("Enter")
        await toast(page, "Test drive booked")
        await page.wait_for_selector(".visit:has-text('Mon 4 Aug, 10:30 am')")
        watched.errors[:] = [one for one in watched.errors if "409" not in one]


async def test_the_page_keeps_the_rules_everywhere(
    api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    lead = await enquiry(
        api,
        name="Rule Rae",
        message="Hello",
        stocknum="STOCK1",
        tags=["fleet"],
        fields={"a": 1},
        opt_in_to_marketing=True,
    )
    other = await enquiry(api, name="Rule Ray")
    ident = lead["lead_cluster_id"]
    await act(api, ident, "activities", activity={"kind": "note", "body": "a note"})
    drive = {"purpose": "Test Drive", "starts_at": "2031-09-01 10:00:00", "car_id": 601}
    await act(api, ident, "appointments", appointment=drive)
    await put(api, ident, contact={"name": "Rule Raelene"})
    async with opened(browser, server, owner_cookie, bypass_csp=True) as (page, _):
        await page.context.add_init_script(_NO_TELEPHONE)
        await page.goto(page_of(lead))
        assert await complaints_everywhere(page) == []
        for address in (
            f"{page_of(lead)}?write=sms",
            f"{page_of(lead)}/appointments/new",
            f"{page_of(lead)}/duplicates",
            f"{page_of(lead)}/duplicates/{other['lead_cluster_id']}",
            f"{page_of(lead)}/split",
            f"{page_of(lead)}/leads/{lead['id']}/explain",
            f"{page_of(lead)}/leads/{lead['id']}/raw",
            "/appointments?week=2031-09-01",
            "/appointments?week=2031-09-01&show=car",
        ):
            await page.set_viewport_size({"width": 1360, "height": 860})
            await page.goto(address)
            assert await complaints_across(page) == [], address
        await page.set_viewport_size({"width": 1360, "height": 860})
        await page.goto(page_of(lead))
        await page.keyboard.press("c")
        for opened_too in ("#menu-state", "#edit-address", "#field-name .history"):
            await page.click(f"{opened_too} summary")
            assert await complaints_across(page) == [], opened_too
            await page.set_viewport_size({"width": 1360, "height": 860})
            await page.keyboard.press("Escape")
