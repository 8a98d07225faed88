"""Possible duplicates: with their reasons, side by side, merged as was chosen, taken apart again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.clusters.asking import cluster, enquiry, put
from tests.screens.customers import done, page_of, shown, words_of

if TYPE_CHECKING:
    import httpx


async def suspects(api: httpx.AsyncClient) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two customers who may be one: a third enquiry had the number of the one and the address of the other."""
    one = await enquiry(api, name="Bella Sorensen", tags=["fleet"], dob="01/02/1980")
    other = await enquiry(api, name="Bella Sorenson", tags=["urgent"])
    await enquiry(api, email=one["email"], phone=other["phone"], name="Bella S")
    return one, other


async def test_the_reasons_are_told_and_somebody_else_is_remembered(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    one, other = await suspects(api)
    assert "Another customer may be the same person" in words_of(await shown(visitor, page_of(one)))

    text = words_of(await shown(visitor, f"{page_of(one)}/duplicates"))
    assert "same number" in text or "same e-mail" in text

    answer = await visitor.post(
        f"{page_of(one)}/not_a_duplicate", data={"other": str(other["lead_cluster_id"])}
    )
    text = words_of(await shown(visitor, answer.headers["location"]))
    assert "Remembered as somebody else" in text
    assert "Said to be somebody else" in text
    assert "may be the same person" not in words_of(await shown(visitor, page_of(one)))


async def test_what_is_chosen_without_choosing_is_what_a_merge_would_keep(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    async def pair() -> tuple[dict[str, Any], dict[str, Any]]:
        one = await enquiry(
            api, name="Bea", last_name="Old", customer_address="1 Old Road", sms_verified=True
        )
        other = await enquiry(api, name="Beatrix", dob="01/02/1980", golden=True)
        await put(api, one["lead_cluster_id"], user_id=501, lead_state="contacted")
        return one, other

    for turned in (False, True):
        one, other = reversed(await pair()) if turned else await pair()
        page = await shown(visitor, f"{page_of(one)}/duplicates/{other['lead_cluster_id']}")
        chosen = dict(re.findall(r'name="(fields\[\w+\])" value="(\d+)" checked', page))
        assert len(chosen) >= 6
        twin, second = reversed(await pair()) if turned else await pair()
        await api.post(f"/api/v1{page_of(twin)}/merge", json={"lead_cluster_id": second["lead_cluster_id"]})

        await done(visitor, f"{page_of(one)}/merge", {"other": str(other["lead_cluster_id"])} | chosen)

        by_form = await cluster(api, one["lead_cluster_id"])
        by_rule = await cluster(api, twin["lead_cluster_id"])
        same = ("name", "last_name", "dob", "customer_address", "sms_verified")
        assert {name: by_form["contact"][name] for name in same} == {
            name: by_rule["contact"][name] for name in same
        }
        for name in ("lead_state", "user_id", "golden"):
            assert by_form[name] == by_rule[name], name


async def test_a_merge_keeps_what_was_chosen_and_is_taken_back_from_the_timeline(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    one, other = await suspects(api)
    before = [await cluster(api, lead["lead_cluster_id"]) for lead in (one, other)]
    form = {
        "other": str(other["lead_cluster_id"]),
        "fields[name]": str(one["lead_cluster_id"]),
        "fields[dob]": str(one["lead_cluster_id"]),
    }

    text = await done(visitor, f"{page_of(one)}/merge", form)

    merged = await cluster(api, one["lead_cluster_id"])
    assert (merged["contact"]["name"], merged["contact"]["dob"]) == (
        before[0]["contact"]["name"],
        "01/02/1980",
    )
    assert merged["lead_count"] == 3
    assert "merged it with" in words_of(text)
    assert "Merged with" in words_of(text)
    text = await done(visitor, f"{page_of(one)}/unmerge", {"other": str(other["lead_cluster_id"])})
    assert "took the merge with" in words_of(text)
    after = [await cluster(api, lead["lead_cluster_id"]) for lead in (one, other)]
    assert [one["lead_count"] for one in after] == [one["lead_count"] for one in before]
    again = await visitor.post(f"{page_of(one)}/unmerge", data={"other": str(other["lead_cluster_id"])})
    assert again.status_code == 404


async def test_somebody_is_found_to_merge_with(api: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    one = await enquiry(api, name="Search Sal")
    other = await enquiry(api, name="Findable Fay")
    address = f"{page_of(one)}/duplicates"

    text = await shown(visitor, address, **{"with": "findable"})

    assert f"{address}/{other['lead_cluster_id']}" in text
    assert "Nobody fits" in await shown(visitor, address, **{"with": "zzzz"})
    assert (await visitor.get(f"{address}/999999")).status_code == 404
    assert (await visitor.get(f"{address}/{one['lead_cluster_id']}")).status_code == 303


async def test_chosen_enquiries_begin_a_customer_of_their_own_and_come_back(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    first = await enquiry(api, name="Ann", message="for me")
    second = await enquiry(api, email=first["email"], name="Bob", message="for my brother")
    assert second["lead_cluster_id"] == first["lead_cluster_id"]
    assert "for my brother" in await shown(visitor, f"{page_of(first)}/split")

    text = await done(visitor, f"{page_of(first)}/split", {"lead_ids[]": str(second["id"])})

    assert "parted it from" in words_of(text)
    moved = (await api.get(f"/api/v1/leads/{second['id']}")).json()["lead_cluster_id"]
    assert moved != first["lead_cluster_id"]
    marks = re.findall(r'name="events" value="([^"]+)"', text)
    await visitor.post("/undo", data={"events": marks[0]})
    assert (await cluster(api, first["lead_cluster_id"]))["lead_count"] == 2
    nobody = await visitor.post(f"{page_of(first)}/split", data={"lead_ids[]": "x"})
    assert nobody.status_code == 422
