"""Following the log from now on and posting each event to one address: for whoever builds a receiver."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from forecourt.events.reader import Place, read
from forecourt.events.reader_queries import END_OF_LOG
from forecourt.infra.database import DatabaseUnavailable, record
from forecourt.webhooks.bodies import rendered
from forecourt.webhooks.deliver import headers_of
from forecourt.webhooks.delivery_queries import BEGAN_CLUSTERS
from forecourt.webhooks.records import Endpoint, Occasion
from forecourt.webhooks.sign import new_secret
from forecourt.webhooks.topics import LEAD_CREATED, topics_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from forecourt.events.reader import LoggedEvent
    from forecourt.events.signal import LogSignal
    from forecourt.infra.database import Connection, Database
    from forecourt.infra.outbound import Outbound

_POLL_SECONDS = 1.0
_BATCH = 100
_SECRET_FILE = "listen.secret"  # noqa: S105 - where it is, not what


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """What is listened to, and where it goes.

    Attributes:
        secret: what requests are signed with.
        dealership_id: only what happens there; None for everywhere.
        topics: only these; empty for every event, once, under its own name.
    """

    url: str
    secret: str
    dealership_id: int | None = None
    topics: tuple[str, ...] = ()


class Forwarded(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was posted, and what came of it.

    Attributes:
        outcome: ``answered``, or the way in which it failed.
    """

    event_id: int
    topic: str
    lead_id: int | None
    lead_cluster_id: int | None
    outcome: str
    status: int | None
    milliseconds: int


def secret_in(folder: Path) -> str:
    """The secret that is kept in *folder*, so that it is the same every time; made where there is none."""
    file = folder / _SECRET_FILE
    with suppress(FileNotFoundError):
        return file.read_text("ascii").strip()
    folder.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(f"{new_secret()}\n", "ascii")
    return file.read_text("ascii").strip()


async def listen(
    database: Database,
    signal: LogSignal,
    outbound: Outbound,
    listening: Listening,
    tell: Callable[[Forwarded], None],
) -> None:
    """Post each event that happens from now on, in the order of the log, until cancelled.

    Nothing is tried again, and nothing is remembered: whoever listens later hears later events only.

    Raises:
        DatabaseUnavailable: it could not be asked at the beginning.
    """
    grown = asyncio.Event()
    signal.heard_by(grown.set)
    async with database.connection() as connection:
        place = Place((await connection.one(record, END_OF_LOG))["id"])
    while True:
        grown.clear()
        found: list[tuple[Occasion, bytes]] = []
        with suppress(DatabaseUnavailable):
            async with database.connection() as connection:
                events, place = await read(connection, place, _BATCH)
                found = await _bodies(connection, events, listening)
        for occasion, body in found:
            tell(await _post(outbound, listening, occasion, body))
        if not found:
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await grown.wait()


async def _bodies(
    connection: Connection, events: Sequence[LoggedEvent], listening: Listening
) -> list[tuple[Occasion, bytes]]:
    heard = [
        event
        for event in events
        if event.lead_cluster_id is not None and listening.dealership_id in {None, event.dealership_id}
    ]
    created = [event for event in heard if event.kind == LEAD_CREATED]
    began: set[int] = set()
    if created and listening.topics:
        rows = await connection.every(
            record,
            BEGAN_CLUSTERS,
            dealership_ids=[event.dealership_id for event in created],
            lead_ids=[event.lead_id for event in created],
        )
        began = {row["lead_id"] for row in rows}
    occasions = [
        _occasion(event, topic)
        for event in heard
        for topic in _heard_of(event, listening.topics, began_cluster=event.lead_id in began)
    ]
    bodies = await rendered(connection, occasions)
    return [(occasion, body) for occasion, body in zip(occasions, bodies, strict=True) if body is not None]


def _heard_of(event: LoggedEvent, topics: tuple[str, ...], *, began_cluster: bool) -> list[str]:
    if not topics:
        return [event.kind]
    return [topic for topic in topics_of(event.kind, began_cluster=began_cluster) if topic in topics]


def _occasion(event: LoggedEvent, topic: str) -> Occasion:
    return Occasion(
        dealership_id=event.dealership_id,
        dealership_slug="",
        event_id=event.id,
        topic=topic,
        lead_id=event.lead_id,
        lead_cluster_id=event.lead_cluster_id,
        schema="event",
        provider="Forecourt",
    )


async def _post(outbound: Outbound, listening: Listening, occasion: Occasion, body: bytes) -> Forwarded:
    endpoint = Endpoint(
        dealership_id=occasion.dealership_id,
        dealership_slug=occasion.dealership_slug,
        id=0,
        url=listening.url,
        schema=occasion.schema,
        provider=occasion.provider,
        token=None,
        token_header="Authorization",  # noqa: S106 - a header's name
        secret=listening.secret,
        secret_before=None,
        switched_off=False,
        deleted=False,
    )
    headers = headers_of(endpoint, f"evt_{occasion.event_id}_{occasion.topic}", body)
    answered = await outbound.post(listening.url, body, headers)
    return Forwarded(
        event_id=occasion.event_id,
        topic=occasion.topic,
        lead_id=occasion.lead_id,
        lead_cluster_id=occasion.lead_cluster_id,
        outcome=answered.outcome,
        status=answered.status,
        milliseconds=round(answered.seconds * 1_000),
    )
