"""``forecourt load``: a file, a progress bar, a report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from forecourt.cli.place import database_at
from forecourt.infra.refusals import Refusal
from forecourt.loading import Report, load, read_csv, read_json

if TYPE_CHECKING:
    from pathlib import Path

    from forecourt.settings import Settings


class TableNotNamed(Refusal):
    """A CSV file holds one table, and somebody has to say which."""

    code = "table-not-named"
    title = "A .csv file holds one table: name it with --table"


async def load_file(file: Path, table: str | None, settings: Settings) -> Report:
    """Load *file*; a progress bar shows where somebody watches.

    Raises:
        Refusal: the file cannot be read, or the database cannot be asked.
    """
    if file.suffix.lower() == ".csv":
        if table is None:
            raise TableNotNamed
        tables = read_csv(file, table)
    else:
        tables = read_json(file)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    tasks = {}

    def progress(name: str, done: int, total: int) -> None:
        if name not in tasks:
            tasks[name] = bar.add_task(name, total=total)
        bar.update(tasks[name], completed=done)

    with bar:
        async with database_at(settings) as database:
            return await load(database, tables, progress=progress)
