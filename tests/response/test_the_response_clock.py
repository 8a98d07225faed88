"""How soon customers are answered: what stops the clock, what starts it anew, how long it ran."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, put, somebody, update_lead
from tests.response.asking import HOURS, asked_at, brisbane, did, moment, settle

if TYPE_CHECKING:
    import httpx

    from tests.world import World

# A Friday afternoon of a week without holidays, in every state.
FRIDAY = brisbane("2026-11-06 16:30")
SATURDAY = brisbane("2026-11-07 09:20")


@pytest.fixture(autouse=True)
async def usual_hours(api: httpx.AsyncClient) -> None:
    await settle(
        api,
        opening_hours=HOURS,
        closed_days=[],
        response_targets=[],
        region="QLD",
        target_minutes=15,
        overdue_minutes=120,
    )


async def test_both_by_the_wall_and_by_the_hours(api: httpx.AsyncClient, world: World) -> None:
    at = await asked_at(api, world, FRIDAY)

    told = await did(api, at, occurred_at=SATURDAY)

    assert told["first_response_seconds"] == (SATURDAY - FRIDAY).total_seconds()
    assert told["first_response_business_seconds"] == (30 + 20) * 60
    assert told["waiting_since"] is None
    assert moment(told["response_clock"]["answered_at"]) == SATURDAY
    assert told["response_clock"]["answered_by"] == "call"


async def test_who_waits_has_a_moment_by_which_to_answer(api: httpx.AsyncClient, world: World) -> None:
    at = await asked_at(api, world, brisbane("2026-11-06 16:50"))

    told = await cluster(api, at)

    assert moment(told["waiting_since"]) == brisbane("2026-11-06 16:50")
    clock = told["response_clock"]
    assert moment(clock["due_at"]) == brisbane("2026-11-07 09:05")
    assert moment(clock["overdue_at"]) == brisbane("2026-11-07 10:50")
    assert clock["overdue"] is True
    assert (told["first_response_seconds"], clock["answered_at"]) == (None, None)


async def test_public_holidays_and_closed_days_do_not_count(api: httpx.AsyncClient, world: World) -> None:
    # The 26th of January 2026 is a Monday and Australia Day.
    day = {"day": "2026-01-27", "name": "Stocktaking"}
    told = await settle(api, closed_days=[day, day | {"location_id": 101}])
    assert [one["name"] for one in told["closed_days"]] == ["Stocktaking", "Stocktaking"]
    at = await asked_at(api, world, brisbane("2026-01-23 16:00"), location_id=101)

    told = await did(api, at, occurred_at=brisbane("2026-01-28 09:30"))

    assert told["location_id"] == 101
    assert told["first_response_business_seconds"] == (60 + 180 + 30) * 60


async def test_a_location_has_its_own_hours_and_its_own_states_holidays(
    api: httpx.AsyncClient, world: World
) -> None:
    # Melbourne Cup Day, the 3rd of November 2026, is a holiday in Victoria only.
    own = [{"weekday": day, "opens": "08:00", "closes": "10:00", "location_id": 101} for day in range(1, 7)]
    await settle(api, opening_hours=[*HOURS, *own], locations=[{"id": 101, "region": "VIC"}])
    asked, answered = brisbane("2026-11-02 09:00"), brisbane("2026-11-04 09:00")
    here = await asked_at(api, world, asked, location_id=101)
    elsewhere = await asked_at(api, world, asked)

    told = [await did(api, at, occurred_at=answered) for at in (here, elsewhere)]

    assert [one["first_response_business_seconds"] for one in told] == [2 * 3600, 16 * 3600]
    await settle(api, locations=[{"id": 101, "region": None}])


@pytest.mark.parametrize(("act_of_staff", "by"), [
    ({"kind": "call", "outcome": "spoke"}, "call"),
    ({"kind": "call", "outcome": "no_answer"}, "call"),
    ({"kind": "call", "direction": "in", "outcome": "spoke"}, "call"),
    ({"kind": "sms"}, "sms"),
    ({"kind": "email"}, "email"),
    ({"kind": "walk_in"}, "walk_in"),
])  # fmt: skip
async def test_a_human_who_turns_to_the_customer_stops_it(
    api: httpx.AsyncClient, world: World, act_of_staff: dict[str, str], by: str
) -> None:
    at = await asked_at(api, world, FRIDAY)

    told = await did(api, at, occurred_at=SATURDAY, **act_of_staff)

    assert told["waiting_since"] is None
    assert told["response_clock"]["answered_by"] == by
    reached = act_of_staff.get("outcome") != "no_answer"
    assert told["lead_state"] == ("contacted" if reached else "new")


async def test_an_appointment_stops_it(api: httpx.AsyncClient, world: World) -> None:
    at = await asked_at(api, world, FRIDAY)

    await act(
        api, at, "appointments", appointment={"purpose": "Appointment", "starts_at": "2031-05-05 10:00:00"}
    )

    told = await cluster(api, at)
    assert (told["waiting_since"], told["response_clock"]["answered_by"]) == (None, "appointment")


async def test_marked_by_hand_is_told_as_that(api: httpx.AsyncClient, world: World) -> None:
    at = await asked_at(api, world, FRIDAY)

    await put(api, at, lead_state="contacted")

    told = await cluster(api, at)
    assert (told["waiting_since"], told["response_clock"]["answered_by"]) == (None, "manual")


async def test_what_is_no_answer_does_not_stop_it(api: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    at = lead["lead_cluster_id"]
    since = (await cluster(api, at))["waiting_since"]

    await cluster(api, at)
    await put(api, at, user_id=501, tags=["seen"], golden=True)
    await act(api, at, "activities", activity={"kind": "note", "body": "looks promising"})
    await update_lead(api, lead, lead_state="contacted", message="still there?")

    told = await cluster(api, at)
    assert (told["waiting_since"], told["first_response_seconds"]) == (since, None)


async def test_an_act_that_is_logged_late_counts_from_when_it_was(
    api: httpx.AsyncClient, world: World
) -> None:
    at = await asked_at(api, world, FRIDAY)
    await did(api, at, "email", occurred_at=SATURDAY)

    told = await did(api, at, "sms", occurred_at=FRIDAY + timedelta(minutes=7))

    assert told["first_response_seconds"] == 7 * 60
    assert told["response_clock"]["answered_by"] == "sms"


async def test_a_call_from_before_the_enquiry_answers_nothing(api: httpx.AsyncClient, world: World) -> None:
    at = await asked_at(api, world, FRIDAY)

    told = await did(api, at, occurred_at=FRIDAY - timedelta(hours=1))

    assert moment(told["waiting_since"]) == FRIDAY
    assert told["first_response_seconds"] is None


async def test_the_customers_own_message_asks_anew(api: httpx.AsyncClient, world: World) -> None:
    at = await asked_at(api, world, FRIDAY)
    await did(api, at, occurred_at=SATURDAY)
    asked_again = SATURDAY + timedelta(hours=1)

    told = await did(api, at, "sms", direction="in", occurred_at=asked_again)

    assert moment(told["waiting_since"]) == asked_again
    assert told["first_response_seconds"] == (SATURDAY - FRIDAY).total_seconds()
    told = await did(api, at, "sms", occurred_at=asked_again + timedelta(minutes=3))
    assert told["waiting_since"] is None


async def test_a_later_enquiry_asks_anew(api: httpx.AsyncClient, world: World) -> None:
    person = somebody()
    at = await asked_at(api, world, FRIDAY, **person)
    await did(api, at, occurred_at=SATURDAY)

    lead = await enquiry(api, **person)

    told = await cluster(api, at)
    assert moment(told["waiting_since"]) == moment(lead["created_at"])


async def test_a_closed_cluster_waits_for_nothing_until_something_new_comes(
    api: httpx.AsyncClient, world: World
) -> None:
    person = somebody()
    at = await asked_at(api, world, FRIDAY, **person)
    await put(api, at, lead_state="lost")
    assert (await cluster(api, at))["waiting_since"] is None

    reopened = await enquiry(api, **person)

    told = await cluster(api, at)
    assert told["lead_state"] == "new"
    assert moment(told["waiting_since"]) == moment(reopened["created_at"])


async def test_who_asked_while_invalid_waits_since_then_once_it_is_not(api: httpx.AsyncClient) -> None:
    person = somebody()
    at = (await enquiry(api, **person))["lead_cluster_id"]
    await put(api, at, lead_state="invalid")
    meanwhile = await enquiry(api, **person)
    assert (await cluster(api, at))["waiting_since"] is None

    await enquiry(api, **person, lead_state="contacted")

    told = await cluster(api, at)
    assert (told["lead_state"], told["waiting_since"]) == ("contacted", meanwhile["created_at"])
    await act(api, at, "activities", activity={"kind": "note", "body": "looks real"})
    assert (await cluster(api, at))["waiting_since"] == meanwhile["created_at"]


async def test_reopened_by_hand_it_waits_as_before(api: httpx.AsyncClient, world: World) -> None:
    at = await asked_at(api, world, FRIDAY)
    await put(api, at, lead_state="lost")

    await put(api, at, lead_state="new")

    assert moment((await cluster(api, at))["waiting_since"]) == FRIDAY


async def test_a_merge_brings_what_was_done_and_its_undoing_takes_it_back(
    api: httpx.AsyncClient, world: World
) -> None:
    one, other = await asked_at(api, world, FRIDAY), await asked_at(api, world, FRIDAY - timedelta(minutes=5))
    await did(api, other, occurred_at=FRIDAY + timedelta(minutes=10))

    merged = await act(api, one, "merge", lead_cluster_id=other)
    assert (merged["waiting_since"], merged["first_response_seconds"]) == (None, 15 * 60)

    await act(api, one, "unmerge", lead_cluster_id=other)
    told = await cluster(api, one)
    assert (moment(told["waiting_since"]), told["first_response_seconds"]) == (FRIDAY, None)


async def test_a_merge_does_not_wake_what_was_settled(api: httpx.AsyncClient, world: World) -> None:
    long_ago = FRIDAY - timedelta(days=30)
    closed, waits = await asked_at(api, world, long_ago), await asked_at(api, world, FRIDAY)
    await put(api, closed, lead_state="lost")

    merged = await act(api, waits, "merge", lead_cluster_id=closed)

    assert (merged["lead_state"], moment(merged["waiting_since"])) == ("new", FRIDAY)
    # Nor does whatever happens next.
    await act(api, waits, "activities", activity={"kind": "note", "body": "bought elsewhere, then came back"})
    assert moment((await cluster(api, waits))["waiting_since"]) == FRIDAY
    await act(api, waits, "unmerge", lead_cluster_id=closed)
    await put(api, closed, lead_state="new")
    assert [moment((await cluster(api, at))["waiting_since"]) for at in (closed, waits)] == [long_ago, FRIDAY]


async def test_a_merge_does_not_settle_what_waits(api: httpx.AsyncClient, world: World) -> None:
    person = somebody()
    closed = await asked_at(api, world, FRIDAY - timedelta(days=30), **person)
    await put(api, closed, lead_state="lost")
    asked_again = await enquiry(api, **person)
    waits = await asked_at(api, world, FRIDAY)

    merged = await act(api, waits, "merge", lead_cluster_id=closed, fields={"lead_state": waits})

    assert moment(merged["waiting_since"]) == FRIDAY
    told = await act(api, waits, "unmerge", lead_cluster_id=closed)
    assert moment(told["waiting_since"]) == FRIDAY
    assert moment((await cluster(api, closed))["waiting_since"]) == moment(asked_again["created_at"])


async def test_the_most_specific_target_counts(api: httpx.AsyncClient, world: World) -> None:
    await settle(
        api,
        response_targets=[
            {"category": "Finance Enquiry", "target_minutes": 20, "overdue_minutes": 30},
            {"source": "Website", "target_minutes": 40, "overdue_minutes": 50},
            {"category": "Finance Enquiry", "source": "Website", "target_minutes": 5, "overdue_minutes": 10},
        ],
    )
    fields: list[tuple[dict[str, Any], int]] = [
        ({"category": "Finance Enquiry", "source": "Website"}, 5),
        ({"category": "Finance Enquiry", "source": "Phone Call"}, 20),
        ({"category": "General Enquiry", "source": "Website"}, 40),
        ({"category": "General Enquiry", "source": "Phone Call"}, 15),
    ]
    for sent, minutes in fields:
        at = await asked_at(api, world, brisbane("2026-11-06 10:00"), **sent)
        clock = (await cluster(api, at))["response_clock"]
        assert clock["target_minutes"] == minutes
        assert moment(clock["due_at"]) == brisbane("2026-11-06 10:00") + timedelta(minutes=minutes)


async def test_the_filter_finds_whoever_waits_too_long(api: httpx.AsyncClient, world: World) -> None:
    overdue = await asked_at(api, world, FRIDAY, category="Sell My Car Enquiry")
    fresh = await asked_at(api, world, datetime.now(UTC), category="Sell My Car Enquiry")
    answered = await asked_at(api, world, FRIDAY, category="Sell My Car Enquiry")
    await did(api, answered, occurred_at=SATURDAY)

    asked: dict[str, str | int] = {"category": "Sell My Car Enquiry", "limit": 200}
    found = (await api.get(CLUSTERS, params=asked | {"overdue": "true"})).json()["lead_clusters"]
    waiting = (await api.get(CLUSTERS, params=asked | {"sort": "waiting_since"})).json()["lead_clusters"]

    assert [one["id"] for one in found] == [overdue]
    assert all(one["response_clock"]["overdue"] for one in found)
    assert [one["id"] for one in waiting] == [overdue, fresh]
