"""How the tests of the clusters ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.world import LEAD, OURS

if TYPE_CHECKING:
    import httpx

CLUSTERS = f"/api/v1/dealerships/{OURS}/lead_clusters"

_number = iter(range(10_000_000))


def somebody() -> dict[str, str]:
    """A customer whom nobody knows yet: an e-mail address and a phone number."""
    number = next(_number)
    return {"email": f"somebody{number}@example.com", "phone": f"04{20_000_000 + number}"}


async def enquiry(api: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A new lead, as it is answered; of somebody new where no way to reach them is given."""
    answer = await api.post("/api/v1/leads", json={"lead": LEAD | somebody() | fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def update_lead(api: httpx.AsyncClient, lead: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Update a lead with *fields*; the lead as it is answered."""
    required = {name: lead[name] for name in ("email", "phone", "category", "source", "dealership_slug")}
    answer = await api.put(f"/api/v1/leads/{lead['id']}", json={"lead": required | fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def cluster(api: httpx.AsyncClient, cluster_id: int) -> dict[str, Any]:
    """A cluster as it is told; of a merged one the survivor."""
    answer = await api.get(f"{CLUSTERS}/{cluster_id}", follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def put(
    api: httpx.AsyncClient, cluster_id: int, headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    """Update a cluster."""
    return await api.put(f"{CLUSTERS}/{cluster_id}", json={"lead_cluster": fields}, headers=headers)


async def act(api: httpx.AsyncClient, cluster_id: int, action: str, **body: Any) -> dict[str, Any]:
    """Merge, unmerge, split or dismiss; the answer."""
    answer = await api.post(f"{CLUSTERS}/{cluster_id}/{action}", json=body)
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())


async def duplicates(api: httpx.AsyncClient, cluster_id: int) -> dict[int, dict[str, Any]]:
    """The possible duplicates, by their clusters."""
    answer = await api.get(f"{CLUSTERS}/{cluster_id}/possible_duplicates")
    assert answer.status_code == 200, answer.text
    return {one["lead_cluster_id"]: one for one in answer.json()["possible_duplicates"]}
