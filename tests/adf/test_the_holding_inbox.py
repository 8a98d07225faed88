"""What fits no dealership waits, is seen by whom it may concern, and becomes a lead when somebody says whose it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.adf.asking import contact, document, imported, prospect, reported
from tests.clusters.asking import somebody
from tests.conftest import bearer
from tests.world import EVERYTHING, OURS, SISTER, THEIRS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

HELD = "/api/v1/adf/held"
_number = iter(range(10_000_000))


def unknown_vendor() -> str:
    return f"<vendor><vendorname>Nobody Motors {next(_number)}</vendorname></vendor>"


def lost(person: dict[str, str] | None = None, vendor: str | None = None, **more: Any) -> str:
    """A document for nobody that is known."""
    customer = f"<customer>{contact(**(person or somebody()))}</customer>"
    return document(prospect(customer=customer, vendor=vendor or unknown_vendor(), **more))


async def held(api: httpx.AsyncClient, sent: str) -> int:
    """The number of what is held of *sent*."""
    report = await reported(api, sent)
    assert (report["accepted"], report["prospects"][0]["outcome"]) == (True, "held")
    [held_id] = report["held_ids"]
    return int(held_id)


async def accepted(api: httpx.AsyncClient, held_id: int, **body: Any) -> dict[str, Any]:
    answer = await api.post(f"{HELD}/{held_id}/accept", json={"dealership_slug": OURS} | body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
async def sister(server: str, world: World) -> AsyncGenerator[httpx.AsyncClient]:
    """Somebody who holds Cairns Motors alone."""
    token = await world.key(dealerships=(SISTER,))
    async with httpx.AsyncClient(base_url=server, headers=bearer(token), timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
async def group(server: str, world: World) -> AsyncGenerator[httpx.AsyncClient]:
    """Somebody who holds both of the group's."""
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.group_token), timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
async def theirs(server: str, world: World) -> AsyncGenerator[httpx.AsyncClient]:
    """Somebody who has nothing to do with us."""
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.their_token), timeout=60) as client:
        yield client


async def test_what_is_held_tells_enough_to_say_whose_it_is(api: httpx.AsyncClient) -> None:
    person = somebody()
    vendor = "<vendor><id source='Portal'>77</id><vendorname>Nobody Motors</vendorname></vendor>"
    held_id = await held(api, lost(person, vendor))

    [first, *_] = (await api.get(HELD)).json()["held"]
    whole = (await api.get(f"{HELD}/{held_id}")).json()

    assert first["id"] == held_id
    assert first["summary"] == {
        "vendor": {"name": "Nobody Motors", "ids": [{"value": "77", "source": "Portal"}]},
        "provider": "Carsales",
        "customer": {"name": "Mia", "last_name": "Chen", **person},
        "vehicle": "2026 Ford Ranger",
        "message": None,
    }
    assert whole == first | {"document": whole["document"]}
    assert f"<email>{person['email']}</email>" in whole["document"]


async def test_accepted_it_is_a_lead_like_any_other_and_held_no_more(api: httpx.AsyncClient) -> None:
    person = somebody()
    held_id = await held(api, lost(person))

    told = await accepted(api, held_id)

    assert (told["outcome"], told["dealership_slug"]) == ("created", OURS)
    lead = (await api.get(f"/api/v1/leads/{told['lead_id']}")).json()
    assert (lead["email"], lead["category"], lead["provider"]) == (
        person["email"],
        "New Vehicle Enquiry",
        "Carsales",
    )
    after = (await api.get(f"{HELD}/{held_id}")).json()
    assert (after["state"], after["lead_id"], after["summary"], after["document"]) == (
        "accepted",
        lead["id"],
        None,
        None,
    )
    assert held_id not in [one["id"] for one in (await api.get(HELD)).json()["held"]]
    assert held_id in [
        one["id"] for one in (await api.get(HELD, params={"state": "accepted"})).json()["held"]
    ]


