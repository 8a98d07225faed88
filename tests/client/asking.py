"""Both clients, asked the same way."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from forecourt.client import AsyncForecourt, Forecourt
from tests.world import LEAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecourt.client import LeadFields

CLIENTS: tuple[type[Forecourt | AsyncForecourt], ...] = (Forecourt, AsyncForecourt)

MIA: LeadFields = {
    "email": "mia@example.com",
    "phone": "0412 345 678",
    "category": "General Enquiry",
    "source": "Website",
    "dealership_slug": LEAD["dealership_slug"],
}


async def came_of(call: Callable[..., Any], *values: Any, **named: Any) -> Any:
    """What a call of either client comes to; all of a list. One that blocks does so in a thread of its own."""

    def blocked() -> Any:
        answer = call(*values, **named)
        return list(answer) if inspect.isgenerator(answer) else answer

    if inspect.iscoroutinefunction(call):
        return await call(*values, **named)
    if inspect.isasyncgenfunction(call):
        return [item async for item in call(*values, **named)]
    return await asyncio.to_thread(blocked)


async def closed(client: Forecourt | AsyncForecourt) -> None:
    """Close a client of either kind."""
    await came_of(client.close)
