"""A lead can be updated for 72 hours, whatever the clocks on the walls do meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecourt.leads.edit_window import check
from forecourt.leads.refusals import LeadTooOld
from tests.leads.asking import LEADS, created, put, read

if TYPE_CHECKING:
    import httpx

    from tests.world import World

ZONES = (
    "UTC",
    "Australia/Melbourne",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
)

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MICROSECONDS = st.one_of(st.integers(-2, 2), st.integers(-(10**12), 10**12))

# Melbourne's clocks went forward in the night to 4 October 2026, and back in the night to 5 April 2026.
SPRING = datetime(2026, 10, 3, 1, 30, tzinfo=UTC)
AUTUMN = datetime(2026, 4, 3, 1, 30, tzinfo=UTC)


def is_too_old(created_at: datetime, now: datetime) -> bool:
    try:
        check(created_at, now)
    except LeadTooOld:
        return True
    return False


@given(created_at=MOMENTS, beyond=MICROSECONDS)
@example(created_at=SPRING, beyond=1)
@example(created_at=SPRING, beyond=0)
@example(created_at=AUTUMN, beyond=1)
@example(created_at=AUTUMN, beyond=0)
def test_72_hours_are_in_time_and_a_microsecond_more_is_too_old(created_at: datetime, beyond: int) -> None:
    now = created_at + timedelta(hours=72, microseconds=beyond)

    assert is_too_old(created_at, now) == (beyond > 0)


@given(
    created_at=MOMENTS, beyond=MICROSECONDS, zones=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES))
)
@example(created_at=SPRING, beyond=1, zones=("Australia/Melbourne", "UTC"))
@example(created_at=SPRING, beyond=0, zones=("Australia/Melbourne", "UTC"))
@example(created_at=AUTUMN, beyond=1, zones=("UTC", "Australia/Melbourne"))
@example(created_at=AUTUMN, beyond=0, zones=("UTC", "Australia/Melbourne"))
@example(created_at=SPRING, beyond=0, zones=("Australia/Melbourne", "Australia/Melbourne"))
@example(created_at=AUTUMN, beyond=1, zones=("Australia/Melbourne", "Australia/Melbourne"))
def test_the_zones_that_the_times_are_written_in_do_not_matter(
    created_at: datetime, beyond: int, zones: tuple[str, str]
) -> None:
    now = created_at + timedelta(hours=72, microseconds=beyond)
    here, there = (ZoneInfo(zone) for zone in zones)

    assert is_too_old(created_at.astimezone(here), now.astimezone(there)) == (beyond > 0)


@given(created_at=MOMENTS)
def test_a_lead_from_the_future_is_not_too_old(created_at: datetime) -> None:
    assert not is_too_old(created_at, created_at - timedelta(days=365))


async def aged(world: World, lead_id: int, age: str) -> None:
    await world.run(f"update lead set created_at = now() - interval '{age}' where id = $1", lead_id)


@pytest.mark.parametrize("age", ["72 hours 1 second", "4 days", "10 years"])
async def test_an_older_lead_is_refused_with_the_contracts_text_and_stays_as_it_was(
    age: str, api: httpx.AsyncClient, world: World
) -> None:
    lead_id = (await created(api, message="before"))["id"]
    await aged(world, lead_id, age)
    before = await read(api, lead_id)

    answer = await put(api, lead_id, message="after", tags=["late"], golden=True)

    assert answer.status_code == 400
    assert answer.json()["error"] == "Cannot update lead older than 3 days"
    assert await read(api, lead_id) == before
    events = (await api.get(f"{LEADS}/{lead_id}/events")).json()["events"]
    assert [event["version"] for event in events] == [1]


@pytest.mark.parametrize("age", ["0", "71 hours 59 minutes", "-1 day"])
async def test_a_younger_lead_is_updated(age: str, api: httpx.AsyncClient, world: World) -> None:
    lead_id = (await created(api))["id"]
    await aged(world, lead_id, age)

    answer = await put(api, lead_id, message="in time")

    assert answer.status_code == 200
    assert answer.json()["message"] == "in time"


async def test_a_dry_run_tells_that_the_lead_is_too_old(api: httpx.AsyncClient, world: World) -> None:
    lead_id = (await created(api))["id"]
    await aged(world, lead_id, "73 hours")

    answer = await api.put(
        f"{LEADS}/{lead_id}",
        params={"dry_run": "true"},
        json={
            "lead": {
                "email": "a@example.com",
                "phone": "0412345678",
                "category": "Survey",
                "source": "SMS",
                "dealership_id": 1,
            }
        },
    )

    assert answer.status_code == 400
