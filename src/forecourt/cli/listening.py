"""Running ``forecourt listen``."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from forecourt.cli.output import as_json, line, note
from forecourt.cli.place import database_at
from forecourt.dealerships.by_command import DEALERSHIP_NAMED
from forecourt.dealerships.operation import DealershipNotFound
from forecourt.events.signal import LogSignal
from forecourt.infra.database import record
from forecourt.infra.outbound import Outbound, problem_with
from forecourt.infra.refusals import Invalid
from forecourt.webhooks.listen import Listening, listen, secret_in
from forecourt.webhooks.topics import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Database
    from forecourt.settings import Settings
    from forecourt.webhooks.listen import Forwarded


async def run_listen(
    settings: Settings, url: str, dealership: str | None, events: Sequence[str], *, json: bool
) -> None:
    """Forward what happens to *url* until SIGTERM or SIGINT.

    Raises:
        Invalid: *url* is no address.
        DealershipNotFound: there is no such dealership.
    """
    wrong = problem_with(url, private_too=True)
    if wrong is not None:
        raise Invalid(f"--forward-to {wrong}")
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - uvloop.run made one
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    outbound = Outbound(private_too=True)
    with suppress(asyncio.CancelledError):
        async with database_at(settings) as database:
            listening = Listening(
                url=url,
                secret=secret_in(settings.data_dir),
                dealership_id=await _dealership_id(database, dealership),
                topics=() if ALL in events else tuple(events),
            )
            note(f"Forwarding to {url}; the secret is {listening.secret}")
            signals = LogSignal(database)
            async with asyncio.TaskGroup() as group:
                group.create_task(signals.run())
                tell = _tell_as_json if json else _tell
                group.create_task(listen(database, signals, outbound, listening, tell))
    await outbound.close()


async def _dealership_id(database: Database, dealership: str | None) -> int | None:
    if dealership is None:
        return None
    async with database.connection() as connection:
        row = await connection.one_or_none(record, DEALERSHIP_NAMED, dealership=dealership)
    if row is None:
        raise DealershipNotFound(f"there is no dealership {dealership}")
    return int(row["id"])


def _tell_as_json(forwarded: Forwarded) -> None:
    as_json(forwarded)


def _tell(forwarded: Forwarded) -> None:
    about = "" if forwarded.lead_id is None else f"  lead {forwarded.lead_id}"
    answer = forwarded.status or forwarded.outcome.replace("_", " ")
    line(
        f"{datetime.now(UTC):%H:%M:%S}  {forwarded.topic}{about}  lead cluster {forwarded.lead_cluster_id}  "
        f"→ {answer} ({forwarded.milliseconds} ms)"
    )
