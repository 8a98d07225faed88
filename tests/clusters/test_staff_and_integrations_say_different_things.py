"""What a lead's update does to its cluster, and what staff have set by hand: docs/clusters.md has the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import act, cluster, enquiry, put, somebody, update_lead

if TYPE_CHECKING:
    import httpx

    from tests.world import World


async def test_an_update_moves_its_cluster_along(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)

    await update_lead(
        api,
        lead,
        golden=True,
        lead_state="contacted",
        sms_verified=True,
        tags=["hot"],
        user_email="user1@example.com",
    )

    told = await cluster(api, lead["lead_cluster_id"])
    assert told["golden"] is True
    assert told["lead_state"] == "contacted"
    assert told["contact"]["sms_verified"] is True
    assert told["tags"] == ["hot"]
    assert told["user_id"] == 501
    assert told["user"]["email"] == "user1@example.com"

    await update_lead(api, lead, golden=False, tags=["cold"])
    told = await cluster(api, lead["lead_cluster_id"])
    assert told["golden"] is False
    assert told["tags"] == ["hot", "cold"]


async def test_an_assigned_cluster_stays_with_its_user(api: httpx.AsyncClient, world: World) -> None:
    await world.run("insert into user_account (id, name, email) values (551, 'Kim', 'kim@example.com')")
    await world.run("insert into dealership_user (dealership_id, user_id) values (1, 551)")
    lead = await enquiry(api, user_email="kim@example.com")

    await update_lead(api, lead, user_email="user1@example.com")

    assert (await cluster(api, lead["lead_cluster_id"]))["user_id"] == 551


async def test_each_answer_about_marketing_is_logged(api: httpx.AsyncClient, world: World) -> None:
    lead = await enquiry(api, opt_in_to_marketing=True, source="Facebook")
    await update_lead(api, lead, opt_in_to_marketing=True)
    await update_lead(api, lead, opt_in_to_marketing=False, source="Chatbot")

    told = await cluster(api, lead["lead_cluster_id"])

    assert told["contact"]["opt_in_to_marketing"] is False
    assert [(one["value"], one["source"], one["lead_id"]) for one in told["consents"]] == [
        (False, "Chatbot", lead["id"]),
        (True, "Facebook", lead["id"]),
    ]
    key = await world.rows("select min(id) as id from api_key")
    assert {one["api_key_id"] for one in told["consents"]} == {key[0]["id"]}


async def test_the_contact_is_what_was_said_last(api: httpx.AsyncClient) -> None:
    first = await enquiry(api, name="Mia", last_name="Chen", dob="01/02/1980", customer_address="1 Old Road")
    await enquiry(api, email=first["email"], name="Mia Lin", customer_address=None)

    contact = (await cluster(api, first["lead_cluster_id"]))["contact"]

    assert contact["name"] == "Mia Lin"
    assert contact["last_name"] == "Chen"
    assert contact["dob"] == "01/02/1980"
    assert contact["customer_address"] == "1 Old Road"


# What was pushed first, what staff set by hand, what is pushed then; what the cluster says after it, whether that was
# a conflict.
CASES = [
    ("lead_state", "new", "contacted", "new", "contacted", True),
    ("lead_state", "new", "contacted", "lost", "lost", False),
    ("lead_state", "new", "contacted", "contacted", "contacted", False),
    ("lead_state", "contacted", "lost", "contacted", "lost", True),
    ("lead_state", "contacted", "lost", "converted", "converted", False),
    ("golden", True, False, True, False, True),
    ("golden", False, True, False, True, True),
    ("golden", False, True, True, True, False),
    ("contact.name", "Mia", "Maria", "Mia", "Maria", True),
    ("contact.name", "Mia", "Maria", "Marie", "Marie", False),
    ("contact.last_name", "Chen", None, "Chen", None, True),
    ("contact.dob", "01/02/1980", "02/02/1980", "01/02/1980", "02/02/1980", True),
    ("contact.customer_address", "1 Old Road", "2 New Road", "1 Old Road", "2 New Road", True),
    ("contact.sms_verified", True, False, True, False, True),
]


def _value(told: dict[str, Any], field: str) -> Any:
    held, _, name = field.rpartition(".")
    return (told[held] if held else told)[name]


@pytest.mark.parametrize(("field", "pushed", "by_hand", "again", "after", "conflict"), CASES)
async def test_staff_keep_what_they_set_against_the_older_value(
    api: httpx.AsyncClient, field: str, pushed: Any, by_hand: Any, again: Any, after: Any, *, conflict: bool
) -> None:
    of_contact, _, name = field.rpartition(".")
    lead = await enquiry(api, **{name: pushed})
    sent = {"contact": {name: by_hand}} if of_contact else {name: by_hand}
    answer = await put(api, lead["lead_cluster_id"], **sent)
    assert answer.status_code == 200, answer.text
    assert _value(answer.json(), field) == by_hand

    updated = await update_lead(api, lead, **{name: again, "message": "again"})

    told = await cluster(api, lead["lead_cluster_id"])
    assert _value(told, field) == after
    key = {"lead_state": "state"}.get(field, field)
    assert (f"lead.{name}" in {warning["field"] for warning in updated["warnings"]}) is conflict
    assert (key in told["conflicts"]) is conflict
    if conflict:
        assert told["conflicts"][key]["lead_id"] == lead["id"]
        assert told["by_hand"][key]["api_key_id"]
    elif after != by_hand:
        assert key not in told["by_hand"]


async def test_a_new_enquiry_of_the_same_customer_is_held_to_it_too(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, name="Mia")
    await put(api, lead["lead_cluster_id"], contact={"name": "Maria"})

    second = await enquiry(api, email=lead["email"], name="Mia")

    assert (await cluster(api, lead["lead_cluster_id"]))["contact"]["name"] == "Maria"
    assert [warning["field"] for warning in second["warnings"]] == ["lead.name"]
    assert second["name"] == "Mia"


async def test_what_was_said_before_the_last_word_is_old_too(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, lead_state="new", name="Mia", dob="01/02/1980")
    await update_lead(api, lead, lead_state="contacted", name="Maria", dob="02/02/1980")
    at = lead["lead_cluster_id"]
    await put(api, at, lead_state="lost", contact={"name": "Mary", "dob": "03/02/1980"})

    late = await update_lead(api, lead, lead_state="new", name="Mia", dob="01/02/1980")

    told = await cluster(api, at)
    assert told["lead_state"] == "lost"
    assert (told["contact"]["name"], told["contact"]["dob"]) == ("Mary", "03/02/1980")
    assert set(told["conflicts"]) == {"state", "contact.name", "contact.dob"}
    assert {warning["field"] for warning in late["warnings"]} == {"lead.lead_state", "lead.name", "lead.dob"}


async def test_an_enquiry_that_repeats_itself_says_nothing_new(api: httpx.AsyncClient) -> None:
    person = somebody()
    first = await enquiry(api, **person, lead_state="new", name="Mia")
    await enquiry(api, **person, lead_state="contacted", name="Maria")
    at = first["lead_cluster_id"]
    await put(api, at, lead_state="lost", contact={"name": "Mary"})

    await update_lead(api, first, lead_state="new", name="Mia", message="again")

    told = await cluster(api, at)
    assert (told["lead_state"], told["contact"]["name"]) == ("lost", "Mary")
    assert set(told["by_hand"]) == {"state", "contact.name"}


@pytest.mark.parametrize("closed", ["lost", "converted"])
@pytest.mark.parametrize("sent", [{}, {"lead_state": "new"}, {"lead_state": "contacted"}])
async def test_a_new_enquiry_opens_what_staff_have_closed(
    api: httpx.AsyncClient, closed: str, sent: dict[str, str]
) -> None:
    person = somebody()
    first = await enquiry(api, **person, lead_state="new")
    await update_lead(api, first, lead_state="contacted")
    at = first["lead_cluster_id"]
    await put(api, at, lead_state=closed)

    second = await enquiry(api, **person, **sent)

    told = await cluster(api, at)
    assert (told["lead_state"], told["closed_at"]) == ("new", None)
    assert told["waiting_since"] == second["created_at"]
    assert "state" not in told["by_hand"]
    assert second["warnings"] == []


@pytest.mark.parametrize(("action", "sent"), [
    ("activities", {"activity": {"kind": "call", "outcome": "spoke", "user_id": 501}}),
    ("appointments", {"appointment": {"starts_at": "2031-03-03 10:00:00", "by_user_id": 501}}),
])  # fmt: skip
async def test_who_turns_to_a_customer_has_set_the_state_by_hand(
    api: httpx.AsyncClient, action: str, sent: dict[str, Any]
) -> None:
    lead = await enquiry(api, lead_state="new")
    await act(api, lead["lead_cluster_id"], action, **sent)

    updated = await update_lead(api, lead, lead_state="new", message="again")

    told = await cluster(api, lead["lead_cluster_id"])
    assert told["lead_state"] == "contacted"
    assert told["by_hand"]["state"]["user_id"] == 501
    assert [warning["field"] for warning in updated["warnings"]] == ["lead.lead_state"]


async def test_a_question_settles_what_staff_said_of_the_state(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, lead_state="new")
    at = lead["lead_cluster_id"]
    await put(api, at, lead_state="lost")
    await update_lead(api, lead, lead_state="new", message="again")
    assert "state" in (await cluster(api, at))["conflicts"]

    await act(api, at, "activities", activity={"kind": "sms", "direction": "in"})

    told = await cluster(api, at)
    assert (told["lead_state"], told["by_hand"], told["conflicts"]) == ("new", {}, {})


async def test_a_conflict_is_settled_by_hand(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, name="Mia")
    await put(api, lead["lead_cluster_id"], contact={"name": "Maria"})
    await update_lead(api, lead, name="Mia", message="again")

    await put(api, lead["lead_cluster_id"], contact={"name": "Mary"})

    assert (await cluster(api, lead["lead_cluster_id"]))["conflicts"] == {}


async def test_a_tag_that_staff_took_off_stays_off(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, tags=["hot", "trade-in"])
    await put(api, lead["lead_cluster_id"], tags=["trade-in"])

    await update_lead(api, lead, tags=["hot", "trade-in", "fleet"])

    assert (await cluster(api, lead["lead_cluster_id"]))["tags"] == ["trade-in", "fleet"]


async def test_a_golden_mark_that_was_kept_is_the_leads_too(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, golden=True)
    await put(api, lead["lead_cluster_id"], golden=False)

    updated = await update_lead(api, lead, golden=True)

    assert updated["golden"] is False
    assert (await api.get(f"/api/v1/leads/{lead['id']}")).json()["golden"] is False


async def test_a_conflict_is_settled_by_saying_again_what_staff_had_said(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api, name="Mia", lead_state="new")
    at = lead["lead_cluster_id"]
    await put(api, at, lead_state="contacted", contact={"name": "Maria"})
    await update_lead(api, lead, name="Mia", lead_state="new", message="again")
    version = (await cluster(api, at))["version"]

    answer = (await put(api, at, lead_state="contacted", contact={"name": "Maria"})).json()

    assert answer["version"] == version + 1
    assert (answer["conflicts"], answer["contact"]["name"], answer["lead_state"]) == (
        {},
        "Maria",
        "contacted",
    )
    assert (await put(api, at, contact={"name": "Maria"})).json()["version"] == version + 1
