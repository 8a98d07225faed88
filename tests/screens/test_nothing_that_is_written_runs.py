"""Whatever a customer, an integration or a colleague writes stands on the pages as text and does nothing."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import act, cluster, put
from tests.screens.conftest import opened
from tests.screens.payloads import payloads
from tests.world import LEAD, OURS

if TYPE_CHECKING:
    import httpx
    from playwright.async_api import Browser

    from tests.world import World

_OF_ONE_LEAD = 3
_LEADS_OF_ONE_CUSTOMER = 40
_FILE = base64.b64encode(b"%PDF-1.7\nx").decode()
# What only what was written could have brought.
_FOREIGN = (
    ":is(.customer, .rows, .page) :is(script, img, iframe, object, embed, link, style, base, meta, video, audio,"
    " marquee, math, form[action^='javascript'], a[href^='javascript'], [href*='evil'], [src*='evil'], [srcdoc],"
    " [onerror], [onload], [onfocus], [ontoggle], [onmouseover], [onblur], [style])"
)


def enquiry_of(those: list[str], number: int, customer: int) -> dict[str, Any]:
    """A lead that says all of *those* wherever it may say anything."""
    lines = [" ".join(one.split()) for one in those]
    line = " ".join(lines)[:255]
    reach = {"email": f"customer{customer}@payloads.example", "phone": f"04{30_000_000 + customer}"}
    # Of each two one address is as odd as the rest; by the other the customer is known again.
    if number % _LEADS_OF_ONE_CUSTOMER:
        reach["email" if number % 2 else "phone"] = line if number % 2 else line[:64]
    return LEAD | reach | {
        "disable_strict_validation": True, "name": line, "last_name": line, "message": "\n".join(those),
        "customer_address": line, "provider": line, "provider_id": line, "stocknum": line, "user_email": line,
        "tags": [one[:128] for one in lines],
        "address_attributes": {"street": line, "city": line, "state": line, "country": line},
        "fields": {one[:120]: one for one in lines} | {"deep": [{one[:120]: [one]} for one in lines]},
        **{one[:120]: one for one in lines},
        "charge_breakdown": {"charges": [{"name": one[:255], "amount": 1} for one in lines]},
        "payment_attributes": {"amount": 1, "external_transaction_id": f"{number} {line}"[:255]},
        "lead_files_attributes": [
            {"file": f"data:application/pdf;base64,{_FILE}", "filename": f"{one[:200]}.pdf"} for one in lines
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
async def customers(api: httpx.AsyncClient, world: World) -> dict[int, list[str]]:
    """Customer -> what their enquiries say; colleagues, cars, templates and notes say such things too."""
    written: dict[int, list[str]] = {}
    every = payloads()
    for number, start in enumerate(range(0, len(every), _OF_ONE_LEAD)):
        those = every[start : start + _OF_ONE_LEAD]
        sent = enquiry_of(those, number, number // _LEADS_OF_ONE_CUSTOMER)
        answer = await api.post("/api/v1/leads", json={"lead": sent})
        assert answer.status_code == 201, (those, answer.text)
        written.setdefault(answer.json()["lead_cluster_id"], []).extend(those)
    for index, ident in enumerate(written):
        some = every[index * 7 : index * 7 + 5]
        await put(api, ident, tags=[one[:120] for one in some], user_id=501)
        await put(
            api, ident, contact={"name": some[0], "business_name": some[1], "customer_address": some[2]}
        )
        await act(
            api, ident, "activities", activity={"kind": "note", "body": "\n".join(every), "user_id": 501}
        )
        drive = {
            "purpose": "Test Drive",
            "starts_at": f"2031-10-0{index + 1} 10:00:00",
            "note": some[3],
            "car_id": 601,
        }
        await act(api, ident, "appointments", appointment=drive | {"outcome": some[4]})
        name = some[0][:100]
        await world.run(
            "insert into lead_status_option (dealership_id, state, name) values (1, 'lost', $1)", name
        )
        await world.run(
            "insert into message_template (dealership_id, kind, name, body) values (1, 'sms', $1, $2)",
            name,
            some[1],
        )
    await world.run("update user_account set name = $1 where id = 501", every[1])
    await world.run("update car set name = $1 where id = 601", every[2])
    await world.run("update location set name = $1 where id = 101", every[3])
    return written


async def test_there_are_enough_of_them() -> None:
    assert len(payloads()) >= 300
    assert len({one[:255] for one in payloads()}) == len(payloads())


async def test_it_does_nothing_on_any_page(
    customers: dict[int, list[str]], api: httpx.AsyncClient, server: str, browser: Browser, owner_cookie: str
) -> None:
    dialogs: list[str] = []
    pages = [f"/dealerships/{OURS}/lead_clusters/{ident}" for ident in customers]
    first = next(iter(customers))
    lead = (await cluster(api, first))["leads"][0]["id"]
    async with opened(browser, server, owner_cookie) as (page, _):
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        others = (
            f"{pages[0]}?all=yes", f"{pages[0]}/duplicates?with=script", f"{pages[0]}/duplicates/{list(customers)[1]}",
            f"{pages[0]}/split", f"{pages[0]}/leads/{lead}/explain", f"{pages[0]}/leads/{lead}/raw",
            "/appointments?week=2031-10-01", "/appointments?week=2031-10-01&show=car", "/?view=all",
        )  # fmt: skip
        for address in (*pages, *others):
            await page.goto(address)
            assert await page.locator(_FOREIGN).count() == 0, address
        for ident, said in customers.items():
            # As a fragment, and as parts when something happens.
            await page.goto("/?view=all")
            await page.click(f"#row-{ident} .open")
            await page.wait_for_selector(f".customer[data-cluster='{ident}']")
            await page.evaluate(
                "id => document.body.dispatchEvent(new CustomEvent(`cluster-${id}`))", str(ident)
            )
            async with page.expect_response(lambda answer: answer.url.endswith("/parts")):
                pass
            await page.wait_for_timeout(50)
            assert await page.locator(_FOREIGN).count() == 0
            text = await page.evaluate("document.querySelector('.customer').textContent")
            shown = [one for one in said if one.strip() in text]
            assert len(shown) >= len(said) - 3, sorted(set(said) - set(shown))
        assert await page.title() != "taken"
    assert dialogs == []


async def test_it_does_nothing_in_a_preview(
    customers: dict[int, list[str]], server: str, browser: Browser, owner_cookie: str
) -> None:
    dialogs: list[str] = []
    async with opened(browser, server, owner_cookie) as (page, _):
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        await page.goto(f"/dealerships/{OURS}/lead_clusters/{next(iter(customers))}")
        for medium in ("sms", "email"):
            await page.click(f".write-tabs .{medium}")
            for payload in (
                "\n".join(payloads()[:150]),
                "{{ customer.name }} {{ lead.message }} {{ user.name }}",
            ):
                async with page.expect_response(lambda answer: answer.url.endswith("/preview")):
                    await page.fill(f"#body-{medium}", payload)
                await page.wait_for_timeout(50)
                assert await page.locator(_FOREIGN).count() == 0
    assert dialogs == []
