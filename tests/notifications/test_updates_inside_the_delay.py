"""A customer's mail that waits looks at the lead as it is when it goes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import enquiry, put, somebody, update_lead
from tests.leads.asking import problems
from tests.leads.asking import put as put_lead
from tests.messages.asking import AT, come_due, deliveries, explained, settled, told, until

if TYPE_CHECKING:
    import httpx

    from tests.messages.sink import Sink
    from tests.world import World

YES = {"send_customer_email": True}
LATER = YES | {"delay_customer_email_minutes": 60}


@dataclass
class Case:
    """A lead as it came, its updates while the mail waits, and what comes of it.

    Attributes:
        greets: how the mail begins, to the lead's last address; None where there is none.
        reason: why not.
        changed_by: which of the updates changed what is sent, counted from 1.
    """

    name: str
    came: dict[str, Any]
    updates: list[dict[str, Any]] = field(default_factory=list)
    greets: str | None = "Hi Mia,"
    reason: str | None = None
    changed_by: int | None = None


CASES = [
    Case("nothing", LATER),
    Case("corrected address", LATER, [{"email": "right@case.example"}], changed_by=1),
    Case("corrected twice, then a tag", LATER, [{"email": "a@case.example"}, {"email": "b@case.example"}, {"tags": ["x"]}], changed_by=2),
    Case("another name", LATER, [{"name": "Bea"}], "Hi Bea,", changed_by=1),
    Case("what the mail does not tell", LATER, [{"tags": ["x"]}, {"message": "hello"}]),
    Case("the car", LATER, [{"car_id": 601}], changed_by=1),
    Case("taken back", LATER, [{"send_customer_email": False}], None, "send_customer_email was taken back", 1),
    Case("taken back and asked again", LATER, [{"send_customer_email": False}, YES], changed_by=2),
    Case("asked later", {}, [{"tags": ["x"]}, LATER], changed_by=None),
    Case("sooner", LATER, [{"delay_customer_email_minutes": 0}], changed_by=1),
    Case("invalid", LATER, [{"lead_state": "invalid"}], None, "the lead is invalid", 1),
    Case("never asked", {}, [{"name": "Bea"}], None),
]  # fmt: skip


@pytest.fixture(scope="module")
async def outcomes(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> dict[str, tuple[dict[str, Any], list[dict[str, Any]], list[str]]]:
    """Each case's lead, its deliveries as they are explained, and the beginnings of the mails it got."""
    assert sink
    leads = {}
    for case in CASES:
        lead = await enquiry(api, name="Mia", **case.came)
        # Planned before it changes: who is planned later is planned as they are by then.
        await until(world, "select 1 from event_reader where read_up_to >= (select max(id) from event)")
        for update in case.updates:
            lead = await update_lead(api, lead, **update)
        leads[case.name] = lead
    await settled(world)
    await come_due(world)
    await settled(world)
    return {
        name: (
            lead,
            (await explained(api, lead["id"]))["deliveries"],
            [received.part("plain").splitlines()[0] for received in sink.to(lead["email"])],
        )
        for name, lead in leads.items()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_goes_out_is_the_lead_as_it_is(
    case: Case, outcomes: dict[str, tuple[dict[str, Any], list[dict[str, Any]], list[str]]]
) -> None:
    _, told_of, got = outcomes[case.name]

    assert got == ([] if case.greets is None else [case.greets])
    if not case.came and not any("send_customer_email" in update for update in case.updates):
        assert told_of == []
        return
    [delivery] = told_of
    assert delivery["state"] == ("sent" if case.greets else "cancelled")
    assert delivery["reason"] == case.reason
    changed_by = delivery["changed_by"] and delivery["changed_by"]["version"] - 1
    assert changed_by == case.changed_by


def test_nobody_else_got_anything(
    outcomes: dict[str, tuple[dict[str, Any], list[dict[str, Any]], list[str]]], sink: Sink
) -> None:
    addresses = {lead["email"] for lead, _, _ in outcomes.values()}

    assert {one.recipients[0] for one in sink.journal} <= addresses


async def test_the_time_is_the_leads_own_and_never_before_it(api: httpx.AsyncClient, world: World) -> None:
    lead = await enquiry(api, **YES, delay_customer_email_minutes=90)
    await until(world, "select 1 from delivery where lead_id = $1", lead["id"])
    [row] = await world.rows("select created_at from lead where id = $1", lead["id"])
    [first] = await deliveries(world, lead_id=lead["id"])
    assert first["due_at"] == row["created_at"] + timedelta(minutes=90)

    await update_lead(api, lead, delay_customer_email_minutes=120)
    await settled(world)
    [moved] = await deliveries(world, lead_id=lead["id"])
    assert moved["due_at"] == row["created_at"] + timedelta(minutes=120)

    await update_lead(api, lead, name="Somebody Else")
    await settled(world)
    [same] = await deliveries(world, lead_id=lead["id"])
    assert (same["due_at"], same["state"], same["attempts"]) == (moved["due_at"], "waiting", 0)


async def test_a_delay_that_is_none_is_refused(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    for delay in (-1, 43_201, 10**12):
        answer = await put_lead(api, lead["id"], delay_customer_email_minutes=delay)
        assert "lead.delay_customer_email_minutes" in problems(answer)


async def test_a_mail_that_went_is_not_sent_again(api: httpx.AsyncClient, world: World, sink: Sink) -> None:
    lead = await enquiry(api, **YES)
    await settled(world, lead_id=lead["id"])
    for update in ({"send_customer_email": False}, YES, {"email": somebody()["email"]}, LATER):
        lead = await update_lead(api, lead, **update)
    await settled(world)

    [row] = await deliveries(world, lead_id=lead["id"])
    assert row["state"] == "sent"
    assert sink.to(lead["email"]) == []


async def test_the_template_is_that_of_the_category_then(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    for name, category in (("any", None), ("drives", "Test Drive Booking")):
        template = {
            "kind": "customer_email", "name": name, "category": category, "subject": f"For {name}",
            "body": "{{ lead.category }} at {{ location.name | default: 'ours' }}",
        }  # fmt: skip
        await told(api, "POST", "message_templates", 201, **template)
    lead = await enquiry(api, **LATER)
    other = await enquiry(api, **LATER)
    await until(world, "select 1 from delivery where lead_id = $1", other["id"])
    await update_lead(api, lead, category="Test Drive Booking", location_id=101)
    await settled(world)
    await come_due(world)
    await settled(world)

    [[one], [two]] = [sink.to(each["email"]) for each in (lead, other)]
    assert (one.message["Subject"], one.part("plain").strip()) == ("For drives", "Test Drive Booking at Yard")
    assert (two.message["Subject"], two.part("plain").strip()) == ("For any", "General Enquiry at ours")
    listed = (await api.get(f"{AT}/message_templates")).json()["message_templates"]
    for template in listed:
        await told(api, "DELETE", f"message_templates/{template['id']}", 200)


async def test_staff_who_find_a_lead_invalid_spare_it_the_mail(
    api: httpx.AsyncClient, world: World, sink: Sink
) -> None:
    lead = await enquiry(api, **LATER)
    await until(world, "select 1 from delivery where lead_id = $1", lead["id"])
    await put(api, lead["lead_cluster_id"], lead_state="invalid")
    await come_due(world)

    [row] = await settled(world, lead_id=lead["id"])

    assert (row["state"], row["reason"], sink.to(lead["email"])) == ("cancelled", "the lead is invalid", [])
