"""Writing to a customer: drafts, templates, a preview, and ten seconds for second thoughts; without JavaScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry
from tests.screens.customers import colleague, done, page_of, shown, visiting, words_of
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

    from tests.world import World


async def template(world: World, kind: str, name: str, body: str, **more: Any) -> int:
    [row] = await world.rows(
        """
        insert into message_template (dealership_id, kind, name, subject, body, marketing)
        values (1, $1, $2, $3, $4, $5) returning id
        """,
        kind,
        name,
        more.get("subject"),
        body,
        more.get("marketing", False),
    )
    return int(row["id"])


async def messages(api: httpx.AsyncClient, lead: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await api.get(f"{CLUSTERS}/{lead['lead_cluster_id']}/messages")
    return list(answer.json()["messages"])


async def test_a_draft_is_there_again_for_whoever_wrote_it_and_for_nobody_else(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, server: str, world: World, database_url: str
) -> None:
    lead = await enquiry(api, name="Dora Draft")

    text = await done(visitor, f"{page_of(lead)}/draft", {"medium": "sms", "body": "Half a th"})

    assert "Half a th</textarea>" in text
    assert 'class="flag draft"' in await shown(visitor, "/", q="dora")
    await colleague(world, 561, "Ola Other")
    async with visiting(server, world, database_url, 561) as ola:
        assert "Half a th" not in await shown(ola, page_of(lead))
    kept = await visitor.post(
        f"{page_of(lead)}/draft",
        data={"medium": "sms", "body": "Half a thought"},
        headers={"Sec-Fetch-Mode": "cors"},
    )
    assert kept.status_code == 204
    assert "Half a thought</textarea>" in await shown(visitor, page_of(lead))
    await done(visitor, f"{page_of(lead)}/draft", {"medium": "sms", "body": " "})
    assert "Half a th" not in await shown(visitor, page_of(lead))
    assert (
        await visitor.post(f"{page_of(lead)}/draft", data={"medium": "fax", "body": "x"})
    ).status_code == 422


async def test_a_draft_comes_along_when_its_customer_is_merged(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    one, other = await enquiry(api), await enquiry(api)
    await done(visitor, f"{page_of(other)}/draft", {"medium": "note", "body": "asked for blue"})
    await act(api, one["lead_cluster_id"], "merge", lead_cluster_id=other["lead_cluster_id"])

    assert "asked for blue</textarea>" in await shown(visitor, page_of(one))
    await done(visitor, f"{page_of(one)}/note", {"medium": "note", "body": "asked for blue"})
    assert "asked for blue</textarea>" not in await shown(visitor, page_of(one))


async def test_a_text_message_is_previewed_as_it_will_be_and_counted(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name="Mia Chen", stocknum="STOCK1")

    async def preview(body: str, **more: str) -> str:
        answer = await visitor.post(f"{page_of(lead)}/preview", data={"medium": "sms", "body": body} | more)
        assert answer.status_code == 200
        return answer.text

    text = await preview("Hi {{ customer.first_name }}, <b>it</b> is {{ user.name }}")
    assert "Hi Mia, &lt;b&gt;it&lt;/b&gt; is User" in text
    assert "1 text message," in text
    assert "2 text messages," in await preview("ä€" * 70)
    assert "3 text messages," in await preview("ж" * 140)
    missing = await preview("Come to {{ location.address }}")
    assert '<mark title="Not known">location.address</mark>' in missing
    assert "Cannot be read" in await preview("Hi {{ customer.first_name")
    assert (await preview("/first")).strip() == ""


async def test_an_email_is_previewed_with_its_markup_and_without_any_of_the_customers(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name="Mia", message="**bold** [x](https://evil.example)")
    form = {
        "medium": "email",
        "subject": "Your {{ lead.category }}",
        "body": "Hi **{{ customer.first_name }}**, you wrote: {{ lead.message }}",
    }

    text = (await visitor.post(f"{page_of(lead)}/preview", data=form)).text

    assert "Your General Enquiry" in text
    assert "Hi <strong>Mia</strong>" in text
    assert "href" not in text
    assert "**bold**" in text


async def test_what_is_sent_waits_and_can_be_called_back_to_where_it_was_written(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name="Mia Chen")
    form = {"medium": "sms", "body": "Hi {{ customer.first_name }}!"}

    text = words_of(await done(visitor, f"{page_of(lead)}/message", form))

    assert "sent a text message to" in text
    assert "waiting" in text
    [message] = await messages(api, lead)
    assert (message["text"], message["state"], message["user_id"]) == ("Hi Mia!", "waiting", 501)
    text = await done(visitor, f"{page_of(lead)}/messages/{message['id']}/call_back", {})
    assert "Hi Mia!</textarea>" in text
    assert [one["state"] for one in await messages(api, lead)] == ["cancelled"]
    again = await visitor.post(f"{page_of(lead)}/messages/{message['id']}/call_back")
    assert again.status_code == 409
    # Nobody was answered by what never went.
    assert (await cluster(api, lead["lead_cluster_id"]))["waiting_since"] is not None


async def test_what_is_called_back_takes_nothing_from_what_was_begun_since(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api)
    await done(visitor, f"{page_of(lead)}/message", {"medium": "sms", "body": "First"})
    [message] = await messages(api, lead)
    await done(visitor, f"{page_of(lead)}/draft", {"medium": "sms", "body": "Second"})

    text = await done(visitor, f"{page_of(lead)}/messages/{message['id']}/call_back", {})

    assert "First\n\nSecond</textarea>" in text


async def test_what_did_not_arrive_can_be_written_again(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    lead = await enquiry(api)
    await done(visitor, f"{page_of(lead)}/message", {"medium": "sms", "body": "Your car is ready"})
    [message] = await messages(api, lead)
    await world.run(
        """
        update delivery set state = 'failed', reason = 'The gateway knows no such number', ended_at = now()
        from message where message.delivery_id = delivery.id and message.id = $1
        """,
        message["id"],
    )

    text = await shown(visitor, page_of(lead))
    assert "The gateway knows no such number" in text
    assert "Write it again" in text
    text = await done(visitor, f"{page_of(lead)}/messages/{message['id']}/again", {})

    assert "Your car is ready</textarea>" in text
    other = await enquiry(api)
    assert (await visitor.post(f"{page_of(other)}/messages/{message['id']}/again")).status_code == 404


async def test_what_asks_for_something_unknown_is_not_sent_and_not_lost(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, name="Mia")
    form = {"medium": "sms", "body": "Come to {{ location.address }}"}

    answer = await visitor.post(f"{page_of(lead)}/message", data=form)

    assert (answer.status_code, "location.address" in answer.text) == (422, True)
    assert await messages(api, lead) == []
    assert "Come to {{ location.address }}</textarea>" in await shown(visitor, page_of(lead), write="sms")
    assert (await visitor.post(f"{page_of(lead)}/message", data={"medium": "sms"})).status_code == 422


async def test_offers_go_to_those_who_agreed_and_facts_to_everybody(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    lead = await enquiry(api, name="Mia", opt_in_to_marketing=False)
    offer = await template(world, "sms", "Runout", "Half price, {{ customer.first_name }}!", marketing=True)

    page = await shown(visitor, page_of(lead))
    assert "Wants no offers: facts only" in words_of(page)
    assert f'<option value="{offer}" disabled>Runout (offer)' in page
    assert re.search("<li [^>]* data-off>Runout", page)
    by_mark = await visitor.post(
        f"{page_of(lead)}/message", data={"medium": "sms", "body": "Half price!", "marketing": "on"}
    )
    by_template = await visitor.post(
        f"{page_of(lead)}/message", data={"medium": "sms", "body": "Half price!", "template_id": str(offer)}
    )
    await done(visitor, f"{page_of(lead)}/message", {"medium": "sms", "body": "Your car is ready."})

    assert (by_mark.status_code, by_template.status_code) == (422, 422)
    assert [one["text"] for one in await messages(api, lead)] == ["Your car is ready."]


async def test_a_template_is_taken_without_scripts_too(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    lead = await enquiry(api, name="Mia")
    own = await template(world, "email", "First answer", "Hi {{ customer.first_name }},", subject="Your car")

    text = await done(visitor, f"{page_of(lead)}/template", {"medium": "email", "template": str(own)})

    assert "Hi {{ customer.first_name }},</textarea>" in text
    assert 'value="Your car"' in text
    standard = await done(visitor, f"{page_of(lead)}/template", {"medium": "sms", "template": "standard"})
    assert "When would be a good time for a call?</textarea>" in standard
    for wrong in ("", "x", str(own)):
        answer = await visitor.post(f"{page_of(lead)}/template", data={"medium": "sms", "template": wrong})
        assert answer.status_code == 422


async def test_a_message_goes_to_an_address_of_the_customers_only(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, email="first@customers.example")
    await enquiry(api, email="second@customers.example", phone=lead["phone"])
    form = {"medium": "email", "subject": "Hello", "body": "Hi", "to": "first@customers.example"}

    await done(visitor, f"{page_of(lead)}/message", form)
    elsewhere = await visitor.post(f"{page_of(lead)}/message", data=form | {"to": "x@elsewhere.example"})

    assert elsewhere.status_code == 422
    assert [one["recipient"] for one in await messages(api, lead)] == ["first@customers.example"]


async def test_others_messages_are_not_called_back_by_their_number(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api)
    assert (await visitor.post(f"{page_of(lead)}/messages/999999/call_back")).status_code == 404
    assert (
        await visitor.post(f"/dealerships/{OURS}/lead_clusters/1/messages/x/call_back")
    ).status_code == 404
