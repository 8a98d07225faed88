"""Looks at an installation: its database, what must hold in it, its mail server, its queue, its disk."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import aiosmtplib
import msgspec

from forecourt.doctor import queries
from forecourt.doctor.invariants import GIVEN, INVARIANTS, MOST
from forecourt.infra.database import Database, DatabaseUnavailable, record
from forecourt.infra.mail import MailServer, greet
from forecourt.infra.migrate import MigrationChanged, missing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from forecourt.doctor.invariants import Invariant
    from forecourt.infra.database import Connection

# Statements over everything there is take their time.
_PATIENCE_SECONDS = 600.0
_OLDEST_VERSION = 180_000
_LATE_SECONDS = 60.0
_SKEW_SECONDS = 60.0
_MAIL_SECONDS = 10.0
_GIB = 2**30
_LITTLE_ROOM = 5 * _GIB
_NO_ROOM = _GIB
_EXAMPLES = 5


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one look found.

    Attributes:
        check: what was looked at.
        state: ``ok``; ``warning``: somebody should know; ``wrong``: somebody must do something.
        says: in words.
    """

    check: str
    state: Literal["ok", "warning", "wrong"]
    says: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What is examined.

    Attributes:
        database_url: of the database, which runs.
        data_dir: with the files in it.
        mail: where mail is handed over; None where it stays in the outbox.
    """

    database_url: str
    data_dir: Path
    mail: MailServer | None


async def examine(place: Place) -> AsyncGenerator[Finding]:
    """Look at one thing after the other; nothing is changed."""
    database = Database(connections=1, answer_seconds=_PATIENCE_SECONDS)
    try:
        await database.open(place.database_url, settings={"statement_timeout": f"{_PATIENCE_SECONDS:.0f}s"})
    except DatabaseUnavailable as refusal:
        yield _wrong("database", str(refusal))
    else:
        try:
            async with database.connection() as connection:
                async for finding in _of_database(connection, place):
                    yield finding
        except DatabaseUnavailable:
            yield _wrong("database", "it went away while it was looked at")
        finally:
            await database.close()
    yield await _mail(place.mail)
    yield await asyncio.to_thread(_disk, place.data_dir)


async def _of_database(connection: Connection, place: Place) -> AsyncGenerator[Finding]:
    yield await _server(connection)
    migrations = await _migrations(place.database_url)
    yield migrations
    if migrations.state == "wrong":
        return
    for invariant in INVARIANTS:
        yield await _held(connection, invariant)
    yield await _files(connection, place.data_dir)
    yield await _queue(connection)
    yield await _troubles(connection)


async def _held(connection: Connection, invariant: Invariant) -> Finding:
    broken = await connection.every(record, invariant.broken_by, **GIVEN)
    if not broken:
        return _ok(invariant.name, invariant.holds)
    count = f"{len(broken)} or more" if len(broken) == MOST else str(len(broken))
    which = ", ".join(row["what"] for row in broken[:_EXAMPLES])
    return _wrong(invariant.name, f"broken by {count} ({which}): {invariant.holds}")


async def _server(connection: Connection) -> Finding:
    row = await connection.one(record, queries.SERVER)
    if row["number"] < _OLDEST_VERSION:
        return _wrong("database", f"PostgreSQL {row['version']} answers; 18 is needed")
    off = [name for name in ("fsync", "synchronous_commit", "full_page_writes") if row[name] == "off"]
    if off:
        return _wrong(
            "database", f"{', '.join(off)} is off: what was acknowledged may be lost with the power"
        )
    skew = abs((row["now"] - datetime.now(UTC)).total_seconds())
    if skew > _SKEW_SECONDS:
        return _warning("database", f"its clock and this machine's are {skew:.0f} seconds apart")
    return _ok("database", f"PostgreSQL {row['version']} answers, and keeps what it acknowledges")


async def _migrations(url: str) -> Finding:
    try:
        names = await missing(url)
    except MigrationChanged as refusal:
        return _wrong("migrations", str(refusal))
    if names:
        return _wrong("migrations", f"{len(names)} are not applied: forecourt migrate applies them")
    return _ok("migrations", "all are applied")


async def _files(connection: Connection, data_dir: Path) -> Finding:
    rows = await connection.every(record, queries.FILES)
    names = [row["stored_name"] for row in rows]
    folder = data_dir / "files"

    def lost() -> list[str]:
        return [name for name in names if not (folder / name[:2] / name).is_file()]

    gone = await asyncio.to_thread(lost)
    if gone:
        return _wrong(
            "files", f"{len(gone)} of {len(names)} are not in {folder}: {', '.join(gone[:_EXAMPLES])}"
        )
    return _ok("files", f"all {len(names)} that the database knows are there")


async def _queue(connection: Connection) -> Finding:
    queue = await connection.one(record, queries.QUEUE)
    unread = await connection.one(record, queries.LOG)
    late = max(queue["latest_by"] if queue["due"] else 0.0, unread["latest_by"] if unread["unread"] else 0.0)
    says = f"{queue['due']} deliveries are due, {unread['unread']} events not looked at"
    if late > _LATE_SECONDS:
        return _wrong("queue", f"{says}, the oldest for {late:.0f} seconds: does a worker run?")
    return _ok("queue", says)


async def _troubles(connection: Connection) -> Finding:
    row = await connection.one(record, queries.TROUBLES)
    says = (
        f"{row['webhooks']} webhooks fail or are switched off for it; within a day {row['failed']} deliveries "
        f"were given up, and of {row['unknown']} messages nobody knows whether they arrived"
    )
    return _warning("deliveries", says) if any(row.values()) else _ok("deliveries", "none is in trouble")


async def _mail(server: MailServer | None) -> Finding:
    if server is None:
        return _ok("mail", "no server is set: mail stays in the outbox")
    try:
        await greet(server, _MAIL_SECONDS)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return _wrong("mail", f"{server.host} port {server.port} takes none: {type(error).__name__}")
    return _ok("mail", f"{server.host} port {server.port} takes it")


def _disk(data_dir: Path) -> Finding:
    place = data_dir
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    says = f"{free / _GIB:.1f} GiB are free at {data_dir}"
    if free < _NO_ROOM:
        return _wrong("disk", says)
    return _warning("disk", says) if free < _LITTLE_ROOM else _ok("disk", says)


def _ok(check: str, says: str) -> Finding:
    return Finding(check=check, state="ok", says=says)


def _warning(check: str, says: str) -> Finding:
    return Finding(check=check, state="warning", says=says)


def _wrong(check: str, says: str) -> Finding:
    return Finding(check=check, state="wrong", says=says)
