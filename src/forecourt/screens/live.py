"""The one stream of a browser: which customers something happened to, who is doing what, and that it is still there."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.http import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from forecourt.events.feed import Feed
    from forecourt.events.reader import LoggedEvent
    from forecourt.screens.ended import EndedSessions
    from forecourt.screens.presence import Presence
    from forecourt.screens.visit import Visit

# Browsers count on a word at least every ten seconds (static/live.js); proxies cut what is silent for longer.
_WORD_EVERY = 5.0
# A session that has ended ends its stream within this.
_CHECKED_EVERY = 60.0
_HEADERS = (
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
)


class Live:
    """Serves the streams."""

    def __init__(self, feed: Feed, presence: Presence, ended: EndedSessions) -> None:
        """Streams of what *feed* brings, of who *presence* says is there, until the session has *ended*."""
        self._feed = feed
        self._ended = ended
        self._presence = presence
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream: the server ends. Browsers come back to the one that takes its place."""
        self._closing.set()

    async def get_stream(self, visit: Visit) -> Answer:
        """The stream of the visitor's dealerships; from an event on, for a browser that comes back."""
        said = visit.call.headers.get("last-event-id") or visit.parameters.get("after") or ""
        after = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None  # noqa: PLR2004
        return Answer(
            200,
            b"",
            b"text/event-stream; charset=utf-8",
            _HEADERS,
            pieces=self._until_signed_out(visit, after),
        )

    async def _until_signed_out(self, visit: Visit, after: int | None) -> AsyncGenerator[bytes, None]:
        with self._ended.watch(visit.session_hash) as ended:
            async with aclosing(self._stream(visit, after, ended)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _stream(
        self, visit: Visit, after: int | None, ended: asyncio.Event
    ) -> AsyncGenerator[bytes, None]:
        dealership_ids = frozenset(place.dealership_id for place in visit.places("read:lead_cluster"))
        listener = self._feed.listen(dealership_ids)
        presences = self._presence.listen(dealership_ids)
        closing = asyncio.ensure_future(self._closing.wait())
        signed_out = asyncio.ensure_future(ended.wait())
        heard: asyncio.Future[list[LoggedEvent]] | None = None
        seen: asyncio.Future[dict[str, Any]] | None = None
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        try:
            yield b"retry: 1000\n" + _told("alive", {})
            if after is not None:
                yield self._missed(after, dealership_ids)
            while not closing.done():
                heard = asyncio.ensure_future(listener.wait(_WORD_EVERY))
                seen = asyncio.ensure_future(presences.get())
                await asyncio.wait({heard, seen, closing, signed_out}, return_when=asyncio.FIRST_COMPLETED)
                if signed_out.done():
                    yield _told("signed-out", {})
                    return
                if seen.done():
                    yield _told("presence", seen.result())
                seen.cancel()
                if not heard.done():
                    heard.cancel()
                    continue
                events = heard.result()
                if listener.lost_some:
                    listener.lost_some = False
                    yield _told("reload", {})
                yield _changed(events) if events else _told("alive", {})
                if loop.time() - checked_at > _CHECKED_EVERY:
                    checked_at = loop.time()
                    if not await visit.is_still_signed_in():
                        yield _told("signed-out", {})
                        return
        finally:
            _cancel(closing, signed_out, heard, seen)
            self._feed.leave(listener)
            self._presence.leave(presences)

    def _missed(self, after: int, dealership_ids: frozenset[int]) -> bytes:
        """What happened while a browser was away."""
        missed = self._feed.since(after)
        if missed is None:
            return _told("reload", {})
        return _changed(event for event in missed if event.dealership_id in dealership_ids)


def _cancel(*waiting: asyncio.Future[Any] | None) -> None:
    for one in waiting:
        if one is not None:
            one.cancel()


def _changed(events: Iterable[LoggedEvent]) -> bytes:
    """The customers that *events* are about, each once; the last event's id is where the browser has come to."""
    clusters: dict[int, None] = {}
    last = 0
    for event in events:
        last = max(last, event.id)
        for cluster_id in (event.lead_cluster_id, event.other_lead_cluster_id):
            if cluster_id is not None:
                clusters[cluster_id] = None
    if not last:
        return _told("alive", {})
    return f"id: {last}\n".encode() + _told("changed", list(clusters))


def _told(kind: str, what: Any) -> bytes:  # noqa: ANN401 - whatever JSON can say
    return f"event: {kind}\ndata: {msgspec.json.encode(what).decode()}\n\n".encode()
