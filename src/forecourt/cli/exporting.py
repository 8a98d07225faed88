"""``forecourt export``: a list, a progress bar, a file that is whole or not there."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from forecourt.cli.output import REFUSED, as_json, complain, note
from forecourt.cli.place import database_at
from forecourt.exports.hand_out import as_csv, as_xlsx
from forecourt.infra.logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from forecourt.exports.hand_out import Export
    from forecourt.infra.database import Database
    from forecourt.settings import Settings


class Begin(Protocol):
    """Begins an export: what ``exports/by_command.py`` does."""

    def __call__(
        self,
        database: Database,
        *,
        expected: Callable[[int | None], None] | None,
        progress: Callable[[int], None],
    ) -> Awaitable[Export]:
        """The export; *expected* is told how many rows there will be, *progress* how many there are."""


class Exported(msgspec.Struct):
    """What was exported: how many rows and bytes, and where they are; null for standard output."""

    what: str
    format: str
    rows: int
    size: int
    file: str | None


def export_to(begin: Begin, form: str, to: Path | None, settings: Settings, *, json: bool) -> int:
    """Export to the file *to*, or to standard output; the exit code."""
    if to is not None and to.exists():
        return complain(f"{to} is there already", REFUSED)
    if to is None and form == "xlsx" and sys.stdout.isatty():
        return complain("a workbook is nothing for a terminal: name a file with --output", REFUSED)
    folder = None if to is None else to.parent
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".forecourt-export-", dir=folder) as made,
            _watched(to) as watch,
        ):
            configure_logs(settings.log_level, settings.log_format)
            export = asyncio.run(_export(begin, watch, settings, form, to, Path(made)))
    except BrokenPipeError:
        # Nobody reads on; nor shall Python try to say the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return complain("standard output was closed before the end", REFUSED)
    except OSError as error:
        return complain(f"{to or 'standard output'} cannot be written: {error.strerror}", REFUSED)
    file = None if to is None else str(to)
    _tell(Exported(export.sheet.name, form, export.rows, export.size, file), json=json)
    return 0


async def _export(
    begin: Begin, watch: _Watch, settings: Settings, form: str, to: Path | None, made: Path
) -> Export:
    async with database_at(settings) as database:
        export = await begin(database, expected=watch.expected, progress=watch.progress)
        await _write(export, form, to, made)
    return export


async def _write(export: Export, form: str, to: Path | None, made: Path) -> None:
    """Write the file in the folder *made*, and put it in its place when it is whole."""
    if form == "csv" and to is None:
        await _pour(export, sys.stdout.buffer)
        return
    path = made / "export"
    if form == "xlsx":
        path = await as_xlsx(export, made)
    else:
        with path.open("xb") as file:
            await _pour(export, file)
    if to is None:
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    # It is about people.
    path.chmod(0o600)
    path.replace(to)


async def _pour(export: Export, file: IO[bytes]) -> None:
    async with aclosing(as_csv(export)) as pieces:
        async for piece in pieces:
            file.write(piece)
    file.flush()


def _tell(exported: Exported, *, json: bool) -> None:
    if not json:
        note(f"{exported.file or 'standard output'}: {exported.rows} {exported.what}, {exported.size} bytes")
    elif exported.file is None:
        note(msgspec.json.encode(exported).decode())
    else:
        as_json(exported)


class _Watch(NamedTuple):
    """What an export tells on its way; *expected* is None where nobody watches."""

    expected: Callable[[int | None], None] | None
    progress: Callable[[int], None]


@contextmanager
def _watched(to: Path | None) -> Generator[_Watch]:
    """A progress bar, where somebody watches and sees nothing else there."""
    shown = sys.stderr.isatty() and not (to is None and sys.stdout.isatty())
    bar = Progress(
        TextColumn("{task.completed:,.0f} {task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not shown,
        transient=True,
    )
    task = bar.add_task("rows", total=None)

    def expected(rows: int | None) -> None:
        if rows is not None:
            bar.update(task, total=rows, description=f"of {rows:,} rows")

    def progress(rows: int) -> None:
        bar.update(task, completed=rows)

    with bar:
        yield _Watch(expected if shown else None, progress)
