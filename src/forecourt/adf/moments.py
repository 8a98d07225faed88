"""Request dates: read however they are written, written as the format asks. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec

# 20000330T153020-0800 and 2000-03-30T15:30:20-08:00, as the format has them; Z, fractions, one-digit hours, seconds left
# out, AM and PM, a space for the T, and an offset such as -08:0, as senders have them.
_ISO = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})"
    r"(?:[T ]\s*([0-9]{1,2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,][0-9]{1,12})?)?\s*([AP]M)?)?"
    r"\s*(Z|UTC|GMT|[+-][0-9]{1,2}(?::?[0-9]{1,2})?)?",
    re.ASCII | re.IGNORECASE,
)
_AMERICAN = re.compile(
    r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})"
    r"(?:[T ]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,12})?)?\s*([AP]M)?)?"
    r"\s*(Z|UTC|GMT|[+-][0-9]{1,2}(?::?[0-9]{1,2})?)?",
    re.ASCII | re.IGNORECASE,
)
# As the format's prose writes it.
STRICT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}"
    r"|[0-9]{8}T[0-9]{6}[+-][0-9]{4}",
    re.ASCII,
)
RULE = "requestdate: CCYY-MM-DDThh:mm:ss±hh:mm or CCYYMMDDThhmmss±hhmm"
_LONGEST = 40
_MONTHS = 12
# Outside them it is a slip of the pen, and offsets are not what they are today.
_YEARS = range(1970, 2200)
_FURTHEST = timedelta(hours=15)


class Moment(msgspec.Struct, frozen=True):
    """A request date as it was understood.

    Attributes:
        at: with its offset, or without one where none was told.
        is_ambiguous: whether day and month could be the other way round.
    """

    at: datetime
    is_ambiguous: bool = False


def moment_of(sent: str) -> Moment | None:
    """What *sent* means; None where it means nothing."""
    text = sent.strip()
    if len(text) > _LONGEST:
        return None
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.group(1, 2, 3))
        return _moment(year, month, day, found)
    if found := _AMERICAN.fullmatch(text):
        first, second, year = (int(part) for part in found.group(1, 2, 3))
        if first > _MONTHS:
            return _moment(year, second, first, found)
        return _moment(year, first, second, found, is_ambiguous=second <= _MONTHS and first != second)
    return None


def _moment(
    year: int, month: int, day: int, found: re.Match[str], *, is_ambiguous: bool = False
) -> Moment | None:
    hour, minute, second = (int(part or 0) for part in found.group(4, 5, 6))
    if year not in _YEARS:
        return None
    half = (found[7] or "").upper()
    if half and hour <= _MONTHS:
        hour = hour % 12 + (12 if half == "PM" else 0)
    try:
        return Moment(
            datetime(year, month, day, hour, minute, second, tzinfo=_offset(found[8])), is_ambiguous
        )
    except (ValueError, OverflowError):
        return None


def _offset(sent: str | None) -> timezone | None:
    if sent is None:
        return None
    if sent[0] not in "+-":
        return UTC
    hours, colon, minutes = sent[1:].partition(":")
    if not colon:
        # -0800, -800, -08, -8
        hours, minutes = (hours[:-2], hours[-2:]) if len(hours) > 2 else (hours, "")  # noqa: PLR2004
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > _FURTHEST:
        raise ValueError(sent)
    return timezone(-offset if sent[0] == "-" else offset)


def in_zone(moment: Moment, zone: str) -> datetime:
    """The moment with an offset: its own, or else that of *zone* then."""
    return moment.at if moment.at.tzinfo else moment.at.replace(tzinfo=ZoneInfo(zone))


def written(at: datetime, zone: str) -> str:
    """*at* by the clock of *zone*, with its offset; to the second, as the format has it."""
    return at.astimezone(ZoneInfo(zone)).replace(microsecond=0).isoformat()
