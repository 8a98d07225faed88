"""The commands: read what was asked, call a room, tell the result."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path  # noqa: TC003 - the command line reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from forecourt.cli.output import PARTLY, as_json, complain, line, note, table
from forecourt.cli.place import HERE, Json, Where

if TYPE_CHECKING:
    from forecourt.settings import Settings

# How long the embedded server stays for somebody who only asked for its address.
_LINGER = timedelta(minutes=10)

AllowPrivate = Annotated[
    bool | None,
    Parameter(
        help="Let webhooks go to private addresses and by plain HTTP (FORECOURT_ALLOW_PRIVATE_WEBHOOKS)."
    ),
]


def serve(
    *,
    host: Annotated[str | None, Parameter(help="The address to listen on (FORECOURT_HOST).")] = None,
    port: Annotated[int | None, Parameter(help="The port to listen on (FORECOURT_PORT).")] = None,
    workers: Annotated[int | None, Parameter(help="Server processes (FORECOURT_WORKERS).")] = None,
    worker: Annotated[
        bool | None,
        Parameter(
            help="Deliver mail, notices and webhooks too (FORECOURT_WORKER); else run forecourt worker."
        ),
    ] = None,
    allow_private_webhooks: AllowPrivate = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Serve the API from a real data folder, and deliver what follows from it.

    The embedded database is started where no other is named, and migrated. As long as nobody can sign in, it prints a link
    to set the installation up. Ends on SIGTERM or Ctrl+C, when every
    request under way is answered.

    **Examples**

        forecourt serve
        forecourt serve --host 0.0.0.0 --port 8080 --workers 4
        FORECOURT_DATA_DIR=/srv/forecourt forecourt serve
    """
    from forecourt.cli import serving  # noqa: PLC0415

    settings = where.settings(
        host=host,
        port=port,
        workers=workers,
        worker=worker,
        allow_private_webhooks=allow_private_webhooks,
    )
    _see_the_mail_server(settings)
    listener = serving.listen(settings.host, settings.port)

    with _held_and_migrated(settings) as url:
        secret = asyncio.run(serving.set_up_secret(url))

        def ready(address: str) -> None:
            if json:
                as_json({"url": address})
            else:
                note(f"Forecourt serves {address} (reference: {address}/docs)")
            if secret is not None:
                note(serving.invitation_to_set_up(settings.public_url or address, secret))

        serving.run(settings, listener, when_ready=ready)
    return 0


def worker(*, allow_private_webhooks: AllowPrivate = None, where: Where = HERE) -> int:
    """Deliver mail, notices and webhooks: the same work that a server does inside, as a process of its own.

    Any number of them may run, on any number of machines. Ends on SIGTERM or Ctrl+C, and hands back what it has not begun.

    **Examples**

        forecourt worker
        FORECOURT_DATABASE_URL=postgresql://forecourt@db.internal/forecourt forecourt worker
    """
    import uvloop  # noqa: PLC0415

    from forecourt.cli.working import run_worker  # noqa: PLC0415

    settings = where.settings(allow_private_webhooks=allow_private_webhooks)
    _see_the_mail_server(settings)
    with _held_and_migrated(settings) as url:
        uvloop.run(run_worker(settings, url))
    return 0


def demo(
    *,
    port: Annotated[int | None, Parameter(help="The port to listen on; 8000, or a free one.")] = None,
    quiet: Annotated[bool, Parameter(negative="", help="No new enquiries while it runs.")] = False,
    json: Json = False,
) -> int:
    """Serve a sandbox: a throw-away data folder with believable dealerships, cars and leads.

    Prints a link that signs in, the address, a key and a request to paste. Ctrl+C ends it and leaves nothing behind.

    **Examples**

        forecourt demo
        forecourt demo --port 9000 --quiet
    """
    from forecourt.cli.sandbox import run_demo  # noqa: PLC0415

    return run_demo(port, quiet=quiet, json=json)


