"""Work that somebody waits for: it ends when they leave."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from forecourt.infra.bodies import ClientGone

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.types import Receive

Done = TypeVar("Done")


async def while_client_waits(receive: Receive, work: Coroutine[Any, Any, Done]) -> Done:
    """What *work* comes to; it is cancelled, and has cleaned up, before its client's absence is told.

    A server hands bytes for a client that has left to nobody and says nothing: who works on without looking works
    to the end. The request's body has been read by then, or is thrown away.

    Raises:
        ClientGone: the client closed the connection first.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
