"""How the tests of the request log ask: what it says of a call, and the whole of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

REQUESTS = "/api/v1/requests"


async def listed(api: httpx.AsyncClient, **filters: Any) -> list[dict[str, Any]]:
    """The first page of what *api*'s key may see."""
    answer = await api.get(REQUESTS, params=filters)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["requests"])


async def shown(api: httpx.AsyncClient, word: str) -> dict[str, Any]:
    """One request, by its id or its X-Request-Id."""
    answer = await api.get(f"{REQUESTS}/{word}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def log_of(api: httpx.AsyncClient, answer: httpx.Response) -> dict[str, Any]:
    """What the log says of the call that got *answer*."""
    return await shown(api, answer.headers["x-request-id"])