async def test_the_same_again_goes_to_where_the_first_went(api: httpx.AsyncClient) -> None:
    person, vendor = somebody(), unknown_vendor()
    ids = "<id source='Portal'>AGAIN-1</id>"
    told = await accepted(api, await held(api, lost(person, vendor, ids=ids)))

    same = await reported(api, lost(person, vendor, ids=ids))
    news = await reported(api, lost(person, vendor, ids=ids, date="2026-11-25T09:00:00+10:00"))

    assert [one["prospects"][0]["outcome"] for one in (same, news)] == ["unchanged", "updated"]
    assert same["lead_ids"] == news["lead_ids"] == [told["lead_id"]]


async def test_sent_again_while_it_waits_it_is_one_with_the_newest_word(api: httpx.AsyncClient) -> None:
    person, vendor = somebody(), unknown_vendor()
    ids = "<id source='Portal'>AGAIN-2</id>"
    first = await held(api, lost(person, vendor, ids=ids))

    again = await held(api, lost(person, vendor, ids=ids, date="2026-12-01T00:00:00+10:00"))

    assert again == first
    assert "2026-12-01" in (await api.get(f"{HELD}/{first}")).json()["document"]


async def test_two_customers_under_one_id_are_both_held(api: httpx.AsyncClient) -> None:
    vendor, ids = unknown_vendor(), "<id source='Portal'>1</id>"

    first, second = (
        await held(api, lost(vendor=vendor, ids=ids)),
        await held(api, lost(vendor=vendor, ids=ids)),
    )

    assert first != second


async def test_a_vendor_that_is_remembered_is_known_from_then_on(api: httpx.AsyncClient) -> None:
    vendor = unknown_vendor()
    await accepted(api, await held(api, lost(vendor=vendor)), remember=True)

    lead, _ = await imported(api, lost(vendor=vendor))

    assert lead["dealership_slug"] == OURS


async def test_an_ambiguous_vendor_is_held(group: httpx.AsyncClient) -> None:
    for slug in (OURS, SISTER):
        await group.post(
            f"/api/v1/dealerships/{slug}/adf_vendors", json={"adf_vendor": {"name": "The Group"}}
        )
    sent = lost(vendor="<vendor><vendorname>The Group</vendorname></vendor>")

    held_id = await held(group, sent)

    assert (await group.get(f"{HELD}/{held_id}")).json()["reason"] == "ambiguous_vendor"
    told = await accepted(group, held_id, dealership_slug=SISTER)
    assert told["dealership_slug"] == SISTER


async def test_without_a_vendor_a_key_with_several_dealerships_has_it_held(group: httpx.AsyncClient) -> None:
    held_id = await held(group, document(prospect(vendor="")))

    assert (await group.get(f"{HELD}/{held_id}")).json()["reason"] == "unknown_vendor"


