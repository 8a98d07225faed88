"""``forecourt demo``: a world to try things in, gone without a trace when it ends."""

from __future__ import annotations

import asyncio
import json as json_text
import os
import shlex
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from forecourt.access.keys import issue_key
from forecourt.access.links import DEMO, new_link, path_of
from forecourt.access.permissions import PERMISSIONS
from forecourt.cli import serving
from forecourt.cli.output import as_json, line
from forecourt.demo import seed
from forecourt.demo.arrivals import Arrivals
from forecourt.files.store import FileStore
from forecourt.infra.database import Database
from forecourt.infra.embedded import hold
from forecourt.infra.migrate import migrate
from forecourt.reference.examples import EXAMPLE_BODY
from forecourt.settings import ENV_FILE, PREFIX, Settings

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator

    from forecourt.demo.seed import Seeded

_PORT = 8_000


def run_demo(port: int | None, *, quiet: bool, json: bool) -> int:
    """Run the demo until it is ended; the exit code. Unless it is *quiet*, new enquiries keep coming."""
    listener = _listener(port)
    with tempfile.TemporaryDirectory(prefix="forecourt-demo-") as folder:
        _forget_settings(Path(folder))
        settings = Settings(
            data_dir=Path(folder), allow_private_webhooks=True, log_level="warning", log_format="console"
        )
        with held_and_migrated(settings) as url:
            seeded, token, secret = asyncio.run(_seeded(url, settings.data_dir))

            arrivals = Arrivals(serving.address_of(listener), token, seeded.lively_yards)

            def ready(address: str) -> None:
                _tell(address, address + path_of(secret), token, seeded, json=json)
                if not quiet:
                    arrivals.start()

            try:
                serving.run(settings, listener, when_ready=ready)
            finally:
                arrivals.stop()
    return 0


def _forget_settings(folder: Path) -> None:
    """See that what is set for a real server, a mail server above all, does not reach the sandbox's processes."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    nothing = folder / "env"
    nothing.touch()
    os.environ[ENV_FILE] = str(nothing)


@contextmanager
def held_and_migrated(settings: Settings) -> Generator[str]:
    """The database of *settings*, running for as long as this is entered, and migrated; its address."""
    if settings.database_url is not None:
        asyncio.run(migrate(settings.database_url))
        yield settings.database_url
        return
    with hold(settings.data_dir) as embedded:
        asyncio.run(migrate(embedded.url))
        yield embedded.url


def _listener(port: int | None) -> socket.socket:
    if port is not None:
        return serving.listen("127.0.0.1", port)
    try:
        return serving.listen("127.0.0.1", _PORT)
    except serving.PortTaken:
        return serving.listen("127.0.0.1", 0)


async def _seeded(url: str, data_dir: Path) -> tuple[Seeded, str, str]:
    database = Database(connections=2)
    await database.open(url)
    try:
        store = FileStore(data_dir / "files")
        store.open()
        seeded = await seed(database, store)
        key = await issue_key(
            database,
            name="demo",
            mode="live",
            permissions=PERMISSIONS,
            dealerships=seeded.dealership_slugs,
            expires_at=None,
            command="demo",
        )
        async with database.connection() as connection:
            secret = await new_link(connection, DEMO, seeded.user_id)
    finally:
        await database.close()
    return seeded, key.token, secret


def _tell(address: str, inbox: str, token: str, seeded: Seeded, *, json: bool) -> None:
    curl = _curl(address, token, seeded.lead_id)
    if json:
        as_json({"url": address, "inbox_url": inbox, "token": token, "lead_id": seeded.lead_id, "curl": curl})
        return
    line(f"""
Forecourt's sandbox: {seeded.leads} leads, {seeded.cars} cars, {len(seeded.dealership_slugs)} dealerships

  Inbox       {inbox}
              signed in as {seeded.user_name}, an owner; it works as long as this runs
  Address     {address}
  Reference   {address}/docs
  Key         {token}

The contract's own example, to paste:

{curl}

A new enquiry comes about every 20 seconds (--quiet stops that). Nothing is sent to anybody.
Ctrl+C ends it and leaves nothing behind.
""")


def _curl(address: str, token: str, lead_id: int) -> str:
    body = json_text.dumps(EXAMPLE_BODY, indent=2)
    return (
        f"curl -X PUT {address}/api/v1/leads/{lead_id} \\\n"
        f"  -H 'Authorization: Bearer {token}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(body)}"
    )
