"""The customer's page without JavaScript: what it shows, and what can be done on it."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, put, update_lead
from tests.screens.customers import colleague, done, hidden, page_of, shown, visiting, words_of
from tests.world import OURS, THEIRS

if TYPE_CHECKING:
    import httpx

    from tests.world import World

PDF = b"%PDF-1.7\na quote"


async def undone(visitor: httpx.AsyncClient, text: str) -> str:
    """Take back what a page says was done."""
    marks = re.findall(r'name="events" value="([^"]+)"', text)
    answer = await visitor.post("/undo", data={"events": marks[0]}, headers={"Referer": "/"})
    assert answer.status_code == 303
    return await shown(visitor, answer.headers["location"])


# ------------------------------------------------------------------------------------------------------- what it shows


async def test_everything_that_was_sent_is_there(api: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    uri = f"data:application/pdf;name=quote.pdf;base64,{base64.b64encode(PDF).decode()}"
    sent: dict[str, Any] = {
        "name": "Mia Chen", "last_name": "Chen", "email": "mia.chen@example.com", "phone": "0412345678",
        "message": "Is the red one still there?", "dob": "01/02/1980", "customer_address": "1 Old Road",
        "category": "Test Drive Booking", "source": "Carsales", "marketing_source": "Adwords",
        "provider": "Autograb", "provider_id": "AG-77", "stocknum": "STOCK1", "website_id": 201, "page_id": 301,
        "location_id": 101, "time_on_site_seconds": 605, "time_to_submit_seconds": 41, "tags": ["fleet"],
        "opt_in_to_marketing": True, "fields": {"trade_in": {"model": "Corolla", "kilometres": 96000}},
        "charge_breakdown": {"total": {"amount": 1734.5}, "charges": [{"name": "Luxury Car Tax", "amount": 1234}]},
        "payment_attributes": {"amount": 500, "external_transaction_id": "tx-9", "payment_processor_id": 3},
        "address_attributes": {"street": "1 New Road", "city": "Cairns"}, "favourite_colour": "heliotrope",
        "lead_files_attributes": [{"file": uri}],
    }  # fmt: skip
    lead = await enquiry(api, **sent)

    text = words_of(await shown(visitor, page_of(lead)))

    for word in (
        "Mia Chen", "0412 345 678", "mia.chen@example.com", "Is the red one still there?", "01/02/1980", "1 Old Road",
        "Test Drive Booking from Carsales", "Adwords", "Autograb", "AG-77", "STOCK1", "Site", "Yard", "10 min", "41 s",
        "fleet", "Agreed to offers", "trade_in / model", "Corolla", "Luxury Car Tax", "$1,234", "$1,734.50", "$500",
        "tx-9", "1 New Road", "favourite_colour", "heliotrope", "quote.pdf", "a new customer", "Waiting since",
        "To be answered within 15 minutes", "Mon to Fri 08:30 to 17:30, Sat 08:30 to 16:00",
    ):  # fmt: skip
        assert word in text, word


async def test_a_file_is_handed_out_as_an_attachment_to_whoever_is_signed_in(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    uri = f"data:application/pdf;name=quote.pdf;base64,{base64.b64encode(PDF).decode()}"
    lead = await enquiry(api, lead_files_attributes=[{"file": uri}])
    other = await enquiry(api)
    file_id = lead["lead_files_attributes"][0]["id"]
    address = f"{page_of(lead)}/leads/{lead['id']}/files/{file_id}"

    answer = await visitor.get(address)

    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (await visitor.get(f"{page_of(other)}/leads/{lead['id']}/files/{file_id}")).status_code == 404
    visitor.headers.pop("cookie")
    assert (await visitor.get(address)).status_code == 303


async def test_a_customer_of_others_and_one_who_is_not_there_are_not_found(
    visitor: httpx.AsyncClient, api: httpx.AsyncClient, world: World
) -> None:
    api.headers["Authorization"] = f"Bearer {world.their_token}"
    theirs = await enquiry(api, dealership_slug=THEIRS)
    api.headers["Authorization"] = f"Bearer {world.token}"
    at = f"/dealerships/{{}}/lead_clusters/{theirs['lead_cluster_id']}"

    answers = [
        await visitor.get(address)
        for address in (at.format(OURS), at.format(THEIRS), at.format("nobody"), f"/dealerships/{OURS}/lead_clusters/999999", f"/dealerships/{OURS}/lead_clusters/x")
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404] * 5
    assert "NOT found" in answers[0].text


async def test_a_merged_customers_address_leads_to_the_survivor(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    one, other = await enquiry(api), await enquiry(api)
    await act(api, one["lead_cluster_id"], "merge", lead_cluster_id=other["lead_cluster_id"])

    answer = await visitor.get(f"{page_of(other)}?view=all")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{page_of(one)}?view=all")


async def test_the_history_tells_who_did_what_and_why(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    kim = await colleague(world, 551, "Kim Away")
    await world.run("update dealership_user set absent_from = '2020-01-01' where user_id = 551")
    await world.run(
        "insert into lead_status_option (dealership_id, id, state, name) values (1, 71, 'lost', 'Too dear')"
    )
    rule = {"name": "Brochures", "categories": ["Brochure Download"], "user_ids": [501, kim]}
    answer = await api.post(f"/api/v1/dealerships/{OURS}/assignment_rules", json={"assignment_rule": rule})
    assert answer.status_code == 201, answer.text
    lead = await enquiry(api, name="Lou", category="Brochure Download")
    at = lead["lead_cluster_id"]
    await act(api, at, "activities", activity={"kind": "call", "outcome": "no_answer", "user_id": 501})
    await act(api, at, "activities", activity={"kind": "sms", "direction": "in", "body": "Call me at five"})
    await put(api, at, contact={"name": "Louise"}, tags=["hot"], by_user_id=501)
    await put(api, at, lead_state="lost", lead_status_option_id=71, by_user_id=501)

    text = words_of(await shown(visitor, page_of(lead)))

    for sentence in (
        "gave it to User by the rule “Brochures”; passed over: 1 away",
        "User called: no answer",
        "got a text message",
        "Call me at five",
        "changed the name from “Lou” to “Louise”",
        "added the tag “hot”",
        "User marked it lost: Too dear",
    ):
        assert sentence in text, sentence
    only_calls = words_of(await shown(visitor, page_of(lead), show="calls"))
    assert "called: no answer" in only_calls
    assert "marked it lost" not in only_calls


async def test_an_enquiry_is_explained_and_shown_as_it_came(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    lead = await enquiry(api, name="Xavier Ray", unheard_of="thing")
    at = f"{page_of(lead)}/leads/{lead['id']}"

    explained = words_of(await shown(visitor, f"{at}/explain"))
    raw = await shown(visitor, f"{at}/raw")

    assert "Lead created by the key test" in explained
    assert "New customer" in explained
    assert '"unheard_of": "thing"' in raw
    other = await enquiry(api)
    assert (await visitor.get(f"{page_of(other)}/leads/{lead['id']}/explain")).status_code == 404
    request_id = await world.rows("select request_id from event where lead_id = $1", lead["id"])
    assert request_id[0]["request_id"] in raw


# ------------------------------------------------------------------------------------------------- what is done on it


@pytest.mark.parametrize(
    ("field", "form", "told", "value"),
    [
        ("state", {"value": "converted"}, ("lead_state",), "converted"),
        ("golden", {"value": "yes"}, ("golden",), True),
        ("approved", {"value": "yes"}, ("approved",), True),
        ("user", {"value": "501"}, ("user_id",), 501),
        ("second_user", {"value": "501"}, ("secondary_user_id",), 501),
        ("location", {"value": "101"}, ("location_id",), 101),
        ("name", {"value": " Maria "}, ("contact", "name"), "Maria"),
        ("last_name", {"value": "Chen"}, ("contact", "last_name"), "Chen"),
        ("business_name", {"value": "Chen & Sons"}, ("contact", "business_name"), "Chen & Sons"),
        ("dob", {"value": "1980-02-01"}, ("contact", "dob"), "01/02/1980"),
        ("customer_address", {"value": "9 Hill St"}, ("contact", "customer_address"), "9 Hill St"),
        ("sms_verified", {"value": "yes"}, ("contact", "sms_verified"), True),
        ("address", {"city": "Cairns"}, ("contact", "address_attributes"), {"city": "Cairns"}),
    ],
)
async def test_a_field_is_changed_in_place_and_back(
    field: str,
    form: dict[str, str],
    told: tuple[str, ...],
    value: Any,
    api: httpx.AsyncClient,
    visitor: httpx.AsyncClient,
) -> None:
    lead = await enquiry(api, name="Mia")
    before = await cluster(api, lead["lead_cluster_id"])

    text = await done(visitor, f"{page_of(lead)}/fields/{field}", form)

    after: Any = await cluster(api, lead["lead_cluster_id"])
    old: Any = before
    for name in told:
        after, old = after[name], old[name]
    assert after == value
    await undone(visitor, text)
    again: Any = await cluster(api, lead["lead_cluster_id"])
    for name in told:
        again = again[name]
    assert again == old


async def test_what_does_not_fit_is_said_and_changes_nothing(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name="Mia")
    version = (await cluster(api, lead["lead_cluster_id"]))["version"]

    for field, value, said in (
        ("dob", "yesterday", "must be a day"),
        ("user", "503", "is not a user of this dealership"),
        ("state", "appointment", "is not a state of this dealership"),
        ("location", "x", "must be an id"),
    ):
        answer = await visitor.post(f"{page_of(lead)}/fields/{field}", data={"value": value})
        assert (answer.status_code, said in answer.text) == (422, True), field
    assert (await visitor.post(f"{page_of(lead)}/fields/nonsense", data={"value": "x"})).status_code == 404

    assert (await cluster(api, lead["lead_cluster_id"]))["version"] == version


async def test_whoever_is_second_to_change_a_field_is_told_who_was_first(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, server: str, world: World, database_url: str
) -> None:
    lead = await enquiry(api, name="Mia")
    await colleague(world, 552, "Jack Thornbury")
    mine = await shown(visitor, page_of(lead))
    async with visiting(server, world, database_url, 552) as jack:
        theirs = hidden(await shown(jack, page_of(lead)), "fields/state")
        await done(jack, f"{page_of(lead)}/fields/state", theirs | {"value": "lost"})

    # Another field is in nobody's way.
    await done(visitor, f"{page_of(lead)}/fields/golden", hidden(mine, "fields/golden") | {"value": "yes"})
    answer = await visitor.post(
        f"{page_of(lead)}/fields/state", data=hidden(mine, "fields/state") | {"value": "converted"}
    )

    assert answer.status_code == 409
    assert re.search(r"Jack Thornbury marked this Lost \d+ (s|min) ago", answer.text)
    told = await cluster(api, lead["lead_cluster_id"])
    assert (told["lead_state"], told["golden"]) == ("lost", True)
    again = hidden(answer.text, "fields/state")
    await done(visitor, f"{page_of(lead)}/fields/state", again)
    assert (await cluster(api, lead["lead_cluster_id"]))["lead_state"] == "converted"


async def test_two_who_say_the_same_are_in_no_conflict(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name="Mia")
    seen = hidden(await shown(visitor, page_of(lead)), "fields/name")
    await put(api, lead["lead_cluster_id"], contact={"name": "Maria"})

    text = await done(visitor, f"{page_of(lead)}/fields/name", seen | {"value": "Maria"})

    assert "Nothing was changed" in text
    answer = await visitor.post(f"{page_of(lead)}/fields/name", data=seen | {"value": "Mary"})
    assert (answer.status_code, "yours was" in answer.text, "Mary" in answer.text) == (409, True, True)


async def test_whoever_answers_for_it_can_be_taken_off(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api)
    await put(api, lead["lead_cluster_id"], user_id=501)
    seen = hidden(await shown(visitor, page_of(lead)), "fields/user")

    await done(visitor, f"{page_of(lead)}/fields/user", seen | {"value": ""})

    assert (await cluster(api, lead["lead_cluster_id"]))["user_id"] is None


async def test_tags_come_and_go_one_by_one(api: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    lead = await enquiry(api, tags=["fleet", "urgent"])

    await done(visitor, f"{page_of(lead)}/tags", {"add": "trade-in"})
    await done(visitor, f"{page_of(lead)}/tags", {"remove": "fleet"})

    assert (await cluster(api, lead["lead_cluster_id"]))["tags"] == ["urgent", "trade-in"]


@pytest.mark.parametrize(("keep", "name"), [("theirs", "Mia"), ("ours", "Maria")])
async def test_a_conflict_with_an_integration_is_settled_either_way(
    keep: str, name: str, api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name="Mia")
    await put(api, lead["lead_cluster_id"], contact={"name": "Maria"})
    await update_lead(api, lead, name="Mia", message="again")
    assert "says “Mia”" in words_of(await shown(visitor, page_of(lead))).replace("says “", "says “")

    text = await done(visitor, f"{page_of(lead)}/settle", {"field": "contact.name", "keep": keep})

    told = await cluster(api, lead["lead_cluster_id"])
    assert (told["contact"]["name"], told["conflicts"]) == (name, {})
    assert "dispute" not in text


async def test_a_call_is_logged_by_one_tap_and_followed_up_by_another(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api)

    text = await done(visitor, f"{page_of(lead)}/call", {"outcome": "no_answer", "body": "try at five"})
    assert "Follow up?" in text
    text = await done(visitor, f"{page_of(lead)}/snooze", {"until": "2h"})

    assert "Put off" in text
    told = await cluster(api, lead["lead_cluster_id"])
    assert (told["waiting_since"], told["response_clock"]["answered_by"]) == (None, "call")
    assert "put it off until" in words_of(text)
    await undone(visitor, text)
    assert "brought it back" not in words_of(await shown(visitor, page_of(lead)))


async def test_a_moment_is_picked_by_the_dealerships_clock(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    lead = await enquiry(api)
    [day] = await world.rows("select to_char(now() + interval '3 days', 'YYYY-MM-DD') as day")

    await done(visitor, f"{page_of(lead)}/snooze", {"at": f"{day['day']}T09:30"})

    [row] = await world.rows(
        "select to_char(snoozed_until at time zone 'Australia/Brisbane', 'HH24:MI') as at from lead_cluster where id = $1",
        lead["lead_cluster_id"],
    )
    assert row["at"] == "09:30"
    assert (await visitor.post(f"{page_of(lead)}/snooze", data={"at": "soon"})).status_code == 422


async def test_a_visit_is_logged(api: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    lead = await enquiry(api)

    text = words_of(await done(visitor, f"{page_of(lead)}/visit", {"body": "Came with her aunt"}))

    assert "saw the customer in person" in text
    assert "Came with her aunt" in text
    assert (await cluster(api, lead["lead_cluster_id"]))["lead_state"] == "contacted"


async def test_a_note_that_names_a_colleague_shows_where_they_look_until_they_have_seen_it(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, server: str, world: World, database_url: str
) -> None:
    lead = await enquiry(api, name="Nora Noted")
    await colleague(world, 553, "Wei Zhang")
    await done(visitor, f"{page_of(lead)}/note", {"body": "@Wei Zhang can you price his trade-in?"})

    async with visiting(server, world, database_url, 553) as wei:
        assert "Nora Noted" in await shown(wei, "/", view="mentions")
        page = words_of(await shown(wei, page_of(lead)))
        assert "mentioned you" in page
        assert "mentioned you" not in words_of(await shown(wei, page_of(lead)))
        assert "Nora Noted" not in words_of(await shown(wei, "/", view="mentions"))
    assert (await visitor.post(f"{page_of(lead)}/note", data={"body": " "})).status_code == 422


async def test_what_was_taken_back_is_struck_through_with_who_did_it(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api)
    text = await done(visitor, f"{page_of(lead)}/note", {"body": "wrong customer"})

    await undone(visitor, text)

    page = await shown(visitor, page_of(lead))
    assert re.search(r'class="entry notes undone"', page)
    assert "Taken back by User" in words_of(page)


async def test_whoever_may_only_read_sees_it_all_and_can_change_nothing(
    api: httpx.AsyncClient, server: str, world: World, database_url: str
) -> None:
    lead = await enquiry(api, name="Read Only")
    await colleague(world, 554, "Ray Reader", "read_only")
    async with visiting(server, world, database_url, 554, "read_only") as ray:
        text = await shown(ray, page_of(lead))

        assert "Read Only" in text
        assert "<form" not in text[text.index('<article class="customer"') : text.index("</article>")]
        answer = await ray.post(f"{page_of(lead)}/fields/state", data={"value": "lost"})
        assert answer.status_code == 403


async def test_an_erased_person_has_a_page_without_a_person(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name="Gone Girl", message="forget me")
    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]
    await api.delete(f"/api/v1/dealerships/{OURS}/contacts/{contact_id}")

    text = words_of(await shown(visitor, page_of(lead)))

    assert "The person was erased" in text
    assert "Gone" not in text
    assert "forget me" not in text
    assert (await visitor.post(f"{page_of(lead)}/note", data={"body": "hm"})).status_code == 410


async def test_an_unknown_event_is_told_in_plain_words(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    lead = await enquiry(api)
    await world.run(
        """
        insert into event (dealership_id, lead_cluster_id, kind, occurred_at, request_id, changes)
        values (1, $1, 'lead_cluster.polished', now(), 'x', '{}')
        """,
        lead["lead_cluster_id"],
    )

    assert "lead cluster polished" in await shown(visitor, page_of(lead))
    assert (await api.get(f"{CLUSTERS}/{lead['lead_cluster_id']}")).status_code == 200