async def test_who_holds_a_dealership_in_common_sees_and_decides(
    api: httpx.AsyncClient, sister: httpx.AsyncClient, group: httpx.AsyncClient, theirs: httpx.AsyncClient
) -> None:
    of_group, of_ours = await held(group, lost()), await held(api, lost())

    async def sees(client: httpx.AsyncClient) -> set[int]:
        listed = {one["id"] for one in (await client.get(HELD, params={"limit": "200"})).json()["held"]}
        single = {
            held_id
            for held_id in (of_group, of_ours)
            if (await client.get(f"{HELD}/{held_id}")).status_code == 200
        }
        assert listed & {of_group, of_ours} == single
        return single

    assert await sees(api) == await sees(group) == {of_group, of_ours}
    assert await sees(sister) == {of_group}
    assert await sees(theirs) == set()
    answers = [
        await theirs.post(
            f"{HELD}/{held_id}/accept", json={"dealership_slug": THEIRS}, headers={"X-Request-Id": "x"}
        )
        for held_id in (of_ours, 999_999)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert (await sister.delete(f"{HELD}/{of_group}")).status_code == 200


async def test_a_dealership_that_the_key_does_not_hold_is_refused(
    sister: httpx.AsyncClient, group: httpx.AsyncClient
) -> None:
    held_id = await held(group, lost())

    for body in (
        {"dealership_slug": OURS},
        {"dealership_id": 1},
        {"dealership_slug": SISTER, "dealership_id": 1},
        {},
    ):
        answer = await sister.post(f"{HELD}/{held_id}/accept", json=body)
        assert answer.status_code == 422, answer.text
    assert (await group.get(f"{HELD}/{held_id}")).json()["state"] == "open"


async def test_of_two_who_accept_at_once_one_is_told_it_is_decided(
    group: httpx.AsyncClient, world: World
) -> None:
    held_id = await held(group, lost())

    answers = await asyncio.gather(
        *(
            group.post(f"{HELD}/{held_id}/accept", json={"dealership_slug": slug})
            for slug in (OURS, SISTER, OURS, SISTER)
        )
    )

    codes = sorted(answer.status_code for answer in answers)
    assert (codes[0], codes[-1]) == (200, 409)
    leads = {answer.json()["lead_id"] for answer in answers if answer.status_code == 200}
    assert len(leads) == 1
    assert len(await world.rows("select 1 from adf_prospect where lead_id = any ($1)", list(leads))) == 1


async def test_dismissed_its_content_goes_and_the_same_does_not_come_back(api: httpx.AsyncClient) -> None:
    sent = lost()
    held_id = await held(api, sent)

    answer = await api.delete(f"{HELD}/{held_id}")

    assert (answer.status_code, answer.json()["state"], answer.json()["summary"]) == (200, "dismissed", None)
    again = await reported(api, sent)
    assert (again["accepted"], again["held_ids"], again["prospects"][0]["outcome"]) == (True, [], "dismissed")
    for late in (
        await api.delete(f"{HELD}/{held_id}"),
        await api.post(f"{HELD}/{held_id}/accept", json={"dealership_slug": OURS}),
    ):
        assert (late.status_code, late.json()["type"]) == (409, "/problems/held-adf-is-decided")


async def test_what_is_unreadable_is_read_by_people_and_dismissed(api: httpx.AsyncClient) -> None:
    report = await reported(api, "<lead><name>Mia</name></lead>")
    [held_id] = report["held_ids"]

    answer = await api.post(f"{HELD}/{held_id}/accept", json={"dealership_slug": OURS})

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/held-adf-is-unreadable")
    assert (await api.get(f"{HELD}/{held_id}")).json()["document"] == "<lead><name>Mia</name></lead>"
    assert (await api.delete(f"{HELD}/{held_id}")).status_code == 200


async def test_the_list_goes_page_by_page(theirs: httpx.AsyncClient) -> None:
    numbers = [await held(theirs, lost()) for _ in range(3)]

    first = (await theirs.get(HELD, params={"limit": "2"})).json()
    second = (await theirs.get(HELD, params={"limit": "2", "cursor": first["next_cursor"]})).json()

    assert [one["id"] for one in first["held"] + second["held"]][:3] == numbers[::-1]
    for query in ({"limit": "0"}, {"state": "lost"}, {"cursor": "x"}, {"page": "2"}):
        assert (await theirs.get(HELD, params=query)).status_code == 400


async def test_remembering_takes_the_permission_to_manage(
    api: httpx.AsyncClient, server: str, world: World
) -> None:
    held_id = await held(api, lost())
    token = await world.key([one for one in EVERYTHING if one != "manage:dealership"])
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as narrow:
        answer = await narrow.post(
            f"{HELD}/{held_id}/accept", json={"dealership_slug": OURS, "remember": True}
        )

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/permission-missing")


async def test_a_body_that_does_not_fit_is_refused_by_its_fields(api: httpx.AsyncClient) -> None:
    held_id = await held(api, lost())

    answer = await api.post(f"{HELD}/{held_id}/accept", json={"dealership_slug": 7, "forget": True})

    assert {problem["field"] for problem in answer.json()["errors"]} == {"dealership_slug", "forget"}
