"""The settings: each page does what the API does, says so, and can be taken back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from forecourt.access.sessions import COOKIE
from forecourt.screens.settings.page import PAGES
from tests.clusters.asking import enquiry
from tests.screens.conftest import opened, signed_in
from tests.screens.rules import complaints_everywhere
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playwright.async_api import Browser

    from tests.world import World

AT = f"/api/v1/dealerships/{OURS}"


async def told(api: httpx.AsyncClient, what: str) -> dict[str, Any]:
    """What the API tells of the dealership."""
    answer = await api.get(f"{AT}{what}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def post(visitor: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    """A form as a browser sends it: ``name__`` stands for ``name[]``."""
    return await visitor.post(path, data={name.replace("__", "[]"): said for name, said in form.items()})


async def take_back(visitor: httpx.AsyncClient, done: httpx.Response) -> None:
    """Press the Undo that the page after *done* offers."""
    assert done.status_code == 303, done.text
    page = await visitor.get(done.headers["location"])
    found = re.search(r'name="events" value="([^"]+)"', page.text)
    assert found, "the page offers no undo"
    undone = await visitor.post("/undo", data={"events": found[1]}, headers={"Referer": str(page.url)})
    assert undone.headers["location"].startswith("/settings")


@pytest.fixture
async def manager(server: str, world: World, database_url: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A lead manager of ours without JavaScript."""
    await world.run(
        "insert into user_account (id, name, email) values (590, 'Lea', 'lea@x.example') on conflict do nothing"
    )
    await world.run(
        "insert into dealership_user (dealership_id, user_id) values (1, 590) on conflict do nothing"
    )
    cookie = await signed_in(world, database_url, "lead_manager", user_id=590)
    headers = {"Cookie": f"{COOKIE}={cookie}", "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=server, headers=headers) as client:
        yield client


async def test_a_dealership_is_called_anew_and_called_as_before_again(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    done = await post(
        visitor, "/settings/dealership", name="Brisbane Cars", timezone="Australia/Sydney", country="AU"
    )
    now = await told(api, "")
    assert (now["name"], now["timezone"], now["slug"]) == ("Brisbane Cars", "Australia/Sydney", OURS)

    await take_back(visitor, done)
    now = await told(api, "")
    assert (now["name"], now["timezone"]) == ("Brisbane Motors", "Australia/Brisbane")


async def test_what_does_not_fit_is_told_beside_what_was_typed(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    answer = await post(visitor, "/settings/own", phone="not a number", email="sales@example.com")

    assert answer.status_code == 422
    assert "is not a phone number" in answer.text
    assert 'value="sales@example.com"' in answer.text
    assert (await told(api, "/lead_cluster_settings"))["email"] is None


async def test_times_are_kept_for_all_and_for_some(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    form = {
        "target_minutes": "20",
        "overdue_minutes": "90",
        "targets[][category]": ["Test Drive Booking", ""],
        "targets[][source]": ["", ""],
        "targets[][target_minutes]": ["5", ""],
        "targets[][overdue_minutes]": ["10", ""],
    }
    done = await visitor.post("/settings/answering", content=_in_rows(form), headers=_FORM)

    settings = await told(api, "/response_settings")
    assert (settings["target_minutes"], settings["overdue_minutes"]) == (20, 90)
    [target] = settings["response_targets"]
    assert (target["category"], target["target_minutes"]) == ("Test Drive Booking", 5)
    await take_back(visitor, done)
    assert (await told(api, "/response_settings"))["response_targets"] == []

    await post(visitor, "/settings/states", closed_cluster_days="90", uses_appointment_state="yes")
    settings = await told(api, "/lead_cluster_settings")
    assert (settings["closed_cluster_days"], settings["uses_appointment_state"]) == (90, True)


async def test_a_reason_is_added_renamed_and_put_out_of_use(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    await post(visitor, "/settings/words", state="lost", name="Too far away", position="10")
    [option] = [
        one
        for one in (await told(api, "/lead_status_options"))["lead_status_options"]
        if one["name"] == "Too far away"
    ]
    await post(visitor, f"/settings/words/{option['id']}", name="Lives too far away", position="20")

    after = {one["id"]: one for one in (await told(api, "/lead_status_options"))["lead_status_options"]}
    assert after[option["id"]] == {
        "id": option["id"], "state": "lost", "name": "Lives too far away", "position": 20, "enabled": False,
    }  # fmt: skip


async def test_a_location_has_hours_of_its_own_in_several_spans(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    done = await post(
        visitor, "/settings/locations", name="Workshop", location_type="service", address="1 High St"
    )
    assert done.status_code == 303
    [location] = [one for one in (await told(api, "/locations"))["locations"] if one["name"] == "Workshop"]
    assert location["address"] == "1 High St"
    before = (await told(api, "/response_settings"))["opening_hours"]

    spans = [("1", "07:00", "12:00"), ("1", "13:00", "17:00"), ("2", "", ""), ("5", "08:00", "23:59")]
    answer = await visitor.post(
        "/settings/hours",
        content=_in_rows({"location_id": str(location["id"]), "region": "NSW"} | _hours(spans)),
        headers=_FORM,
    )

    settings = await told(api, "/response_settings")
    own = [one for one in settings["opening_hours"] if one["location_id"] == location["id"]]
    assert sorted((one["weekday"], one["opens"], one["closes"]) for one in own) == [
        (1, "07:00", "12:00"), (1, "13:00", "17:00"), (5, "08:00", "24:00"),
    ]  # fmt: skip
    assert [one for one in settings["opening_hours"] if one not in own] == before
    await take_back(visitor, answer)

    backwards = await visitor.post(
        "/settings/hours", content=_in_rows(_hours([("3", "17:00", "08:00")])), headers=_FORM
    )
    assert backwards.status_code == 422
    assert "Wednesday" in backwards.text


async def test_closed_days_are_kept_beside_the_public_holidays(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    form = {
        "days[][day]": ["2026-12-31", ""],
        "days[][name]": ["Stocktake", ""],
        "days[][location_id]": ["", ""],
    }
    await visitor.post("/settings/closed-days", content=_in_rows(form), headers=_FORM)

    assert (await told(api, "/response_settings"))["closed_days"] == [
        {"day": "2026-12-31", "name": "Stocktake", "location_id": None}
    ]
    assert "Stocktake" in (await visitor.get("/settings/locations")).text


async def test_an_assignment_rule_is_tried_on_the_last_leads_before_it_holds(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    await enquiry(api, name="Tried Customer", category="Test Drive Booking", phone="0491 570 101")
    rule = {
        "name": "Test drives",
        "categories__": "Test Drive Booking",
        "user_ids__": "501",
        "enabled": "yes",
    }

    tried = await post(visitor, "/settings/assignment/dry-run", rule_id="new", **rule)
    assert tried.status_code == 200
    row = re.search(r"<tr>(?:(?!</tr>).)*Tried Customer.*?</tr>", tried.text, re.DOTALL)
    assert row
    assert "<b>User</b>" in row[0]
    assert (await told(api, "/assignment_rules"))["assignment_rules"] == []

    done = await post(visitor, "/settings/assignment/new", **rule)
    [kept] = (await told(api, "/assignment_rules"))["assignment_rules"]
    assert (kept["categories"], kept["user_ids"]) == (["Test Drive Booking"], [501])
    stale = await post(visitor, f"/settings/assignment/{kept['id']}", version="77", **rule)
    assert stale.status_code == 412
    assert "Somebody else has changed this" in stale.text
    await take_back(visitor, done)
    assert (await told(api, "/assignment_rules"))["assignment_rules"] == []


async def test_who_is_away_gets_nothing(visitor: httpx.AsyncClient, api: httpx.AsyncClient) -> None:
    await post(
        visitor, "/settings/assignment/staff/501", absent_from="2026-01-01T08:00", most_open_clusters="3"
    )

    [member] = [one for one in (await told(api, "/staff"))["staff"] if one["user_id"] == 501]
    assert member["absent"]
    assert member["most_open_clusters"] == 3
    assert member["absent_from"].startswith(("2026-01-01T08:00:00+10", "2025-12-31T22:00:00"))
    await post(visitor, "/settings/assignment/staff/501", absent_from="", most_open_clusters="")


async def test_a_notification_rule_is_kept_and_tried(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    await enquiry(api, name="Told Customer", phone="0491 570 102")
    rule = {
        "addresses": "one@example.com\r\ntwo@example.com",
        "format": "adf",
        "quiet_from": "21:00",
        "quiet_to": "07:00",
    }
    done = await post(visitor, "/settings/notices/new", enabled="yes", **rule)

    [kept] = (await told(api, "/notification_rules"))["notification_rules"]
    assert kept["addresses"] == ["one@example.com", "two@example.com"]
    assert (kept["format"], kept["quiet_from"]) == ("adf", "21:00")
    assert "two@example.com" in (await visitor.get("/settings/notices/dry-run")).text
    refused = await post(visitor, f"/settings/notices/{kept['id']}", addresses="nonsense", format="html")
    assert refused.status_code == 422
    assert "nonsense" in refused.text
    await take_back(visitor, done)
    assert (await told(api, "/notification_rules"))["notification_rules"] == []


async def test_a_template_is_previewed_tested_and_kept(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient, world: World
) -> None:
    wording = {
        "kind": "email",
        "subject": "About {{ lead.car }}",
        "body": "Hi {{ dealership.email }}\n\n**Bold**",
    }
    shown = await post(visitor, "/settings/templates/preview", **wording)
    assert "2023 Ford Ranger XLT" in shown.text
    assert "<mark>dealership.email</mark>" in shown.text
    assert "sandbox" in shown.headers["content-security-policy"]
    wrong = await post(
        visitor, "/settings/templates/preview", **wording | {"body": "Hi\n{{ customer.shoe_size }}"}
    )
    assert "line 2" in wrong.text

    sent = await post(visitor, "/settings/templates/test", **wording)
    assert "user1@example.com" in sent.text
    [message] = await world.rows("select recipient, subject from message where purpose = 'test'")
    assert message == {"recipient": "user1@example.com", "subject": "Test: About 2023 Ford Ranger XLT"}

    done = await post(visitor, "/settings/templates/new", name="About a car", enabled="yes", **wording)
    [kept] = (await told(api, "/message_templates"))["message_templates"]
    assert (kept["name"], kept["body"]) == ("About a car", wording["body"])
    await take_back(visitor, done)
    assert (await told(api, "/message_templates"))["message_templates"] == []


async def test_mail_is_signed_and_the_stop_list_kept(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    done = await post(
        visitor, "/settings/mail", sender_name="Sales at Brisbane", reply_to="sales@example.com"
    )
    assert (await told(api, "/mail_settings"))["sender_name"] == "Sales at Brisbane"
    await take_back(visitor, done)
    assert (await told(api, "/mail_settings"))["sender_name"] is None

    done = await post(visitor, "/settings/stop-list", value="07 3000 0009", note="front desk")
    assert "+61730000009" in {one["value"] for one in (await told(api, "/stop_list"))["stop_list"]}
    await post(visitor, "/settings/stop-list/remove", kind="phone", value="+61730000009")
    assert "+61730000009" not in {one["value"] for one in (await told(api, "/stop_list"))["stop_list"]}


async def test_nobody_is_erased_by_itself_before_the_dealership_is_named(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    assert "Nobody would be erased" in (await visitor.get("/settings/retention?days=90")).text
    refused = await post(visitor, "/settings/retention", days="90", name="Some Motors")
    assert refused.status_code == 422
    assert (await told(api, "/retention_settings"))["erase_closed_after_days"] is None

    await post(visitor, "/settings/retention", days="90", name="brisbane motors")
    assert (await told(api, "/retention_settings"))["erase_closed_after_days"] == 90
    await post(visitor, "/settings/retention", days="")
    assert (await told(api, "/retention_settings"))["erase_closed_after_days"] is None


async def test_the_audit_tells_who_did_what_and_hands_it_out(visitor: httpx.AsyncClient) -> None:
    await post(visitor, "/settings/mail", sender_name="For the audit", reply_to="")
    page = await visitor.get("/settings/audit?kind=mail_settings.updated&user_id=501&since=&until=")

    assert page.status_code == 200
    assert "For the audit" in page.text
    file = await visitor.get("/settings/audit.csv?kind=mail_settings.updated")
    assert file.headers["content-type"].startswith("text/csv")
    assert "For the audit" in file.text
    wrong = await visitor.get("/settings/audit?since=yesterday")
    assert wrong.status_code == 400
    assert "must be a day" in wrong.text
    await post(visitor, "/settings/mail", sender_name="", reply_to="")


async def test_a_lead_manager_settles_but_neither_erases_nor_audits(manager: httpx.AsyncClient) -> None:
    page = (await manager.get("/settings")).text

    for one in PAGES:
        is_for_owners = one.address in {"/settings/users", "/settings/retention", "/settings/audit"}
        assert (f'href="{one.address}"' in page) is not is_for_owners
        assert (await manager.get(one.address)).status_code == (403 if is_for_owners else 200)


async def test_every_page_is_fit_for_everybody(
    browser: Browser, server: str, owner_cookie: str, visitor: httpx.AsyncClient
) -> None:
    await post(visitor, "/settings/assignment/new", name="For the page", user_ids__="501", enabled="yes")
    more = (
        "/settings/locations/101",
        "/settings/assignment/new",
        "/settings/assignment/dry-run",
        "/settings/notices/new",
        "/settings/notices/dry-run",
        "/settings/retention?days=90",
        "/settings/templates/new?kind=customer_email",
    )
    found = {}
    async with opened(browser, server, owner_cookie, bypass_csp=True) as (page, _):
        for address in (*(one.address for one in PAGES), *more):
            await page.goto(address)
            found[address] = await complaints_everywhere(page)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


async def test_a_template_is_seen_while_it_is_written_and_kept_by_the_keyboard_alone(
    browser: Browser, server: str, owner_cookie: str, api: httpx.AsyncClient
) -> None:
    async with opened(browser, server, owner_cookie) as (page, _):
        await page.goto("/settings/templates/new?kind=sms")
        await page.focus("#name")
        await page.keyboard.type("By keyboard")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("See you soon, {{ customer.first_name }}")
        await (
            page.frame_locator("iframe[name=preview]")
            .locator(".bubble:has-text('See you soon, Alex')")
            .wait_for()
        )
        assert await page.evaluate("document.activeElement.id") == "body"
        for _ in range(3):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".toast:has-text('The template is there')")
        await page.click("[data-undo]")
        await page.wait_for_selector(".toast:has-text('Undone')")
    assert (await told(api, "/message_templates"))["message_templates"] == []


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _hours(spans: list[tuple[str, str, str]]) -> dict[str, list[str]]:
    names = ("weekday", "opens", "closes")
    return {f"hours[][{name}]": [span[place] for span in spans] for place, name in enumerate(names)}


def _in_rows(form: dict[str, Any]) -> str:
    """A form with a table, row by row, as a browser sends it."""
    single = [(name, said) for name, said in form.items() if isinstance(said, str)]
    columns = {name: said for name, said in form.items() if isinstance(said, list)}
    count = max((len(said) for said in columns.values()), default=0)
    rows = [(name, said[row]) for row in range(count) for name, said in columns.items()]
    return urlencode([*single, *rows])
