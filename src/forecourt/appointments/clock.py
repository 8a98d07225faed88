"""Times as people at a dealership say them: by the clock on its wall. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from forecourt.infra.refusals import Problem

_ASKED = "must be YYYY-MM-DD HH:MM:SS by the dealership's clock, or a time with its offset"


def moment_of(text: str, timezone: str, field: str) -> datetime | Problem:
    """The moment that *text* means; a problem under the name *field* where it means none.

    Of two moments that the clock shows alike, when summer time ends, the first is meant.

    Args:
        text: ``YYYY-MM-DD HH:MM[:SS]`` by the clock of *timezone*, or with an offset.
        timezone: as ``Australia/Brisbane``.
        field: for the problem.
    """
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        return Problem(field, _ASKED)
    try:
        if said.tzinfo is not None:
            return said.astimezone(UTC)
        zone = ZoneInfo(timezone)
        moment = said.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != said:
            return Problem(field, "does not exist on that day: the clocks go forward over it")
    except OverflowError:
        return Problem(field, _ASKED)
    return moment


def shown(moment: datetime, timezone: str) -> str:
    """*moment* as the clock of *timezone* shows it: ``YYYY-MM-DD HH:MM:SS``."""
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M:%S")