def migrate(*, where: Where = HERE, json: Json = False) -> int:
    """Bring the database up to this version.

    Every command that needs the database does so by itself; this one does nothing else.

    **Examples**

        forecourt migrate
        forecourt migrate --database-url postgresql://forecourt@db.internal/forecourt
    """
    from forecourt.infra.embedded import hold  # noqa: PLC0415
    from forecourt.infra.migrate import migrate as apply  # noqa: PLC0415

    settings = where.settings()
    embedded = hold(settings.data_dir) if settings.database_url is None else None
    try:
        applied = asyncio.run(apply(settings.database_url or (embedded.url if embedded else "")))
    finally:
        if embedded is not None:
            embedded.close()
    if json:
        as_json({"applied": applied})
    else:
        for name in applied:
            line(name)
        note(f"{len(applied)} applied" if applied else "up to date")
    return 0


def load(
    file: Annotated[Path, Parameter(help="A .json file of tables, or a .csv file of one.")],
    *,
    of_table: Annotated[str | None, Parameter(name="--table", help="Which table a .csv file holds.")] = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Load reference data: dealerships, locations, websites, users, cars, models, variants, colours and more.

    Rows that fit are loaded, the others are told one by one (exit code 3). Ids that are given are kept; loading the
    same file again changes nothing.

    **Examples**

        forecourt load reference.json
        forecourt load cars.csv --table cars --json
    """
    from forecourt.cli.loading import load_file  # noqa: PLC0415

    report = asyncio.run(load_file(file, of_table, where.settings()))
    if json:
        as_json(report)
    else:
        rows = [
            (name, count.created, count.updated, count.unchanged) for name, count in report.loaded.items()
        ]
        table(("table", "created", "updated", "unchanged"), rows, empty="nothing to load")
        for name, columns in report.ignored.items():
            note(f"{name}: no such columns, ignored: {', '.join(columns)}")
        for error in report.errors:
            field = f", {error.field}" if error.field else ""
            note(f"{error.table}, row {error.row}{field}: {error.message}")
    return PARTLY if report.errors else 0


def database_url(*, where: Where = HERE, json: Json = False) -> int:
    """Print the database's address, for psql and any other client.

    The embedded server is started where it does not run. It then stays until nobody has used it for ten minutes.

    **Examples**

        psql "$(forecourt database url)"
    """
    from forecourt.infra.embedded import hold  # noqa: PLC0415
    from forecourt.infra.migrate import migrate as apply  # noqa: PLC0415

    settings = where.settings()
    url = settings.database_url
    if url is None:
        with hold(settings.data_dir, linger=_LINGER) as embedded:
            url = embedded.url
            asyncio.run(apply(url))
        note("the embedded server stays until nobody has used it for ten minutes")
    if json:
        as_json({"url": url})
    else:
        line(url)
    return 0


def openapi(
    *,
    output: Annotated[Path | None, Parameter(help="Write it to this file instead.")] = None,
    json: Json = False,  # noqa: ARG001 - it is JSON in any case
) -> int:
    """Print the OpenAPI 3.1 document of this version.

    **Examples**

        forecourt openapi
        forecourt openapi --output openapi.json
    """
    from forecourt.app import described  # noqa: PLC0415

    document = described()
    if output is None:
        sys.stdout.write(document.decode() + "\n")
        return 0
    try:
        output.write_bytes(document + b"\n")
    except OSError as error:
        return complain(f"{output} cannot be written: {error.strerror}", 1)
    return 0


def settings(*, where: Where = HERE, json: Json = False) -> int:
    """List every setting: its value, where that comes from, and what it means. Secrets are masked.

    **Examples**

        forecourt settings
        forecourt settings --json
    """
    from forecourt.settings import explain  # noqa: PLC0415

    found = explain({"data_dir": where.data_dir, "database_url": where.database_url})
    if json:
        as_json(found)
    else:
        table(
            ("setting", "value", "from", "meaning"),
            [(one.variable, one.value, one.origin, one.meaning) for one in found],
            empty="",
        )
    return 0


def _held_and_migrated(settings: Any) -> Any:  # noqa: ANN401
    from forecourt.cli.sandbox import held_and_migrated  # noqa: PLC0415

    return held_and_migrated(settings)


def _see_the_mail_server(settings: Settings) -> None:
    """Refuse settings by which no mail would ever go, before anything is started."""
    from forecourt.worker import sender_of  # noqa: PLC0415

    sender_of(settings)
