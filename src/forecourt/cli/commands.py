"""The commands: read what was asked, call a room, tell the result."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path  # noqa: TC003 - the command line reads the annotations
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from forecourt.access.permissions import PERMISSIONS
from forecourt.cli.output import BAD_USAGE, PARTLY, as_json, complain, line, note, table
from forecourt.cli.place import Where, database_at

_AS_JSON = Parameter(name="--json", negative="", help="Tell the result as JSON.")
Json = Annotated[bool, _AS_JSON]
_WHERE = Where()
# How long the embedded server stays for somebody who only asked for its address.
_LINGER = timedelta(minutes=10)


def serve(
    *,
    host: Annotated[str | None, Parameter(help="The address to listen on (FORECOURT_HOST).")] = None,
    port: Annotated[int | None, Parameter(help="The port to listen on (FORECOURT_PORT).")] = None,
    workers: Annotated[int | None, Parameter(help="Server processes (FORECOURT_WORKERS).")] = None,
    where: Where = _WHERE,
    json: Json = False,
) -> int:
    """Serve the API from a real data folder.

    The embedded database is started where no other is named, and migrated. Ends on SIGTERM or Ctrl+C, when every
    request under way is answered.

    **Examples**

        forecourt serve
        forecourt serve --host 0.0.0.0 --port 8080 --workers 4
        FORECOURT_DATA_DIR=/srv/forecourt forecourt serve
    """
    from forecourt.cli import serving  # noqa: PLC0415

    settings = where.settings(host=host, port=port, workers=workers)
    listener = serving.listen(settings.host, settings.port)

    def ready(address: str) -> None:
        if json:
            as_json({"url": address})
        else:
            note(f"Forecourt serves {address} (reference: {address}/docs)")

    with _held_and_migrated(settings):
        serving.run(settings, listener, when_ready=ready)
    return 0


def demo(
    *,
    port: Annotated[int | None, Parameter(help="The port to listen on; 8000, or a free one.")] = None,
    json: Json = False,
) -> int:
    """Serve a sandbox: a throw-away data folder with believable dealerships, cars and leads.

    Prints the address, a key and a request to paste. Ctrl+C ends it and leaves nothing behind.

    **Examples**

        forecourt demo
        forecourt demo --port 9000
    """
    from forecourt.cli.sandbox import run_demo  # noqa: PLC0415

    return run_demo(port, json=json)


def migrate(*, where: Where = _WHERE, json: Json = False) -> int:
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
    where: Where = _WHERE,
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


def keys_create(
    *,
    name: Annotated[str, Parameter(help="To recognise it by.")],
    dealership: Annotated[
        list[str], Parameter(consume_multiple=True, help="Slugs or ids of the dealerships it speaks for.")
    ],
    permission: Annotated[list[str], Parameter(consume_multiple=True, help=f"{', '.join(PERMISSIONS)}.")],
    mode: Annotated[Literal["live", "test"], Parameter(help="What its prefix says.")] = "live",
    expires: Annotated[
        str | None, Parameter(help="A day (2027-01-31) or a time from now (90d, 12h).")
    ] = None,
    where: Where = _WHERE,
    json: Json = False,
) -> int:
    """Create an API key. Its token is shown this once.

    **Examples**

        forecourt keys create --name website --dealership test-dealer --permission create:lead update:lead
        forecourt keys create --name audit --dealership a b --permission read:lead --expires 90d --json
    """
    from forecourt.access.keys import issue_key  # noqa: PLC0415

    for word in permission:
        if word not in PERMISSIONS:
            return complain(f"{word!r} is no permission: use {', '.join(PERMISSIONS)}", BAD_USAGE)
    try:
        expires_at = _moment(expires)
    except ValueError:
        return complain(
            f"{expires!r} is no time: use a day (2027-01-31) or a time from now (90d, 12h)", BAD_USAGE
        )

    async def issue() -> Any:  # noqa: ANN401
        async with database_at(where.settings()) as database:
            return await issue_key(
                database,
                name=name,
                mode=mode,
                permissions=permission,
                dealerships=dealership,
                expires_at=expires_at,
            )

    issued = asyncio.run(issue())
    if json:
        as_json(issued)
    else:
        line(issued.token)
        note(f"key {issued.id}; keep its token, it is not shown again")
    return 0


def keys_list(*, where: Where = _WHERE, json: Json = False) -> int:
    """List the API keys; never their tokens.

    **Examples**

        forecourt keys list
        forecourt keys list --json
    """
    from forecourt.access.keys import list_keys  # noqa: PLC0415

    found = asyncio.run(_with_database(where, list_keys))
    if json:
        as_json(found)
        return 0
    table(
        ("id", "name", "token", "dealerships", "permissions", "expires", "revoked", "last used"),
        [
            (
                key.id,
                key.name,
                f"fc_{key.mode}_…{key.token_hint}",
                ", ".join(key.dealerships),
                ", ".join(key.permissions),
                _shown(key.expires_at),
                _shown(key.revoked_at),
                _shown(key.last_used_at),
            )
            for key in found
        ],
        empty="there are no keys yet; create one with forecourt keys create",
    )
    return 0


def keys_revoke(
    key_id: Annotated[int, Parameter(help="The key's id, as forecourt keys list shows it.")],
    *,
    where: Where = _WHERE,
    json: Json = False,
) -> int:
    """Revoke an API key, at once and for good.

    **Examples**

        forecourt keys revoke 7
    """
    from forecourt.access.keys import revoke_key  # noqa: PLC0415

    asyncio.run(_with_database(where, lambda database: revoke_key(database, key_id)))
    if json:
        as_json({"id": key_id, "revoked": True})
    else:
        note(f"key {key_id} is revoked")
    return 0


def dealerships_create(
    *,
    slug: Annotated[str, Parameter(help="Small letters, digits and hyphens.")],
    name: Annotated[str, Parameter(help="As people call it.")],
    timezone: Annotated[str, Parameter(help="Its IANA name.")] = "Australia/Melbourne",
    country: Annotated[str, Parameter(help="Two letters.")] = "AU",
    group: Annotated[str | None, Parameter(help="The slug of its group.")] = None,
    where: Where = _WHERE,
    json: Json = False,
) -> int:
    """Create a dealership. One that joins a group may use the group's models, variants and colours.

    **Examples**

        forecourt dealerships create --slug brisbane --name "Brisbane Motors" --timezone Australia/Brisbane
        forecourt dealerships create --slug cairns --name "Cairns Motors" --group northern --json
    """
    from forecourt.dealerships.create import create_dealership  # noqa: PLC0415

    created = asyncio.run(
        _with_database(
            where,
            lambda database: create_dealership(
                database, slug=slug, name=name, timezone=timezone, country=country, group=group
            ),
        )
    )
    if json:
        as_json(created)
    else:
        line(f"{created.id} {created.slug}")
    return 0


def dealerships_list(*, where: Where = _WHERE, json: Json = False) -> int:
    """List the dealerships.

    **Examples**

        forecourt dealerships list --json
    """
    from forecourt.dealerships.create import list_dealerships  # noqa: PLC0415

    found = asyncio.run(_with_database(where, list_dealerships))
    if json:
        as_json(found)
        return 0
    table(
        ("id", "slug", "name", "time zone", "country", "group"),
        [(one.id, one.slug, one.name, one.timezone, one.country, one.group) for one in found],
        empty="there are no dealerships yet; create one with forecourt dealerships create",
    )
    return 0


def database_url(*, where: Where = _WHERE, json: Json = False) -> int:
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


def settings(*, where: Where = _WHERE, json: Json = False) -> int:
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


async def _with_database(where: Where, use: Any) -> Any:  # noqa: ANN401 - what a room's use case gives
    async with database_at(where.settings()) as database:
        return await use(database)


def _held_and_migrated(settings: Any) -> Any:  # noqa: ANN401
    from forecourt.cli.sandbox import held_and_migrated  # noqa: PLC0415

    return held_and_migrated(settings)


def _moment(text: str | None) -> datetime | None:
    """When something is to end; raises ValueError."""
    if text is None:
        return None
    span = re.fullmatch(r"([1-9][0-9]{0,4})([dh])", text)
    if span:
        return datetime.now(UTC) + timedelta(**{{"d": "days", "h": "hours"}[span[2]]: int(span[1])})
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
