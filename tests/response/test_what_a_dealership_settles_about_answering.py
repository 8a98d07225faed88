"""The response settings: what is kept, what is refused, and by which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.conftest import bearer
from tests.response.asking import HOURS, SETTINGS, settle
from tests.world import THEIRS

if TYPE_CHECKING:
    from tests.world import World

WEEK = 10_080


async def test_a_dealership_begins_with_usual_hours_and_its_states_holidays(
    server: str, world: World
) -> None:
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.their_token), timeout=60) as api:
        await api.put(
            SETTINGS.replace("brisbane-motors", THEIRS), json={"response_settings": {"target_minutes": 15}}
        )
        told = (await api.get(SETTINGS.replace("brisbane-motors", THEIRS))).json()

    assert (told["target_minutes"], told["overdue_minutes"]) == (15, 120)
    assert told["region"] == "WA"
    assert [(row["weekday"], row["opens"], row["closes"]) for row in told["opening_hours"]] == [
        *((day, "08:30", "17:30") for day in range(1, 6)),
        (6, "08:30", "16:00"),
    ]
    assert "Christmas Day" in {one["name"] for one in told["public_holidays"]}


async def test_what_is_left_out_stays(api: httpx.AsyncClient) -> None:
    before = await settle(api, opening_hours=HOURS, closed_days=[{"day": "2027-01-04", "name": "Moving"}])

    after = await settle(api, target_minutes=20)

    assert after == before | {"target_minutes": 20}


async def test_a_dry_run_changes_nothing(api: httpx.AsyncClient) -> None:
    before = (await api.get(SETTINGS)).json()

    answer = await api.put(
        SETTINGS, params={"dry_run": "true"}, json={"response_settings": {"overdue_minutes": 500}}
    )

    assert answer.json()["changes"]["overdue_minutes"]["to"] == 500
    assert (await api.get(SETTINGS)).json() == before


NINE_TO_FIVE = {"weekday": 1, "opens": "09:00", "closes": "17:00"}


@pytest.mark.parametrize(("sent", "field", "said"), [
    ({"target_minutes": 0}, "target_minutes", "`int` >= 1"),
    ({"overdue_minutes": WEEK + 1}, "overdue_minutes", "`int` <= 10080"),
    ({"target_minutes": 121, "overdue_minutes": 120}, "overdue_minutes", "must not be less"),
    ({"region": "XYZ"}, "region", "is not a region"),
    ({"locations": [{"id": 103, "region": "QLD"}]}, "locations[0].id", "is not a location of this dealership"),
    ({"opening_hours": []}, "opening_hours", "must have a period without location_id"),
    ({"opening_hours": [NINE_TO_FIVE | {"weekday": 8}]}, "opening_hours[0].weekday", "`int` <= 7"),
    ({"opening_hours": [NINE_TO_FIVE | {"opens": "9am"}]}, "opening_hours[0].opens", "a time of day"),
    ({"opening_hours": [NINE_TO_FIVE | {"closes": "09:00"}]}, "opening_hours[0].closes", "must be after opens"),
    ({"opening_hours": [NINE_TO_FIVE, NINE_TO_FIVE | {"opens": "16:59", "closes": "18:00"}]},
     "opening_hours[1]", "overlaps with an earlier one"),
    ({"opening_hours": [NINE_TO_FIVE, NINE_TO_FIVE | {"location_id": 102}]},
     "opening_hours[1].location_id", "is not a location"),
    ({"opening_hours": {}}, "opening_hours", "expected `array | null`"),
    ({"opening_hours": [{"weekday": 1}]}, "opening_hours[0].opens", "is missing"),
    ({"closed_days": [{"day": "2026-02-30", "name": "x"}]}, "closed_days[0].day", "date"),
    ({"closed_days": [{"day": "2026-02-03", "name": "x"}, {"day": "2026-02-03", "name": "y"}]},
     "closed_days[1]", "says again"),
    ({"response_targets": [{"target_minutes": 1, "overdue_minutes": 2}]}, "response_targets[0]", "must name"),
    ({"response_targets": [{"category": "Nonsense", "target_minutes": 1, "overdue_minutes": 2}]},
     "response_targets[0].category", "is not an allowed value"),
    ({"response_targets": [{"source": "website", "target_minutes": 5, "overdue_minutes": 4}]},
     "response_targets[0].overdue_minutes", "must not be less"),
    ({"response_targets": [{"source": source, "target_minutes": 1, "overdue_minutes": 2}
                           for source in ("Website", "website")]}, "response_targets[1]", "says again"),
    ({"colour": "red"}, "colour", "is not known here"),
])  # fmt: skip
async def test_what_does_not_fit_is_named(
    api: httpx.AsyncClient, sent: dict[str, Any], field: str, said: str
) -> None:
    before = (await api.get(SETTINGS)).json()

    answer = await api.put(SETTINGS, json={"response_settings": sent})

    assert answer.status_code == 422, answer.text
    problems = {problem["field"]: problem["message"] for problem in answer.json()["errors"]}
    assert said in problems[f"response_settings.{field}"]
    # The server brings the holidays by itself, when it has the time.
    after = (await api.get(SETTINGS)).json()
    assert after | {"public_holidays": None} == before | {"public_holidays": None}
