"""Handing a list out as a file: its rows page by page, and a line in the log that it was handed out."""

from __future__ import annotations

import asyncio
import errno
import secrets
from contextlib import aclosing, contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import structlog

from forecourt.exports import csv_rows
from forecourt.exports.cells import lines_of
from forecourt.exports.walk import walk
from forecourt.exports.xlsx_file import XlsxFile
from forecourt.files.store import NoRoom

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection, Generator
    from pathlib import Path

    from forecourt.exports.sheets import Sheet
    from forecourt.exports.table import Cell
    from forecourt.exports.walk import Page, Read

log = structlog.get_logger()

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Done = TypeVar("Done")


class Export:
    """A list on its way out: what was asked for fits, and its first page is read.

    Attributes:
        rows: how many have been handed out.
        size: how many bytes.
    """

    def __init__(
        self,
        sheet: Sheet,
        first: Page,
        read: Read,
        *,
        filters: Collection[str],
        request_id: str,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """An export.

        Args:
            sheet: what is told of each row.
            first: the page that it begins with.
            read: brings the others.
            filters: by their names, for the log: what they look for may be somebody's name.
            request_id: who asked, for the log.
            progress: told how many rows there are, page by page.
        """
        self.sheet = sheet
        self.whose = first.whose
        self.rows = 0
        self.size = 0
        self._pages = walk(first, read)
        self._filters = sorted(filters)
        self._request_id = request_id
        self._progress = progress

    def filename(self, ending: str) -> str:
        """As ``leads-brisbane-motors-2026-11-23.csv``."""
        whose = self.whose.dealerships if len(self.whose.dealerships) == 1 else ()
        day = f"{datetime.now(self.whose.zone):%Y-%m-%d}"
        return f"{'-'.join((self.sheet.name, *whose, day))}.{ending}"

    async def lines(self) -> AsyncGenerator[list[list[Cell]]]:
        """The rows as cells, page by page."""
        async with aclosing(self._pages):
            async for page in self._pages:
                yield lines_of(self.sheet.fields, page)
                self.rows += len(page)
                if self._progress is not None:
                    self._progress(self.rows)

    @contextmanager
    def logged(self, form: str) -> Generator[None]:
        """Tell the log who got how much of what, when that is over."""
        event = "export.broken_off"
        try:
            yield
            event = "export.written"
        finally:
            log.info(
                event,
                what=self.sheet.name,
                form=form,
                rows=self.rows,
                bytes=self.size,
                dealerships=self.whose.dealerships,
                filters=self._filters,
                api_key_id=self.whose.api_key_id,
                request_id=self._request_id,
            )


async def as_csv(export: Export) -> AsyncGenerator[bytes]:
    """The export as CSV, in pieces."""
    with export.logged("csv"):
        head = csv_rows.head(export.sheet.columns)
        async with aclosing(export.lines()) as pages:
            async for lines in pages:
                piece = head + csv_rows.encoded(lines)
                head = b""
                if piece:
                    export.size += len(piece)
                    yield piece


async def as_xlsx(export: Export, spool: Path) -> Path:
    """The export as a workbook in *spool*; whoever asked removes it.

    Raises:
        NoRoom: the disk is full.
    """
    path, scratch = spool / secrets.token_hex(16), spool / secrets.token_hex(16)
    with export.logged("xlsx"), _room():
        file = XlsxFile(path, scratch, export.sheet.name, export.sheet.columns)
        try:
            async with aclosing(export.lines()) as pages:
                async for lines in pages:
                    await _in_a_thread(partial(file.add, lines))
            await _in_a_thread(file.finish)
        except BaseException:
            file.abandon()
            raise
        export.size = path.stat().st_size
    return path


async def _in_a_thread(work: Callable[[], Done]) -> Done:
    """*work*, which is never left alone: who is cancelled waits until the thread is done with the file."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        # What it came to is of no interest any more, but it was looked at.
        await asyncio.gather(working, return_exceptions=True)
        raise


@contextmanager
def _room() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NoRoom from None
        raise
