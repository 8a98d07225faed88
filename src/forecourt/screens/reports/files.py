"""The tables of the page as files: the same columns, the same rows, by the writers of the exports."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from forecourt.exports import csv_rows
from forecourt.exports.xlsx_file import XlsxFile
from forecourt.files.store import content_disposition
from forecourt.infra.http import Answer
from forecourt.screens.reports.page import read_table, wanted

if TYPE_CHECKING:
    from pathlib import Path

    from forecourt.screens.reports.page import Wanted
    from forecourt.screens.reports.tables import Table
    from forecourt.screens.visit import Visit

_XLSX = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def get_csv(visit: Visit) -> Answer:
    """A table as CSV."""
    want, table = await _asked(visit)
    body = csv_rows.head(table.file_columns()) + csv_rows.encoded(table.file_rows())
    return Answer(200, body, b"text/csv; charset=utf-8", _named(table, want, "csv"))


async def get_xlsx(visit: Visit) -> Answer:
    """A table as a workbook."""
    want, table = await _asked(visit)
    path = await asyncio.to_thread(_written, table, visit.building.spool)
    return Answer(200, b"", _XLSX, _named(table, want, "xlsx"), sent_from=path)


async def _asked(visit: Visit) -> tuple[Wanted, Table]:
    want = wanted(visit)
    async with visit.database.connection() as connection:
        return want, await read_table(connection, want, visit.call.path["name"])


def _written(table: Table, spool: Path) -> Path:
    path = spool / secrets.token_hex(16)
    file = XlsxFile(path, spool / secrets.token_hex(16), table.name, table.file_columns())
    try:
        file.add(table.file_rows())
        file.finish()
    except BaseException:
        file.abandon()
        raise
    return path


def _named(table: Table, want: Wanted, ending: str) -> tuple[tuple[bytes, bytes], ...]:
    whose = (want.places[0].slug,) if len(want.places) == 1 else ()
    days = want.period.days
    name = "-".join(("report", table.name, *whose, str(days.first), str(days.last)))
    return ((b"content-disposition", content_disposition(f"{name}.{ending}").encode("latin-1")),)
