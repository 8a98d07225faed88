"""120 attempts at adding a header, a recipient or a part: what the mail server received has none of them."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from tests.clusters.asking import CLUSTERS, enquiry
from tests.messages.asking import come_due, settled, told

if TYPE_CHECKING:
    import httpx

    from tests.messages.sink import Sink
    from tests.world import World

# What is to be smuggled in, behind what would end a header.
_BREAKS = (
    "\r\n", "\n", "\r", "\n\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\r\n ", "\r\n\t", "%0d%0a", "\\r\\n",
    "=?UTF-8?Q?=0D=0A?=", "=?utf-8?q?=0A?= ", "=?UTF-8?B?DQo=?=", "=?ISO-8859-1?Q?=0D=0A_?=", "&#13;&#10;", "\u560a\u560d", "\x00\r\n", "\r\n\r\n",
)  # fmt: skip
_SMUGGLED = (
    "Bcc: evil@injected.example",
    "To: evil@injected.example",
    "Content-Type: text/html\r\n\r\n<h1>evil</h1>",
    "Subject: evil",
)
_OTHERS = (
    "=?UTF-8?Q?a=0ABcc:evil@injected.example?=",
    "=?utf-8?q?=0d=0aBcc=3A_evil=40injected=2Eexample?=",
    "=?UTF-8?B?DQpCY2M6IGV2aWxAaW5qZWN0ZWQuZXhhbXBsZQ==?=",
    "=?UTF-8?Q?a=0A?= =?UTF-8?Q?Bcc:evil@injected.example?=",
    'Mia" <evil@injected.example>, "',
    "Mia <evil@injected.example>",
    "evil@injected.example, Mia",
    "Mia; evil@injected.example",
    "<evil@injected.example>",
    '"', "\\", '\\"', "(", ")", "<>", "@", ":", ";", ",", "[", "]",
    ".\r\nMAIL FROM:<evil@injected.example>",
    "\r\n.\r\nRCPT TO:<evil@injected.example>\r\nDATA",
    "=?", "?=", "=?UTF-8?Q?", "=?UTF-8?X?a?=",
    "\u202eelpmaxe.detcejni@live",
    "\u00a0\u200b\ufeff",
)  # fmt: skip
PAYLOADS = [f"Mia{broken}{what}" for broken, what in itertools.product(_BREAKS, _SMUGGLED)] + list(_OTHERS)
PAYLOADS += ["x" * 250, "x" * 75 + "\r\nBcc: evil@injected.example", "é" * 120, "\U0001f697" * 60]

_OURS = {
    "from", "to", "reply-to", "subject", "message-id", "in-reply-to", "references", "auto-submitted",
    "x-auto-response-suppress", "mime-version", "content-type", "x-peer", "x-mailfrom", "x-rcptto",
}  # fmt: skip


async def test_what_was_received_has_our_headers_and_one_recipient(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    assert len(PAYLOADS) >= 120
    await told(api, "POST", "notification_rules", 201, addresses=["staff@ours.example"], category="Survey")
    template = {
        "kind": "customer_email", "name": "echo", "subject": "{{ customer.name }}: {{ lead.message }}",
        "body": "# {{ customer.name }}\n\n[{{ lead.message }}](https://ours.example)\n\n> {{ lead.message }}",
    }  # fmt: skip
    await told(api, "POST", "message_templates", 201, **template)
    settings = {"sender_name": "Ours", "reply_to": "sales@ours.example"}
    await told(api, "PUT", "mail_settings", 200, **settings)
    expected = set()
    for number, payload in enumerate(PAYLOADS):
        wanted = {"send_customer_email": True, "delay_customer_email_minutes": 60}
        later = {"delay_dealership_notification_minutes": 60}
        # Staff are told of some.
        category = "Survey" if number % 4 == 0 else "General Enquiry"
        address = f"victim{number}@corpus.example"
        lead = await enquiry(api, email=address, category=category, **wanted, **later)
        # As it is, whatever the API would have made of it.
        await world.run(
            "update lead set name = $2, last_name = $2, message = $2 where id = $1",
            lead["id"],
            payload.replace("\0", ""),
        )
        expected.add(lead["email"])
    await settled(world)
    await come_due(world)
    rows = await settled(world, within=60)

    assert {row["state"] for row in rows} == {"sent"}, [row["reason"] for row in rows if row["reason"]]
    assert {one.recipients[0] for one in sink.journal} == expected | {"staff@ours.example"}
    for one in sink.journal:
        message = one.message
        assert len(one.recipients) == 1
        assert [str(address) for address in message["To"].addresses] == one.recipients
        names = [name.lower() for name in message.keys()]  # noqa: SIM118 - a header may come twice
        assert set(names) <= _OURS
        assert len(names) == len(set(names))
        assert "injected.example" not in re.sub(
            r"(?is)^subject:.*?\r\n(?!\s)",
            "",
            one.content.split(b"\r\n\r\n")[0].decode(),
            count=1,
            flags=re.MULTILINE,
        )
        assert [part.get_content_type() for part in message.walk()] == [
            "multipart/alternative", "text/plain", "text/html",
        ]  # fmt: skip
        assert "<h1>evil</h1>" not in one.part("html")
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", message["Subject"])


async def test_staff_cannot_either(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    lead = await enquiry(api)
    for payload in ("Hello\r\nBcc: evil@injected.example", "=?UTF-8?Q?=0ABcc:evil@injected.example?="):
        answer = await api.post(
            f"{CLUSTERS}/{lead['lead_cluster_id']}/messages",
            json={"medium": "email", "subject": payload, "body": payload, "hold_seconds": 0},
        )
        assert answer.status_code == 201
    await settled(world, channel="message")

    for one in sink.to(lead["email"]):
        assert one.message["Bcc"] is None
        assert one.recipients == [lead["email"]]
        assert "\n" not in one.message["Subject"]
