"""Public holidays, brought into the database from the library that keeps them for the world."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from forecourt.infra.database import record
from forecourt.response.queries import KEEP_HOLIDAYS, REGIONS

if TYPE_CHECKING:
    from forecourt.infra.database import Connection

_YEARS_BEFORE = 2
_YEARS_AHEAD = 2


class PublicHolidays(msgspec.Struct, frozen=True):
    """What ``calendar`` tells.

    Attributes:
        regions: of the country; none where it is not known.
        holidays: day -> name; none where country or region are not known.
    """

    regions: tuple[str, ...]
    holidays: dict[date, str]


async def public_holidays(country: str, region: str, first_year: int, last_year: int) -> PublicHolidays:
    """The public holidays of a region, those of the whole country included, and its country's regions.

    Args:
        country: ISO 3166-1, two letters.
        region: as ``QLD``; empty for the country's own.
        first_year: of the calendar.
        last_year: included.
    """
    words = ["-m", "forecourt.response.calendar", country, region, str(first_year), str(last_year)]
    # Not by the event loop: uvloop's children keep the server's socket open, and one that outlives a server that was killed
    # would keep the next one from its port. In one call, so that whoever is cancelled meanwhile leaves no child behind.
    calendar = partial(subprocess.run, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    read = await asyncio.to_thread(calendar, [sys.executable, *words])
    if read.returncode != 0:
        raise ChildProcessError("the calendar of public holidays could not be read")
    return msgspec.json.decode(read.stdout, type=PublicHolidays)


async def keep_holidays(connection: Connection) -> None:
    """Bring the holidays of every region with a dealership, two years back and two ahead.

    A region whose holidays are there already is left alone. Any number of servers may do so at once.
    """
    for place in await connection.every(record, REGIONS):
        last_year = place["this_year"] + _YEARS_AHEAD
        if place["known_until"] is not None and place["known_until"].year >= last_year:
            continue
        found = await public_holidays(
            place["country"], place["region"], place["this_year"] - _YEARS_BEFORE, last_year
        )
        await connection.run(
            KEEP_HOLIDAYS,
            country=place["country"],
            region=place["region"],
            days=list(found.holidays),
            names=list(found.holidays.values()),
        )
