"""How the tests of the response clock ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.clusters.asking import act, cluster, enquiry
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

    from tests.world import World

SETTINGS = f"/api/v1/dealerships/{OURS}/response_settings"
BRISBANE = ZoneInfo("Australia/Brisbane")

# From 9:00 to 17:00 on working days, to noon on Saturdays.
HOURS = [{"weekday": day, "opens": "09:00", "closes": "17:00"} for day in range(1, 6)]
HOURS.append({"weekday": 6, "opens": "09:00", "closes": "12:00"})


def brisbane(text: str) -> datetime:
    """A moment by the clock of Brisbane, which knows no daylight saving."""
    return datetime.fromisoformat(text).replace(tzinfo=BRISBANE)


def moment(text: str | None) -> datetime | None:
    """A moment as it was answered."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


async def settle(api: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """Change the response settings; the settings as they are then."""
    answer = await api.put(SETTINGS, json={"response_settings": fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def asked_at(api: httpx.AsyncClient, world: World, when: datetime, **fields: Any) -> int:
    """An enquiry that came then; its cluster."""
    lead = await enquiry(api, **fields)
    at = lead["lead_cluster_id"]
    await world.run("update lead set created_at = $1 where id = $2", when, lead["id"])
    await world.run(
        "update lead_cluster set first_lead_created_at = $1, last_lead_created_at = $1, waiting_since = $1 "
        "where id = $2",
        when,
        at,
    )
    return int(at)


async def did(api: httpx.AsyncClient, at: int, kind: str = "call", **fields: Any) -> dict[str, Any]:
    """Log an activity; the cluster after it."""
    sent = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()
    }
    await act(api, at, "activities", activity={"kind": kind} | sent)
    return await cluster(api, at)
