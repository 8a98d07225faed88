"""Marketing goes to whoever agreed, says how to call it off, and one click does so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry
from tests.leads.asking import problems
from tests.messages.asking import come_due, settled, told

if TYPE_CHECKING:
    from tests.messages.gateway import Gateway
    from tests.messages.sink import Received, Sink
    from tests.world import World

OFFER = {"medium": "email", "subject": "Offers", "body": "Half price!", "marketing": True, "hold_seconds": 0}


async def offered(
    api: httpx.AsyncClient, world: World, sink: Sink, **fields: Any
) -> tuple[dict[str, Any], Received, str]:
    """A customer who agreed, the offer they got, and the path of its link."""
    lead = await enquiry(api, opt_in_to_marketing=True, **fields)
    await told(api, "POST", f"lead_clusters/{lead['lead_cluster_id']}/messages", 201, **OFFER)
    await settled(world, channel="message")
    received = sink.to(lead["email"])[-1]
    return lead, received, urlsplit(str(received.message["List-Unsubscribe"]).strip("<>")).path


async def consents(api: httpx.AsyncClient, lead: dict[str, Any]) -> list[tuple[bool, str | None]]:
    told_of = await cluster(api, lead["lead_cluster_id"])
    return [(one["value"], one["source"]) for one in told_of["consents"]]


async def test_an_offer_says_how_it_is_called_off(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    _, received, path = await offered(api, world, sink)

    link = f"https://leads.forecourt.example{path}"
    assert received.message["List-Unsubscribe"] == f"<{link}>"
    assert received.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # Programs look for it as it is, whatever its length.
    assert f"List-Unsubscribe: <{link}>\r\n".encode() in received.content
    assert link in received.part("plain")
    assert f'href="{link}"' in received.part("html")
    assert re.fullmatch(r"/unsubscribe/[\w-]{32}", path)


async def test_the_link_shows_a_button_and_changes_nothing(
    api: httpx.AsyncClient, server: str, world: World, sink: Sink
) -> None:
    lead, _, path = await offered(api, world, sink)

    async with httpx.AsyncClient(base_url=server) as anybody:
        page = await anybody.get(f"{path}?utm_source=mail")

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<form method="post"><button type="submit"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (await consents(api, lead))[0][0] is True


async def test_one_click_is_enough_and_a_second_does_nothing(
    api: httpx.AsyncClient, server: str, world: World, sink: Sink
) -> None:
    lead, _, path = await offered(api, world, sink)
    # Whoever has another enquiry under the same address is the same person to the law.
    other = await enquiry(api, email=lead["email"], opt_in_to_marketing=True)
    merged = await enquiry(api, opt_in_to_marketing=True)
    await act(api, lead["lead_cluster_id"], "merge", lead_cluster_id=merged["lead_cluster_id"])

    async with httpx.AsyncClient(base_url=server) as anybody:
        # As mail programs do it (RFC 8058), and again, and with nothing.
        first = await anybody.post(path, data={"List-Unsubscribe": "One-Click"})
        again = await anybody.post(path, data={"List-Unsubscribe": "One-Click"})
        bare = await anybody.post(path)
        page = await anybody.get(path)

    assert [answer.status_code for answer in (first, again, bare, page)] == [200] * 4
    assert "You are unsubscribed" in page.text
    assert "<form" not in page.text
    told_of = await cluster(api, lead["lead_cluster_id"])
    assert told_of["contact"]["opt_in_to_marketing"] is False
    assert [each for each in await consents(api, lead) if each[1] == "unsubscribe"] == [
        (False, "unsubscribe")
    ]
    assert (await cluster(api, other["lead_cluster_id"]))["contact"]["opt_in_to_marketing"] is False
    events = (await api.get(f"{CLUSTERS}/{lead['lead_cluster_id']}/events")).json()["events"]
    [event] = [one for one in events if one["kind"] == "contact.unsubscribed"]
    assert event["changes"] == {"contact.opt_in_to_marketing": {"from": True, "to": False}}
    assert event["human"] is False


async def test_nobody_is_offered_anything_then(
    api: httpx.AsyncClient, server: str, world: World, sink: Sink
) -> None:
    lead, _, path = await offered(api, world, sink)
    at = f"lead_clusters/{lead['lead_cluster_id']}/messages"
    waiting = await told(api, "POST", at, 201, **OFFER | {"hold_seconds": 3_600})
    async with httpx.AsyncClient(base_url=server) as anybody:
        await anybody.post(path)
    await come_due(world, channel="message")
    await settled(world, channel="message")

    message = await told(api, "GET", f"messages/{waiting['id']}", 200)
    refused = await api.post(f"{CLUSTERS}/{lead['lead_cluster_id']}/messages", json=OFFER)
    factual = await told(api, "POST", at, 201, medium="email", subject="Your car", body="It is ready.")

    assert (message["state"], message["reason"]) == ("cancelled", "the customer has called offers off")
    assert "called them off" in problems(refused)["marketing"]
    assert factual["state"] == "waiting"
    assert len(sink.to(lead["email"])) == 1


async def test_a_marketing_template_makes_an_offer_of_whatever_is_written_with_it(
    api: httpx.AsyncClient, world: World, gateway: Gateway
) -> None:
    template = {"kind": "sms", "name": "sale", "body": "Sale! {{ customer.first_name }}", "marketing": True}
    made = await told(api, "POST", "message_templates", 201, **template)
    no, yes = await enquiry(api, name="Mia"), await enquiry(api, name="Bea", opt_in_to_marketing=True)
    sent = {"medium": "sms", "template_id": made["id"], "hold_seconds": 0}

    refused = await api.post(f"{CLUSTERS}/{no['lead_cluster_id']}/messages", json=sent)
    assert "has not agreed" in problems(refused)["template_id"]
    await told(api, "POST", f"lead_clusters/{yes['lead_cluster_id']}/messages", 201, **sent)
    await settled(world, channel="message")

    [body] = gateway.to(f"+61{yes['phone'][1:]}")
    first, second = body["text"].split("\n")
    assert first == "Sale! Bea"
    assert second.startswith("Opt out: https://leads.forecourt.example/unsubscribe/")


async def test_an_automatic_reply_that_is_marketing_goes_to_whoever_agreed(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    template = {
        "kind": "customer_email",
        "name": "loud",
        "subject": "Sale!",
        "body": "Sale!",
        "marketing": True,
    }
    made = await told(api, "POST", "message_templates", 201, **template)
    no = await enquiry(api, send_customer_email=True)
    yes = await enquiry(api, send_customer_email=True, opt_in_to_marketing=True)
    sink.faults[yes["email"]] = ["put off"]
    rows = await settled(world, channel="customer_email")
    await come_due(world)
    rows = await settled(world, channel="customer_email")
    await told(api, "DELETE", f"message_templates/{made['id']}", 200)

    assert [(row["state"], row["reason"]) for row in rows] == [
        ("cancelled", "the template is marketing, and the customer has not agreed to that"),
        ("sent", None),
    ]
    assert sink.to(no["email"]) == []
    # The link of the mail that went is the one that works, though it was tried twice.
    [received] = sink.to(yes["email"])
    path = urlsplit(str(received.message["List-Unsubscribe"]).strip("<>")).path
    assert (await api.get(path)).status_code == 200


async def test_an_address_that_was_never_sent_is_not_known(server: str) -> None:
    async with httpx.AsyncClient(base_url=server) as anybody:
        for token in ("x", "a" * 32, "a" * 500, "%00", "é", "..%2f..%2fetc"):
            for answer in (
                await anybody.get(f"/unsubscribe/{token}"),
                await anybody.post(f"/unsubscribe/{token}"),
            ):
                assert answer.status_code == 404
                assert "not known" in answer.text or answer.headers["content-type"].startswith(
                    "application/problem"
                )
