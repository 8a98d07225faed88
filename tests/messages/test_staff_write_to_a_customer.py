"""Messages by staff: they wait a moment, go out once, and answer the customer when they have gone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry
from tests.leads.asking import problems
from tests.messages.asking import AT, come_due, deliveries, settled, told, until

if TYPE_CHECKING:
    import httpx

    from tests.messages.gateway import Gateway
    from tests.messages.sink import Sink
    from tests.world import World

MAIL: dict[str, Any] = {
    "medium": "email",
    "subject": "Your Ranger",
    "body": "Hi Mia,\n\nit is **here**.",
    "hold_seconds": 0,
}
TEXT: dict[str, Any] = {"medium": "sms", "body": "It is here. Sam", "hold_seconds": 0}


async def write(
    api: httpx.AsyncClient, lead: dict[str, Any], status: int = 201, **message: Any
) -> dict[str, Any]:
    return await told(api, "POST", f"lead_clusters/{lead['lead_cluster_id']}/messages", status, **message)


async def sent(api: httpx.AsyncClient, world: World, message: dict[str, Any]) -> dict[str, Any]:
    """The message, whole, once nothing happens with it any more."""
    [row] = await world.rows("select delivery_id from message where id = $1", message["id"])
    await settled(world, id=row["delivery_id"])
    return await told(api, "GET", f"messages/{message['id']}", 200)


async def test_a_mail_goes_out_and_answers_the_customer(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    await told(api, "PUT", "mail_settings", 200, reply_to="sam@ours.example")
    lead = await enquiry(api, send_customer_email=True)
    await settled(world, lead_id=lead["id"])
    assert (await cluster(api, lead["lead_cluster_id"]))["waiting_since"] is not None

    written = await write(api, lead, **MAIL, user_id=501)
    message = await sent(api, world, written)

    assert (written["state"], message["state"], message["transport"]) == ("waiting", "sent", "smtp")
    automatic, received = sink.to(lead["email"])
    assert received.message["Subject"] == "Your Ranger"
    assert received.message["Reply-To"] == "sam@ours.example"
    assert received.message["In-Reply-To"] == automatic.message["Message-ID"]
    assert received.message["Auto-Submitted"] is None
    assert received.part("plain") == "Hi Mia,\n\nit is here.\n"
    assert "<strong>here</strong>" in received.part("html")
    told_of = await cluster(api, lead["lead_cluster_id"])
    assert (told_of["waiting_since"], told_of["lead_state"]) == (None, "contacted")
    assert told_of["response_clock"]["answered_by"] == "email"
    [activity] = (await api.get(f"{CLUSTERS}/{lead['lead_cluster_id']}/activities")).json()["activities"]
    assert (activity["id"], activity["kind"], activity["direction"], activity["user_id"]) == (
        message["activity_id"], "email", "out", 501,
    )  # fmt: skip
    # It was answered when it went out, and by the request that wrote it.
    events = (await api.get(f"{CLUSTERS}/{lead['lead_cluster_id']}/events")).json()["events"]
    [logged] = [event for event in events if event["kind"] == "email.logged"]
    [queued] = [event for event in events if event["kind"] == "message.queued"]
    assert (logged["human"], queued["human"]) == (True, False)
    assert logged["request_id"] == queued["request_id"]
    assert logged["occurred_at"] >= message["handed_over_at"]


async def test_a_text_message_is_posted_to_the_gateway(
    api: httpx.AsyncClient, world: World, gateway: Gateway
) -> None:
    lead = await enquiry(api)
    number = f"+61{lead['phone'][1:]}"

    message = await sent(api, world, await write(api, lead, **TEXT))

    [body] = gateway.to(number)
    assert body == {
        "from": "BrisMotors",
        "to": number,
        "text": "It is here. Sam",
        "id": f"message-{message['id']}",
    }
    assert gateway.got[-1][1] == "Bearer gateway-token"
    assert (message["state"], message["sender"], message["segments"], message["transport"]) == (
        "sent", "BrisMotors", 1, "http",
    )  # fmt: skip
    assert message["reference"] == f"gw-{len(gateway.got)}"
    assert (await cluster(api, lead["lead_cluster_id"]))["response_clock"]["answered_by"] == "sms"


@pytest.mark.parametrize(
    ("answers", "states"),
    [
        ([400], ["failed"]),
        ([429], ["waiting", "sent"]),
        ([503, 503], ["waiting", "waiting", "sent"]),
        ([500], ["unknown"]),
        ([0], ["unknown"]),
    ],
)
async def test_whether_a_text_message_went_is_never_guessed(
    answers: list[int], states: list[str], api: httpx.AsyncClient, world: World, gateway: Gateway
) -> None:
    lead = await enquiry(api)
    number = f"+61{lead['phone'][1:]}"
    gateway.answers[number] = list(answers)
    written = await write(api, lead, **TEXT)
    found = []
    for _ in range(len(states)):
        message = await sent(api, world, written)
        found.append(message["state"])
        await come_due(world)

    assert found == states
    assert len(gateway.to(number)) == len(states)
    # Only what went is an activity, and answers the customer.
    waits = (await cluster(api, lead["lead_cluster_id"]))["waiting_since"] is not None
    assert waits == (message["activity_id"] is None) == (states[-1] != "sent")


async def test_it_waits_and_can_be_called_back(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    lead = await enquiry(api)
    written = await write(api, lead, **MAIL | {"hold_seconds": 3_600})
    [row] = await world.rows("""
        select due_at - message.created_at as hold from delivery join message on delivery_id = delivery.id
        order by message.id desc limit 1
    """)
    assert row["hold"].total_seconds() == 3_600

    called_back = await told(api, "DELETE", f"messages/{written['id']}", 200)

    assert (called_back["state"], called_back["reason"]) == ("cancelled", "it was called back")
    again = await api.delete(f"{AT}/messages/{written['id']}")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/message-has-gone")
    usual = await write(api, lead, medium="email", subject="x", body="x")
    [row] = await world.rows(
        "select due_at - created_at as hold from delivery where channel = 'message' order by id desc limit 1"
    )
    assert 9 < row["hold"].total_seconds() < 11
    await told(api, "DELETE", f"messages/{usual['id']}", 200)
    assert sink.to(lead["email"]) == []


async def test_what_has_gone_cannot_be_called_back(api: httpx.AsyncClient, world: World) -> None:
    lead = await enquiry(api)
    message = await sent(api, world, await write(api, lead, **MAIL))

    answer = await api.delete(f"{AT}/messages/{message['id']}")

    assert (answer.status_code, answer.json()["detail"]) == (409, "it is sent")


async def test_until_the_content_is_sent_it_can_be_called_back(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    lead = await enquiry(api)
    sink.held[lead["email"]] = asyncio.Event()
    written = await write(api, lead, **MAIL)
    async with asyncio.timeout(60):
        while lead["email"] not in sink.asked:
            await asyncio.sleep(0.02)

    await told(api, "DELETE", f"messages/{written['id']}", 200)
    sink.held[lead["email"]].set()
    await asyncio.sleep(0.2)

    assert (await sent(api, world, written))["state"] == "cancelled"
    assert sink.to(lead["email"]) == []


async def test_a_mail_that_may_have_arrived_is_unknown_and_answers_nobody(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    lead = await enquiry(api)
    sink.faults[lead["email"]] = ["drop after dot"]

    message = await sent(api, world, await write(api, lead, **MAIL))

    assert (message["state"], message["activity_id"]) == ("unknown", None)
    assert len(sink.to(lead["email"])) == 1
    assert (await cluster(api, lead["lead_cluster_id"]))["waiting_since"] is not None


async def test_a_message_to_a_cluster_that_was_merged_answers_the_survivor(
    api: httpx.AsyncClient, world: World
) -> None:
    one, other = await enquiry(api), await enquiry(api)
    written = await write(api, other, **MAIL | {"hold_seconds": 3_600})
    await act(api, one["lead_cluster_id"], "merge", lead_cluster_id=other["lead_cluster_id"])
    await come_due(world, channel="message")

    message = await sent(api, world, written)

    assert message["state"] == "sent"
    survivor = await cluster(api, one["lead_cluster_id"])
    assert survivor["waiting_since"] is None
    listed = (await api.get(f"{CLUSTERS}/{one['lead_cluster_id']}/messages")).json()["messages"]
    assert [each["id"] for each in listed] == [message["id"]]


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({}, "medium", "is missing"),
        ({"medium": "fax"}, "medium", "is not a medium"),
        ({"medium": "email", "body": "x"}, "subject", "is missing"),
        ({"medium": "email", "subject": "x"}, "body", "is missing"),
        ({"medium": "sms", "body": "x", "subject": "x"}, "subject", "goes with a mail only"),
        (MAIL | {"to": "not an address"}, "to", "is not an e-mail address"),
        (MAIL | {"to": "somebody.else@example.com"}, "to", "must be theirs already"),
        (TEXT | {"to": "0299999999"}, "to", "must be theirs already"),
        (TEXT | {"to": "call me"}, "to", "is not a telephone number"),
        (TEXT | {"body": "x" * 2_000}, "body", "14 text messages (GSM-7); at most 10"),
        (MAIL | {"user_id": 503}, "user_id", "is not a user of this dealership"),
        (MAIL | {"template_id": 999_999}, "template_id", "is not a template of the kind email"),
        (MAIL | {"marketing": True}, "marketing", "has not agreed"),
        (MAIL | {"hold_seconds": -1}, "hold_seconds", ">= 0"),
        (MAIL | {"bcc": "x"}, "bcc", "is not known here"),
    ],
)
async def test_a_message_that_does_not_fit_is_refused(
    api: httpx.AsyncClient, body: dict[str, Any], field: str, says: str
) -> None:
    lead = await enquiry(api)

    answer = await api.post(f"{CLUSTERS}/{lead['lead_cluster_id']}/messages", json=body)

    assert says in problems(answer)[field]


async def test_a_landline_gets_no_text_message(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, phone="07 3000 0000")
    at = f"{CLUSTERS}/{lead['lead_cluster_id']}/messages"

    by_itself = problems(await api.post(at, json=TEXT))
    asked_for = problems(await api.post(at, json=TEXT | {"to": "07 3000 0000"}))

    assert by_itself == {"to": "the customer has no mobile number"}
    assert asked_for == {"to": "is not a number that takes text messages: it is no mobile's"}


async def test_a_template_is_filled_in_or_refused_with_what_is_missing(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    template = await told(
        api, "POST", "message_templates", 201, kind="email", name="ready", subject="{{ lead.car }} is ready",
        body="Hi {{ customer.first_name | default: 'there' }}, {{ user.name }} here. {{ lead.message }}",
    )  # fmt: skip
    lead = await enquiry(api, name="Mia", car_id=601, message="<b>Hi</b>")
    written = await write(api, lead, medium="email", template_id=template["id"], user_id=501, hold_seconds=0)
    await sent(api, world, written)
    [received] = sink.to(lead["email"])
    assert (received.message["Subject"], received.part("plain")) == (
        "Car is ready",
        "Hi Mia, User here. <b>Hi</b>\n",
    )

    bare = await enquiry(api)
    answer = await api.post(
        f"{CLUSTERS}/{bare['lead_cluster_id']}/messages",
        json={"medium": "email", "template_id": template["id"]},
    )
    assert problems(answer)["template_id"].startswith(
        "asks for what is not known: lead.car, user.name, lead.message"
    )
    # What is written beside the template counts before it.
    changed = await write(
        api, bare, medium="email", template_id=template["id"], subject="S", body="B", hold_seconds=3_600
    )
    assert (changed["subject"], changed["text"]) == ("S", "B\n")


async def test_a_retry_writes_one_message(api: httpx.AsyncClient, world: World) -> None:
    lead = await enquiry(api)
    at = f"{CLUSTERS}/{lead['lead_cluster_id']}/messages"
    answers = [
        await api.post(at, json=MAIL | {"hold_seconds": 3_600}, headers={"Idempotency-Key": "once"})
        for _ in "12"
    ]
    tried = await api.post(f"{at}?dry_run=true", json=MAIL)

    assert answers[0].json() == answers[1].json()
    assert tried.json()["answer"]["recipient"] == lead["email"]
    rows = await world.rows("select 1 from message where lead_cluster_id = $1", lead["lead_cluster_id"])
    assert len(rows) == 1


async def test_whoever_was_erased_is_not_written_to(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    lead = await enquiry(api)
    written = await write(api, lead, **MAIL | {"hold_seconds": 3_600})
    contact_id = (await cluster(api, lead["lead_cluster_id"]))["contact"]["id"]
    await told(api, "DELETE", f"contacts/{contact_id}", 200)

    message = await told(api, "GET", f"messages/{written['id']}", 200)
    refused = await api.post(f"{CLUSTERS}/{lead['lead_cluster_id']}/messages", json=MAIL)

    assert (message["state"], message["reason"]) == ("cancelled", "the person was erased")
    assert message["recipient"] is message["subject"] is message["text"] is message["html"] is None
    assert (refused.status_code, refused.json()["type"]) == (410, "/problems/erased")
    assert await until(world, "select 1 from message where id = $1", written["id"])
    assert [row["state"] for row in await deliveries(world, lead_cluster_id=lead["lead_cluster_id"])] == [
        "cancelled"
    ]
    assert sink.to(lead["email"]) == []
