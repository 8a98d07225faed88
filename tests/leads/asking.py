"""How the tests of the leads ask: a lead of one's own, an update of it, what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.world import LEAD

if TYPE_CHECKING:
    import httpx

LEADS = "/api/v1/leads"

# What an update must send at least, apart from what a test is about.
REQUIRED = {name: LEAD[name] for name in ("email", "phone", "category", "source", "dealership_slug")}


async def created(api: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A new lead, as it is answered."""
    answer = await api.post(LEADS, json={"lead": REQUIRED | fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def put(
    api: httpx.AsyncClient, lead_id: int, headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    """Update a lead with *fields* and all that is required."""
    return await api.put(f"{LEADS}/{lead_id}", json={"lead": REQUIRED | fields}, headers=headers)


async def updated(api: httpx.AsyncClient, lead_id: int, **fields: Any) -> dict[str, Any]:
    """Update a lead; the lead as it is answered."""
    answer = await put(api, lead_id, **fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def read(api: httpx.AsyncClient, lead_id: int) -> dict[str, Any]:
    """A lead as it is stored."""
    answer = await api.get(f"{LEADS}/{lead_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def problems(answer: httpx.Response) -> dict[str, str]:
    """Field -> what is wrong with it, of a body that was refused."""
    assert answer.status_code == 422, answer.text
    return {problem["field"]: problem["message"] for problem in answer.json()["errors"]}


def warned(lead: dict[str, Any]) -> list[str]:
    """The fields that the answer warns about."""
    return [warning["field"] for warning in lead["warnings"]]


async def history(api: httpx.AsyncClient, lead_id: int) -> list[dict[str, Any]]:
    """A lead's whole history, the oldest change first."""
    events: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.get(f"{LEADS}/{lead_id}/events", params=cursor | {"limit": "200"})).json()
        events += page["events"]
        if page["next_cursor"] is None:
            return events[::-1]
        cursor = {"cursor": page["next_cursor"]}
