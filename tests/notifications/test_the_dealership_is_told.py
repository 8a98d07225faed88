"""Notices to the dealership: by its rules, after the delay, outside quiet hours; once for each address."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.clusters.asking import cluster, enquiry, put, update_lead
from tests.leads.asking import problems
from tests.messages.asking import AT, come_due, deliveries, explained, settled, told, until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from tests.messages.sink import Sink
    from tests.world import World

BRISBANE = ZoneInfo("Australia/Brisbane")


@pytest.fixture(autouse=True)
async def _no_rules_are_left(world: World) -> AsyncGenerator[None]:
    yield
    await world.run("update notification_rule set deleted_at = now() where deleted_at is null")


async def rule(api: httpx.AsyncClient, *addresses: str, **fields: Any) -> dict[str, Any]:
    return await told(api, "POST", "notification_rules", 201, **{"addresses": addresses} | fields)


async def told_of(world: World, lead: dict[str, Any]) -> dict[str, str]:
    """Target -> state of a lead's notices, once all is planned."""
    rows = await settled(world, lead_id=lead["id"])
    return {row["target"]: row["state"] for row in rows if row["channel"] == "notification"}


async def test_a_notice_tells_the_leads_facts_and_answers_go_to_the_customer(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    await rule(api, "sales@notice.example")
    lead = await enquiry(
        api,
        name="Mia",
        last_name="Chen",
        message="Is it *still* there?\n<b>Call</b> me",
        car_id=601,
        location_id=101,
    )

    assert await told_of(world, lead) == {"html:sales@notice.example": "sent"}

    [received] = sink.to("sales@notice.example")
    assert received.message["Subject"] == "New lead: Mia Chen, General Enquiry"
    assert received.message["Reply-To"] == lead["email"]
    assert received.message["Auto-Submitted"] == "auto-generated"
    text = received.part("plain")
    link = f"https://leads.forecourt.example/lead_clusters/brisbane-motors/{lead['lead_cluster_id']}"
    for fact in (
        "Mia Chen",
        lead["email"],
        "Car (STOCK1)",
        "Yard",
        "> Is it *still* there?\n> <b>Call</b> me",
        link,
    ):
        assert fact in text
    page = received.part("html")
    assert "&lt;b&gt;Call&lt;/b&gt;" in page
    assert f'href="{link}"' in page


@pytest.mark.parametrize(
    ("fields", "fits", "why_not"),
    [
        ({}, True, None),
        ({"category": "general enquiry"}, True, None),
        ({"category": "Survey"}, False, "category"),
        ({"source": "Website"}, True, None),
        ({"source": "Carsales"}, False, "source"),
        ({"location_id": 101}, True, None),
        ({"website_id": 201}, True, None),
        ({"enabled": False}, False, "disabled"),
        (
            {"location_id": 101, "category": "General Enquiry", "source": "Website", "website_id": 201},
            True,
            None,
        ),
    ],
)
async def test_a_rule_tells_of_the_leads_that_fit(
    api: httpx.AsyncClient, world: World, fields: dict[str, Any], fits: bool, why_not: str | None
) -> None:
    made = await rule(api, "who@fits.example", **fields)
    lead = await enquiry(api, location_id=101, website_id=201)

    assert bool(await told_of(world, lead)) == fits

    [explained_rule] = (await explained(api, lead["id"]))["notification_rules"]
    assert (explained_rule["id"], explained_rule["does_not_fit"]) == (made["id"], why_not)
    assert explained_rule["tells"] == ["who@fits.example"]
    tried = await told(api, "POST", "notification_rules/dry_run", 200, lead_id=lead["id"])
    assert [one["address"] for one in tried["leads"][0]["told"]] == (["who@fits.example"] if fits else [])
    assert tried["untold"] == int(not fits)


async def test_an_address_is_told_once_in_each_format_by_however_many_rules(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    await rule(
        api,
        "boss@once.example",
        "Boss@Once.example",
        "crm@once.example",
        quiet_from="00:00",
        quiet_to="23:59",
    )
    loud = await rule(api, "BOSS@once.example", user_ids=[501])
    await rule(api, "crm@once.example", format="adf")
    lead = await enquiry(api)

    rows = await settled(world, lead_id=lead["id"])

    by_target = {row["target"]: row for row in rows}
    assert set(by_target) == {
        "html:boss@once.example", "html:crm@once.example", "html:user1@example.com", "adf:crm@once.example",
    }  # fmt: skip
    # Of two rules that name it, the one without quiet hours counts.
    assert by_target["html:boss@once.example"]["notification_rule_id"] == loud["id"]
    assert by_target["html:boss@once.example"]["state"] == "sent"
    assert len(sink.to("boss@once.example")) == 1
    assert by_target["adf:crm@once.example"]["state"] == "sent"


async def test_a_program_is_mailed_adf_that_comes_back_as_the_same_lead(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    await rule(api, "crm@adf.example", format="adf")
    lead = await enquiry(api, message="Is the Ranger still there? <Soon>")
    await settled(world, lead_id=lead["id"])
    [mail] = sink.to("crm@adf.example")

    text = mail.part("plain")
    assert text.startswith("<?xml")
    assert "<?adf version" in text
    again = await api.post(
        "/api/v1/adf", content=text.encode(), headers={"Content-Type": "application/x-adf+xml"}
    )
    assert again.json()["lead_ids"] == [lead["id"]]
    assert again.json()["prospects"][0]["outcome"] == "unchanged"


async def test_whoever_is_away_is_passed_over_unless_all_are(api: httpx.AsyncClient, world: World) -> None:
    await world.run("insert into user_account (id, name, email) values (511, 'Away', 'away@staff.example')")
    await world.run("insert into dealership_user (dealership_id, user_id) values (1, 511)")
    made = await rule(api, user_ids=[501, 511])
    await told(api, "PUT", "staff/511", 200, staff_member={"absent_until": "2031-01-01T00:00:00Z"})
    lead = await enquiry(api)
    assert await told_of(world, lead) == {"html:user1@example.com": "sent"}

    await told(api, "PUT", f"notification_rules/{made['id']}", 200, user_ids=[511])
    alone = await enquiry(api)
    assert await told_of(world, alone) == {"html:away@staff.example": "sent"}

    # Whoever has left is told nothing.
    await world.run("delete from dealership_user where user_id = 511")
    gone = await enquiry(api)
    assert await told_of(world, gone) == {}


async def test_what_waits_is_planned_anew(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    later = {"delay_dealership_notification_minutes": 60}
    await rule(api, "general@anew.example", category="General Enquiry")
    await rule(api, "drives@anew.example", category="Test Drive Booking")
    await rule(api, "all@anew.example")
    lead, other = await enquiry(api, **later), await enquiry(api, **later)
    both = {"html:general@anew.example": "waiting", "html:all@anew.example": "waiting"}
    assert await told_of(world, lead) == both
    [created] = await world.rows("select created_at from lead where id = $1", lead["id"])
    assert {row["due_at"] for row in await deliveries(world, lead_id=lead["id"])} == {
        created["created_at"] + timedelta(minutes=60)
    }

    await update_lead(api, lead, category="Test Drive Booking")
    changed = dict.fromkeys(("html:drives@anew.example", "html:all@anew.example"), "waiting")
    assert await told_of(world, lead) == changed | {"html:general@anew.example": "cancelled"}
    await update_lead(api, lead, category="General Enquiry")
    back = await told_of(world, lead)
    assert back == both | {"html:drives@anew.example": "cancelled"}
    # A rule that is changed while they wait counts when they go out.
    rules = (await api.get(f"{AT}/notification_rules")).json()["notification_rules"]
    [everybody] = [one for one in rules if one["addresses"] == ["all@anew.example"]]
    await told(api, "DELETE", f"notification_rules/{everybody['id']}", 200)
    await update_lead(api, other, delay_dealership_notification_minutes=0)
    await settled(world)
    await come_due(world)

    assert await told_of(world, lead) == {
        "html:general@anew.example": "sent", "html:all@anew.example": "cancelled", "html:drives@anew.example": "cancelled",
    }  # fmt: skip
    assert (await told_of(world, other))["html:general@anew.example"] == "sent"
    assert (len(sink.to("general@anew.example")), len(sink.to("all@anew.example"))) == (2, 0)
    # Once the delay is over and all have gone, an update plans nothing more.
    await update_lead(api, other, category="Test Drive Booking")
    assert "html:drives@anew.example" not in await told_of(world, other)


async def test_quiet_hours_end_in_the_morning_and_a_golden_lead_does_not_wait(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    [row] = await world.rows("select now() as now")
    here = row["now"].astimezone(BRISBANE)
    begins, ends = here - timedelta(hours=1), here + timedelta(hours=2)
    await rule(api, "asleep@quiet.example", quiet_from=f"{begins:%H:%M}", quiet_to=f"{ends:%H:%M}")
    lead = await enquiry(api)
    assert await told_of(world, lead) == {"html:asleep@quiet.example": "waiting"}
    [waiting] = await deliveries(world, lead_id=lead["id"])
    assert waiting["due_at"] == datetime.combine(ends.date(), time(ends.hour, ends.minute), BRISBANE)
    tried = await told(api, "POST", "notification_rules/dry_run", 200, lead_id=lead["id"])
    assert datetime.fromisoformat(tried["leads"][0]["told"][0]["due_at"]) == waiting["due_at"].astimezone(UTC)

    golden = await enquiry(api, golden=True)
    assert await told_of(world, golden) == {"html:asleep@quiet.example": "sent"}
    assert sink.to("asleep@quiet.example")[-1].message["Subject"].startswith("Golden lead: ")

    # It turns golden while it waits, by hand.
    await put(api, lead["lead_cluster_id"], golden=True)
    assert await told_of(world, lead) == {"html:asleep@quiet.example": "sent"}
    assert (await cluster(api, lead["lead_cluster_id"]))["golden"] is True


async def test_a_notice_may_come_twice_and_then_says_so(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    """The same Message-ID: mail programs show it once."""
    await rule(api, "twice@notice.example")
    sink.faults["twice@notice.example"] = ["drop after dot", "put off", "hang"]
    lead = await enquiry(api)
    for _ in range(4):
        [row] = await settled(world, lead_id=lead["id"])
        await come_due(world, lead_id=lead["id"])

    [row] = await settled(world, lead_id=lead["id"])
    received = sink.to("twice@notice.example")
    assert row["state"] == "sent"
    assert len(received) == 3
    assert len({one.message["Message-ID"] for one in received}) == 1
    [delivery] = (await explained(api, lead["id"]))["deliveries"]
    assert [attempt["outcome"] for attempt in delivery["attempts"]] == [
        "unknown",
        "put_off",
        "unknown",
        "accepted",
    ]


async def test_a_mail_that_cannot_be_delivered_is_given_up_and_seen(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    await rule(api, "nobody@notice.example")
    sink.faults["nobody@notice.example"] = ["greylist"] * 20
    lead = await enquiry(api)
    async with asyncio.timeout(60):
        while (row := (await settled(world, lead_id=lead["id"]))[0])["state"] == "waiting":
            await come_due(world, lead_id=lead["id"])

    assert (row["state"], row["attempts"]) == ("failed", 8)
    assert row["reason"] == "given up after 8 attempts (put_off 450)"
    failed = (await api.get(f"{AT}/messages", params={"state": "failed", "purpose": "notification"})).json()
    assert [one["recipient"] for one in failed["messages"] if one["lead_id"] == lead["id"]] == [
        "nobody@notice.example"
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "addresses"),
        ({"addresses": []}, "addresses"),
        ({"addresses": ["not an address"]}, "addresses[0]"),
        ({"addresses": ["a@b.example"], "format": "fax"}, "format"),
        ({"addresses": ["a@b.example"], "category": "Nonsense"}, "category"),
        ({"addresses": ["a@b.example"], "source": "Nonsense"}, "source"),
        ({"addresses": ["a@b.example"], "location_id": 103}, "location_id"),
        ({"addresses": ["a@b.example"], "website_id": 202}, "website_id"),
        ({"user_ids": [503]}, "user_ids"),
        ({"addresses": ["a@b.example"], "quiet_from": "21:00"}, "quiet_to"),
        ({"addresses": ["a@b.example"], "quiet_from": "21:00", "quiet_to": "21:00"}, "quiet_to"),
        ({"addresses": ["a@b.example"], "quiet_from": "25:00", "quiet_to": "07:00"}, "quiet_from"),
        ({"addresses": ["a@b.example"], "colour": "red"}, "colour"),
    ],
)
async def test_a_rule_that_does_not_fit_is_refused(
    api: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    assert field in problems(await api.post(f"{AT}/notification_rules", json=body))


async def test_what_a_dealership_settles_is_logged(api: httpx.AsyncClient, world: World) -> None:
    made = await rule(api, "kept@notice.example", quiet_from="21:00", quiet_to="07:30", name="Night")
    assert (made["quiet_from"], made["quiet_to"], made["format"], made["enabled"]) == (
        "21:00",
        "07:30",
        "html",
        True,
    )
    changed = await told(api, "PUT", f"notification_rules/{made['id']}", 200, quiet_from=None, quiet_to=None)
    assert (changed["quiet_from"], changed["version"]) == (None, 2)
    stale = await api.put(
        f"{AT}/notification_rules/{made['id']}", json={"name": "x"}, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412
    await told(api, "DELETE", f"notification_rules/{made['id']}", 200)
    await told(api, "GET", f"notification_rules/{made['id']}", 404)

    events = await until(
        world,
        "select kind, changes::text from event where kind like 'notification_rule.%' order by id desc limit 3",
    )
    assert [event["kind"] for event in events] == [
        "notification_rule.deleted", "notification_rule.updated", "notification_rule.created",
    ]  # fmt: skip
    assert '"quiet_from": {"to": null, "from": "21:00"}' in events[1]["changes"]
