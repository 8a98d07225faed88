"""What a server does now and then, beside its requests."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from forecourt.access import forget, usage
from forecourt.adf.receive import forget_documents
from forecourt.assignment.drain import drain_every_dealership
from forecourt.files.sweep import sweep
from forecourt.infra.database import record
from forecourt.infra.idempotency import forget_expired
from forecourt.infra.refusals import Refusal
from forecourt.leads.find_queries import KNOWN_FILES
from forecourt.privacy.retention import erase_what_is_over
from forecourt.reports.sources import watch_sources
from forecourt.requests.forget import forget_requests
from forecourt.response.holidays import keep_holidays

if TYPE_CHECKING:
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Database

log = structlog.get_logger()

ANSWERS_KEPT = timedelta(hours=72)
_EVERY = timedelta(minutes=10)
_KEYS_EVERY = timedelta(seconds=5)
_DRAINED_EVERY = timedelta(minutes=1)
_WATCHED_EVERY = timedelta(minutes=5)


async def keep_house(database: Database, store: FileStore, requests_kept: timedelta) -> None:
    """Write down the keys' last use, give out who waits, watch the sources and tidy up, until cancelled.

    What is in the request log for longer than *requests_kept* is deleted. Any number of servers may do so at once: each step is idempotent.
    """
    async with asyncio.TaskGroup() as group:
        group.create_task(_write_down_keys(database))
        group.create_task(_give_out(database))
        group.create_task(_watch(database))
        group.create_task(_tidy_up(database, store, requests_kept))


async def _write_down_keys(database: Database) -> None:
    while True:
        await asyncio.sleep(_KEYS_EVERY.total_seconds())
        try:
            await usage.write_down(database)
        except Refusal as refusal:
            log.warning("keys.not_written_down", code=refusal.code)


async def _give_out(database: Database) -> None:
    """Give what nobody could take when it came to those who are back or have room."""
    while True:
        await asyncio.sleep(_DRAINED_EVERY.total_seconds())
        try:
            given = await drain_every_dealership(database)
            if given:
                log.info("house.gave_out", lead_clusters=given)
        except Refusal as refusal:
            log.warning("house.gave_nothing_out", code=refusal.code)


async def _watch(database: Database) -> None:
    """Notice sources from which nothing comes any more."""
    while True:
        await asyncio.sleep(_WATCHED_EVERY.total_seconds())
        try:
            silent = await watch_sources(database)
            if silent:
                log.warning("house.heard_nothing", sources=silent)
        except Refusal as refusal:
            log.warning("house.watched_nothing", code=refusal.code)


async def _tidy_up(database: Database, store: FileStore, requests_kept: timedelta) -> None:
    """Forget expired answers, old requests and whose time is over; bring the holidays ahead, sweep orphaned files."""
    while True:
        try:
            async with database.connection() as connection:
                forgotten = await forget_expired(connection, ANSWERS_KEPT)
                await keep_holidays(connection)
                documents = await forget_documents(connection)
                await forget.what_has_ended(connection)
            old = await forget_requests(database, requests_kept)
            erased = await erase_what_is_over(database, store)
            swept = await sweep(store, lambda names: _known(database, names))
            if forgotten or documents or old or erased or swept:
                log.info(
                    "house.kept",
                    answers_forgotten=forgotten,
                    adf_documents_forgotten=documents,
                    requests_forgotten=old,
                    people_erased=erased,
                    files_swept=swept,
                )
        except Refusal as refusal:
            log.warning("house.not_kept", code=refusal.code)
        await asyncio.sleep(_EVERY.total_seconds())


async def _known(database: Database, names: list[str]) -> set[str]:
    async with database.connection() as connection:
        rows = await connection.every(record, KNOWN_FILES, names=names)
    return {row["stored_name"] for row in rows}
