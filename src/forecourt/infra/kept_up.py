"""Work that goes on for as long as the process does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from forecourt.infra.http import place_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = structlog.get_logger()

_AGAIN_SECONDS = 1.0


async def kept_up(part: str, work: Callable[[], Awaitable[None]]) -> None:
    """Begin *work* again where it went wrong: one thing that nobody has thought of must not end it for good."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it is
            log.error("work.stumbled", part=part, **place_of(error))  # noqa: TRY400
        await asyncio.sleep(_AGAIN_SECONDS)
