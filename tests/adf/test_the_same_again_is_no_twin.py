"""Sent again, whatever for: an update, nothing at all, or a lead of its own, and never a twin."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

from forecourt.adf.receive import forget_documents
from forecourt.infra.database import Database
from tests.adf.asking import contact, document, imported, post, prospect, reported
from tests.clusters.asking import cluster, somebody
from tests.conftest import bearer
from tests.leads.asking import history
from tests.world import LEAD, OURS, SISTER

if TYPE_CHECKING:
    from tests.world import World

ID = '<id sequence="1" source="Portal">{}</id>'


def of(person: dict[str, str], message: str = "Is it there?", **more: Any) -> str:
    """A document about *person*."""
    customer = f"<customer>{contact(**person)}<comments>{message}</comments></customer>"
    return document(prospect(customer=customer, **more))


async def outcomes(
    api: httpx.AsyncClient, sent: str, media: str = "text/xml"
) -> list[tuple[str, int | None]]:
    report = await reported(api, sent, media)
    return [(one["outcome"], one["lead_id"]) for one in report["prospects"]]


async def test_the_same_document_twice_is_one_lead(api: httpx.AsyncClient) -> None:
    sent = of(somebody())

    first, again = await reported(api, sent), await reported(api, sent)

    assert first["lead_ids"] == again["lead_ids"]
    assert (again["accepted"], again["prospects"][0]["outcome"]) == (True, "unchanged")
    assert len(await history(api, first["lead_ids"][0])) == 1


async def test_without_an_id_the_content_counts_for_a_day(api: httpx.AsyncClient, world: World) -> None:
    sent = of(somebody(), ids="")
    [(_, lead_id)] = await outcomes(api, sent)

    assert await outcomes(api, sent) == [("unchanged", lead_id)]
    await world.run(
        "update adf_prospect set received_at = now() - interval '25 hours' where lead_id = $1", lead_id
    )
    [(outcome, later)] = await outcomes(api, sent)

    assert (outcome, later == lead_id) == ("created", False)
    assert await outcomes(api, sent) == [("unchanged", later)]


async def test_space_and_the_order_of_attributes_are_no_news(api: httpx.AsyncClient) -> None:
    sent = of(somebody(), ids="")
    [(_, lead_id)] = await outcomes(api, sent)
    spaced = sent.replace("><", ">\n    <").replace(
        'interest="buy" status="new"', 'status="new" interest="buy"'
    )

    assert await outcomes(api, spaced) == [("unchanged", lead_id)]


async def test_the_same_id_with_news_is_an_update(api: httpx.AsyncClient) -> None:
    person = somebody()
    lead, _ = await imported(api, of(person, ids=ID.format("U-1")))

    assert await outcomes(api, of(person, "In red?", ids=ID.format("U-1"))) == [("updated", lead["id"])]

    after = (await api.get(f"/api/v1/leads/{lead['id']}")).json()
    assert (after["message"], after["version"]) == ("In red?", 2)
    assert set((await history(api, lead["id"]))[-1]["changes"]) == {"message"}


async def test_a_resend_corrects_the_address_of_the_same_customer(api: httpx.AsyncClient) -> None:
    person = somebody()
    lead, _ = await imported(api, of(person | {"email": "tpyo@fix.example"}, ids=ID.format("U-2")))
    right = of(person | {"email": "typo@fix.example"}, ids=ID.format("U-2"), status="resend")

    assert await outcomes(api, right) == [("updated", lead["id"])]

    told = await cluster(api, lead["lead_cluster_id"])
    assert "typo@fix.example" in [point["value"] for point in told["contact"]["emails"]]


async def test_a_resend_without_an_id_updates_the_customers_latest(api: httpx.AsyncClient) -> None:
    person = somebody()
    lead, _ = await imported(api, of(person, ids=""))
    news = of(person, "Still interested", ids="", status="resend")

    assert await outcomes(api, news) == [("updated", lead["id"])]
    assert await outcomes(api, news) == [("unchanged", lead["id"])]


async def test_a_resend_of_what_never_came_is_a_new_lead(api: httpx.AsyncClient) -> None:
    report = await reported(api, of(somebody(), ids=ID.format("U-3"), status="resend"))

    assert report["prospects"][0]["outcome"] == "created"
    assert "resend" in [one["rule"] for one in report["warnings"]]


async def test_what_else_is_in_the_fields_stays(api: httpx.AsyncClient) -> None:
    person = somebody()
    lead, _ = await imported(api, of(person, ids=ID.format("U-4")))
    required = {name: lead[name] for name in ("email", "phone", "category", "source", "dealership_slug")}
    fields = lead["fields"] | {"finance_score": 7}
    await api.put(
        f"/api/v1/leads/{lead['id']}", json={"lead": required | {"fields": fields, "tags": ["hot"]}}
    )

    await outcomes(api, of(person, "News", ids=ID.format("U-4")))

    after = (await api.get(f"/api/v1/leads/{lead['id']}")).json()
    assert (after["fields"]["finance_score"], after["tags"], after["message"]) == (7, ["hot"], "News")


async def test_who_tells_no_address_this_time_takes_none_away(api: httpx.AsyncClient) -> None:
    person = somebody()
    lead, _ = await imported(api, of(person, ids=ID.format("U-5")))

    await outcomes(api, of(person | {"email": ""}, "News", ids=ID.format("U-5")))

    after = (await api.get(f"/api/v1/leads/{lead['id']}")).json()
    assert (after["email"], after["message"]) == (person["email"], "News")


async def test_an_id_that_is_given_to_everybody_makes_no_update_of_another_customer(
    api: httpx.AsyncClient,
) -> None:
    people = [somebody() for _ in range(3)]

    reports = [await reported(api, of(person, ids=ID.format("1"))) for person in people]
    again = await reported(api, of(people[1], ids=ID.format("1")))

    leads = [report["lead_ids"][0] for report in reports]
    assert len(set(leads)) == 3
    assert again["lead_ids"] == [leads[1]]
    assert "id" in [one["rule"] for one in reports[1]["warnings"]]


async def test_after_three_days_news_are_a_new_lead_of_the_same_cluster(
    api: httpx.AsyncClient, world: World
) -> None:
    person = somebody()
    first = of(person, ids=ID.format("U-6"))
    lead, _ = await imported(api, first)
    await world.run("update lead set created_at = now() - interval '73 hours' where id = $1", lead["id"])

    assert await outcomes(api, first) == [("unchanged", lead["id"])]
    news = of(person, "Now I want it", ids=ID.format("U-6"))
    report = await reported(api, news)

    [later] = report["lead_ids"]
    assert (report["prospects"][0]["outcome"], later == lead["id"]) == ("created", False)
    assert "resend" in [one["rule"] for one in report["warnings"]]
    after = (await api.get(f"/api/v1/leads/{later}")).json()
    assert after["lead_cluster_id"] == lead["lead_cluster_id"]
    assert await outcomes(api, of(person, "In blue", ids=ID.format("U-6"))) == [("updated", later)]


async def test_documents_that_come_at_once_make_one_lead(api: httpx.AsyncClient, world: World) -> None:
    for number, reached in enumerate((somebody(), {"email": "", "phone": ""})):
        for ids in (ID.format(f"AT-ONCE-{number}"), ""):
            sent = of(reached, ids=ids)
            answers = await asyncio.gather(*(reported(api, sent) for _ in range(8)))

            assert len({report["lead_ids"][0] for report in answers}) == 1
            made = sorted(report["prospects"][0]["outcome"] for report in answers)
            assert made == ["created"] + ["unchanged"] * 7
    assert await world.rows("select 1 from adf_prospect group by lead_id having count(*) > 1") == []


async def test_updates_that_come_at_once_all_end(api: httpx.AsyncClient) -> None:
    person = somebody()
    lead, _ = await imported(api, of(person, ids=ID.format("U-7")))
    news = [of(person, f"News {number}", ids=ID.format("U-7")) for number in range(6)]

    answers = await asyncio.gather(*(reported(api, sent) for sent in news))

    assert all(report["lead_ids"] == [lead["id"]] for report in answers)
    assert {report["prospects"][0]["outcome"] for report in answers} == {"updated"}


async def test_two_prospects_of_one_document_may_be_one_lead(api: httpx.AsyncClient) -> None:
    one = prospect(customer=f"<customer>{contact()}</customer>")

    report = await reported(api, document(one, one))

    assert [told["outcome"] for told in report["prospects"]] == ["created", "unchanged"]
    assert len(report["lead_ids"]) == 1


async def test_each_dealership_has_leads_of_its_own(server: str, world: World) -> None:
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.group_token), timeout=60) as group:
        sent = [
            prospect(ids=ID.format("SHARED"), vendor=f"<vendor><vendorname>{slug}</vendorname></vendor>")
            for slug in (OURS, SISTER)
        ]

        report = await reported(group, document(*sent))

    assert [one["dealership_slug"] for one in report["prospects"]] == [OURS, SISTER]
    assert len(set(report["lead_ids"])) == 2


async def test_a_key_that_may_only_create_updates_nothing(
    api: httpx.AsyncClient, server: str, world: World
) -> None:
    person = somebody()
    lead, _ = await imported(api, of(person, ids=ID.format("U-8")))
    token = await world.key(("create:lead",))
    async with httpx.AsyncClient(base_url=server, headers=bearer(token)) as narrow:
        same = await reported(narrow, of(person, ids=ID.format("U-8")))
        news = await reported(narrow, of(person, "News", ids=ID.format("U-8")))

    assert (same["accepted"], same["prospects"][0]["outcome"]) == (True, "unchanged")
    assert (news["accepted"], news["prospects"][0]["outcome"]) == (False, "refused")
    assert "permission" in [one["rule"] for one in news["warnings"]]
    assert (await api.get(f"/api/v1/leads/{lead['id']}")).json()["version"] == 1


async def test_a_dry_run_tells_and_writes_nothing(api: httpx.AsyncClient, world: World) -> None:
    person = somebody()
    sent = of(person, ids=ID.format("U-9"))
    before = await world.rows("select count(*) from lead union all select count(*) from adf_document")

    dry = await reported(api, sent, dry_run="true")

    assert await world.rows("select count(*) from lead union all select count(*) from adf_document") == before
    assert (dry["accepted"], dry["lead_ids"], dry["prospects"][0]["outcome"]) == (True, [], "created")
    lead, _ = await imported(api, sent)
    again = await reported(api, of(person, "News", ids=ID.format("U-9")), dry_run="true")
    assert (again["prospects"][0]["outcome"], again["lead_ids"]) == ("updated", [lead["id"]])


async def test_of_a_lead_whose_person_was_erased_nothing_is_taken(
    api: httpx.AsyncClient, world: World
) -> None:
    person = somebody()
    sent = of(person, ids=ID.format("U-10"))
    lead, _ = await imported(api, sent)
    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]
    await api.delete(f"/api/v1/dealerships/{OURS}/contacts/{contact_id}")

    for again in (sent, of(person, "News", ids=ID.format("U-10"))):
        report = await reported(api, again)
        assert (report["accepted"], report["lead_ids"]) == (False, [])
        assert "erased" in [one["rule"] for one in report["warnings"]]
    assert await world.rows("select 1 from adf_document where $1 = any (points)", person["email"]) == []


async def test_a_document_of_ours_that_comes_back_is_the_lead_it_tells_of(
    api: httpx.AsyncClient, world: World
) -> None:
    person = somebody()
    made = LEAD | person | {"category": "Service Booking", "message": "Brakes"}
    lead = (await api.post("/api/v1/leads", json={"lead": made})).json()
    ours = (await api.get(f"/api/v1/leads/{lead['id']}.adf")).text

    assert await outcomes(api, ours) == [("unchanged", lead["id"])]
    assert (await api.get(f"/api/v1/leads/{lead['id']}")).json() == lead
    assert await outcomes(api, ours.replace("Brakes", "Brakes and tyres")) == [("updated", lead["id"])]
    after = (await api.get(f"/api/v1/leads/{lead['id']}")).json()
    assert (after["category"], after["message"]) == ("Service Booking", "Brakes and tyres")
    await world.run("update lead set created_at = now() - interval '73 hours' where id = $1", lead["id"])
    assert await outcomes(api, ours) == [("unchanged", lead["id"])]
    other = somebody()
    elsewhere = ours.replace(person["email"], other["email"]).replace(person["phone"], other["phone"])
    [(outcome, there)] = await outcomes(api, elsewhere)
    assert (outcome, there == lead["id"]) == ("created", False)


async def test_a_lead_that_was_made_otherwise_is_of_the_same_customer(api: httpx.AsyncClient) -> None:
    person = somebody()
    known = (await api.post("/api/v1/leads", json={"lead": LEAD | person})).json()

    lead, _ = await imported(api, of(person))

    assert lead["lead_cluster_id"] == known["lead_cluster_id"]
    assert lead["id"] != known["id"]


async def test_a_document_as_it_came_is_kept_once_and_for_thirty_days(
    api: httpx.AsyncClient, world: World, database_url: str
) -> None:
    sent = of(somebody())
    [lead_id] = (await reported(api, sent, "text/xml"))["lead_ids"]
    await post(api, sent, "text/xml")
    kept = "select content, content_type, id from adf_document where id in (select adf_document_id from adf_document_lead where lead_id = $1)"
    [row] = await world.rows(kept, lead_id)
    assert (row["content"], row["content_type"]) == (sent.encode(), "text/xml")

    database = Database(connections=1)
    await database.open(database_url)
    for days in (29, 31):
        await world.run(
            "update adf_document set received_at = now() - make_interval(days => $2) where id = $1",
            row["id"],
            days,
        )
        async with database.connection() as connection:
            await forget_documents(connection)
        assert len(await world.rows(kept, lead_id)) == (1 if days == 29 else 0)
    await database.close()
